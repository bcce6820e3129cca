"""Two clocks: an estimate of room time from ping exchanges, and a smooth one to render by.

Pure: callers pass local times (seconds of any steady clock); nothing here reads one.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW: Final = 160  # exchanges that are remembered,
WINDOW_S: Final = 60.0  # and for how long: clocks drift by some millionths
BEST_SHARE: Final = 0.2  # of the exchanges, those with the shortest round trips, are averaged
QUICK_S: Final = 10.0  # of a new connection
QUICK_EXCHANGE_S: Final = 0.1
FIRST_EXCHANGES_S: Final = 0.5
EXCHANGE_S: Final = 2.0
WEIGH_S: Final = 0.01  # waited beyond the shortest: counts for a quarter
EVEN_S: Final = 0.004  # a line whose round trips differ by less needs no long measuring
SLEW: Final = 0.02  # the render clock gains or loses at most 20 ms a second
SETTLE_S: Final = 1.0  # at the start every correction is taken whole
JUMP_S: Final = 0.5  # beyond this it jumps: the room's or our own clock was wrong


def next_exchange(connected_s: float, spread: float | None) -> float:
    """Seconds until the next exchange: many at the start of a connection over an uneven line."""
    uneven = spread is None or spread > EVEN_S
    if connected_s < (QUICK_S if uneven else FIRST_EXCHANGES_S):
        return QUICK_EXCHANGE_S
    return EXCHANGE_S


class ClockEstimate:
    """Room time minus local time, from the exchanges with the shortest round trips of late.

    What an exchange waited beyond the shortest is the largest error that it can have (twice over),
    so the shortest are best; the mean of a few of them errs less than one.
    """

    def __init__(self) -> None:
        self._exchanges: deque[tuple[float, float, float]] = deque(maxlen=WINDOW)
        self._offset: float | None = None

    def take(self, sent: float, received: float, room_time: float) -> None:
        """An exchange: local times of sending and receiving, and the room's answer between."""
        round_trip = received - sent
        if round_trip < 0:
            return
        self._exchanges.append((round_trip, room_time - (sent + received) / 2, received))
        while self._exchanges[0][2] < received - WINDOW_S:
            self._exchanges.popleft()
        shortest = sorted(self._exchanges)
        best = shortest[: max(1, round(len(shortest) * BEST_SHARE))]
        # One that waited longer says less: by the square of what it waited, as its error may be.
        floor = best[0][0]
        weights = [1.0 / (WEIGH_S + one[0] - floor) ** 2 for one in best]
        first = best[0][1]  # differences to it: offsets themselves are too large to add up
        total = sum(w * (one[1] - first) for w, one in zip(weights, best, strict=True))
        self._offset = first + total / sum(weights)

    @property
    def offset(self) -> float | None:
        """Room time minus local time in seconds, None before the first exchange."""
        return self._offset

    @property
    def round_trip(self) -> float | None:
        """The shortest round trip in seconds."""
        return min(self._exchanges)[0] if self._exchanges else None

    @property
    def spread(self) -> float | None:
        """The median round trip minus the shortest, seconds; None before a few exchanges."""
        if len(self._exchanges) < 4:
            return None
        trips = sorted(one[0] for one in self._exchanges)
        return trips[len(trips) // 2] - trips[0]

    def forget(self) -> None:
        """Another network or another server: what was measured says nothing."""
        self._exchanges.clear()
        self._offset = None


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
