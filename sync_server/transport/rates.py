"""Token buckets: how often a member may do something, with a burst allowed.

Pure: callers pass the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class Bucket:
    """`rate` tokens a second, at most `burst` saved up."""

    __slots__ = ("_burst", "_rate", "_then", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._then: float | None = None

    def take(self, now: float, many: float = 1.0) -> bool:
        """Whether one (or `many`) more is allowed now (seconds, any origin)."""
        tokens = self._tokens
        if self._then is not None:  # no `min`: every frame of everybody comes by here, twice
            tokens += (now - self._then) * self._rate
            if tokens > self._burst:
                tokens = self._burst
        self._then = now
        enough = tokens >= many
        self._tokens = tokens - many if enough else tokens
        return enough


@dataclass(slots=True)
class MemberRates:
    """What one member may send, by kind of message; bursts are what comes after an outage."""

    poses: Bucket = field(default_factory=lambda: Bucket(100, 200))
    commands: Bucket = field(default_factory=lambda: Bucket(20, 200))
    history: Bucket = field(default_factory=lambda: Bucket(2, 20))
    pings: Bucket = field(default_factory=lambda: Bucket(10, 40))
    others: Bucket = field(default_factory=lambda: Bucket(2, 20))
    malformed: Bucket = field(default_factory=lambda: Bucket(0.1, 10))
