"""How good our line is: round trips, jitter of what arrives, and a level from 1 (bad) to 4 (good).

Pure: callers pass the times.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import Final

RECENT: Final = 15  # exchanges
# Up to these seconds (round trip, jitter) a line is good, fair, weak: as the server judges.
_LEVELS: Final = ((4, 0.15, 0.02), (3, 0.3, 0.05), (2, 0.8, 0.12))


class LineQuality:
    """The line of one connection."""

    def __init__(self) -> None:
        self._round_trips: deque[float] = deque(maxlen=RECENT)
        self._transit: float | None = None
        self._jitter = 0.0
        self._arrivals = 0

    def exchange(self, round_trip: float) -> None:
        """A question and its answer took so many seconds."""
        if round_trip >= 0:
            self._round_trips.append(round_trip)

    def arrival(self, sent: float, arrived: float) -> None:
        """Something that the server stamped `sent` (room time) arrived (any steady clock)."""
        transit = arrived - sent
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16  # RFC 3550, 6.4.1
        self._transit = transit
        self._arrivals += 1

    @property
    def round_trip(self) -> float | None:
        """The median of the recent round trips, seconds."""
        return statistics.median(self._round_trips) if self._round_trips else None

    @property
    def jitter(self) -> float | None:
        """By how much arrivals differ, smoothed, seconds."""
        return self._jitter if self._arrivals > 1 else None

    @property
    def level(self) -> int:
        """0: nothing known, 1: bad, 2: weak, 3: fair, 4: good."""
        return level_of(self.round_trip, self.jitter)


def level_of(round_trip: float | None, jitter: float | None) -> int:
    """The level of a line with this round trip and jitter (seconds)."""
    if round_trip is None:
        return 0
    for level, longest, most in _LEVELS:
        if round_trip <= longest and (jitter or 0.0) <= most:
            return level
    return 1
