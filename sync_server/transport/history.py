"""Reads what was done to a record off the event loop, and makes the answer to `ask_history`.

One thread for one room, beside the one that stores; a page is bounded in entries and bytes.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from sync_server.room.effects import TellHistory
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.wire.limits import HISTORY_ENTRIES
from sync_server.wire.messages import CommandRefused, History, HistoryEntry

log = logging.getLogger("kenish.room")


class HistoryReader:
    """The way to the past of one room."""

    def __init__(self, storage: RoomLog) -> None:
        self._storage = storage
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="room-history")

    async def read(self, ask: TellHistory) -> History | CommandRefused:
        """The answer; what the disk refuses is refused to whoever asked."""
        loop = asyncio.get_running_loop()
        try:
            entries, more = await loop.run_in_executor(
                self._thread, self._storage.history, ask.record, ask.before, HISTORY_ENTRIES
            )
        except StorageFailed as error:
            log.error("cannot read a history: %s", error)
            return CommandRefused(id=ask.ask, message_id="server-no-history")
        told = [
            HistoryEntry.model_validate(
                {
                    "number": entry.number,
                    "command": entry.command,
                    "author": entry.author,
                    "op": entry.op,
                    "time": entry.time,
                    "payload": entry.payload,
                }
            )
            for entry in entries
        ]
        return History(id=ask.ask, record=ask.record, entries=told, more=more)

    def close(self) -> None:
        """Wait for what is being read."""
        self._thread.shutdown()
