"""Counts what happened to a crowd of bots and sums it up; measures nothing itself.

Bounded: of long series of durations a fair sample is kept.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

SAMPLE: Final = 100_000


class Durations:
    """Seconds of something; quantiles of a random sample of them (reservoir sampling)."""

    def __init__(self, limit: int = SAMPLE) -> None:
        self.count = 0
        self._limit = limit
        self._kept: list[float] = []
        self._chance = random.Random(1)

    def add(self, seconds: float) -> None:
        """One more."""
        self.count += 1
        if len(self._kept) < self._limit:
            self._kept.append(seconds)
            return
        place = self._chance.randrange(self.count)
        if place < self._limit:
            self._kept[place] = seconds

    def milliseconds(self) -> dict[str, float] | None:
        """p50, p95, p99 and the largest kept; None where there was nothing."""
        if not self._kept:
            return None
        ordered = sorted(self._kept)

        def quantile(share: float) -> float:
            return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 3)

        return {
            "p50": quantile(0.50),
            "p95": quantile(0.95),
            "p99": quantile(0.99),
            "max": round(ordered[-1] * 1000, 3),
        }


@dataclass(slots=True)
class Tally:
    """Everything that is counted. A watcher is a bot that looks at every pose it gets."""

    joined: int = 0
    resumed: int = 0
    present: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # at the door, by reason
    left: Counter[str] = field(default_factory=Counter)  # how connections ended
    poses_sent: int = 0
    commands_sent: int = 0
    commands_refused: Counter[str] = field(default_factory=Counter)
    frames: int = 0  # batches of poses received, by all
    frame_bytes: int = 0
    watched_s: float = 0.0  # of watchers' time together
    poses_seen: int = 0  # by watchers
    poses_expected: int = 0  # by watchers, of other bots
    poses_of_bots: int = 0  # that came of them
    poses_decoded: int = 0
    malformed: int = 0
    ages: Durations = field(default_factory=Durations)  # of poses, on the room's clock
    acks: Durations = field(default_factory=Durations)
    late: Durations = field(default_factory=Durations)  # our own sending, behind its time

    def report(self, bots: int, seconds: float, cpu_s: float) -> dict[str, Any]:
        """The one JSON object; rates are per second and member."""
        watched = max(self.watched_s, 1e-9)
        expected = self.poses_expected
        return {
            "bots": bots,
            "seconds": round(seconds, 3),
            "joined": self.joined,
            "resumed": self.resumed,
            "present_at_end": self.present,
            "refused": dict(self.refused),
            "connections_ended": dict(self.left),
            "poses_sent": self.poses_sent,
            "poses_received_per_s": round(self.poses_seen / watched, 2) if self.poses_seen else 0,
            "pose_age_ms": self.ages.milliseconds(),
            "delivered": round(self.poses_of_bots / expected, 5) if expected else None,
            "frames_received": self.frames,
            "frame_bytes": self.frame_bytes,
            "poses_decoded": self.poses_decoded,
            "malformed": self.malformed,
            "commands_sent": self.commands_sent,
            "commands_acknowledged": self.acks.count,
            "commands_refused": dict(self.commands_refused),
            "ack_ms": self.acks.milliseconds(),
            # Where this is large the figures above tell of the loader, not of the server.
            "loader": {
                "cpu_share": round(cpu_s / max(seconds, 1e-9), 3),
                "late_ms": self.late.milliseconds(),
            },
        }
