"""Vertices on the one grid of 2^-10 m: what is spooled, welded and compared between tiles.

Everything here is a function on arrays of one tile or bucket; nothing knows files or trees.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.geometry import LinePart, MeshPart, PointPart
from scenes.tiles.glb import Primitive, TileGeometry
from scenes.unique_rows import unique_rows

GRID = 1024.0  # grid steps a metre
MAX_STEPS = 2**31 - 1
# One vertex of 20 bytes: place in grid steps from the scene's origin, and what it carries. A
# normal of zero means: none was given, shade by the face.
VERTEX = np.dtype(
    [
        ("steps", "<i4", 3),
        ("normal", "i1", 3),
        ("material", "u1"),
        ("colour", "u1", 3),
        ("pad", "u1"),
    ]
)
PLAIN_COLOUR = 190

Vertices = npt.NDArray[Any]  # of VERTEX
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]


def from_part(
    part: MeshPart | PointPart | LinePart, origin: npt.NDArray[np.float64]
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
    return "triangles", vertices, part.triangles.astype(np.int64)


def from_geometry(geometry: TileGeometry) -> tuple[Vertices, Int64s]:
    """(VERTEX (n,), corners (m, k)) of a tile that was read back."""
    vertices = np.zeros(len(geometry.positions), VERTEX)
    vertices["steps"] = np.rint(geometry.positions.astype(np.float64) * GRID)
    if geometry.normals is not None:
        vertices["normal"] = geometry.normals
    vertices["material"] = geometry.materials
    vertices["colour"] = geometry.colours
    width = {"triangles": 3, "lines": 2, "points": 1}[geometry.primitive]
    return vertices, geometry.indices.reshape(-1, width).astype(np.int64)


def to_geometry(primitive: Primitive, vertices: Vertices, corners: Int64s) -> TileGeometry:
    """A tile of those vertices that the corners use."""
    used, local = used_of(corners, len(vertices))
    own = vertices[used]
    normals = own["normal"]
    return TileGeometry(
        primitive,
        (own["steps"] / GRID).astype(np.float32),
        local.ravel().astype(np.uint32),
        np.ascontiguousarray(normals) if normals.any() else None,
        np.ascontiguousarray(own["colour"]),
        np.ascontiguousarray(own["material"]),
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
    """(first, group) of equal rows (n, 3): `group` (n,) numbers each place, `first` is a vertex
    that lies there."""
    if not len(steps):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    low = steps.min(axis=0).astype(np.int64)
    spans = [int(v).bit_length() for v in steps.max(axis=0).astype(np.int64) - low]
    if sum(spans) > 63:
        return unique_rows(steps.astype(np.int64))
    packed = np.zeros(len(steps), np.int64)
    for axis in range(3):
        packed = (packed << spans[axis]) | (steps[:, axis] - low[axis])
    order = np.argsort(packed)
    new = np.ones(len(order), bool)
    new[1:] = packed[order[1:]] != packed[order[:-1]]
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    return order[new], group


def welded(vertices: Vertices, corners: Int64s) -> tuple[Vertices, Int64s, Int64s]:
    """(vertices without duplicates, corners, place of each vertex): what is equal in place,
    colour, normal and material is one vertex; triangles of fewer than three places fall away."""
    first, place = places_of(vertices["steps"])
    if len(first) < len(vertices):
        carried = np.zeros((len(vertices), 8), np.uint8)
        carried[:, :3] = vertices["normal"].view(np.uint8)
        carried[:, 3] = vertices["material"]
        carried[:, 4:7] = vertices["colour"]
        rows = np.stack([place, carried.view(np.int64).ravel()], axis=1)
        kept, group = unique_rows(rows)
        vertices, place, corners = vertices[kept], place[kept], group[corners]
    if corners.shape[1] == 3:
        at = place[corners]
        whole = (at[:, 0] != at[:, 1]) & (at[:, 1] != at[:, 2]) & (at[:, 2] != at[:, 0])
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
