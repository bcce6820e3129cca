"""Withdraws what a drill of an earlier run left in a room that now runs without one.

Otherwise members would be invited to a drill that nobody conducts. Logs are kept: they are the
proof of what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sync_server.room.listener import Action, RoomEvent, Write
from sync_server.room.records import RecordStore

SHOWN: Final = frozenset({"drill_state", "drill_text"})


class DrillWithdrawal:
    """Deletes the leftovers once, at the first tick."""

    def __init__(self, records: RecordStore) -> None:
        self._left = [
            Write(record.kind, {}, "delete", record.id)
            for record in records
            if record.kind in SHOWN and not record.deleted
        ]

    def on_event(self, now: float, event: RoomEvent) -> Sequence[Action]:
        """Nothing is of interest."""
        return ()

    def on_tick(self, now: float) -> Sequence[Action]:
        """The deletions, the first time."""
        left, self._left = self._left, []
        return left
