"""Memory that is short makes the picture coarser, evenly and without going to and fro."""

from __future__ import annotations

from collections import deque

import pytest

from vr_app.stream.pressure import HIGH, LARGEST, LOW, Pressure

BUDGET = 100_000_000
STEP_S = 0.1


def test_while_there_is_room_nothing_is_coarser() -> None:
    pressure = Pressure()
    for _ in range(1000):
        pressure.note(int(BUDGET * HIGH * 0.99), BUDGET, STEP_S)
    assert pressure.factor == 1.0


def test_it_rests_between_too_much_and_too_little() -> None:
    pressure = Pressure()
    for _ in range(20):
        pressure.note(2 * BUDGET, BUDGET, STEP_S)
    factor = pressure.factor
    for _ in range(1000):
        pressure.note(int(BUDGET * (HIGH + LOW) / 2), BUDGET, STEP_S)
    assert factor == pressure.factor > 1.0


def test_it_becomes_coarser_sooner_than_finer_again_and_ends_where_it_began() -> None:
    pressure = Pressure()
    rises = falls = 0
    while pressure.factor < 2.0:
        pressure.note(int(BUDGET * HIGH * 2), BUDGET, STEP_S)
        rises += 1
    while pressure.factor > 1.0:
        pressure.note(int(BUDGET * LOW / 2), BUDGET, STEP_S)
        falls += 1
    assert rises * STEP_S < 6.0 < falls * STEP_S < 30.0


def test_it_has_an_end_whatever_is_asked_for() -> None:
    pressure = Pressure()
    for wanted, budget in ((10**15, 1), (10**15, 0), (0, 0)):
        for _ in range(200):
            pressure.note(wanted, budget, 1.0)
    assert 1.0 <= pressure.factor <= LARGEST
    for _ in range(200):
        pressure.note(10**15, 1, 1.0)
    assert pressure.factor == LARGEST


@pytest.mark.parametrize("needed", [1.2, 3.0, 20.0])
def test_tiles_that_are_used_for_seconds_after_they_are_wanted_do_not_make_it_swing(
    needed: float,
) -> None:
    """Bytes go with the square of the error, and what was seen stays in use for six seconds."""
    pressure = Pressure()
    seen: deque[float] = deque(maxlen=60)
    factors = []
    for _ in range(1800):
        seen.append(needed * BUDGET / pressure.factor**2)
        pressure.note(int(max(seen)), BUDGET, STEP_S)
        factors.append(pressure.factor)
    resting = factors[1200:]
    assert max(resting) == min(resting)
    ideal = max((needed / HIGH) ** 0.5, 1.0)
    assert ideal <= resting[-1] < 1.6 * ideal
    assert max(factors) < 4.0 * ideal
