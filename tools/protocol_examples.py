"""The worked examples of docs/protocol.md: real bytes from the real encoders, taken apart.

Makes markdown tables only; `tools/protocol_tables.py` puts them between their markers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sync_server.wire.messages import Ping, encode
from sync_server.wire.poses import (
    EVERYTHING,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    batch,
    take_member_frame,
)
from sync_server.wire.quantise import (
    pack_cell,
    pack_offset,
    pack_pointer,
    pack_quaternion,
    unpack_pointer,
    unpack_quaternion,
)

NOW_MS: Final = 1_795_449_474_104  # room time of all examples
CELL: Final = (3, -1, 0)
HEAD: Final = Placed((100.25, -32.5, 1.7), (0.9238795, 0.0, 0.0, 0.3826834))
RIGHT: Final = Placed((100.5, -32.25, 1.25), (1.0, 0.0, 0.0, 0.0))
POINTER: Final = (130.0, -10.0, 2.0)
WALKS: Final = Placed((100.28125, -32.5, 1.7), HEAD.orientation)


def _bytes(data: bytes) -> str:
    return f"`{data.hex(' ')}`"


def _taken_apart(rows: Sequence[tuple[bytes, str]]) -> str:
    lines = ["| at | bytes | |", "|---|---|---|"]
    position = 0
    for data, meaning in rows:
        lines.append(f"| {position} | {_bytes(data)} | {meaning} |")
        position += len(data)
    return "\n".join(lines) + "\n"


def _split(data: bytes, *sizes: int) -> list[bytes]:
    parts, position = [], 0
    for size in sizes:
        parts.append(data[position : position + size])
        position += size
    assert position == len(data)
    return parts


def ping() -> str:
    """A control message."""
    data = encode(Ping(sent=12.5))
    kind, sent, trip, jitter = _split(data[1:], 10, 14, 12, 8)
    return _taken_apart(
        [
            (data[:1], "a map of 4"),
            (kind, '`"type"`: `"ping"`'),
            (sent, '`"sent"`: 12.5'),
            (trip, '`"round_trip"`: nil'),
            (jitter, '`"jitter"`: nil'),
        ]
    )


def cell() -> str:
    """A cell."""
    data = pack_cell(CELL)
    word = int.from_bytes(data, "little")
    return (
        f"Cell (3, -1, 0), whose centre is (96, -32, 0) m: 3 + 1024 = {word & 0x7FF}, "
        f"-1 + 1024 = {word >> 11 & 0x7FF}, 0 + 512 = {word >> 22}; "
        f"{word & 0x7FF} + {word >> 11 & 0x7FF} * 2^11 + {word >> 22} * 2^22 = "
        f"0x{word:08x}, bytes {_bytes(data)}.\n"
    )


def offset() -> str:
    """An offset."""
    data = pack_offset(HEAD.position, CELL)
    steps = [int.from_bytes(data[i : i + 2], "little", signed=True) for i in (0, 2, 4)]
    return (
        f"{HEAD.position} m in that cell is (4.25, -0.5, 1.7) m from its centre: "
        f"4.25 * 1024 = {steps[0]}, -0.5 * 1024 = {steps[1]}, 1.7 * 1024 = 1740.8, rounded "
        f"{steps[2]}; bytes {_bytes(data)}.\n"
    )


def quaternion() -> str:
    """An orientation."""
    data = pack_quaternion(HEAD.orientation)
    word = int.from_bytes(data, "little")
    levels = [word >> shift & 0x3FF for shift in (20, 10, 0)]
    back = ", ".join(f"{value:.4f}" for value in unpack_quaternion(data))
    return (
        "45 degrees to the left about +Z is (w, x, y, z) = (0.92388, 0, 0, 0.38268). w is the "
        f"largest: index 0. x: 0 becomes 0.5 * 1023 = 511.5, rounded {levels[0]}; y as well: "
        f"{levels[1]}; z: (0.38268 / 0.70711 + 1) / 2 * 1023 = 788.3, rounded {levels[2]}. "
        f"0 * 2^30 + {levels[0]} * 2^20 + {levels[1]} * 2^10 + {levels[2]} = 0x{word:08x}, bytes "
        f"{_bytes(data)}. Read back: ({back}).\n"
    )


def pointer() -> str:
    """A hit point."""
    data = pack_pointer(POINTER, CELL)
    word = int.from_bytes(data, "little")
    levels = [word >> shift & 0x7FFF for shift in (0, 15, 30)]
    back = unpack_pointer(data, CELL)
    return (
        f"{POINTER} m is (34, 22, 2) m from the cell's centre. The largest, 34, is over 16383.5 "
        "steps of 2^-10 m and under 16383.5 of 2^-8 m, so k = 1: 34 * 256 + 16384 = "
        f"{levels[0]}, 22 * 256 + 16384 = {levels[1]}, 2 * 256 + 16384 = {levels[2]}. "
        f"{levels[0]} + {levels[1]} * 2^15 + {levels[2]} * 2^30 + {word >> 45} * 2^45 = "
        f"0x{word:012x}, bytes {_bytes(data)}. Read back: {back}.\n"
    )


def _frames() -> tuple[bytes, bytes, bytes]:
    encoder = PoseEncoder()
    first = encoder.encode(MemberPose(HEAD, None, RIGHT, POINTER), NOW_MS)
    second = encoder.encode(MemberPose(WALKS, None, RIGHT, POINTER), NOW_MS + 50)
    third = encoder.encode(MemberPose(WALKS, None, RIGHT, POINTER), NOW_MS + 100)
    assert first is not None and second is not None and third is not None
    assert encoder.encode(MemberPose(WALKS, None, RIGHT, POINTER), NOW_MS + 150) is None
    return first, second, third


def member_frames() -> str:
    """What a member sends: everything, a step, the end of the step."""
    first, second, third = _frames()
    kind, mask, time, anchor, *rest = _split(first, 1, 1, 4, 4, 6, 4, 6, 4, 6, 4, 6)
    head, head_turn, left, left_turn, right, right_turn, point = rest
    table = _taken_apart(
        [
            (kind, "a member's pose frame"),
            (mask, "mask: anchor, head, left, right, pointer"),
            (time, f"room time {NOW_MS} ms, modulo 2^32"),
            (anchor, "anchor: cell (3, -1, 0)"),
            (head, "head, position"),
            (head_turn, "head, orientation"),
            (left + left_turn, "left hand: absent"),
            (right, "right hand, position"),
            (right_turn, "right hand, orientation"),
            (point, "pointer"),
        ]
    )
    return (
        f"{table}\nThe head moves 1/32 m east: only it is sent, {_bytes(second)}. It stands still: "
        f"its head is sent once more, {_bytes(third)}, and then nothing.\n"
    )


def batch_frame() -> str:
    """What the server makes of it."""
    first, second, _third = _frames()
    walker, still = PoseParts(), PoseParts()
    take_member_frame(walker, first, NOW_MS + 8)
    walker.changed = 0
    take_member_frame(walker, second, NOW_MS + 58)
    encoder = PoseEncoder()
    alone = encoder.encode(MemberPose(Placed((0.0, 0.0, 1.6))), NOW_MS + 55)
    assert alone is not None
    take_member_frame(still, alone, NOW_MS + 58)
    now = NOW_MS + 60
    entries = [walker.record(7, walker.changed, now), still.record(8, EVERYTHING, now)]
    data = batch(entries, now)
    assert [sample.number for sample in BatchDecoder().decode(data)] == [8]
    kind, time, *rest = _split(data, 1, 8, 4, 10, 4, 4, 10, 20, 6)
    walks, head, stands, anchor, other, hands, nothing = rest
    return _taken_apart(
        [
            (kind, "a batch"),
            (time, f"room time {now} ms, 64 bits"),
            (walks, "member 7, mask: head, 10 ms old"),
            (head, "its head, in the anchor cell that was told before"),
            (stands, "member 8, mask: everything, 5 ms old"),
            (anchor, "anchor: cell (0, 0, 0)"),
            (other, "head"),
            (hands, "both hands: absent"),
            (nothing, "pointer: absent"),
        ]
    )


EXAMPLES: Final[dict[str, Callable[[], str]]] = {
    "example-ping": ping,
    "example-cell": cell,
    "example-offset": offset,
    "example-quaternion": quaternion,
    "example-pointer": pointer,
    "example-member-frames": member_frames,
    "example-batch": batch_frame,
}
