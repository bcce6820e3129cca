"""Where a figure's parts are: pure geometry of poses over time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.wire.poses import MemberPose, Placed
from vr_app.people import figure
from vr_app.people.posture import (
    LONGEST_STRETCH,
    TURN_FREE_RAD,
    Body,
    arm,
    beam_of,
    rotate,
    yaw_of,
    yaw_quaternion,
)

HEAD = (10.0, 20.0, 101.6)
FULL_ARM = figure.UPPER_ARM + figure.FOREARM
angles = st.floats(-math.pi, math.pi)


def standing(yaw: float = 0.0, **hands: Placed) -> MemberPose:
    return MemberPose(Placed(HEAD, yaw_quaternion(yaw)), **hands)


def pitched(yaw: float, pitch: float) -> tuple[float, float, float, float]:
    """Yaw, then nose up by `pitch`."""
    w, _, _, z = yaw_quaternion(yaw)
    c, s = math.cos(pitch / 2), math.sin(pitch / 2)
    return (w * c, w * s, z * s, z * c)


def length(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return math.dist(one, other)


@given(angles, st.floats(-1.5, 1.5))
def test_the_yaw_of_a_head_is_where_it_faces(yaw: float, pitch: float) -> None:
    found = yaw_of(pitched(yaw, pitch))
    assert math.remainder(found - yaw, 2 * math.pi) == pytest.approx(0, abs=1e-6)


def test_looking_straight_down_still_has_a_direction() -> None:
    assert yaw_of(pitched(1.0, -math.pi / 2)) == pytest.approx(1.0, abs=1e-6)
    assert yaw_of(pitched(1.0, math.pi / 2)) == pytest.approx(1.0, abs=1e-6)


def test_north_west_is_a_quarter_turn_to_the_left() -> None:
    forward = rotate(yaw_quaternion(math.pi / 2), (0.0, 1.0, 0.0))
    assert forward == pytest.approx((-1, 0, 0), abs=1e-9)


def test_a_figure_without_hands_stands_on_its_floor_with_hanging_arms() -> None:
    posture = Body().pose(standing(), 0.016, floor_z=100.0)
    for side, hip in enumerate(posture.hips):
        foot = hip[2] - figure.LEG_LENGTH * posture.leg_scale
        assert foot == pytest.approx(100.0, abs=0.01)
        hand = posture.hands[side].position
        assert hand[2] < posture.torso[2] - 0.4
        assert (hand[0] - HEAD[0]) * (-1, 1)[side] > 0.15
    assert posture.head.position == HEAD


@pytest.mark.parametrize("floor", [None, 20.0, 101.5])
def test_who_flies_or_crouches_too_low_keeps_whole_legs(floor: float | None) -> None:
    posture = Body().pose(standing(), 0.016, floor_z=floor)
    assert posture.leg_scale == pytest.approx(1.0, abs=1e-6)


def test_given_hands_are_where_they_were_said_to_be() -> None:
    right = Placed((10.3, 20.4, 101.2), pitched(0.3, 0.2))
    far = Placed((5.0, 20.0, 101.0))
    posture = Body().pose(standing(left=far, right=right), 0.016)
    assert posture.hands == (far, right)
    wrist = posture.forearms[1].end
    assert length(wrist, right.position) == pytest.approx(figure.WRIST_TO_PALM, abs=0.02)
    reach = length(posture.upper_arms[0].start, posture.forearms[0].end)
    assert reach <= FULL_ARM * LONGEST_STRETCH, "an arm is no rubber band"


points = st.tuples(*(st.floats(-1.5, 1.5) for _ in range(3)))


@given(points)
def test_arms_bend_at_the_elbow_and_stay_whole(wrist: tuple[float, float, float]) -> None:
    elbow, end = arm((0.0, 0.0, 0.0), wrist, (1.0, 0.0, 0.0))
    upper, fore = length((0, 0, 0), elbow), length(elbow, end)
    assert all(map(math.isfinite, (*elbow, *end)))
    assert upper / figure.UPPER_ARM == pytest.approx(fore / figure.FOREARM, rel=0.02)
    assert 0.98 <= upper / figure.UPPER_ARM <= LONGEST_STRETCH + 0.01
    if 0.1 < length((0, 0, 0), wrist) < FULL_ARM * 1.2:
        assert length(end, wrist) < 0.02


def test_the_body_follows_the_head_only_when_it_turns_far() -> None:
    body = Body()
    body.pose(standing(0.0), 0.016)
    slightly = body.pose(standing(TURN_FREE_RAD * 0.9), 0.05).body_yaw
    assert abs(slightly) < 0.02
    for _ in range(60):
        far = body.pose(standing(2.0), 0.016).body_yaw
    assert 2.0 - TURN_FREE_RAD - 0.1 < far < 2.0
    # The short way round, through south.
    body = Body(yaw=math.radians(170))
    for _ in range(200):
        turned = body.pose(standing(math.radians(-170)), 0.016).body_yaw
    assert math.radians(170) < turned < math.radians(190.1)


def test_legs_swing_against_each_other_while_walking_only() -> None:
    body = Body()
    swings = []
    for step in range(120):
        x = 10.0 + 0.02 * step
        posture = body.pose(MemberPose(Placed((x, 20.0, 101.6))), 1 / 60)
        assert posture.leg_swings[0] == -posture.leg_swings[1]
        swings.append(posture.leg_swings[0])
    assert max(swings) > 0.25 and min(swings) < -0.25
    for _ in range(90):
        posture = body.pose(MemberPose(Placed((x, 20.0, 101.6))), 1 / 60)
    assert abs(posture.leg_swings[0]) < 0.01
    body.pose(MemberPose(Placed((500.0, 20.0, 101.6))), 1 / 60)
    assert abs(body.swing) < 0.02, "a teleport is no step"


def test_a_laser_leaves_the_finger_or_the_lamp() -> None:
    assert beam_of(standing()) is None
    goal = (12.0, 25.0, 101.0)
    from_lamp = beam_of(MemberPose(Placed(HEAD), pointer=goal))
    assert from_lamp is not None and from_lamp.end == goal
    assert from_lamp.start == pytest.approx((10.0, 20.11, 101.7))
    hand = Placed((10.2, 20.3, 101.2), yaw_quaternion(math.pi / 2))
    from_hand = beam_of(MemberPose(Placed(HEAD), left=hand, pointer=goal))
    assert from_hand is not None
    assert from_hand.start == pytest.approx((10.06, 20.3, 101.2))


@pytest.mark.parametrize(
    "solid",
    [figure.head(figure.MARK), figure.torso(figure.MARK), figure.leg(), figure.glove(True),
     figure.far_figure(figure.MARK), figure.arm_segment(True), figure.arm_segment(False)],
)  # fmt: skip
def test_solids_are_sound(solid) -> None:
    assert np.isfinite(solid.positions).all() and np.isfinite(solid.normals).all()
    assert solid.triangles.max() < len(solid.positions)
    assert np.linalg.norm(solid.normals, axis=1) == pytest.approx(1, abs=0.02)
    assert len(solid.triangles) < 4000


def test_the_figure_has_human_measures_and_mirrored_hands() -> None:
    far = figure.far_figure((200, 40, 40))
    height = far.positions[:, 2].max() - far.positions[:, 2].min()
    assert 1.7 < height < 1.9
    assert far.positions[:, 2].min() == pytest.approx(-figure.EYE_HEIGHT, abs=0.03)
    left, right = figure.glove(False), figure.glove(True)
    assert left.positions[:, 0].min() == pytest.approx(-right.positions[:, 0].max(), abs=1e-5)
    head = figure.coloured(figure.head(figure.MARK), (9, 200, 9))
    assert (head.colours[:, :3] == (9, 200, 9)).all(axis=1).sum() > 100
    assert not (head.colours[:, :3] == figure.MARK).all(axis=1).any()
