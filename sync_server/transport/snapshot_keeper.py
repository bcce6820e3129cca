"""Keeps a snapshot of a room's records on the disk now and then, and cuts what is too old.

Never holds a room up: what is not stored yet is left out, and a disk that refuses is for the log.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from typing import Final

from sync_server.room.records import RecordStore
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.storage.retention import Retention

log = logging.getLogger("kenish.room")

SNAPSHOT_EVERY: Final = 5000  # commands


class SnapshotKeeper:
    """The snapshots of one room; `disk` is the thread that stores its commands."""

    def __init__(
        self,
        storage: RoomLog,
        disk: Executor,
        records: RecordStore,
        retention: Retention,
    ) -> None:
        self._storage = storage
        self._disk = disk
        self._records = records
        self._retention = retention
        self._kept_at = records.last_number

    async def after_commit(self, stored_through: int, now: float) -> None:
        """Entries up to a number are stored: keep a snapshot if one is due, and compact."""
        if stored_through - self._kept_at < SNAPSHOT_EVERY:
            return
        self._kept_at = stored_through
        store = self._records
        # Forgotten in memory first: what is judged from now on agrees with what the disk will have.
        store.drop_tombstones(self._retention.tombstones, stored_through)
        records, horizon = store.as_stored(stored_through), store.horizon
        loop = asyncio.get_running_loop()
        try:
            cut = await loop.run_in_executor(
                self._disk,
                self._storage.compact,
                records,
                stored_through,
                horizon,
                now,
                self._retention,
            )
        except StorageFailed as error:
            log.error("cannot store a snapshot: %s", error)
        else:
            store.forget(cut.forgotten, cut.horizon)

    async def at_the_end(self, stored_through: int) -> None:
        """The room closes: keep what has come since the last snapshot."""
        if stored_through <= self._kept_at:
            return
        records, horizon = self._records.as_stored(stored_through), self._records.horizon
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                self._disk, self._storage.save_snapshot, records, stored_through, horizon
            )
        except StorageFailed as error:
            log.error("cannot store a snapshot: %s", error)
