"""Showing poses: smooth on an uneven line, honest about age, no creeping, no jumps."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.wire.poses import MemberPose, Placed
from vr_app.session.interpolation import EXTRAPOLATE_S, PoseTrack, blend, turn

START = 1_795_449_474.0
FRAME_S = 1 / 60


def at(x: float, pointer: tuple[float, float, float] | None = None) -> MemberPose:
    return MemberPose(Placed((x, 0.0, 1.6)), pointer=pointer)


def x_of(pose: MemberPose | None) -> float:
    assert pose is not None
    return pose.head.position[0]


def play(
    samples: list[tuple[float, float, MemberPose]], seconds: float
) -> list[tuple[float, float, float]]:
    """Show samples (time, arrival, pose) at 60 Hz: (time, x, age) of every frame."""
    track = PoseTrack()
    waiting = sorted(samples, key=lambda one: one[1])
    shown: list[tuple[float, float, float]] = []
    for frame in range(int(seconds / FRAME_S)):
        now = START + frame * FRAME_S
        while waiting and waiting[0][1] <= now:
            track.add(*waiting.pop(0))
        pose = track.show(now)
        if pose is not None:
            shown.append((now, x_of(pose), track.age(now)))
    return shown


def walk(seconds: float, delays: random.Random | None, rate: float = 30.0, speed: float = 1.2):
    """A straight walk, sent at a rate, over a line of 20 ms with jitter up to 30 ms, in order."""
    samples = []
    arrived = 0.0
    for step in range(int(seconds * rate)):
        time = START + step / rate
        late = 0.02 + (delays.uniform(0, 0.03) if delays else 0.0)
        arrived = max(arrived, time + late)
        samples.append((time, arrived, at((time - START) * speed)))
    return samples


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_a_steady_walk_looks_steady_on_an_uneven_line(seed: int) -> None:
    shown = play(walk(6.0, random.Random(seed)), 6.0)
    steps = [b[1] - a[1] for a, b in itertools.pairwise(shown) if b[0] > START + 2]
    ideal = 1.2 * FRAME_S
    assert max(steps) < ideal * 1.5
    assert min(steps) > ideal * 0.5


def test_what_is_shown_is_where_it_was_at_its_age() -> None:
    for now, x, age in play(walk(4.0, None), 3.9):
        if now > START + 1:
            assert x == pytest.approx((now - age - START) * 1.2, abs=0.002)
            assert 0.02 <= age <= 0.12


def test_a_line_that_gets_worse_gets_a_longer_buffer() -> None:
    track = PoseTrack()
    for step in range(300):
        time = START + step / 30
        track.add(time, time + 0.02, at(step * 0.04))
        track.show(time + 0.02)
    short = track.delay
    chance = random.Random(1)
    for step in range(300, 900):
        time = START + step / 30
        track.add(time, time + 0.02 + chance.uniform(0, 0.2), at(step * 0.04))
        track.show(time + 0.02)
    assert short < 0.1 < track.delay


def test_standing_still_does_not_creep_into_the_next_walk() -> None:
    """Still for five seconds, then a step: nothing moves before the step was made."""
    samples = [(START, START + 0.02, at(0.0)), (START + 0.033, START + 0.053, at(0.0))]
    samples += [(START + 5 + i / 30, START + 5.02 + i / 30, at(0.5 + i * 0.04)) for i in range(30)]
    for now, x, _age in play(samples, 5.9):
        if now < START + 4.95:
            assert x == 0.0
    assert play(samples, 5.9)[-1][1] > 0.5


def test_a_gap_is_guessed_for_a_moment_and_caught_up_without_a_jump() -> None:
    """Half a second of nothing in the middle of a walk, then all of it at once."""
    samples = [
        (time, START + 3.5 if START + 3 < arrived < START + 3.5 else arrived, pose)
        for time, arrived, pose in walk(6.0, None)
    ]
    shown = play(samples, 6.0)
    stalled = [x for now, x, _ in shown if START + 3.3 < now < START + 3.5]
    assert stalled[-1] - stalled[0] < 0.001  # no walking on through a wall
    assert stalled[0] <= (3.0 + EXTRAPOLATE_S) * 1.2
    steps = [abs(b[1] - a[1]) for a, b in itertools.pairwise(shown)]
    assert max(steps) < 0.12  # half a metre was missed: not made good in one frame
    assert shown[-1][1] == pytest.approx((shown[-1][0] - shown[-1][2] - START) * 1.2, abs=0.01)


def test_a_walk_whose_middle_was_lost_is_no_pause_and_no_jump() -> None:
    """The server tells only the newest of what a line has held up: 0.4 s are missing."""
    samples = [one for one in walk(6.0, None) if not START + 3.0 < one[0] < START + 3.4]
    held = [(t, START + 3.45 if START + 3.3 < a < START + 3.45 else a, p) for t, a, p in samples]
    shown = play(held, 6.0)
    steps = [b[1] - a[1] for a, b in itertools.pairwise(shown) if b[0] > START + 1]
    assert max(steps) < 1.2 * FRAME_S + 0.10  # nobody is moved 10 cm a frame further than they go
    assert min(steps) > -0.001


def test_a_rare_late_pose_does_not_make_everybody_late() -> None:
    """One pose in twenty stands behind a lost packet for 0.4 s; the buffer is for the others."""
    samples = [
        (time, arrived + (0.4 if index % 20 == 0 else 0.0), pose)
        for index, (time, arrived, pose) in enumerate(walk(12.0, None))
    ]
    ages = [age for now, _x, age in play(samples, 12.0) if now > START + 8]
    assert max(ages) < 0.15


def test_a_wrong_guess_is_taken_back_smoothly() -> None:
    """A member walks at 3 m/s and stops dead; the stop comes late."""
    samples = walk(1.0, None, speed=3.0)
    stop = samples[-1][2]
    samples.append((START + 1.0, START + 1.12, stop))
    shown = play(samples, 3.0)
    steps = [b[1] - a[1] for a, b in itertools.pairwise(shown)]
    assert min(steps) > -0.06
    assert shown[-1][1] == pytest.approx(x_of(stop), abs=0.005)


def test_a_teleport_is_a_jump_and_no_flight() -> None:
    samples = [
        (START + i / 30, START + 0.02 + i / 30, at(0.0 if i < 30 else 50.0)) for i in range(60)
    ]
    seen = {round(x, 3) for _, x, _ in play(samples, 2.0)}
    assert seen == {0.0, 50.0}


def test_repeated_and_late_samples_change_nothing() -> None:
    track = PoseTrack()
    track.add(START, START, at(1.0))
    track.add(START, START + 0.5, at(9.0))
    track.add(START - 1, START + 0.6, at(9.0))
    assert x_of(track.show(START + 1)) == 1.0


def test_a_hand_appears_and_a_pointer_goes_at_half_way() -> None:
    a = MemberPose(Placed((0.0, 0.0, 0.0)), pointer=(1.0, 1.0, 1.0))
    b = MemberPose(Placed((1.0, 0.0, 0.0)), left=Placed((1.0, 1.0, 1.0)))
    early, late = blend(a, b, 0.4), blend(a, b, 0.6)
    assert (early.left, early.pointer) == (None, (1.0, 1.0, 1.0))
    assert (late.left, late.pointer) == (Placed((1.0, 1.0, 1.0)), None)


@given(st.floats(0, 1), st.floats(-math.pi, math.pi), st.floats(-math.pi, math.pi))
def test_turning_takes_the_short_way(share: float, first: float, second: float) -> None:
    def about_z(angle: float) -> tuple[float, float, float, float]:
        return (math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2))

    w, x, y, z = turn(about_z(first), about_z(second), share)
    assert math.sqrt(w * w + x * x + y * y + z * z) == pytest.approx(1.0)
    way = (second - first + math.pi) % (2 * math.pi) - math.pi
    if abs(abs(way) - math.pi) > 0.01:
        expected = about_z(first + share * way)
        assert abs(w * expected[0] + z * expected[3]) == pytest.approx(1.0, abs=1e-5)
