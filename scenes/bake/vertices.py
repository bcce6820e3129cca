"""Vertices on the one grid of 2^-10 m: what is spooled, welded and compared between tiles.

Everything here is a function on arrays of one tile or bucket; nothing knows files or trees.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.bake.field import FieldTable
from scenes.column_bounds import column_bounds
from scenes.geometry import LinePart, MeshPart, PointPart
from scenes.tiles.glb import Primitive, TileGeometry
from scenes.unique_rows import unique_rows

GRID = 1024.0  # grid steps a metre
MAX_STEPS = 2**31 - 1
# One vertex of 20 bytes: place in grid steps from the scene's origin, and what it carries. A
# normal of zero means: none was given, shade by the face; a field of zero: no value.
VERTEX = np.dtype(
    [
        ("steps", "<i4", 3),
        ("normal", "i1", 3),
        ("material", "u1"),
        ("colour", "u1", 3),
        ("field", "u1"),
    ]
)
PLAIN_COLOUR = 190

Vertices = npt.NDArray[Any]  # of VERTEX
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]


def from_part(
    part: MeshPart | PointPart | LinePart,
    origin: npt.NDArray[np.float64],
    field: FieldTable | None = None,
) -> tuple[Primitive, Vertices, Int64s]:
    """(kind, VERTEX (n,), corners (m, 3, 2 or 1)) of a part in the survey frame."""
    vertices = np.zeros(len(part.positions), VERTEX)
    steps = np.rint((part.positions - origin) * GRID)
    vertices["steps"] = np.clip(np.nan_to_num(steps), -MAX_STEPS, MAX_STEPS)
    vertices["colour"] = PLAIN_COLOUR if part.colours is None else part.colours
    if isinstance(part, PointPart):
        return "points", vertices, np.arange(len(vertices))[:, None]
    if isinstance(part, LinePart):
        return "lines", vertices, part.segments.astype(np.int64)
    if part.normals is not None:
        vertices["normal"] = np.rint(np.clip(part.normals, -1, 1) * 127)
    if part.materials is not None:
        vertices["material"] = part.materials
    if part.values is not None and field is not None:
        vertices["field"] = field.codes(part.values)
    return "triangles", vertices, part.triangles.astype(np.int64)


def from_geometry(geometry: TileGeometry) -> tuple[Vertices, Int64s]:
    """(VERTEX (n,), corners (m, k)) of a tile that was read back."""
    vertices = np.zeros(len(geometry.positions), VERTEX)
    vertices["steps"] = np.rint(geometry.positions.astype(np.float64) * GRID)
    if geometry.normals is not None:
        vertices["normal"] = geometry.normals
    vertices["material"] = geometry.materials
    vertices["colour"] = geometry.colours
    if geometry.field is not None:
        vertices["field"] = geometry.field
    width = {"triangles": 3, "lines": 2, "points": 1}[geometry.primitive]
    return vertices, geometry.indices.reshape(-1, width).astype(np.int64)


def to_geometry(primitive: Primitive, vertices: Vertices, corners: Int64s) -> TileGeometry:
    """A tile of those vertices that the corners use."""
    used, local = used_of(corners, len(vertices))
    own = vertices[used] if len(used) < len(vertices) else vertices
    normals = own["normal"]
    return TileGeometry(
        primitive,
        (own["steps"] / GRID).astype(np.float32),
        local.ravel().astype(np.uint32),
        np.ascontiguousarray(normals) if normals.any() else None,
        np.ascontiguousarray(own["colour"]),
        np.ascontiguousarray(own["material"]),
        field=np.ascontiguousarray(own["field"]) if own["field"].any() else None,
    )


def used_of(corners: Int64s, count: int) -> tuple[Int64s, Int64s]:
    """(numbers that occur, ascending; corners renumbered to them), of corners below `count`."""
    flags = np.zeros(count, bool)
    flags[corners] = True
    used = np.flatnonzero(flags)
    number = np.empty(count, np.int64)
    number[used] = np.arange(len(used))
    return used, number[corners]


def places_of(steps: npt.NDArray[np.integer]) -> tuple[Int64s, Int64s]:
    """(first, group) of equal rows (n, 3): `group` (n,) numbers the places in the order in which
    they first come, and `first` is the vertex that comes first at each."""
    first = _first_equal(steps)
    own = first == np.arange(len(first))
    return np.flatnonzero(own), (np.cumsum(own) - 1)[first]


def _first_equal(steps: npt.NDArray[np.integer]) -> Int64s:
    """(n,) the lowest row of those that are equal to each row (n, 3)."""
    count = len(steps)
    first = np.arange(count)
    if count < 2:
        return first
    low, high = column_bounds(steps)
    spans = [(int(b) - int(a)).bit_length() for a, b in zip(low, high, strict=True)]
    if sum(spans) > 63:
        found, group = unique_rows(steps.astype(np.int64))
        return found[group]
    packed = np.zeros(count, np.int64)
    for axis in range(3):
        packed <<= spans[axis]
        packed |= steps[:, axis].astype(np.int64) - int(low[axis])
    order = np.argsort(packed)
    along = packed[order]
    same = np.flatnonzero(along[1:] == along[:-1])
    if not len(same):
        return first
    # Only what is there several times is looked at further: runs of equal neighbours.
    begins = np.ones(len(same), bool)
    begins[1:] = np.diff(same) > 1
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.append(starts, len(same))) + 1
    runs = np.repeat(same[starts] - np.cumsum(lengths) + lengths, lengths)
    members = order[runs + np.arange(len(runs))]
    heads = np.minimum.reduceat(members, np.cumsum(lengths) - lengths)
    first[members] = np.repeat(heads, lengths)
    return first


def welded(vertices: Vertices, corners: Int64s) -> tuple[Vertices, Int64s, Int64s]:
    """(vertices without duplicates, corners, place of each vertex): what is equal in place,
    colour, normal, material and field is one vertex; triangles of fewer than three places fall
    away.

    Vertices stay in their order, which is that of neighbours more often than not, and places are
    numbered along it: whatever walks over the mesh afterwards is twice as fast for it.
    """
    count = len(vertices)
    first = _first_equal(vertices["steps"])
    own = first == np.arange(count)
    place = np.cumsum(own) - 1
    if not own.all():
        later = np.flatnonzero(~own)
        several = np.zeros(count, bool)
        several[later] = several[first[later]] = True
        asked = np.flatnonzero(several)
        chosen = vertices[asked]
        carried = np.zeros((len(asked), 8), np.uint8)
        carried[:, :3] = chosen["normal"].view(np.uint8)
        carried[:, 3] = chosen["material"]
        carried[:, 4:7] = chosen["colour"]
        carried[:, 7] = chosen["field"]
        rows = np.stack([first[asked], carried.view(np.int64).ravel()], axis=1)
        heads, group = unique_rows(rows)
        into = np.arange(count)
        into[asked] = asked[heads[group]]
        kept = into == np.arange(count)
        number = np.cumsum(kept) - 1
        vertices, place = vertices[kept], place[first[kept]]
        corners = number[into][corners]
    if corners.shape[1] == 3:
        a, b, c = (corners[:, k] for k in range(3))
        if not own.all():  # else a vertex's place has its number
            a, b, c = place[a], place[b], place[c]
        whole = (a != b) & (b != c) & (c != a)
        if not whole.all():
            corners = corners[whole]
    return vertices, corners, place


def place_keys(steps: npt.NDArray[np.integer]) -> UInt64s:
    """(n,) keys that are equal where places are; two places share one by chance so rarely, and
    with so little harm (a vertex is locked that need not be), that nobody looks."""
    mixed = np.zeros(len(steps), np.uint64)
    for axis, odd in enumerate((0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)):
        mixed ^= steps[:, axis].astype(np.int64).view(np.uint64)
        mixed *= np.uint64(odd)
        mixed ^= mixed >> np.uint64(29)
    return mixed
