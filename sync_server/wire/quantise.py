"""Packs positions into cells of 2^-10 m steps, hit points of any distance, and orientations.

Pure arithmetic on plain floats; it never reads a clock and never refuses a decoded value, because
every bit pattern stands for a finite value in range.
"""

from __future__ import annotations

import math
import struct
from typing import Final

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # w, x, y, z
Cell = tuple[int, int, int]

STEP: Final = 2.0**-10  # metres
CELL_M: Final = 64.0  # offsets reach 32 m to each side of an anchor
ANCHOR_GRID_M: Final = 32.0  # anchors lie on this grid
REANCHOR_M: Final = 24.0  # a head this far from its anchor gets a new one; 8 m are left for hands

CELL_SIZE: Final = 4
OFFSET_SIZE: Final = 6
POINTER_SIZE: Final = 6
QUATERNION_SIZE: Final = 4

# 11, 11 and 10 bits: anchors reach 32.7 km east and north and 16.3 km up and down.
_CELL_LOW: Final = (-1024, -1024, -512)
_CELL_HIGH: Final = (1023, 1023, 511)
_OFFSET_LIMIT: Final = 32767  # -32768 is kept for "absent"
_OFFSET: Final = struct.Struct("<hhh")
_U32: Final = struct.Struct("<I")
ABSENT_OFFSET: Final = _OFFSET.pack(-32768, -32768, -32768)

# A hit point has 15 bits an axis and one exponent k of 3 bits: steps of 2^(-10 + 2k) metres, so
# that k = 0 reaches 16 m from the anchor and k = 7 262 km, always within 1/8192 of the distance.
_POINTER_LIMIT: Final = 16383
_POINTER_BIAS: Final = 16384  # what is sent is 1 to 32767; 0 on every axis is "absent"
_POINTER_STEPS: Final = tuple(STEP * 4**k for k in range(8))
ABSENT_POINTER: Final = bytes(POINTER_SIZE)

_ROOT_HALF: Final = math.sqrt(0.5)
_LEVELS: Final = 1023
# The largest errors: half a step on each axis, and what 10 bits a component can turn. With half a
# step, d, of error in each of three components and all four equal, the fourth is off by 3 d: the
# turn is 2 sqrt(12) d, 0.2744 degrees.
POSITION_ERROR_M: Final = STEP / 2
ORIENTATION_ERROR_DEG: Final = 0.275


def cell_of(position: Vector) -> Cell:
    """The anchor cell nearest to a position (metres), held inside what the wire can name."""
    near = [round(value / ANCHOR_GRID_M) for value in position]
    east, north, up = (
        min(max(value, low), high)
        for value, low, high in zip(near, _CELL_LOW, _CELL_HIGH, strict=True)
    )
    return east, north, up


def needs_new_cell(position: Vector, cell: Cell) -> bool:
    """Whether a head at `position` has walked too far from its anchor."""
    return any(
        abs(value - index * ANCHOR_GRID_M) > REANCHOR_M
        for value, index in zip(position, cell, strict=True)
    )


def pack_cell(cell: Cell) -> bytes:
    """A cell in 4 bytes."""
    east, north, up = (value - low for value, low in zip(cell, _CELL_LOW, strict=True))
    return _U32.pack(east | north << 11 | up << 22)


def unpack_cell(data: bytes) -> Cell:
    """A cell from its 4 bytes."""
    (word,) = _U32.unpack(data)
    return (
        (word & 0x7FF) + _CELL_LOW[0],
        (word >> 11 & 0x7FF) + _CELL_LOW[1],
        (word >> 22) + _CELL_LOW[2],
    )


def pack_offset(position: Vector, cell: Cell) -> bytes:
    """A position (metres) in 6 bytes relative to a cell; held at the cell's border beyond it.

    Raises ValueError where a coordinate is not finite.
    """
    steps = [
        min(max(round((value - index * ANCHOR_GRID_M) / STEP), -_OFFSET_LIMIT), _OFFSET_LIMIT)
        if math.isfinite(value)
        else _not_finite()
        for value, index in zip(position, cell, strict=True)
    ]
    return _OFFSET.pack(*steps)


def _not_finite() -> int:
    raise ValueError("a position is not finite")


def unpack_offset(data: bytes, cell: Cell) -> Vector:
    """A position (metres) from its 6 bytes."""
    east, north, up = _OFFSET.unpack(data)
    return (
        cell[0] * ANCHOR_GRID_M + east * STEP,
        cell[1] * ANCHOR_GRID_M + north * STEP,
        cell[2] * ANCHOR_GRID_M + up * STEP,
    )


def pointer_error(distance_m: float) -> float:
    """The largest error on each axis (metres) of a hit point whose largest offset from the
    anchor on an axis is `distance_m`; nothing holds beyond 262 km."""
    steps = (step for step in _POINTER_STEPS if distance_m <= (_POINTER_LIMIT + 0.5) * step)
    return next(steps, math.inf) / 2


def pack_pointer(position: Vector, cell: Cell) -> bytes:
    """A hit point (metres) in 6 bytes relative to a cell; held at 262 km on each axis.

    Raises ValueError where a coordinate is not finite.
    """
    east = position[0] - cell[0] * ANCHOR_GRID_M
    north = position[1] - cell[1] * ANCHOR_GRID_M
    up = position[2] - cell[2] * ANCHOR_GRID_M
    if not (math.isfinite(east) and math.isfinite(north) and math.isfinite(up)):
        _not_finite()
    furthest = max(abs(east), abs(north), abs(up))
    exponent = 0
    while exponent < 7 and furthest > (_POINTER_LIMIT + 0.5) * _POINTER_STEPS[exponent]:
        exponent += 1
    word = exponent
    for value in (up, north, east):
        level = round(value / _POINTER_STEPS[exponent])
        level = min(max(level, -_POINTER_LIMIT), _POINTER_LIMIT)
        word = word << 15 | level + _POINTER_BIAS
    return word.to_bytes(POINTER_SIZE, "little")


def unpack_pointer(data: bytes, cell: Cell) -> Vector:
    """A hit point (metres) from its 6 bytes (not `ABSENT_POINTER`)."""
    word = int.from_bytes(data, "little")
    step = _POINTER_STEPS[word >> 45]
    return (
        cell[0] * ANCHOR_GRID_M + ((word & 0x7FFF) - _POINTER_BIAS) * step,
        cell[1] * ANCHOR_GRID_M + ((word >> 15 & 0x7FFF) - _POINTER_BIAS) * step,
        cell[2] * ANCHOR_GRID_M + ((word >> 30 & 0x7FFF) - _POINTER_BIAS) * step,
    )


def pack_quaternion(quaternion: Quaternion) -> bytes:
    """An orientation in 4 bytes: which component is largest, and the three others in 10 bits.

    The quaternion need not be normalised. Raises ValueError where it is zero or not finite.
    """
    length = math.sqrt(sum(value * value for value in quaternion))
    if not math.isfinite(length) or length < 1e-9:
        raise ValueError("an orientation is not a rotation")
    unit = [value / length for value in quaternion]
    largest = max(range(4), key=lambda index: abs(unit[index]))
    sign = 1.0 if unit[largest] >= 0 else -1.0
    word = largest << 30
    shift = 20
    for index, value in enumerate(unit):
        if index == largest:
            continue
        level = round((value * sign / _ROOT_HALF + 1) / 2 * _LEVELS)
        word |= min(max(level, 0), _LEVELS) << shift
        shift -= 10
    return _U32.pack(word)


def unpack_quaternion(data: bytes) -> Quaternion:
    """A unit quaternion (w, x, y, z) from its 4 bytes."""
    (word,) = _U32.unpack(data)
    largest = word >> 30
    small = [((word >> shift & 0x3FF) / _LEVELS * 2 - 1) * _ROOT_HALF for shift in (20, 10, 0)]
    rest = 1.0 - sum(value * value for value in small)
    small.insert(largest, math.sqrt(max(rest, 0.0)))
    # Patterns that no encoder makes can have three large components: still give a unit one.
    length = math.sqrt(sum(value * value for value in small))
    w, x, y, z = (value / length for value in small)
    return w, x, y, z
