"""Which members' poses fit into a frame for somebody who cannot have all of them.

Pure selection: who points or speaks first, then whoever is near, and always some of those who
have waited longest, so that nobody is left out for good. It knows no bytes, socket or clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sync_server.wire.quantise import Vector

# One in so many places goes to whoever has waited longest.
TURN_SHARE: Final = 4


def choose(
    waiting: Mapping[int, int],
    places: int,
    turn: int,
    here: Vector | None,
    position: Callable[[int], Vector],
    first: Collection[int] = (),
) -> list[int]:
    """At most `places` of the members in `waiting` (number -> flush since which it waits).

    `here` is where the receiver is (metres; None: unknown), `position` where a member is, `first`
    are those who point or speak. `turn` is the number of this flush: with a single place it goes
    to the longest waiting and to the most important one in turns.
    """
    if len(waiting) <= places:
        return list(waiting)
    by_turn = max(places // TURN_SHARE, 1)
    if places < TURN_SHARE and turn % TURN_SHARE:
        by_turn = 0
    longest = sorted(waiting, key=lambda number: (waiting[number], number))[:by_turn]
    chosen = set(longest)

    def rank(number: int) -> tuple[bool, float, int]:
        return number not in first, _distance_squared(here, position(number)), number

    rest = sorted((number for number in waiting if number not in chosen), key=rank)
    return longest + rest[: places - len(longest)]


def _distance_squared(here: Vector | None, there: Vector) -> float:
    if here is None:
        return 0.0
    east, north, up = here[0] - there[0], here[1] - there[1], here[2] - there[2]
    return east * east + north * north + up * up
