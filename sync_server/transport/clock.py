"""Room time: unix seconds that never run backwards, whatever the system's clock does.

Only reads clocks; nothing else in a room does.
"""

from __future__ import annotations

import time


class RoomClock:
    """Wall-clock time at the start, advanced by the monotonic clock."""

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Room time now, unix seconds."""
        return time.monotonic() + self._offset
