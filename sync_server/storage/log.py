"""One room's SQLite file: the append-only log of accepted commands, and a snapshot of records.

`append` returns only when the entries are on the disk. One process holds a room at a time; it
never judges what it stores.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sync_server.room.effects import LogEntry
from sync_server.room.records import Record, RecordStore
from sync_server.storage.database import StorageFailed

__all__ = ["RoomLog", "RoomSummary", "StorageFailed", "delete_room"]

SCHEMA_VERSION: Final = 1
_TABLES: Final = """
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


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """What `kenish room list` tells about a room."""

    name: str
    epoch: str
    commands: int
    records: int
    last_time: float | None


class RoomLog:
    """The open database of one room. Its methods may be called from one thread at a time."""

    def __init__(self, path: Path, new_epoch: str, exclusive: bool = True) -> None:
        """Open or create. `exclusive`: hold the room against other servers.

        Raises `StorageFailed`: `server-room-busy`, `server-storage`.
        """
        self.path = path
        self._lock: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if exclusive:
                self._lock = _hold(path)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            raise StorageFailed("server-storage", file=str(path), reason=str(error)) from error
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")  # a commit is on the disk when it returns
            self._prepare(new_epoch)
            self.epoch = self._meta("epoch")
        except StorageFailed:
            self.close()
            raise
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StorageFailed("server-storage", file=str(path), reason=str(error)) from error

    def _prepare(self, new_epoch: str) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(
                f"BEGIN; {_TABLES} PRAGMA user_version={SCHEMA_VERSION};"
                f"INSERT INTO meta VALUES ('epoch', '{new_epoch}'), ('snapshot', '0'); COMMIT;"
            )
        elif version > SCHEMA_VERSION:
            raise StorageFailed("server-storage-newer", file=str(self.path), version=version)

    def _meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Put entries into the log, all or none. Raises `StorageFailed`."""
        rows = [
            (e.number, e.command, e.author, e.kind, e.op, e.record, e.time, _text(e.payload))
            for e in entries
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?,?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            reason = str(error)
            raise StorageFailed("server-storage", file=str(self.path), reason=reason) from error

    def load(self) -> RecordStore:
        """The records as they are after every entry. Raises `StorageFailed` on a damaged file."""
        store = RecordStore()
        try:
            base = int(self._meta("snapshot"))
            snapshot = [
                Record(i, kind, author, number, version, time, json.loads(payload), bool(deleted))
                for i, kind, author, number, version, time, payload, deleted in self._db.execute(
                    "SELECT * FROM snapshot ORDER BY number"
                )
            ]
            commands = self._db.execute(
                "SELECT command, number, author FROM log WHERE number<=?", (base,)
            )
            store.load(snapshot, commands)
            for entry in self.entries(base):
                store.apply(entry)
                store.stored([entry])
        except (sqlite3.Error, ValueError) as error:
            reason = str(error)
            raise StorageFailed("server-storage", file=str(self.path), reason=reason) from error
        return store

    def entries(self, after: int = 0) -> Iterator[LogEntry]:
        """The log's entries with a number larger than `after`, in order."""
        rows = self._db.execute("SELECT * FROM log WHERE number>? ORDER BY number", (after,))
        for number, command, author, kind, op, record, time, payload in rows:
            content = json.loads(payload)
            yield LogEntry(number, command, author, kind, op, record, time, content)

    def save_snapshot(self, records: Sequence[Record], number: int) -> None:
        """Keep the records as they are after entry `number`, so that loading starts there."""
        rows = [
            (r.id, r.kind, r.author, r.number, r.version, r.time, _text(r.payload), int(r.deleted))
            for r in records
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM snapshot")
            self._db.executemany("INSERT INTO snapshot VALUES (?,?,?,?,?,?,?,?)", rows)
            self._db.execute("UPDATE meta SET value=? WHERE key='snapshot'", (str(number),))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            reason = str(error)
            raise StorageFailed("server-storage", file=str(self.path), reason=reason) from error

    def summary(self) -> RoomSummary:
        """Counts for a listing."""
        store = self.load()
        commands, last = self._db.execute("SELECT count(*), max(time) FROM log").fetchone()
        return RoomSummary(self.path.stem, self.epoch, commands, store.live, last)

    def close(self) -> None:
        """Let the room go."""
        self._db.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _hold(path: Path) -> sqlite3.Connection:
    """An exclusive lock on a file beside the room, which ends with the process however it ends."""
    lock = sqlite3.connect(
        path.with_suffix(".lock"), timeout=0.2, isolation_level=None, check_same_thread=False
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise StorageFailed("server-room-busy", room=path.stem) from error
    return lock


def _text(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def delete_room(path: Path) -> None:
    """Remove a room's files. Raises `StorageFailed` while a server holds it."""
    lock = _hold(path)
    try:
        for suffix in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm"):
            path.with_suffix(suffix).unlink(missing_ok=True)
    finally:
        lock.close()
        path.with_suffix(".lock").unlink(missing_ok=True)
