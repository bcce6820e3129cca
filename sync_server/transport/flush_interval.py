"""How long a pose waits for others before it is passed on: longer in a crowd and under load.

Pure arithmetic; it plans nothing.
"""

from __future__ import annotations

from typing import Final

SHORTEST_S: Final = 0.005  # up to FEW members
FEW: Final = 16
PER_MEMBER_S: Final = 0.0088 / 84  # 13.8 ms at 100 members
CROWD_S: Final = 0.025  # however many there are; beyond this only load makes it longer
LONGEST_S: Final = 0.035
# A line whose round trip is as long gets its poses every LONG_LINE_EVERY_S only: each packet that
# is lost holds up all behind it for more than a round trip, so fewer packets mean fewer stops.
LONG_LINE_S: Final = 0.15
LONG_LINE_EVERY_S: Final = 0.05
LOAD_SHARE: Final = 2.0  # flushing takes at most half the time


def flush_interval(members: int, cost_s: float, shortest_s: float = SHORTEST_S) -> float:
    """Least seconds from one flush to the next, where a flush takes `cost_s` of computing."""
    crowd = min(SHORTEST_S + max(0, members - FEW) * PER_MEMBER_S, CROWD_S)
    return min(max(crowd, cost_s * LOAD_SHARE, shortest_s), max(LONGEST_S, shortest_s))
