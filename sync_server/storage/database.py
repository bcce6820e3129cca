"""Opens a SQLite file of ours: write-ahead log, commits that are on the disk, schema steps.

Each step up is one transaction, so that a crash leaves the file before it or after it; a file
that a newer Kenish wrote is refused, never changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sync_server.wire.errors import ServerError

BUSY_S: Final = 5.0  # how long a statement waits for another process


class StorageFailed(ServerError):
    """The disk would not take it (full, read-only, damaged)."""


def open_database(path: Path, steps: Sequence[str], busy_s: float = BUSY_S) -> sqlite3.Connection:
    """The file with all schema steps taken; step n (from 0) leads from version n to n + 1.

    Usable from one thread at a time, in autocommit mode. Raises `StorageFailed`:
    `server-storage`, `server-storage-newer`.
    """
    connection: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=busy_s, check_same_thread=False, isolation_level=None
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # a commit is on the disk when it returns
        connection.execute("PRAGMA secure_delete=ON")  # what is removed is not left in the file
        migrate(connection, path, steps)
    except StorageFailed:
        if connection is not None:
            connection.close()
        raise
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        raise StorageFailed("server-storage", file=str(path), reason=str(error)) from error
    return connection


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    """Take the steps that a file lacks. Raises `StorageFailed` for a newer one; sqlite3.Error."""
    while True:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == len(steps):
            return
        if version > len(steps):
            raise StorageFailed("server-storage-newer", file=str(path), version=version)
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have taken the step while this one waited.
            if connection.execute("PRAGMA user_version").fetchone()[0] == version:
                for statement in steps[version].split(";"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
