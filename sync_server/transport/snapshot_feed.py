"""Sends the records of joining to members, chunk by chunk as fast as their lines take them.

What happens meanwhile waits behind them, bounded. It never holds more than a few chunks for a
member in memory, however large the room is, and leaves the loop to others between two chunks.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from sync_server.room.record import Record
from sync_server.transport.connection import framed
from sync_server.transport.outbox import EVENT_BACKLOG, LARGE_EVENT, Outbox
from sync_server.wire.limits import SNAPSHOT_CHUNK
from sync_server.wire.messages import encode_records

FEED_BACKLOG: Final = 2 * SNAPSHOT_CHUNK  # bytes that may wait for the line before the next chunk
WAIT_S: Final = 0.01  # until the line is looked at again


class SnapshotFeed:
    """What one member is still to be sent before it is level with the room."""

    def __init__(self, box: Outbox, records: Sequence[Record]) -> None:
        self._box = box
        self._records = records
        self._next = 0
        self._done = False
        self._later: deque[bytes] = deque()
        self._waiting = 0

    def event(self, frame: bytes) -> bool:
        """An event for the member, to go out after the records; False: too much has piled up."""
        if len(frame) <= LARGE_EVENT:
            self._waiting += len(frame)
        if self._waiting > EVENT_BACKLOG:
            return False
        self._later.append(frame)
        return True

    def go_on(self) -> float | None:
        """Send what the line can take now: one chunk. When to call again, seconds; None: done.

        Raises nothing; a member that takes nothing is for `Outbox.too_slow`.
        """
        if self._box.connection.backlog() > FEED_BACKLOG:
            return WAIT_S
        if not self._done:
            self._box.event(framed(self._chunk()), snapshot=True)
            return 0.0
        while self._later:
            self._box.event(self._later.popleft(), snapshot=True)
        return None

    def _chunk(self) -> bytes:
        packed: list[bytes] = []
        size = 0
        while self._next < len(self._records):
            one = self._records[self._next].packed
            if packed and size + len(one) > SNAPSHOT_CHUNK:
                break
            packed.append(one)
            size += len(one)
            self._next += 1
        self._done = self._next == len(self._records)
        return encode_records(packed, last=self._done)


class SnapshotFeeds:
    """The members of one room who are still being sent the records, by number."""

    def __init__(self) -> None:
        self._feeds: dict[int, SnapshotFeed] = {}

    def start(self, number: int, box: Outbox, records: Sequence[Record]) -> None:
        """Begin with the first chunk."""
        self._feeds[number] = SnapshotFeed(box, records)
        self._go_on(number, self._feeds[number])

    def of(self, number: int) -> SnapshotFeed | None:
        """What a member's events go through, while it is not level with the room."""
        return self._feeds.get(number)

    def forget(self, number: int) -> None:
        """A member has gone."""
        self._feeds.pop(number, None)

    def _go_on(self, number: int, feed: SnapshotFeed) -> None:
        if self._feeds.get(number) is not feed:
            return  # gone, or its number is another's by now
        wait = feed.go_on()
        if wait is None:
            del self._feeds[number]
        else:
            asyncio.get_running_loop().call_later(wait, self._go_on, number, feed)
