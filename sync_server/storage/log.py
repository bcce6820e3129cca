"""One room's SQLite file: the append-only log of accepted commands, and a snapshot of records.

`append` returns only when the entries are on the disk. One process holds a room at a time; it
never judges what it stores. The epoch stays as long as the file does, whatever is cut from it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sync_server.room.effects import LogEntry
from sync_server.room.record import Record
from sync_server.room.records import RecordStore
from sync_server.room.results import without_results
from sync_server.storage.database import StorageFailed, open_database
from sync_server.storage.retention import Compacted, Retention, cut_of_commands, cut_of_entries
from sync_server.storage.room_schema import STEPS
from sync_server.wire.limits import HISTORY_BYTES

__all__ = ["RoomLog", "RoomSummary", "StorageFailed", "delete_room"]

PROBE_BYTES: Final = 64 * 1024
_LOG: Final = "number, command, author, kind, op, record, time, payload, owner"
_SNAPSHOT: Final = (
    "record, kind, author, number, version, time, payload, deleted, owner, op, author_of_change"
)

COPIED: Final = "copied"  # in `meta`: a copy or an import, which no server has opened yet


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
        self._reader: sqlite3.Connection | None = None
        self._reading = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if exclusive:
                self._lock = hold(path)
            self._db = open_database(path, STEPS)
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            raise self._failed(error) from error
        except StorageFailed:
            self._let_go()
            raise
        try:
            first = ("epoch", new_epoch, "snapshot", "0", "horizon", "0")
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?,?), (?,?), (?,?)", first)
            self.epoch = self._meta("epoch")
        except sqlite3.Error as error:
            self.close()
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageFailed:
        return StorageFailed("server-storage", file=str(self.path), reason=str(error))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. Raises `StorageFailed`."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._failed(error) from error

    def _meta(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Put entries into the log, all or none. Raises `StorageFailed`."""
        rows = [_log_row(entry) for entry in entries]
        with self._transaction():
            statement = f"INSERT INTO log ({_LOG}) VALUES (?,?,?,?,?,?,?,?,?)"
            self._db.executemany(statement, rows)

    def load(self) -> RecordStore:
        """The records as they are after every entry. Raises `StorageFailed` on a damaged file."""
        store = RecordStore()
        try:
            base, horizon = int(self._meta("snapshot")), int(self._meta("horizon"))
            snapshot = [
                Record(i, kind, author, number, version, time, json.loads(payload), bool(gone), *by)
                for i, kind, author, number, version, time, payload, gone, *by in self._db.execute(
                    f"SELECT {_SNAPSHOT} FROM snapshot ORDER BY number"
                )
            ]
            commands = self._db.execute(
                "SELECT id, number, author FROM command UNION ALL "
                "SELECT command, number, author FROM log WHERE number<=? ORDER BY number",
                (base,),
            )
            store.load(snapshot, commands, horizon)
            store.last_number = max(store.last_number, base)
            for entry in self.entries(base):
                store.apply(entry)
                store.stored([entry])
        except (sqlite3.Error, ValueError) as error:
            raise self._failed(error) from error
        return store

    def entries(self, after: int = 0) -> Iterator[LogEntry]:
        """The log's entries with a number larger than `after`, in order."""
        query = f"SELECT {_LOG} FROM log WHERE number>? ORDER BY number"
        for row in self._db.execute(query, (after,)):
            yield _entry(row)

    def history(
        self, record: str, before: int | None, limit: int, most_bytes: int = HISTORY_BYTES
    ) -> tuple[list[LogEntry], bool]:
        """What was done to a record before entry `before` (None: up to now), newest first.

        At most `limit` entries and about `most_bytes` of payloads, one entry at the least; and
        whether there is more. Reads on a connection of its own, so that it may be called from
        another thread while this one appends. Raises `StorageFailed`.
        """
        query = f"SELECT {_LOG} FROM log WHERE record=? AND number<? ORDER BY number DESC LIMIT ?"
        bound = 2**62 if before is None else before
        found: list[LogEntry] = []
        size = 0
        try:
            with self._reading:
                if self._reader is None:
                    self._reader = sqlite3.connect(
                        f"{self.path.absolute().as_uri()}?mode=ro",
                        uri=True,
                        check_same_thread=False,
                        isolation_level=None,
                    )
                for row in self._reader.execute(query, (record, bound, limit + 1)):
                    size += len(row[7].encode())
                    if len(found) == limit or (found and size > most_bytes):
                        return found, True
                    found.append(_entry(row))
        except (sqlite3.Error, ValueError) as error:
            raise self._failed(error) from error
        return found, False

    def save_snapshot(self, records: Sequence[Record], number: int, horizon: int = 0) -> None:
        """Keep the records as they are after entry `number`, so that loading starts there.

        `horizon` is that of their store, which is kept with them. Raises `StorageFailed`.
        """
        with self._transaction():
            self._write_snapshot(records, number)
            self._raise_horizon(horizon)

    def begin_after_copy(self, now: float) -> None:
        """Where this is a copy or an import that is used for the first time, count on from `now`
        (unix seconds, as milliseconds): numbers that the original gave later mean nothing here,
        and whoever has seen one must get everything. Raises `StorageFailed`.
        """
        if self._db.execute("SELECT 1 FROM meta WHERE key=?", (COPIED,)).fetchone() is None:
            return
        store = self.load()
        number = max(store.last_number, int(now * 1000))
        # A snapshot up to there: after it the log goes on without a gap, as everywhere.
        self.save_snapshot(list(store), number, number)
        with self._transaction():
            self._db.execute("DELETE FROM meta WHERE key=?", (COPIED,))

    def _raise_horizon(self, horizon: int) -> int:
        horizon = max(horizon, int(self._meta("horizon")))
        self._db.execute("UPDATE meta SET value=? WHERE key='horizon'", (str(horizon),))
        return horizon

    def _write_snapshot(self, records: Sequence[Record], number: int) -> None:
        # Only what has changed: a large room would hold its commands up otherwise. A record's
        # number says which change it is from.
        kept: dict[str, int] = dict(self._db.execute("SELECT record, number FROM snapshot"))
        changed = [record for record in records if kept.get(record.id) != record.number]
        gone = kept.keys() - {record.id for record in records}
        gone |= {record.id for record in changed}
        self._db.executemany("DELETE FROM snapshot WHERE record=?", [(one,) for one in gone])
        statement = f"INSERT INTO snapshot ({_SNAPSHOT}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
        self._db.executemany(statement, [_snapshot_row(record) for record in changed])
        self._db.execute("UPDATE meta SET value=? WHERE key='snapshot'", (str(number),))

    def compact(
        self,
        records: Sequence[Record],
        number: int,
        horizon: int,
        now: float,
        retention: Retention,
    ) -> Compacted:
        """Keep the records as they are after entry `number`, and cut what is too old.

        `horizon` is that of the store that the records come from, after
        `RecordStore.drop_tombstones`; both change together on the disk, or not at all. The epoch
        and all that is alive stay. Raises `StorageFailed`.
        """
        with self._transaction():
            self._write_snapshot(records, number)
            cut = cut_of_entries(self._db, number, now, retention)
            self._db.execute(
                "INSERT OR IGNORE INTO command "
                "SELECT command, number, author, time FROM log WHERE number<=?",
                (cut,),
            )
            entries = self._db.execute("DELETE FROM log WHERE number<=?", (cut,)).rowcount
            forgotten = cut_of_commands(self._db, number, now, retention)
            commands = self._db.execute(
                "DELETE FROM command WHERE number<=?", (forgotten,)
            ).rowcount
            horizon = self._raise_horizon(max(horizon, cut))
        return Compacted(entries, commands, forgotten, horizon)

    def takes_data(self) -> bool:
        """Whether the disk takes something larger than a command is; nothing is left of it."""
        try:
            # Two commits: what is removed in the same one is never written.
            probe = "x" * PROBE_BYTES
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('probe', ?)", (probe,))
            self._db.execute("DELETE FROM meta WHERE key='probe'")
        except sqlite3.Error:
            return False
        return True

    def summary(self) -> RoomSummary:
        """Counts for a listing."""
        store = self.load()
        commands, last = self._db.execute("SELECT count(*), max(time) FROM log").fetchone()
        return RoomSummary(self.path.stem, self.epoch, commands, store.live, last)

    def close(self) -> None:
        """Let the room go."""
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
        self._db.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def hold(path: Path) -> sqlite3.Connection:
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


def _entry(row: tuple[Any, ...]) -> LogEntry:
    number, command, author, kind, op, record, time, payload, owner = row
    content = json.loads(payload)
    return LogEntry(number, command, author, kind, op, record, time, content, owner)


def _log_row(e: LogEntry) -> tuple[Any, ...]:
    what = (e.number, e.command, e.author, e.kind, e.op, e.record, e.time)
    return (*what, _text(e.kind, e.payload), e.owner)


def _snapshot_row(r: Record) -> tuple[Any, ...]:
    what = (r.id, r.kind, r.author, r.number, r.version, r.time, _text(r.kind, r.payload))
    return (*what, int(r.deleted), r.owner, r.op, r.by)


def _text(kind: str, payload: dict[str, Any]) -> str:
    payload = without_results(kind, payload)
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def delete_room(path: Path) -> None:
    """Remove a room's files. Raises `StorageFailed` while a server holds it."""
    lock = hold(path)
    try:
        for suffix in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm"):
            path.with_suffix(suffix).unlink(missing_ok=True)
    finally:
        lock.close()
        path.with_suffix(".lock").unlink(missing_ok=True)
