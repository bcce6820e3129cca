"""Keeps commands that the server has not acknowledged in a file, so that a crash loses none.

One program holds a file at a time, and with it the identity beside it. `Spool` waits for the disk;
`SpoolWriter` does so on a thread of its own, and never lets its caller wait.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync_server.wire.errors import Malformed
from sync_server.wire.messages import Command, decode_member, encode

SCHEMA_VERSION: Final = 1
GATHER_S: Final = 0.25  # what is acknowledged within this time never touches the disk
_TABLE: Final = """
CREATE TABLE waiting (
  place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, address TEXT NOT NULL,
  epoch TEXT NOT NULL, command BLOB NOT NULL
);
"""


class SpoolBusy(Exception):
    """Another program holds the file."""


class SpoolFailed(Exception):
    """The disk would not take it; the text says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A command that waits, and the life of the room (epoch) that it was meant for."""

    command: Command
    epoch: str


def spool_path(resume_path: Path) -> Path:
    """The file of waiting commands beside a resume file."""
    return resume_path.with_name(f"{resume_path.name}.waiting")


class Spool:
    """The open file of one room's address. One thread at a time."""

    def __init__(self, path: Path, address: str) -> None:
        """Open or create; a damaged file is put aside. Raises `SpoolBusy`, `SpoolFailed`."""
        self._address = address
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = _open(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                path.replace(path.with_name(f"{path.name}.damaged"))  # kept for whoever can read it
                self._db = _open(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise SpoolBusy from error
            raise SpoolFailed(str(error)) from error
        except (sqlite3.Error, OSError) as error:
            raise SpoolFailed(str(error)) from error

    def load(self) -> list[Kept]:
        """What waits for this address, in the order in which it was asked for."""
        rows = self._db.execute(
            "SELECT epoch, command FROM waiting WHERE address=? ORDER BY place", (self._address,)
        )
        kept = []
        for epoch, body in rows:
            with contextlib.suppress(Malformed):
                command = decode_member(bytes(body))
                if isinstance(command, Command):
                    kept.append(Kept(command, str(epoch)))
        return kept

    def write(self, add: Sequence[Kept], drop: Sequence[str]) -> None:
        """Take and give up commands, all or none; on the disk at return. Raises `SpoolFailed`."""
        rows = [(k.command.id, self._address, k.epoch, encode(k.command)) for k in add]
        try:
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM waiting WHERE id=?", [(one,) for one in drop])
            self._db.executemany(
                "INSERT INTO waiting (id, address, epoch, command) VALUES (?,?,?,?)"
                " ON CONFLICT (id) DO UPDATE SET epoch=excluded.epoch",
                rows,
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise SpoolFailed(str(error)) from error

    def close(self) -> None:
        """Let the file go."""
        self._db.close()


def _open(path: Path) -> sqlite3.Connection:
    fresh = not path.exists()
    db = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
    try:
        if fresh:
            path.chmod(0o600)
        db.execute(
            "PRAGMA locking_mode=EXCLUSIVE"
        )  # the lock ends with the process, however it does
        db.execute("PRAGMA journal_mode=TRUNCATE")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("BEGIN EXCLUSIVE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            db.execute(_TABLE)
            db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        elif version > SCHEMA_VERSION:
            raise SpoolFailed(f"{path.name}: version {version}")
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


class SpoolWriter:
    """Writes to a spool from a thread of its own. `put` and `drop` return at once.

    `failed` is called on that thread, once for each time that writing begins to fail.
    """

    def __init__(self, spool: Spool, failed: Callable[[str], None]) -> None:
        self._spool = spool
        self._failed = failed
        self._add: dict[str, Kept] = {}
        self._drop: set[str] = set()
        self._stored: set[str] = set()
        self._changed = threading.Condition()
        self._hurry = False
        self._closing = False
        self._broken = False
        self._thread = threading.Thread(target=self._run, name="session-spool", daemon=True)
        self._thread.start()

    def known(self, command_id: str) -> None:
        """This one is in the file already."""
        with self._changed:
            self._stored.add(command_id)

    def put(self, kept: Kept, at_once: bool) -> None:
        """Keep a command; `at_once`: nobody is there to acknowledge it soon."""
        with self._changed:
            self._add[kept.command.id] = kept
            self._drop.discard(kept.command.id)
            self._hurry |= at_once
            self._changed.notify()

    def hurry(self) -> None:
        """The connection is gone: write what was waiting for a quick answer."""
        with self._changed:
            self._hurry = True
            self._changed.notify()

    def drop(self, command_id: str) -> None:
        """It is settled: no more to be kept."""
        with self._changed:
            self._add.pop(command_id, None)
            if command_id in self._stored:
                self._drop.add(command_id)
                self._changed.notify()

    def close(self) -> None:
        """Write what is left, let the file go; waits for the disk."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._spool.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._add or self._drop)
                if not self._closing:
                    self._changed.wait_for(lambda: self._closing or self._hurry, GATHER_S)
                add, drop = self._add, self._drop
                self._add, self._drop, self._hurry = {}, set(), False
                # Whatever happens to the write, a later drop must name them.
                self._stored |= add.keys()
                self._stored -= drop
                closing = self._closing
            if add or drop:
                self._write(add, drop)
            if closing:
                return

    def _write(self, add: dict[str, Kept], drop: set[str]) -> None:
        try:
            self._spool.write(list(add.values()), sorted(drop))
            self._broken = False
        except SpoolFailed as error:
            if not self._broken:
                self._broken = True
                self._failed(str(error))
            with self._changed:  # again with the next change; a full disk may have room then
                self._add = {k: v for k, v in add.items() if k in self._stored} | self._add
                self._drop |= drop
                waits = not self._closing
            if waits:
                threading.Event().wait(1.0)
