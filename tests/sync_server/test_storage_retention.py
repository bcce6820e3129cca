"""A room's file over the years: older schemas, histories, and what is cut from it."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from sync_server.room.effects import LogEntry
from sync_server.room.records import RecordStore
from sync_server.storage.log import RoomLog
from sync_server.storage.retention import Retention

# The statements of the first version, as it was.
SCHEMA_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE log (
  number INTEGER PRIMARY KEY, command TEXT NOT NULL UNIQUE, author TEXT NOT NULL,
  kind TEXT NOT NULL, op TEXT NOT NULL, record TEXT NOT NULL, time REAL NOT NULL,
  payload TEXT NOT NULL
);
CREATE TABLE snapshot (
  record TEXT PRIMARY KEY, kind TEXT NOT NULL, author TEXT NOT NULL, number INTEGER NOT NULL,
  version INTEGER NOT NULL, time REAL NOT NULL, payload TEXT NOT NULL, deleted INTEGER NOT NULL
) WITHOUT ROWID;
"""


def entry(number: int, record: str = "", op: str = "create", **payload: Any) -> LogEntry:
    command = str(ULID())
    return LogEntry(
        number, command, "m-1", "annotation", op, record or command, 10.0 + number, payload
    )


def applied(entries: list[LogEntry]) -> RecordStore:
    store = RecordStore()
    for one in entries:
        store.apply(one)
        store.stored([one])
    return store


def as_list(store: RecordStore) -> list[Any]:
    return list(store)  # in the order of the numbers


@pytest.mark.parametrize("snapshot_at", [0, 3, 5])
def test_a_file_of_the_first_schema_is_taken_along(tmp_path: Path, snapshot_at: int) -> None:
    entries = [
        entry(1, "a", text="crack"),
        entry(2, "a", "update", text="wider"),
        entry(3, "a", "delete"),
        entry(4, "b", text="b"),
        entry(5, "b", "delete"),
        entry(6, "b", text="anew"),
    ]
    path = tmp_path / "mine.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(SCHEMA_1 + "PRAGMA user_version=1;")
    old.execute(
        "INSERT INTO meta VALUES ('epoch', 'epoch-1'), ('snapshot', ?)", (str(snapshot_at),)
    )
    for e in entries:
        values = (e.number, e.command, e.author, e.kind, e.op, e.record, e.time)
        old.execute("INSERT INTO log VALUES (?,?,?,?,?,?,?,?)", (*values, json.dumps(e.payload)))
    for r in applied(entries[:snapshot_at]):
        text = "{}" if r.deleted else json.dumps(r.payload)
        row = (r.id, r.kind, r.author, r.number, r.version, r.time, text, int(r.deleted))
        old.execute("INSERT INTO snapshot VALUES (?,?,?,?,?,?,?,?)", row)
    old.commit()
    old.close()
    log = RoomLog(path, "epoch-2")
    try:
        assert log.epoch == "epoch-1"
        assert list(log.entries()) == entries
        store = log.load()
        assert as_list(store) == as_list(applied(entries))
        gone = store.get("a")
        assert gone is not None and gone.deleted and gone.payload == {"text": "wider"}
        assert store.number_of(entries[1].command) == (2, "m-1")
        log.append([entry(7, "a", "restore", text="wider")])
        assert log.load().live == 2
    finally:
        log.close()
    again = RoomLog(path, "epoch-3")
    try:
        assert again.epoch == "epoch-1" and again.load().last_number == 7
    finally:
        again.close()


def test_a_history_comes_in_bounded_pages_also_while_the_log_is_written(tmp_path: Path) -> None:
    log = RoomLog(tmp_path / "a room of mine?#.sqlite3", "e")
    try:
        entries = [entry(1, "a", text="0"), entry(2, "b", text="other")]
        entries += [entry(n, "a", "update", text=str(n) * 100) for n in range(3, 13)]
        log.append(entries)
        mine = [one for one in reversed(entries) if one.record == "a"]
        found: list[LogEntry] = []
        before, more = None, True
        while more:
            page, more = log.history("a", before, limit=4)
            assert 0 < len(page) <= 4
            found += page
            before = page[-1].number
        assert found == mine
        assert log.history("a", None, limit=11) == (mine, False)
        page, more = log.history("a", None, limit=50, most_bytes=500)
        assert len(page) == 2 and more
        page, more = log.history("a", None, limit=50, most_bytes=1)
        assert page == mine[:1] and more  # one at the least, or nobody would get on
        assert log.history("nothing", None, limit=4) == ([], False)
        # A transaction that is open does not hold the reader up.
        pages: list[Any] = []
        with log._transaction():
            log._db.execute("INSERT INTO meta VALUES ('x', 'y')")
            reader = threading.Thread(target=lambda: pages.append(log.history("a", None, 1)))
            reader.start()
            reader.join(30)
        assert pages == [(mine[:1], True)]
    finally:
        log.close()


KEEP_NOTHING = Retention(0, 0.0, 0, 0.0, 0, 0)


def compacted(log: RoomLog, now: float, retention: Retention) -> tuple[RecordStore, Any]:
    store = log.load()
    store.drop_tombstones(retention.tombstones, store.last_number)
    done = log.compact(list(store), store.last_number, store.horizon, now, retention)
    store.forget(done.forgotten, done.horizon)
    return store, done


def test_what_is_old_and_beyond_the_count_is_cut_and_the_living_stay(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite3"
    entries = [entry(1, "old", text="alive")]
    entries += [entry(n, f"r{n}", text=str(n)) for n in range(2, 11)]
    entries += [entry(11, "r2", "delete"), entry(12, "r3", "delete"), entry(13, "r4", "delete")]
    log = RoomLog(path, "e")
    try:
        log.append(entries)
        # Times are 11.0, 12.0 ...: of the first eight, those before 18.0 are old enough.
        retention = Retention(5, 10.0, 9, 8.0, 100, tombstones=1)
        store, done = compacted(log, 28.0, retention)
        assert done.entries == 7 and [one.number for one in log.entries()] == list(range(8, 14))
        # Ids: beyond the newest nine, and before 20.0.
        assert (done.commands, done.forgotten) == (4, 4)
        for one in entries:
            kept = (one.number, "m-1") if one.number > 4 else None
            assert store.number_of(one.command) == kept
        # Two tombstones are forgotten: who has not seen number 12 gets everything.
        assert done.horizon == 12
        assert [store.can_tell_since(n) for n in (0, 11, 12, 13, 14)] == [
            False,
            False,
            True,
            True,
            False,
        ]
        assert [one.id for one in store if one.deleted] == ["r4"]
        assert store.get("old") is not None and store.live == 7
    finally:
        log.close()
    again = RoomLog(path, "other")
    try:
        loaded = again.load()
        assert again.epoch == "e"
        assert as_list(loaded) == as_list(store)
        assert (loaded.last_number, loaded.horizon, loaded.live) == (13, 12, 7)
        assert loaded.number_of(entries[4].command) == (5, "m-1")
        assert loaded.number_of(entries[0].command) is None
        assert again.history("old", None, 10) == ([], False)
        again.append([entry(14, "r4", "restore", text="4")])
        assert again.load().live == 8
    finally:
        again.close()


def test_even_when_everything_old_is_cut_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite3"
    log = RoomLog(path, "e")
    try:
        log.append([entry(1, "a", text="a"), entry(2, "a", "delete")])
        store, done = compacted(log, 1e9, KEEP_NOTHING)
        assert (done.entries, done.horizon, list(store)) == (2, 2, [])
        loaded = log.load()
        assert (loaded.last_number, loaded.horizon, loaded.live) == (2, 2, 0)
        assert list(log.entries()) == []
    finally:
        log.close()


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["create", "update", "delete"])),
        max_size=20,
    ),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(0, 4),
    st.integers(0, 20),
)
def test_who_is_told_a_difference_ends_up_with_what_is_there(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, str]],
    kept: int,
    ids: int,
    tombstones: int,
    seen: int,
) -> None:
    entries = [
        entry(number, record, op, **({} if op == "delete" else {"text": str(number)}))
        for number, (record, op) in enumerate(steps, start=1)
    ]
    log = RoomLog(tmp_path_factory.mktemp("log") / "mine.sqlite3", "e")
    try:
        if entries:
            log.append(entries)
        retention = Retention(kept, 0.0, ids, 0.0, ids, tombstones)
        store, _done = compacted(log, 1e9, retention)
        loaded = log.load()
        assert as_list(loaded) == as_list(store)
        assert (loaded.horizon, loaded.last_number) == (store.horizon, len(entries))
        living = {one.id: one.payload for one in applied(entries) if not one.deleted}
        # A member that saw the first `seen` entries, and is told what the room offers.
        has = {one.id: one.payload for one in applied(entries[:seen]) if not one.deleted}
        if loaded.can_tell_since(seen):
            for one in loaded.since(seen):
                has.pop(one.id, None)
                if not one.deleted:
                    has[one.id] = one.payload
        else:
            has = {one.id: one.payload for one in loaded.since(0)}
        assert has == living
    finally:
        log.close()


def test_a_snapshot_that_fails_leaves_the_log_whole(tmp_path: Path) -> None:
    log = RoomLog(tmp_path / "mine.sqlite3", "e")
    try:
        first = entry(1, "a", text="a")
        log.append([first])
        store = log.load()
        twice = [*store, *store]  # which the table refuses after the old snapshot is gone
        with pytest.raises(Exception, match="server-storage"):
            log.compact(twice, 1, 0, 1e9, KEEP_NOTHING)
        assert list(log.entries()) == [first]
        assert as_list(log.load()) == as_list(store)
    finally:
        log.close()
