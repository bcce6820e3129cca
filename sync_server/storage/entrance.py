"""The site's book of visits: tickets that were used and resume tokens that were given, on disk.

Answers only after the commit, several visits to a commit; it never judges and holds no names.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from sync_server.room.entrance import Visit
from sync_server.storage.database import StorageFailed, open_database

TIDY_S: Final = 600.0
GRACE_S: Final = 60.0  # rows are kept so much longer than they are good for: clocks differ
BUSY_S: Final = 2.0  # another server of the same folder writes
STEPS: Final = (
    """
    CREATE TABLE ticket (room TEXT, id TEXT, expires REAL NOT NULL, PRIMARY KEY (room, id))
      WITHOUT ROWID;
    CREATE TABLE visit (
      room TEXT, member TEXT, generation INTEGER NOT NULL, used TEXT NOT NULL, given TEXT NOT NULL,
      expires REAL NOT NULL, PRIMARY KEY (room, member)
    ) WITHOUT ROWID
    """,
)


class EntranceBook:
    """state/entrance.sqlite3, open. Servers of one state folder share the file."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises `StorageFailed`."""
        self.path = path
        self._tidied = 0.0
        self._waiting: list[tuple[str, Visit, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._db = open_database(path, STEPS, BUSY_S)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="entrance-disk")

    def _failed(self, error: Exception) -> StorageFailed:
        return StorageFailed("server-storage", file=str(self.path), reason=str(error))

    def load(self, room: str, now: float) -> tuple[list[Visit], list[tuple[str, float]]]:
        """What a room's entrance must know: visits, and (ticket id, expiry) of used tickets."""
        try:
            visits = self._db.execute(
                "SELECT member, generation, used, given, expires FROM visit"
                " WHERE room=? AND expires>?",
                (room, now - GRACE_S),
            ).fetchall()
            tickets = self._db.execute(
                "SELECT id, expires FROM ticket WHERE room=? AND expires>?", (room, now - GRACE_S)
            ).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return [Visit(*row) for row in visits], [(one, expires) for one, expires in tickets]

    async def remember(self, room: str, visit: Visit, now: float) -> None:
        """Return once the visit is on the disk. Raises `StorageFailed`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((room, visit, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(now))
        await done

    async def _write(self, now: float) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failed: Exception | None = None
            try:
                rows = [(room, visit) for room, visit, _done in batch]
                await loop.run_in_executor(self._disk, self._store, rows, now)
            except StorageFailed as error:
                failed = error
            except Exception as error:  # closed meanwhile, or a defect: nobody may wait for ever
                failed = self._failed(error)
            for _room, _visit, done in batch:
                if done.done():
                    continue  # its connection has gone meanwhile
                if failed is None:
                    done.set_result(None)
                else:
                    done.set_exception(failed)
        self._writing = None

    def _store(self, rows: Sequence[tuple[str, Visit]], now: float) -> None:
        """On the disk's thread: all rows in one commit, or none."""
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT OR REPLACE INTO visit VALUES (?,?,?,?,?,?)",
                [(r, v.member, v.generation, v.used, v.given, v.expires) for r, v in rows],
            )
            db.executemany(
                "INSERT OR IGNORE INTO ticket VALUES (?,?,?)",
                [(r, v.ticket, v.ticket_expires) for r, v in rows if v.ticket is not None],
            )
            if now > self._tidied + TIDY_S:
                db.execute("DELETE FROM ticket WHERE expires<?", (now - GRACE_S,))
                db.execute("DELETE FROM visit WHERE expires<?", (now - GRACE_S,))
                self._tidied = now
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise self._failed(error) from error

    async def close(self) -> None:
        """Finish what is being written and let the file go."""
        while self._writing is not None:
            await self._writing
        await asyncio.get_running_loop().run_in_executor(self._disk, self._db.close)
        self._disk.shutdown()
