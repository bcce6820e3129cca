"""The soak's judgement: a leak is seen, a room that fills and empties is none."""

from __future__ import annotations

import random

import pytest

from tools.bench.soak import Size, goals_of, judged, picture, slope


def sizes(leak_mb_per_hour: float = 0.0, tasks_per_hour: float = 0.0) -> list[Size]:
    """Half an hour of samples: memory settles in five minutes, members come and go."""
    chance, found = random.Random(1), []
    for number in range(900):
        seconds = number * 2.0
        members = 50 - chance.randrange(6)
        settling = 20.0 * (1 - 2.0 ** (-seconds / 60))
        rss = 60 + settling + leak_mb_per_hour * seconds / 3600 + chance.uniform(-0.3, 0.3)
        tasks = 10 + 2 * members + int(tasks_per_hour * seconds / 3600)
        found.append(Size(seconds, rss, 8, 20 + members, tasks, members, 100))
    return found


def values(found: list[Size]) -> dict[str, tuple[float, bool]]:
    return {goal.name: (goal.value, goal.met) for goal in goals_of(found)[0]}


def test_a_server_that_settles_is_flat() -> None:
    assert all(met for _value, met in values(sizes()).values())


def test_a_leak_is_seen() -> None:
    found = values(sizes(leak_mb_per_hour=40.0, tasks_per_hour=100.0))
    rss, met = found["soak.rss_slope_mb_per_hour"]
    assert rss == pytest.approx(40, abs=3) and not met
    tasks, met = found["soak.tasks_growth"]
    assert tasks == pytest.approx(100 / 3, abs=3) and not met
    assert found["soak.fds_growth"][1]


def test_the_first_third_is_not_judged() -> None:
    assert judged(sizes())[0].seconds == pytest.approx(600, abs=2)
    assert slope([1.0], [5.0]) == 0.0


def test_each_picture_is_another() -> None:
    assert picture(1) != picture(2) and picture(1).startswith(b"\x89PNG")
