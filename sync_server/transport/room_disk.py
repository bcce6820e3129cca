"""The disk of one room: stores batches of commands on a thread of its own, and keeps snapshots.

Says whether a batch is stored; what follows from that is the host's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sync_server.histogram import Histogram
from sync_server.room.effects import LogEntry
from sync_server.room.records import RecordStore
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.storage.retention import Retention
from sync_server.transport.snapshot_keeper import SnapshotKeeper

log = logging.getLogger("kenish.room")


class RoomDisk:
    """The open log of a room; its methods are for the event loop, and none of them blocks it."""

    def __init__(
        self,
        storage: RoomLog,
        records: RecordStore,
        retention: Retention,
        counters: Counter[str],
    ) -> None:
        self.commit_seconds = Histogram()
        self.stored_through = records.last_number
        self._storage = storage
        self._counters = counters
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="room-disk")
        self._snapshots = SnapshotKeeper(storage, self._thread, records, retention)

    async def store(self, entries: Sequence[LogEntry]) -> bool:
        """Put entries on the disk, all or none; whether they are there."""
        loop = asyncio.get_running_loop()
        start = time.perf_counter()
        try:
            await loop.run_in_executor(self._thread, self._storage.append, entries)
        except Exception as error:
            # Whatever it was, a defect of ours too: without this the room would wait for ever.
            known = isinstance(error, StorageFailed)
            log.error("cannot store: %s", error, exc_info=None if known else error)
            self._counters["storage_failures"] += 1
            return False
        self.commit_seconds.observe(time.perf_counter() - start)
        self._counters["commits"] += 1
        self.stored_through = entries[-1].number
        return True

    async def keep_snapshot(self, now: float) -> None:
        """Keep a snapshot of what is stored, if one is due."""
        await self._snapshots.after_commit(self.stored_through, now)

    async def takes_data(self) -> bool:
        """Whether there is room on the disk; writes a little to see."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._storage.takes_data)

    async def close(self) -> None:
        """Keep a last snapshot and let the file go; nothing may be stored any more."""
        loop = asyncio.get_running_loop()
        await self._snapshots.at_the_end(self.stored_through)
        await loop.run_in_executor(self._thread, self._storage.close)
        self._thread.shutdown()
