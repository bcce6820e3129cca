"""Axes, projections and the shared frustum, against random numbers and Panda3D's own arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panda3d.core import LQuaterniond, LVector3d, PerspectiveLens

from vr_app.display.headset import poses
from vr_app.display.headset.poses import Array, EyeView, Fov
from vr_app.display.tracking import RigPose

numbers = st.floats(-1.0, 1.0)
vectors = st.tuples(numbers, numbers, numbers)
metres = st.tuples(*[st.floats(-50.0, 50.0)] * 3)
quaternions = st.tuples(numbers, numbers, numbers, numbers).filter(
    lambda q: sum(part * part for part in q) > 0.01
)
NEAR, FAR = 0.05, 400.0


def unit(xyzw: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    length = math.sqrt(sum(part * part for part in xyzw))
    x, y, z, w = (part / length for part in xyzw)
    return x, y, z, w


def openxr_turned(xyzw: tuple[float, ...], v: Array) -> Array:
    x, y, z, w = xyzw
    matrix = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return matrix @ v


def clip(point: Array, matrix: Array) -> tuple[Array, float]:
    row = np.append(point, 1.0) @ matrix
    return row[:3] / row[3], float(row[3])


@given(quaternions, vectors)
def test_turning_then_converting_is_converting_then_turning(
    q: tuple[float, float, float, float], v: tuple[float, float, float]
) -> None:
    q = unit(q)
    direct = poses.rig_position([float(x) for x in openxr_turned(q, np.array(v))])
    ours = poses.turned(poses.rig_orientation(q), poses.rig_position(v))
    np.testing.assert_allclose(ours, direct, atol=1e-12)


@given(quaternions, metres)
def test_there_and_back(q: tuple[float, float, float, float], p: tuple[float, ...]) -> None:
    q = unit(q)
    np.testing.assert_allclose(poses.openxr_orientation(poses.rig_orientation(q)), q, atol=1e-12)
    np.testing.assert_allclose(poses.openxr_position(poses.rig_position(p)), p)
    pose = poses.rig_pose(q, p)
    both = poses.pose_matrix(pose) @ poses.pose_matrix_back(pose)
    np.testing.assert_allclose(both, np.eye(4), atol=1e-9)


@given(quaternions, vectors)
def test_turns_are_pandas(
    q: tuple[float, float, float, float], v: tuple[float, float, float]
) -> None:
    turn = poses.rig_orientation(unit(q))
    panda = LQuaterniond(*turn).xform(LVector3d(*v))
    np.testing.assert_allclose(poses.turned(turn, np.array(v)), list(panda), atol=1e-9)
    matrix = poses.pose_matrix(RigPose(np.zeros(3), turn))
    np.testing.assert_allclose(np.array(v) @ matrix[:3, :3], list(panda), atol=1e-9)


def test_directions_by_hand() -> None:
    assert poses.rig_position((1.0, 2.0, -3.0)).tolist() == [1.0, 3.0, 2.0]
    assert poses.rig_orientation((0.0, 0.0, 0.0, 0.0)).tolist() == [1.0, 0.0, 0.0, 0.0]
    # A quarter turn to the left about OpenXR's y is one about the rig's z.
    half = math.sqrt(0.5)
    left = poses.rig_orientation((0.0, half, 0.0, half))
    np.testing.assert_allclose(poses.turned(left, np.array([0, 1, 0])), [-1, 0, 0], atol=1e-12)


@given(quaternions, quaternions)
def test_half_way_is_as_far_from_both(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> None:
    first, second = poses.rig_orientation(unit(a)), poses.rig_orientation(unit(b))
    middle = poses.half_way(first, second)
    assert abs(float(np.linalg.norm(middle)) - 1.0) < 1e-9
    if abs(float(first @ second)) > 1e-3:
        assert abs(abs(float(middle @ first)) - abs(float(middle @ second))) < 1e-6


edges = st.floats(0.1, 1.3)
fovs = st.builds(lambda a, b, c, d: Fov(-a, b, c, -d), edges, edges, edges, edges)


@given(fovs)
def test_a_pictures_corners_are_the_corners_of_clip_space(fov: Fov) -> None:
    matrix = poses.projection(fov, NEAR, FAR)
    left, right, up, down = fov.tangents()
    for depth, z in ((NEAR, -1.0), (FAR, 1.0)):
        for slope_x, x in ((left, -1.0), (right, 1.0)):
            for slope_z, y in ((down, -1.0), (up, 1.0)):
                point = np.array([slope_x * depth, depth, slope_z * depth])
                at, w = clip(point, matrix)
                np.testing.assert_allclose(at, [x, y, z], atol=1e-6)
                assert abs(w - depth) < 1e-9


def test_a_symmetric_projection_is_pandas_own() -> None:
    lens = PerspectiveLens()
    lens.set_fov(80.0, 70.0)
    lens.set_near_far(NEAR, FAR)
    half_x, half_y = math.radians(40.0), math.radians(35.0)
    ours = poses.projection(Fov(-half_x, half_x, half_y, -half_y), NEAR, FAR)
    panda = np.array([list(lens.get_projection_mat().get_row(row)) for row in range(4)])
    # Panda's may be any multiple of ours.
    np.testing.assert_allclose(panda / panda[1, 3], ours, atol=1e-5)


@pytest.mark.parametrize(
    "fov",
    [
        Fov(0.5, -0.5, 0.5, -0.5),
        Fov(-0.5, 0.5, 0.5, 0.5),
        Fov(-1.6, 0.5, 0.5, -0.5),
        Fov(float("nan"), 0.5, 0.5, -0.5),
    ],
)
def test_no_picture_is_refused(fov: Fov) -> None:
    with pytest.raises(ValueError, match="no field of view"):
        poses.projection(fov, NEAR, FAR)


def test_no_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="no depth"):
        poses.projection(Fov(-1, 1, 1, -1), 1.0, 0.5)


def yaw(angle: float) -> Array:
    return np.array([math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2)])


def multiplied(a: Array, b: Array) -> Array:
    w = a[0] * b[0] - a[1:] @ b[1:]
    return np.append(w, a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:]))


@given(
    quaternions,
    metres,
    st.floats(0.04, 0.08),
    st.floats(-0.2, 0.2),  # screens turned outwards (Index, Pimax) or inwards
    fovs.filter(lambda fov: max(-fov.left, fov.right) < 1.1),
    st.floats(-0.03, 0.03),
    st.lists(st.tuples(numbers, numbers, st.floats(0.0, 1.0)), min_size=4, max_size=4),
)
def test_one_frustum_holds_all_that_both_eyes_see(
    q: tuple[float, float, float, float],
    place: tuple[float, ...],
    apart: float,
    canted: float,
    fov: Fov,
    uneven: float,
    seen: list[tuple[float, float, float]],
) -> None:
    head = poses.rig_pose(unit(q), place)
    mirrored = Fov(-fov.right, -fov.left, fov.up, fov.down)
    eyes = []
    for side, edges_of in ((-1.0, fov), (1.0, mirrored)):
        offset = np.array([side * apart / 2, side * uneven, side * uneven / 2])
        eyes.append(
            EyeView(
                RigPose(
                    head.position + poses.turned(head.orientation, offset),
                    multiplied(head.orientation, yaw(-side * canted)),
                ),
                edges_of,
            )
        )
    shared = poses.shared_view(eyes, NEAR, FAR)
    to_head_from_rig = poses.pose_matrix_back(shared.head)
    for eye, matrix in zip(eyes, shared.eyes, strict=True):
        left, right, up, down = eye.fov.tangents()
        for across, height, depth in seen:
            ahead = NEAR + depth * (FAR - NEAR)
            point = np.array(
                [
                    (left + (across + 1) / 2 * (right - left)) * ahead,
                    ahead,
                    (down + (height + 1) / 2 * (up - down)) * ahead,
                ]
            )
            in_rig = np.append(point, 1.0) @ poses.pose_matrix(eye.pose)
            in_head = (in_rig @ to_head_from_rig)[:3]
            at, w = clip(in_head, shared.cull)
            assert w > 0.0
            assert float(np.abs(at).max()) <= 1.0 + 1e-5
            # And each eye's own matrix puts it where that eye sees it.
            its_own, _ = clip(in_head, matrix)
            np.testing.assert_allclose(its_own[:2], [across, height], atol=1e-4)


def test_the_shared_frustum_is_not_much_larger_than_needed() -> None:
    fov = Fov(-0.9, 0.7, 0.8, -0.8)
    eyes = [
        EyeView(RigPose(np.array([-0.032, 0.0, 1.6])), fov),
        EyeView(RigPose(np.array([0.032, 0.0, 1.6])), Fov(-0.7, 0.9, 0.8, -0.8)),
    ]
    shared = poses.shared_view(eyes, NEAR, FAR)
    np.testing.assert_allclose(shared.head.position, [0.0, 0.0, 1.6])
    # The tip lies behind the eyes by half their distance over the outer edge's slope at most.
    row = np.linalg.inv(shared.cull)
    near_edge = np.array([-1.0, 0.0, -1.0, 1.0]) @ row
    assert -0.2 < near_edge[0] / near_edge[3] < 0.0
    outside = clip(np.array([-2.0, 1.0, 0.0]), shared.cull)[0]
    assert outside[0] < -1.0


def test_screens_that_no_frustum_holds_are_refused() -> None:
    fov = Fov(-1.4, 1.4, 1.0, -1.0)
    eyes = [
        EyeView(RigPose(np.zeros(3), yaw(0.5)), fov),
        EyeView(RigPose(np.zeros(3), yaw(-0.5)), fov),
    ]
    with pytest.raises(ValueError, match="no one frustum"):
        poses.shared_view(eyes, NEAR, FAR)
