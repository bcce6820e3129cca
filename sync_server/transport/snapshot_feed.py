"""Sends the records of joining to one member, chunk by chunk as fast as its line takes them.

What happens meanwhile waits behind them, bounded. It reads no clock, plans no timer and never
holds more than a few chunks in memory, however large the room is.
"""

from __future__ import annotations

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
