"""Two clocks: an estimate of room time from ping exchanges, and a smooth one to render by.

Pure: callers pass local times (seconds of any steady clock); nothing here reads one.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW: Final = 24  # exchanges that are remembered
SLEW: Final = 0.02  # the render clock gains or loses at most 20 ms a second
SETTLE_S: Final = 1.0  # at the start every correction is taken whole
JUMP_S: Final = 0.5  # beyond this it jumps: the room's or our own clock was wrong


class ClockEstimate:
    """Room time minus local time, from the exchange with the shortest round trip of the last few.

    Half the round trip is the largest error that an exchange can have, so the shortest is best.
    """

    def __init__(self) -> None:
        self._exchanges: deque[tuple[float, float]] = deque(maxlen=WINDOW)

    def take(self, sent: float, received: float, room_time: float) -> None:
        """An exchange: local times of sending and receiving, and the room's answer between."""
        round_trip = received - sent
        if round_trip >= 0:
            self._exchanges.append((round_trip, room_time - (sent + received) / 2))

    @property
    def offset(self) -> float | None:
        """Room time minus local time in seconds, None before the first exchange."""
        return min(self._exchanges)[1] if self._exchanges else None

    @property
    def round_trip(self) -> float | None:
        """The shortest round trip in seconds."""
        return min(self._exchanges)[0] if self._exchanges else None

    def forget(self) -> None:
        """Another network or another server: what was measured says nothing."""
        self._exchanges.clear()


class RenderClock:
    """Room time that never jumps by less than half a second and never runs backwards.

    Only in the first second, while the estimate is still rough, it follows every correction.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self._target = 0.0
        self._born = 0.0
        self._then = 0.0
        self._last = float("-inf")

    def steer(self, now: float, offset: float) -> None:
        """A new estimate to move towards; `now` is local time."""
        if self._offset is None or abs(offset - self._offset) > JUMP_S:
            self._offset = offset
            self._born = self._then = now
            self._last = float("-inf")
        elif now - self._born < SETTLE_S:
            self._offset = offset
        self._target = offset

    def time(self, now: float) -> float | None:
        """Room time at local time `now`, None before the first estimate."""
        if self._offset is None:
            return None
        reach = max(now - self._then, 0.0) * SLEW
        self._then = max(self._then, now)
        self._offset += min(max(self._target - self._offset, -reach), reach)
        self._last = max(self._last, now + self._offset)
        return self._last
