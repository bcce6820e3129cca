"""Whose poses fit: pointing first, then near, and nobody is left out for good."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync_server.transport.pose_choice import TURN_SHARE, choose

HERE = (0.0, 0.0, 0.0)


def on_a_line(number: int) -> tuple[float, float, float]:
    return float(number), 0.0, 0.0


def test_all_fit_where_there_is_room() -> None:
    assert choose({3: 1, 1: 2}, 2, 5, HERE, on_a_line) == [3, 1]
    assert choose({}, 0, 5, HERE, on_a_line) == []


def test_who_points_comes_first_then_who_is_near() -> None:
    waiting = dict.fromkeys(range(1, 41), 7)
    chosen = choose(waiting, 8, 9, HERE, on_a_line, first={33, 40})
    assert set(chosen) == {1, 2, 33, 40, 3, 4, 5, 6}  # two by turn, two that point, four near


def test_whoever_has_waited_longest_gets_a_turn_however_far() -> None:
    waiting = dict.fromkeys(range(1, 41), 7) | {39: 2}
    assert 39 in choose(waiting, 4, 9, HERE, on_a_line)


@given(
    st.integers(1, 60),
    st.integers(1, 30),
    st.booleans(),
    st.sets(st.integers(0, 59)),
)
def test_nobody_starves_where_everybody_moves_all_the_time(
    members: int, places: int, placed: bool, first: set[int]
) -> None:
    """Each is told again within as many flushes as its turns take, whatever comes before it."""
    here = HERE if placed else None
    by_turn = max(places // TURN_SHARE, 1)
    flushes = 1 if places >= TURN_SHARE else TURN_SHARE
    bound = (members // by_turn + 2) * flushes
    waiting = dict.fromkeys(range(members), 0)
    told = dict.fromkeys(range(members), 0)
    for turn in range(1, 2 * bound + 2):
        chosen = choose(waiting, places, turn, here, on_a_line, first)
        assert len(chosen) == len(set(chosen)) == min(places, len(waiting))
        assert set(chosen) <= set(waiting)
        for number in chosen:
            told[number] = turn
            waiting[number] = turn
        assert all(turn - last <= bound for last in told.values())
