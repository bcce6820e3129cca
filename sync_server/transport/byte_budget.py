"""How many bytes somebody may be sent now: a rate, with some saved up.

Pure: callers pass the time.
"""

from __future__ import annotations


class ByteBudget:
    """`rate` bytes a second, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._bytes = burst
        self._then: float | None = None

    def left(self, now: float) -> float:
        """Bytes that may be sent now (seconds, any origin)."""
        if self._then is not None and now > self._then:
            self._bytes = min(self._burst, self._bytes + (now - self._then) * self._rate)
        self._then = now
        return self._bytes

    def take(self, size: int, now: float) -> bool:
        """Take so many bytes, or none where they are not there."""
        if self.left(now) < size:
            return False
        self._bytes -= size
        return True

    def spend_all(self, now: float) -> None:
        """Nothing is saved up any more."""
        self._then = now
        self._bytes = 0.0
