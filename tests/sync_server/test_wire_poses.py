"""Pose frames: errors within their bounds, sizes, change masks, and bytes that nobody made."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.wire.errors import Malformed
from sync_server.wire.poses import (
    ANCHOR,
    EVERYTHING,
    HEAD,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    batch,
    take_member_frame,
)
from sync_server.wire.quantise import (
    ORIENTATION_ERROR_DEG,
    POSITION_ERROR_M,
    cell_of,
    needs_new_cell,
    pack_cell,
    pack_offset,
    pack_quaternion,
    unpack_cell,
    unpack_offset,
    unpack_quaternion,
)

TINY = 1e-9
coordinates = st.floats(-15_000, 15_000)
positions = st.tuples(coordinates, coordinates, coordinates)
near = st.tuples(*[st.floats(-2, 2)] * 3)
quaternions = st.tuples(*[st.floats(-1, 1)] * 4).filter(
    lambda q: math.sqrt(sum(v * v for v in q)) > 1e-3
)
NOW_MS = 1_795_449_474_104


def degrees_between(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """The angle of the rotation from a to b; exact for small angles, unlike acos."""
    length_a, length_b = math.hypot(*a), math.hypot(*b)
    unit_a = [v / length_a for v in a]
    unit_b = [v / length_b for v in b]
    sign = 1 if sum(x * y for x, y in zip(unit_a, unit_b, strict=True)) >= 0 else -1
    chord = math.dist(unit_a, [v * sign for v in unit_b])
    return math.degrees(4 * math.asin(min(chord / 2, 1)))


@given(positions)
def test_positions_err_by_half_a_step_at_most(position: tuple[float, float, float]) -> None:
    cell = cell_of(position)
    assert not needs_new_cell(position, cell)
    assert unpack_cell(pack_cell(cell)) == cell
    shown = unpack_offset(pack_offset(position, cell), cell)
    for value, back in zip(position, shown, strict=True):
        assert abs(value - back) <= POSITION_ERROR_M + TINY


@given(quaternions)
def test_orientations_err_by_a_quarter_degree_at_most(
    quaternion: tuple[float, float, float, float],
) -> None:
    back = unpack_quaternion(pack_quaternion(quaternion))
    assert math.hypot(*back) == pytest.approx(1.0)
    assert degrees_between(quaternion, back) <= ORIENTATION_ERROR_DEG


@given(st.binary(min_size=4, max_size=4))
def test_every_bit_pattern_is_a_rotation(data: bytes) -> None:
    assert math.hypot(*unpack_quaternion(data)) == pytest.approx(1.0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    encoder = PoseEncoder()
    with pytest.raises(ValueError):
        encoder.encode(MemberPose(Placed((bad, 0.0, 0.0))), NOW_MS)
    with pytest.raises(ValueError):
        encoder.encode(MemberPose(Placed((0.0, 0.0, 0.0), (bad, 0.0, 0.0, 0.0))), NOW_MS)
    with pytest.raises(ValueError):
        encoder.encode(MemberPose(Placed((0.0, 0.0, 0.0)), pointer=(0.0, bad, 0.0)), NOW_MS)


def hand(offset: tuple[float, float, float], head: tuple[float, float, float]) -> Placed:
    east, north, up = (a + b for a, b in zip(offset, head, strict=True))
    return Placed((east, north, up), (0.5, 0.5, -0.5, 0.5))


poses = st.builds(
    lambda head, turn, left, right, pointer: MemberPose(
        Placed(head, turn),
        None if left is None else hand(left, head),
        None if right is None else hand(right, head),
        pointer,
    ),
    positions,
    quaternions,
    st.none() | near,
    st.none() | near,
    st.none() | positions,
)


def assert_near(shown: MemberPose | None, sent: MemberPose) -> None:
    assert shown is not None
    assert math.dist(shown.head.position, sent.head.position) <= 2 * POSITION_ERROR_M
    angle = degrees_between(shown.head.orientation, sent.head.orientation)
    assert angle <= ORIENTATION_ERROR_DEG
    for a, b in ((shown.left, sent.left), (shown.right, sent.right)):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert math.dist(a.position, b.position) <= 2 * POSITION_ERROR_M
    assert (shown.pointer is None) == (sent.pointer is None)
    if shown.pointer is not None and sent.pointer is not None:
        assert math.dist(shown.pointer, sent.pointer) <= 2 * POSITION_ERROR_M


@given(st.lists(poses, min_size=1, max_size=8))
def test_a_walk_arrives_as_it_was_sent(walk: list[MemberPose]) -> None:
    """Through encoder, server and decoder, with only the changes sent, every pose is right."""
    encoder, server, decoder = PoseEncoder(), PoseParts(), BatchDecoder()
    for step, pose in enumerate(walk):
        now_ms = NOW_MS + step * 50
        frame = encoder.encode(pose, now_ms)
        if frame is not None:
            take_member_frame(server, frame, now_ms + 5)
            record = server.record(7, server.changed, now_ms + 10)
            server.changed = 0
            (sample,) = decoder.decode(batch([record], now_ms + 10))
            assert sample.number == 7
            assert sample.time_ms == now_ms
        newcomer = list(BatchDecoder().decode(batch([server.record(7, EVERYTHING, now_ms)], 0)))
        assert_near(newcomer[0].pose, pose)
        assert_near(server.pose(), pose)


def walking(x: float) -> MemberPose:
    head = (x, 0.0, 1.6)
    return MemberPose(
        Placed(head), hand((0.2, 0.1, -0.5), head), hand((-0.2, 0.1, -0.5), head), (x, 40.0, 2.0)
    )


def test_sizes() -> None:
    """Head and hands within the cell: 34 bytes in a batch; with the pointer: 40."""
    encoder, server = PoseEncoder(), PoseParts()
    first = encoder.encode(walking(0.0), NOW_MS)
    assert first is not None
    take_member_frame(server, first, NOW_MS)
    server.changed = 0
    second = encoder.encode(walking(0.1), NOW_MS + 50)
    assert second is not None
    take_member_frame(server, second, NOW_MS + 50)
    assert len(server.record(1, server.changed, NOW_MS + 50)) == 40
    assert len(server.record(1, EVERYTHING, NOW_MS + 50)) == 48


def test_somebody_who_stops_says_so_once() -> None:
    encoder = PoseEncoder()
    assert encoder.encode(walking(0.0), NOW_MS) is not None
    assert encoder.encode(walking(0.1), NOW_MS + 50) is not None
    still = encoder.encode(walking(0.1), NOW_MS + 100)
    assert still is not None and still[1] == HEAD
    assert encoder.encode(walking(0.1), NOW_MS + 150) is None
    assert encoder.encode(walking(0.1), NOW_MS + 200) is None


def test_a_new_anchor_brings_everything_that_hangs_on_it() -> None:
    encoder, server = PoseEncoder(), PoseParts()
    for step in range(200):
        pose = walking(step * 1.0)
        frame = encoder.encode(pose, NOW_MS + step)
        assert frame is not None
        take_member_frame(server, frame, NOW_MS + step)
        assert_near(server.pose(), pose)


@given(st.binary(max_size=64))
def test_a_frame_that_nobody_made_is_refused_or_harmless(data: bytes) -> None:
    server = PoseParts()
    try:
        take_member_frame(server, b"\x01" + data, NOW_MS)
    except Malformed:
        assert not server.complete
    else:
        shown = server.pose()
        assert shown is not None
        assert all(math.isfinite(v) for v in (*shown.head.position, *shown.head.orientation))


@given(st.binary(max_size=200))
def test_a_batch_that_nobody_made_is_refused_or_harmless(data: bytes) -> None:
    try:
        samples = list(BatchDecoder().decode(b"\x02" + data))
    except Malformed:
        return
    for sample in samples:
        assert all(math.isfinite(v) for v in sample.pose.head.position)


def test_a_first_frame_without_head_is_refused() -> None:
    encoder = PoseEncoder()
    encoder.encode(walking(0.0), NOW_MS)
    change = encoder.encode(walking(0.1), NOW_MS)
    assert change is not None and not change[1] & ANCHOR
    with pytest.raises(Malformed):
        take_member_frame(PoseParts(), change, NOW_MS)


def test_a_sender_cannot_date_a_pose_into_the_future_or_far_past() -> None:
    for sent_ms, expected in ((NOW_MS + 60_000, NOW_MS), (NOW_MS - 60_000, NOW_MS - 1000)):
        server = PoseParts()
        frame = PoseEncoder().encode(walking(0.0), sent_ms)
        assert frame is not None
        take_member_frame(server, frame, NOW_MS)
        assert server.time_ms == expected
