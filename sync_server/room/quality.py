"""How good each member's line is: a level from what members measure and what waits for them.

Pure; it never decides what to send to whom, only what there is to tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sync_server.wire.messages import Quality

QUALITY_S: Final = 1.0  # told at most so often
STALE_S: Final = 20.0  # a member who measured nothing for so long is unknown again

# At most these for the level. One way is half a round trip: 150 and 400 ms are the bounds of
# ITU-T G.114 for talking without and with effort. Jitter must fit the receivers' pose buffers.
GOOD_S: Final = (0.150, 0.020)  # round trip, jitter
FAIR_S: Final = (0.300, 0.050)
WEAK_S: Final = (0.800, 0.120)
# Bytes that wait in the server for the member: beyond the first no poses are sent to them.
WEAK_BACKLOG: Final = 16 * 1024
BAD_BACKLOG: Final = 128 * 1024
# A round trip is told anew when it has changed by both.
STEP_MS: Final = 10
STEP_SHARE: Final = 0.2
_MOST_MS: Final = 60_000

UNKNOWN, BAD, WEAK, FAIR, GOOD = range(5)


def level(round_trip_s: float | None, jitter_s: float | None, backlog: int = 0) -> int:
    """0 unknown, 1 bad, 2 weak, 3 fair, 4 good, for seconds and bytes that wait."""
    if backlog > BAD_BACKLOG:
        return BAD
    if round_trip_s is None:
        return UNKNOWN
    jitter = jitter_s or 0.0
    found = BAD
    for bounds, name in ((GOOD_S, GOOD), (FAIR_S, FAIR), (WEAK_S, WEAK)):
        if round_trip_s <= bounds[0] and jitter <= bounds[1]:
            found = name
            break
    return min(found, WEAK) if backlog > WEAK_BACKLOG else found


@dataclass(slots=True)
class _Line:
    round_trip_s: float | None = None
    jitter_s: float | None = None
    measured: float = 0.0
    backlog: int = 0

    def value(self, now: float) -> tuple[int, int]:
        """Level and round trip in ms."""
        fresh = self.round_trip_s is not None and now - self.measured <= STALE_S
        round_trip = self.round_trip_s if fresh else None
        ms = 0 if round_trip is None else min(round(round_trip * 1000), _MOST_MS)
        return level(round_trip, self.jitter_s, self.backlog), ms


class QualityBoard:
    """What is known of the lines of those present, and what of it was told."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}
        self._told: dict[int, tuple[int, int]] = {}
        self._due = 0.0

    def measured(
        self, now: float, number: int, round_trip_s: float | None, jitter_s: float | None
    ) -> None:
        """What a member says of its line."""
        if round_trip_s is None:
            return
        line = self._lines.setdefault(number, _Line())
        line.round_trip_s, line.jitter_s, line.measured = round_trip_s, jitter_s, now

    def waiting(self, number: int, backlog: int) -> None:
        """Bytes that wait to be sent to a member."""
        if backlog or number in self._lines:
            self._lines.setdefault(number, _Line()).backlog = backlog

    def gone(self, number: int) -> None:
        """A member has left."""
        self._lines.pop(number, None)
        self._told.pop(number, None)

    def all(self) -> Quality | None:
        """What everybody was told, for somebody who joins."""
        values = [(number, *value) for number, value in sorted(self._told.items())]
        return Quality(values=values) if values else None

    def changed(self, now: float) -> Quality | None:
        """What is new enough to tell, at most once in QUALITY_S."""
        if now < self._due:
            return None
        self._due = now + QUALITY_S
        values: list[tuple[int, int, int]] = []
        for number, line in self._lines.items():
            value, told = line.value(now), self._told.get(number, (UNKNOWN, 0))
            step = abs(value[1] - told[1])
            if value[0] != told[0] or step > max(STEP_MS, STEP_SHARE * told[1]):
                self._told[number] = value
                values.append((number, *value))
        return Quality(values=values) if values else None
