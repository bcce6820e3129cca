"""Over a long line poses come in fewer packets, and no later than that; others notice nothing."""

from __future__ import annotations

import itertools

import pytest

from sync_server.wire.poses import age_ms
from tests.sync_server.test_pose_flush import STEP, Hall

EVERY_S = 0.05


def test_a_long_line_gets_fewer_frames_and_the_newest_poses() -> None:
    hall = Hall(4)
    near, far = hall.receive(1), hall.receive(2)
    hall.tick()
    near.take_all()
    far.take_all()
    hall.flush.pace(2, EVERY_S)
    before = len(near.frames), len(far.frames)
    ticks = int(2.0 / STEP)
    for step in range(1, ticks + 1):
        hall.walk(3, step * 0.01)
        hall.tick()
        near.take_all()
        far.take_all()
    assert len(near.frames) - before[0] == ticks
    assert 2.0 / EVERY_S * 0.9 <= len(far.frames) - before[1] <= 2.0 / EVERY_S * 1.1
    for _ in range(int(EVERY_S / STEP) + 1):
        hall.tick()  # nobody moves any more: what is owed still comes
        far.take_all()
    assert hall.seen(2)[3] == pytest.approx(hall.x[3], abs=0.002)


def test_a_line_that_became_short_is_level_again() -> None:
    hall = Hall(3)
    hall.receive(1)
    far = hall.receive(2)
    hall.tick()
    hall.flush.pace(2, EVERY_S)
    hall.flush.pace(2, 0.0)
    for step in range(8):
        hall.walk(3, 0.5 + step)
        hall.tick()
        hall.pipes[1].take_all()
        far.take_all()
    assert far.frames[-1] is hall.pipes[1].frames[-1]


def test_ages_grow_with_their_byte_up_to_more_than_a_second() -> None:
    ages = [age_ms(code) for code in range(256)]
    assert ages[:129] == list(range(129))
    assert all(b > a for a, b in itertools.pairwise(ages))
    assert ages[-1] == 1144
