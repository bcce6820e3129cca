"""Pose frames: what a member sends of its head, hands and pointer, and the batch for everybody.

Pure: encoders and decoders keep only what the other side was last told. The server never turns a
pose into floats to pass it on: a frame's parts are validated by length and copied.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sync_server.wire.errors import Malformed
from sync_server.wire.quantise import (
    ABSENT_OFFSET,
    ABSENT_POINTER,
    CELL_SIZE,
    OFFSET_SIZE,
    POINTER_SIZE,
    QUATERNION_SIZE,
    Cell,
    Quaternion,
    Vector,
    cell_of,
    needs_new_cell,
    pack_cell,
    pack_offset,
    pack_pointer,
    pack_quaternion,
    unpack_cell,
    unpack_offset,
    unpack_pointer,
    unpack_quaternion,
)

# The first byte of a frame; msgpack maps begin with 0x80 or more, so nothing can be mistaken.
POSE_FRAME: Final = 0x01
BATCH_FRAME: Final = 0x02

ANCHOR, HEAD, LEFT, RIGHT, POINTER = (1 << bit for bit in range(5))
_PLACED: Final = OFFSET_SIZE + QUATERNION_SIZE
# Parts in the order in which they follow the header, with their sizes in bytes.
PARTS: Final = (
    (ANCHOR, CELL_SIZE),
    (HEAD, _PLACED),
    (LEFT, _PLACED),
    (RIGHT, _PLACED),
    (POINTER, POINTER_SIZE),
)
EVERYTHING: Final = ANCHOR | HEAD | LEFT | RIGHT | POINTER
_ABSENT_HAND: Final = ABSENT_OFFSET + bytes(QUATERNION_SIZE)

_MEMBER_HEADER: Final = struct.Struct("<BBI")  # type, mask, sender's room time in ms, 32 bits
_BATCH_HEADER: Final = struct.Struct("<BQ")  # type, room time in ms
_RECORD_HEADER: Final = struct.Struct("<HBB")  # member number, mask, age
# Ages up to 127 ms are exact, then in steps of 8 ms: over a long line a pose is half a second old
# before the server has it, and its age is what places it on the path.
_EXACT_AGE_MS: Final = 128
_AGE_STEP_MS: Final = 8
_SIZES: Final = tuple(
    sum(size for bit, size in PARTS if mask & bit) for mask in range(EVERYTHING + 1)
)
BATCH_HEADER_SIZE: Final = _BATCH_HEADER.size
_PLACEABLE: Final = ANCHOR | HEAD
_LONGEST_AGO_MS: Final = 1000
LARGEST_ENTRY: Final = _RECORD_HEADER.size + _SIZES[EVERYTHING]  # 44 bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """A position (metres, scene frame) with an orientation (w, x, y, z)."""

    position: Vector
    orientation: Quaternion = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class MemberPose:
    """Where a member's head, hands and laser hit point are; a hand or laser may be absent.

    Head axes: +X right, +Y forward, +Z up, so the identity looks north, level.
    """

    head: Placed
    left: Placed | None = None
    right: Placed | None = None
    pointer: Vector | None = None


class PoseParts:
    """The packed parts of one member's pose as last heard, and which of them are not passed on.

    A frame's payload is kept whole and only taken apart where somebody needs a part of it: a
    server mostly passes on what it got.
    """

    __slots__ = ("_apart", "_mask", "_parts", "_payload", "changed", "known", "time_ms")

    def __init__(self) -> None:
        self.known = 0
        self.changed = 0
        self.time_ms = 0
        self._parts: dict[int, bytes] = {}
        self._mask = 0  # of the newest payload, which may be newer than what `_parts` holds
        self._payload = b""
        self._apart = True  # whether `_parts` holds it too

    @property
    def complete(self) -> bool:
        """Whether there is enough to place the member at all."""
        return self.known & _PLACEABLE == _PLACEABLE

    def take(self, mask: int, payload: bytes) -> None:
        """Keep the parts that follow a header. Raises `Malformed` on a wrong length."""
        if mask > EVERYTHING or len(payload) != _SIZES[mask]:
            raise Malformed("server-malformed", what="pose")
        if self._mask & ~mask:  # the newest does not replace all of the one before
            self._take_apart()
        self._mask = mask
        self._payload = payload
        self._apart = False
        self.known |= mask
        self.changed |= mask

    def _take_apart(self) -> None:
        if self._apart:
            return
        mask, payload = self._mask, self._payload
        position = 0
        for bit, size in PARTS:
            if mask & bit:
                self._parts[bit] = payload[position : position + size]
                position += size
        self._apart = True

    def record(self, number: int, mask: int, now_ms: int) -> bytes:
        """One member's entry of a batch: those parts of `mask` that are known."""
        mask &= self.known
        age = now_ms - self.time_ms
        if age >= _EXACT_AGE_MS:
            age = min(_EXACT_AGE_MS + (age - _EXACT_AGE_MS) // _AGE_STEP_MS, 255)
        header = _RECORD_HEADER.pack(number, mask, age if age > 0 else 0)
        if mask == self._mask:
            return header + self._payload
        self._take_apart()
        parts = self._parts
        return header + b"".join(parts[bit] for bit, _size in PARTS if mask & bit)

    @property
    def pointing(self) -> bool:
        """Whether a laser is on."""
        self._take_apart()
        return self._parts.get(POINTER, ABSENT_POINTER) != ABSENT_POINTER

    @property
    def position(self) -> Vector:
        """Where the head is (metres); only of a complete pose."""
        self._take_apart()
        return unpack_offset(self._parts[HEAD][:OFFSET_SIZE], unpack_cell(self._parts[ANCHOR]))

    def pose(self) -> MemberPose | None:
        """The pose as floats, or None while its head or anchor has not been heard."""
        if not self.complete:
            return None
        self._take_apart()
        parts = self._parts
        cell = unpack_cell(parts[ANCHOR])
        head = parts[HEAD]
        pointer = parts.get(POINTER, ABSENT_POINTER)
        return MemberPose(
            head=Placed(
                unpack_offset(head[:OFFSET_SIZE], cell), unpack_quaternion(head[OFFSET_SIZE:])
            ),
            left=_hand(parts.get(LEFT, _ABSENT_HAND), cell),
            right=_hand(parts.get(RIGHT, _ABSENT_HAND), cell),
            pointer=None if pointer == ABSENT_POINTER else unpack_pointer(pointer, cell),
        )


def _hand(data: bytes, cell: Cell) -> Placed | None:
    offset = data[:OFFSET_SIZE]
    if offset == ABSENT_OFFSET:
        return None
    return Placed(unpack_offset(offset, cell), unpack_quaternion(data[OFFSET_SIZE:]))


def _pack_placed(placed: Placed | None, cell: Cell) -> bytes:
    if placed is None:
        return _ABSENT_HAND
    return pack_offset(placed.position, cell) + pack_quaternion(placed.orientation)


class PoseEncoder:
    """Turns a member's poses into frames that carry only what changed since the last one."""

    def __init__(self) -> None:
        self._sent: dict[int, bytes] = {}
        self._cell: Cell | None = None
        self._still = True

    def forget(self) -> None:
        """Send everything with the next frame: the receiver is new."""
        self._sent.clear()

    def encode(self, pose: MemberPose, time_ms: int) -> bytes | None:
        """The frame for `pose` at room time `time_ms`, or None where nothing changed any more.

        Raises ValueError where a number is not finite or an orientation is zero.
        """
        if self._cell is None or needs_new_cell(pose.head.position, self._cell):
            pack_offset(pose.head.position, (0, 0, 0))  # refuses what is not finite
            self._cell = cell_of(pose.head.position)
        now = {
            ANCHOR: pack_cell(self._cell),
            HEAD: _pack_placed(pose.head, self._cell),
            LEFT: _pack_placed(pose.left, self._cell),
            RIGHT: _pack_placed(pose.right, self._cell),
            POINTER: ABSENT_POINTER
            if pose.pointer is None
            else pack_pointer(pose.pointer, self._cell),
        }
        mask = 0
        for bit, data in now.items():
            if self._sent.get(bit) != data:
                mask |= bit
        if mask & ANCHOR:  # everything else is relative to it, equal bytes or not
            mask = EVERYTHING
        if not mask:
            if self._still:
                return None
            mask = HEAD  # said once more: without it receivers would think the walk goes on
        self._still = mask == HEAD and self._sent.get(HEAD) == now[HEAD]
        self._sent.update(now)
        header = _MEMBER_HEADER.pack(POSE_FRAME, mask, time_ms & 0xFFFFFFFF)
        return header + b"".join(now[bit] for bit, _size in PARTS if mask & bit)


def take_member_frame(state: PoseParts, data: bytes, now_ms: int) -> None:
    """Keep a member's frame; its time is held between a second ago and now (room time, ms).

    Raises `Malformed` where the frame is none, its first one lacks head or anchor, or a new anchor
    comes without everything that was said relative to the old one.
    """
    if len(data) < _MEMBER_HEADER.size or data[0] != POSE_FRAME:
        raise Malformed("server-malformed", what="pose")
    _type, mask, low = _MEMBER_HEADER.unpack_from(data)
    known = state.known
    if (known & _PLACEABLE != _PLACEABLE) and mask & _PLACEABLE != _PLACEABLE:
        raise Malformed("server-malformed", what="pose")
    if mask & ANCHOR and known & ~mask:
        raise Malformed("server-malformed", what="pose")
    state.take(mask, data[_MEMBER_HEADER.size :])
    # The sender's time has 32 bits: how long ago, modulo 2^32, with small negatives as "now".
    ago = (now_ms - low) & 0xFFFFFFFF
    if ago >= 0x80000000:
        ago = 0
    elif ago > _LONGEST_AGO_MS:
        ago = _LONGEST_AGO_MS
    if now_ms - ago > state.time_ms:
        state.time_ms = now_ms - ago


def batch(records: Iterable[bytes], now_ms: int) -> bytes:
    """One frame for many receivers from many members' entries (`PoseParts.record`)."""
    return _BATCH_HEADER.pack(BATCH_FRAME, now_ms) + b"".join(records)


@dataclass(frozen=True, slots=True)
class PoseSample:
    """A member's whole pose as it was at `time_ms` (room time)."""

    number: int
    time_ms: int
    pose: MemberPose


def age_ms(code: int) -> int:
    """The age that an entry's byte stands for, milliseconds; the largest one means that or more."""
    return code if code < _EXACT_AGE_MS else _EXACT_AGE_MS + (code - _EXACT_AGE_MS) * _AGE_STEP_MS


def heads(data: bytes) -> list[tuple[int, int]]:
    """Each entry's member number and pose time (room time, ms), for those who only measure.

    Raises `Malformed` on a wrong length.
    """
    if len(data) < _BATCH_HEADER.size or data[0] != BATCH_FRAME:
        raise Malformed("server-malformed", what="poses")
    _type, now_ms = _BATCH_HEADER.unpack_from(data)
    position, end = _BATCH_HEADER.size, len(data)
    found: list[tuple[int, int]] = []
    while position + _RECORD_HEADER.size <= end:
        number, mask, age = _RECORD_HEADER.unpack_from(data, position)
        if mask > EVERYTHING:
            break
        position += _RECORD_HEADER.size + _SIZES[mask]
        found.append((number, now_ms - age_ms(age)))
    if position != end:
        raise Malformed("server-malformed", what="poses")
    return found


class BatchDecoder:
    """Turns batches into whole poses, keeping each member's parts between them."""

    def __init__(self) -> None:
        self._members: dict[int, PoseParts] = {}

    def forget(self, number: int) -> None:
        """A member has left; its number may be given again."""
        self._members.pop(number, None)

    def decode(self, data: bytes) -> Iterator[PoseSample]:
        """Every entry's member with its pose. Raises `Malformed` on a wrong length."""
        if len(data) < _BATCH_HEADER.size or data[0] != BATCH_FRAME:
            raise Malformed("server-malformed", what="poses")
        _type, now_ms = _BATCH_HEADER.unpack_from(data)
        position = _BATCH_HEADER.size
        while position < len(data):
            if position + _RECORD_HEADER.size > len(data):
                raise Malformed("server-malformed", what="poses")
            number, mask, age = _RECORD_HEADER.unpack_from(data, position)
            position += _RECORD_HEADER.size
            if mask > EVERYTHING or position + _SIZES[mask] > len(data):
                raise Malformed("server-malformed", what="poses")
            state = self._members.setdefault(number, PoseParts())
            state.take(mask, data[position : position + _SIZES[mask]])
            position += _SIZES[mask]
            state.time_ms = now_ms - age_ms(age)
            pose = state.pose()
            if pose is not None:
                yield PoseSample(number, state.time_ms, pose)
