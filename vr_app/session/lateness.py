"""How late a member's poses come, and so how far behind the clock it has to be shown.

Pure: callers pass the times. Over a lossy line lateness is no bell curve: most poses come early,
and one in some stands behind a lost packet, so it is a quantile of what was seen that counts.
"""

from __future__ import annotations

from collections import deque
from typing import Final

SPAN_S: Final = 10.0  # of the past that counts
MOST: Final = 300  # samples
QUANTILE: Final = 0.85
MOST_COVERED_S: Final = 0.5
RENEW_S: Final = 0.25
SHORTEST_DELAY_S: Final = 0.02
LONGEST_DELAY_S: Final = 0.6


class Lateness:
    """The lateness of one member's samples. All in seconds."""

    def __init__(self) -> None:
        # Arrival, lateness, and the time that it stands for: more where others are missing.
        self._seen: deque[tuple[float, float, float]] = deque(maxlen=MOST)
        self._interval = 0.05
        self._usual = 0.0
        self._renewed = float("-inf")

    def interval_was(self, seconds: float) -> None:
        """Two samples in a row were made so far apart."""
        self._interval += (seconds - self._interval) / 8

    @property
    def interval(self) -> float:
        """Between two samples of somebody who moves, smoothed."""
        return self._interval

    def add(self, arrived: float, late: float, covers: float) -> None:
        """A sample came so long after it was made; the one before it was made `covers` earlier."""
        covers = min(max(covers, 0.0), MOST_COVERED_S)
        self._seen.append((arrived, late, covers))
        while self._seen[0][0] < arrived - SPAN_S:
            self._seen.popleft()
        if arrived - self._renewed > RENEW_S or len(self._seen) < 8:
            self._renewed = arrived
            self._usual = self._quantile()

    def _quantile(self) -> float:
        ordered = sorted((late, covers) for _arrived, late, covers in self._seen)
        left = QUANTILE * sum(covers for _late, covers in ordered)
        for late, covers in ordered:
            left -= covers
            if left <= 0.0:
                return late
        return ordered[-1][0]

    @property
    def delay(self) -> float:
        """How far behind the clock to show: most samples are there then, and the one after."""
        return min(max(self._usual + self._interval, SHORTEST_DELAY_S), LONGEST_DELAY_S)
