"""Pose frames: errors within their bounds, sizes, change masks, and bytes that nobody made."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_server.wire.errors import Malformed
from sync_server.wire.poses import (
    ANCHOR,
    EVERYTHING,
    HEAD,
    LARGEST_ENTRY,
    PARTS,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    batch,
    take_member_frame,
)
from sync_server.wire.quantise import (
    ABSENT_POINTER,
    ANCHOR_GRID_M,
    ORIENTATION_ERROR_DEG,
    POSITION_ERROR_M,
    cell_of,
    needs_new_cell,
    pack_cell,
    pack_offset,
    pack_pointer,
    pack_quaternion,
    pointer_error,
    unpack_cell,
    unpack_offset,
    unpack_pointer,
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


@given(positions, positions)
def test_hit_points_err_by_less_than_the_eight_thousandth_part_of_their_distance(
    head: tuple[float, float, float], hit: tuple[float, float, float]
) -> None:
    cell = cell_of(head)
    packed = pack_pointer(hit, cell)
    assert len(packed) == 6 and packed != ABSENT_POINTER
    shown = unpack_pointer(packed, cell)
    away = max(abs(v - c * ANCHOR_GRID_M) for v, c in zip(hit, cell, strict=True))
    for value, back in zip(hit, shown, strict=True):
        assert abs(value - back) <= pointer_error(away) + TINY
    assert pointer_error(away) <= max(POSITION_ERROR_M, away / 8000)
    assert pack_pointer(shown, cell) == packed or away > 16


@given(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3))
def test_a_hit_point_beyond_all_reach_is_held_at_the_border(
    hit: tuple[float, float, float],
) -> None:
    for value, back in zip(
        hit, unpack_pointer(pack_pointer(hit, (0, 0, 0)), (0, 0, 0)), strict=True
    ):
        assert abs(back) <= 262_128
        assert abs(value) > 262_128 or abs(back - value) <= 8.0


@given(st.binary(min_size=6, max_size=6))
def test_every_bit_pattern_is_a_hit_point(data: bytes) -> None:
    assert all(abs(v) <= 262_144 for v in unpack_pointer(data, (0, 0, 0)))


@given(quaternions)
@example((0.5719884421928397, 0.5719884421928397, 0.5719884421928397, 0.3403064822700228))
def test_orientations_err_by_what_the_protocol_says_at_most(
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


def assert_pointer_near(
    shown: tuple[float, float, float],
    sent: tuple[float, float, float],
    head: tuple[float, float, float],
) -> None:
    """Within the step that its distance (from the anchor, 24 m from the head at most) allows."""
    reach = max(abs(a - b) for a, b in zip(sent, head, strict=True)) + 24.0
    for a, b in zip(shown, sent, strict=True):
        assert abs(a - b) <= pointer_error(reach) + TINY


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
        assert_pointer_near(shown.pointer, sent.pointer, sent.head.position)


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
    """In a batch: head and hands within the cell 34 bytes, with the pointer 40, at most 44."""
    encoder, server = PoseEncoder(), PoseParts()
    first = encoder.encode(walking(0.0), NOW_MS)
    assert first is not None
    take_member_frame(server, first, NOW_MS)
    server.changed = 0
    second = encoder.encode(walking(0.1), NOW_MS + 50)
    assert second is not None
    take_member_frame(server, second, NOW_MS + 50)
    assert len(server.record(1, server.changed, NOW_MS + 50)) == 40
    assert len(server.record(1, EVERYTHING, NOW_MS + 50)) == LARGEST_ENTRY == 44
    server.changed = 0
    still = encoder.encode(replace(walking(0.2), pointer=walking(0.1).pointer), NOW_MS + 100)
    assert still is not None
    take_member_frame(server, still, NOW_MS + 100)
    assert len(server.record(1, server.changed, NOW_MS + 100)) == 34
    server.changed = 0
    turned = replace(walking(0.2), head=Placed((0.2, 0.0, 1.6), (1.0, 0.1, 0.0, 0.0)))
    look = encoder.encode(replace(turned, pointer=walking(0.1).pointer), NOW_MS + 150)
    assert look is not None
    take_member_frame(server, look, NOW_MS + 150)
    assert len(server.record(1, server.changed, NOW_MS + 150)) == 14  # only the head turned


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


def test_a_new_anchor_alone_is_refused() -> None:
    """What is known was said relative to the old one: it would jump by 32 m."""
    frame = PoseEncoder().encode(walking(0.0), NOW_MS)
    assert frame is not None
    bare = PoseParts()
    take_member_frame(bare, frame, NOW_MS)
    before = bare.pose()
    moved = frame[:1] + bytes((ANCHOR,)) + frame[2:6] + pack_cell((3, 0, 0))
    with pytest.raises(Malformed):
        take_member_frame(bare, moved, NOW_MS)
    assert bare.pose() == before


@given(st.lists(st.integers(0, EVERYTHING), min_size=1, max_size=20), st.data())
def test_parts_taken_in_any_order_are_the_latest_ones(
    masks: list[int], data: st.DataObject
) -> None:
    """Whatever is asked in between, an entry holds the newest bytes of each part."""
    state, latest = PoseParts(), dict[int, bytes]()
    for step, mask in enumerate([EVERYTHING, *masks]):
        parts = {bit: bytes([step + 1]) * size for bit, size in PARTS if mask & bit}
        latest |= parts
        state.take(mask, b"".join(parts.values()))
        asked = data.draw(st.integers(0, EVERYTHING))
        wanted = b"".join(latest[bit] for bit, _size in PARTS if asked & bit)
        assert state.record(1, asked, 0)[4:] == wanted
        if data.draw(st.booleans()):
            state.pose()


def test_a_sender_cannot_date_a_pose_into_the_future_or_far_past() -> None:
    for sent_ms, expected in ((NOW_MS + 60_000, NOW_MS), (NOW_MS - 60_000, NOW_MS - 1000)):
        server = PoseParts()
        frame = PoseEncoder().encode(walking(0.0), sent_ms)
        assert frame is not None
        take_member_frame(server, frame, NOW_MS)
        assert server.time_ms == expected
