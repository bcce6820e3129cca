"""The log of a room on disk: what was appended is there, whole or not at all, and held by one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from sync_server.room.effects import LogEntry
from sync_server.room.records import RecordStore
from sync_server.storage import administration
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog, StorageFailed, delete_room
from sync_server.wire.errors import Refused


def entry(number: int, record: str = "", op: str = "create", **payload: Any) -> LogEntry:
    command = str(ULID())
    return LogEntry(
        number, command, "m-1", "annotation", op, record or command, 10.0 + number, payload
    )


def applied(entries: list[LogEntry]) -> RecordStore:
    store = RecordStore()
    for one in entries:
        store.apply(one)
    return store


def as_list(store: RecordStore) -> list[Any]:
    return sorted(store, key=lambda record: record.id)


def test_what_was_appended_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "rooms" / "mine.sqlite3"
    first = entry(1, text="трещина ひび жарық")
    entries = [first, entry(2, first.record, "update", text="wider"), entry(3, text="b")]
    log = RoomLog(path, "epoch-1")
    log.append(entries[:2])
    log.append(entries[2:])
    log.close()
    again = RoomLog(path, "epoch-2")
    try:
        assert again.epoch == "epoch-1"
        assert list(again.entries()) == entries
        assert list(again.entries(after=2)) == entries[2:]
        store = again.load()
        assert as_list(store) == as_list(applied(entries))
        assert store.last_number == 3
        assert store.number_of(entries[1].command) == (2, "m-1")
    finally:
        again.close()


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["create", "update", "delete"]))),
    st.integers(0, 30),
)
def test_a_snapshot_changes_nothing_but_the_work(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], cut: int
) -> None:
    entries = [
        entry(number, record, op, **({} if op == "delete" else {"text": str(number)}))
        for number, (record, op) in enumerate(steps, start=1)
    ]
    path = tmp_path_factory.mktemp("log") / "mine.sqlite3"
    log = RoomLog(path, "e")
    try:
        if entries:
            log.append(entries)
        early = applied(entries[:cut])
        log.save_snapshot(list(early), early.last_number)
        loaded = log.load()
        assert as_list(loaded) == as_list(applied(entries))
        assert loaded.live == applied(entries).live
        for one in entries:
            assert loaded.number_of(one.command) == (one.number, "m-1")
    finally:
        log.close()


def test_entries_go_in_together_or_not_at_all(tmp_path: Path) -> None:
    log = RoomLog(tmp_path / "mine.sqlite3", "e")
    try:
        first = entry(1)
        log.append([first])
        with pytest.raises(StorageFailed) as failed:
            log.append([entry(2), entry(1)])
        assert failed.value.message_id == "server-storage"
        assert list(log.entries()) == [first]
        log.append([entry(2)])
    finally:
        log.close()


def test_a_room_is_held_by_one_server(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite3"
    log = RoomLog(path, "e")
    with pytest.raises(StorageFailed) as busy:
        RoomLog(path, "e")
    assert busy.value.message_id == "server-room-busy"
    with pytest.raises(StorageFailed):
        delete_room(path)
    beside = RoomLog(path, "e", exclusive=False)
    beside.close()
    log.close()
    delete_room(path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_or_newer_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"this is no database, but it is long enough to look like a file" * 20)
    with pytest.raises(StorageFailed) as failed:
        RoomLog(damaged, "e")
    assert failed.value.message_id == "server-storage"
    newer = tmp_path / "newer.sqlite3"
    database = sqlite3.connect(newer)
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(StorageFailed) as failed:
        RoomLog(newer, "e")
    assert failed.value.message_id == "server-storage-newer"


def test_a_file_that_is_refused_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite3"
    RoomLog(path, "e").close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version=99")
    newer.close()
    with pytest.raises(StorageFailed) as refused:
        RoomLog(path, "e")
    assert refused.value.message_id == "server-storage-newer"
    delete_room(path)  # which asks for the same hold
    assert not path.exists()


def test_a_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    secret = folder.secret()
    assert len(secret) == 32
    assert StateFolder(tmp_path / "state").secret() == secret
    assert StateFolder(tmp_path / "other").secret() != secret
    assert [p.name for p in (tmp_path / "state").iterdir()] == ["secret"]
    if os.name == "posix":
        assert (tmp_path / "state" / "secret").stat().st_mode & 0o077 == 0
    (tmp_path / "state" / "secret").write_text("short")
    with pytest.raises(Refused):
        folder.secret()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "x" * 65, "nul\0", "-x"])
def test_a_room_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as refused:
        StateFolder(tmp_path).room(name)
    assert refused.value.message_id == "server-room-name"


def test_rooms_are_listed_exported_and_deleted(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    log = RoomLog(folder.room("mine"), "epoch-1")
    first = entry(1, text="crack")
    log.append([first, entry(2, text="b"), entry(3, first.record, "delete")])
    (summary,) = administration.summaries(folder)  # also beside a running server
    assert (summary.name, summary.commands, summary.records) == ("mine", 3, 1)
    exported = administration.export(folder, "mine")
    assert [r["payload"] for r in exported["records"]] == [{"text": "b"}]
    assert [c["op"] for c in exported["commands"]] == ["create", "create", "delete"]
    log.close()
    administration.delete(folder, "mine")
    assert folder.rooms() == []
    with pytest.raises(Refused) as unknown:
        administration.export(folder, "mine")
    assert unknown.value.message_id == "server-unknown-room"
