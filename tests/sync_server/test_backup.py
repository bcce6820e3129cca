"""Backups of a working server, rooms as files, and what is wrong with files that lie."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from sync_server.room.effects import LogEntry
from sync_server.storage import administration
from sync_server.storage.backup import backup
from sync_server.storage.files import FileStore
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog
from sync_server.storage.people import People
from sync_server.storage.retention import Retention
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Ack
from tests.sync_server.support import make_twin, raw_member, running_server, until
from vr_app.session import CommandAccepted, RoomSession

# A whole picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478"
    "9c63f8cf40f01f0005000201d6bd5ccd0000000049454e44ae426082"
)


def entry(number: int, record: str = "", op: str = "create", text: str = "crack") -> LogEntry:
    command = str(ULID())
    payload = {"position": [1.0, 2.0, 3.0], "text": text}
    return LogEntry(
        number, command, "m-1", "annotation", op, record or command, 10.0 + number, payload
    )


def add_picture(folder: StateFolder, room: str, data: bytes = PNG) -> str:
    upload = FileStore(folder.files(room)).begin("m-1", "image/png", len(data))
    try:
        upload.write(data)
        return upload.finish().sha256
    finally:
        upload.discard()


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    """A room with a changed, a deleted and a living record, a snapshot, and a picture."""
    folder = StateFolder(tmp_path / "state")
    log = RoomLog(folder.room("mine"), "epoch-1")
    first, second = entry(1, text="трещина ひび"), entry(2)
    log.append([first, second, entry(3, first.record, "update", "wider")])
    log.save_snapshot(list(log.load()), 3)
    log.append([entry(4, second.record, "delete"), entry(5)])
    log.close()
    add_picture(folder, "mine")
    return folder


def test_a_backup_of_a_server_at_work_is_whole_and_can_be_entered(tmp_path: Path) -> None:
    """While records are written as fast as they go, every backup is a state folder of its own:
    what was acknowledged before it began is in it, and its room is one without gaps."""
    twin = make_twin(tmp_path / "twin")
    state = tmp_path / "state"
    with running_server(twin, state, "--open", "engineer") as server:
        session = RoomSession(server.url, "Very Personal Name", resume_file=tmp_path / "resume")
        session.start()
        stop = threading.Event()

        acknowledged: list[str] = []

        def heard() -> list[str]:
            acknowledged.extend(e.id for e in session.poll() if isinstance(e, CommandAccepted))
            return acknowledged

        def write() -> None:
            while not stop.is_set():
                session.command("message", {"text": "x"})
                stop.wait(0.005)

        writer = threading.Thread(target=write)
        try:
            until(lambda: session.status.state == "joined")
            with People(StateFolder(state).people()) as people:
                until(people.everybody, "written")
            writer.start()
            sizes = []
            for number in range(3):
                least = len(acknowledged)
                until(lambda least=least: len(heard()) > least + 20)
                before = set(acknowledged)
                done = backup(StateFolder(state), tmp_path / f"copy-{number}")
                assert done.rooms == ("mine",)
                log = RoomLog(StateFolder(tmp_path / f"copy-{number}").room("mine"), "")
                entries = list(log.entries())
                assert [one.number for one in entries] == list(range(1, len(entries) + 1))
                assert before <= {one.command for one in entries}
                sizes.append(len(entries))
                log.close()
            assert sizes == sorted(set(sizes))
        finally:
            stop.set()
            writer.join()
            session.close()
        me = session.me
    with running_server(twin, tmp_path / "copy-2", "--open", "engineer") as restored:
        with raw_member(restored.url) as member:
            assert len(member.records) == sizes[-1]
            assert member.joined.names == {me: "Very Personal Name"}
        again = RoomSession(restored.url, "Very Personal Name", resume_file=tmp_path / "resume")
        again.start()
        try:
            until(lambda: again.status.state == "joined")
        finally:
            again.close()


def test_a_backup_after_a_crash_has_what_was_acknowledged(tmp_path: Path) -> None:
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    with (
        running_server(twin, state, "--open", "engineer") as server,
        raw_member(server.url) as member,
    ):
        command = member.command("message", {"text": "kept"})
        member.receive_until(Ack)
        server.kill()
    backup(StateFolder(state), tmp_path / "copy")
    commands = administration.export(StateFolder(tmp_path / "copy"), "mine")["commands"]
    assert [one["command"] for one in commands] == [command]


def test_who_saw_more_than_a_restored_copy_gets_everything(tmp_path: Path) -> None:
    twin, state, copy = make_twin(tmp_path / "twin"), tmp_path / "state", tmp_path / "copy"
    with (
        running_server(twin, state, "--open", "engineer") as server,
        raw_member(server.url) as member,
    ):
        member.command("message", {"text": "in the copy"})
        member.receive_until(Ack)
        backup(StateFolder(state), copy)
        member.command("message", {"text": "after the copy"})
        seen, epoch = member.receive_until(Ack).number, member.joined.epoch
    with running_server(twin, copy, "--open", "engineer") as server:
        with raw_member(server.url) as other:
            for text in ("b", "c", "d"):  # more than the lost one
                other.command("message", {"text": text})
                last = other.receive_until(Ack).number
        with raw_member(server.url, epoch=epoch, last_number=seen) as back:
            assert back.joined.epoch == epoch and not back.joined.difference
            assert len(back.records) == 4
        with raw_member(server.url, epoch=epoch, last_number=last) as back:
            assert back.joined.difference
    administration.write_room(StateFolder(copy), "mine", tmp_path / "mine.zip")
    other_state = StateFolder(tmp_path / "other")
    administration.import_room(other_state, tmp_path / "mine.zip", None, None)
    assert administration.export(other_state, "mine") == administration.export(
        StateFolder(copy), "mine"
    )


def test_a_backup_overwrites_nothing(folder: StateFolder, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    assert backup(folder, target, "mine").pictures == 1
    with pytest.raises(Refused) as there:
        backup(folder, target)
    assert there.value.message_id == "server-backup-there"
    with pytest.raises(Refused) as unknown:
        backup(folder, tmp_path / "other", "pit")
    assert unknown.value.message_id == "server-unknown-room"
    with pytest.raises(Refused) as nothing:
        backup(StateFolder(tmp_path / "mistyped"), tmp_path / "other")
    assert nothing.value.message_id == "server-no-rooms"
    assert not (tmp_path / "other").exists()
    assert administration.export(StateFolder(target), "mine") == administration.export(
        folder, "mine"
    )


def test_a_room_goes_through_a_file_with_its_past_and_its_pictures(
    folder: StateFolder, tmp_path: Path
) -> None:
    out = tmp_path / "mine.zip"
    assert administration.write_room(folder, "mine", out).pictures == 1
    other = StateFolder(tmp_path / "other")
    name, contents, before = administration.import_room(other, out, None, None)
    assert (name, contents.records, contents.pictures, before) == ("mine", 2, 1, False)
    assert administration.export(other, "mine") == administration.export(folder, "mine")
    (picture,) = (one for one in other.files("mine").glob("*.png"))
    assert picture.read_bytes() == PNG
    stored = FileStore(other.files("mine")).get(picture.stem)
    assert stored is not None and stored.member == "m-1"
    assert administration.import_room(other, out, None, None)[2] is True
    left = {one.name for one in (other.folder / "rooms").iterdir()}
    assert left == {"mine.sqlite3", "mine.files"}


def test_a_room_with_another_past_is_not_written_over(folder: StateFolder, tmp_path: Path) -> None:
    out = tmp_path / "mine.zip"
    administration.write_room(folder, "mine", out)
    log = RoomLog(folder.room("mine"), "")
    log.append([entry(6)])
    log.close()
    before = administration.export(folder, "mine")
    with pytest.raises(Refused) as there:
        administration.import_room(folder, out, None, None)
    assert there.value.message_id == "server-room-there"
    assert administration.export(folder, "mine") == before
    assert administration.import_room(folder, out, "pit", "epoch-9")[0] == "pit"
    assert administration.export(folder, "pit")["epoch"] == "epoch-9"


def test_a_room_whose_log_was_cut_goes_through_a_file_too(
    folder: StateFolder, tmp_path: Path
) -> None:
    done = administration.compact(folder, "mine", 1e9, Retention(entries=1, entries_s=0.0))
    assert done.entries == 4
    before = administration.export(folder, "mine")
    assert len(before["commands"]) == 1 and len(before["records"]) == 2
    administration.write_room(folder, "mine", tmp_path / "mine.zip")
    other = StateFolder(tmp_path / "other")
    administration.import_room(other, tmp_path / "mine.zip", None, None)
    assert administration.export(other, "mine") == before
    logs = [RoomLog(one.room("mine"), "") for one in (folder, other)]
    try:
        stores = [log.load() for log in logs]
        assert stores[0].horizon == stores[1].horizon > 0
        for one in before["commands"]:
            assert stores[1].number_of(one["command"]) == stores[0].number_of(one["command"])
    finally:
        for log in logs:
            log.close()


def _lines(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[bytes], bytes]:
    def rewrite(data: bytes) -> bytes:
        lines = [json.loads(line) for line in data.splitlines()]
        change(lines)
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return rewrite


def _set(index: int, **fields: Any) -> Callable[[bytes], bytes]:
    return _lines(lambda lines: lines[index].update(fields))


def _header(**fields: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps(json.loads(data) | fields).encode()


LIES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "another format": ("room.json", _header(format="zip")),
    "a later version": ("room.json", _header(version=2)),
    "an epoch that is SQL": ("room.json", _header(epoch="'); DROP TABLE log;--")),
    "a horizon from nowhere": ("room.json", _header(horizon=99)),
    "no JSON": ("log.jsonl", lambda data: data + b"{"),
    "deep JSON": ("log.jsonl", lambda data: data + b"[" * 100_000 + b"\n"),
    "a gap": ("log.jsonl", _set(4, number=6)),
    "the same number twice": ("log.jsonl", _set(4, number=4)),
    "the same command twice": ("log.jsonl", _lines(lambda x: x[4].update(command=x[3]["command"]))),
    "no ULID": ("log.jsonl", _set(0, command="../../etc/passwd")),
    "a strange kind": ("log.jsonl", _set(0, kind="virus")),
    "a strange operation": ("log.jsonl", _set(0, op="drop")),
    "a record's id that is a path": ("log.jsonl", _set(0, record="../x")),
    "an annotation without a text": ("log.jsonl", _set(0, payload={"position": [1, 2, 3]})),
    "an annotation at infinity": (
        "snapshot.jsonl",
        _set(0, payload={"position": [1e999, 0, 0], "text": "x"}),
    ),
    "a field of its own": ("log.jsonl", _set(0, extra=1)),
    "time before time": ("log.jsonl", _set(0, time=-1.0)),
    "half a letter": ("log.jsonl", _set(0, payload={"position": [1, 2, 3], "text": "\ud800"})),
    "a snapshot from the future": ("snapshot.jsonl", _set(0, number=1000)),
    "a line without an end": ("log.jsonl", lambda data: data + b" " * (1024 * 1024 + 2)),
    "another picture": ("files", lambda data: data[:-1] + b"\0"),
    "a picture of nobody": ("pictures.jsonl", _set(0, member="x" * 65)),
    "no picture": ("files", lambda data: b"#!/bin/sh\nexit\n" + bytes(64)),
}


@pytest.mark.parametrize("what", LIES)
def test_a_file_that_lies_leaves_nothing(folder: StateFolder, tmp_path: Path, what: str) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    administration.write_room(folder, "mine", good)
    place, lie = LIES[what]
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            data = source.read(info)
            out.writestr(info.filename, lie(data) if info.filename.startswith(place) else data)
    other = StateFolder(tmp_path / "other")
    with pytest.raises(Refused) as refused:
        administration.import_room(other, bad, None, None)
    assert refused.value.message_id in {"server-import", "server-file-mismatch"}
    assert refused.value.exit_code == 2
    assert [one for one in other.folder.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize("name", ["../evil", "files/../../evil", "/etc/evil", "extra.txt"])
def test_a_file_with_a_strange_part_is_refused(
    folder: StateFolder, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "mine.zip"
    administration.write_room(folder, "mine", out)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr(name, b"x")
    with pytest.raises(Refused) as refused:
        administration.import_room(StateFolder(tmp_path / "other"), out, None, None)
    assert refused.value.message_id == "server-import"
    assert not list(tmp_path.rglob("evil*"))


def test_what_is_no_zip_and_what_is_not_there(tmp_path: Path) -> None:
    text = tmp_path / "text.zip"
    text.write_text("hello")
    with pytest.raises(Refused) as refused:
        administration.import_room(StateFolder(tmp_path / "other"), text, None, None)
    assert refused.value.message_id == "server-import"
    with pytest.raises(Refused) as refused:
        administration.import_room(StateFolder(tmp_path / "other"), tmp_path / "no", None, None)
    assert refused.value.message_id == "server-storage"


def test_the_name_of_an_imported_room_is_checked(folder: StateFolder, tmp_path: Path) -> None:
    out = tmp_path / "mine.zip"
    administration.write_room(folder, "mine", out)
    with pytest.raises(Refused) as refused:
        administration.import_room(folder, out, "../x", None)
    assert refused.value.message_id == "server-room-name"
