"""Token buckets: how often a member may do something, with a burst allowed.

Pure: callers pass the time.
"""

from __future__ import annotations


class Bucket:
    """`rate` tokens a second, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._then: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more is allowed now (seconds, any origin)."""
        if self._then is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._then) * self._rate)
        self._then = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
