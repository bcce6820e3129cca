"""Small operations on MeshPart: building, joining, moving, clipping and colouring.

Parts here are in the scene frame; the mine shifts them to survey at the end. Nothing here knows
of mines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scenes.geometry import MATERIAL, Float64s, MeshPart, UInt8s

Colour = tuple[int, int, int]
Flags = npt.NDArray[np.bool_]


def mesh(
    positions: Float64s,
    triangles: npt.NDArray[np.int64],
    colour: Colour | UInt8s = (150, 150, 150),
    material: str | UInt8s = "plain",
    normals: npt.NDArray[np.floating] | None = None,
) -> MeshPart:
    """A part with all attributes; missing normals are averaged from the faces."""
    count = len(positions)
    colours = np.broadcast_to(np.asarray(colour, dtype=np.uint8), (count, 3))
    if isinstance(material, str):
        materials = np.full(count, MATERIAL[material], dtype=np.uint8)
    else:
        materials = material
    if normals is None:
        normals = vertex_normals(positions, triangles)
    return MeshPart(
        np.ascontiguousarray(positions, dtype=np.float64),
        np.ascontiguousarray(triangles, dtype=np.uint32),
        np.ascontiguousarray(normals, dtype=np.float32),
        np.ascontiguousarray(colours),
        np.ascontiguousarray(materials),
    )


def vertex_normals(positions: Float64s, triangles: npt.NDArray[np.integer]) -> Float64s:
    """Unit normals (n, 3), the area-weighted mean of the faces around each vertex."""
    corners = positions[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(positions)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(
                triangles[:, corner], weights=faces[:, axis], minlength=len(positions)
            )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    flat = length[:, 0] < 1e-12
    total[flat] = (0.0, 0.0, 1.0)
    length[flat] = 1.0
    unit: Float64s = total / length
    return unit


def join(parts: Iterable[MeshPart]) -> MeshPart:
    """One part of many; vertices are not merged."""
    listed = list(parts)
    if not listed:
        return mesh(np.empty((0, 3)), np.empty((0, 3), dtype=np.int64))
    if len(listed) == 1:
        return listed[0]
    offsets = np.cumsum([0] + [len(part.positions) for part in listed[:-1]])
    return MeshPart(
        np.concatenate([part.positions for part in listed]),
        np.concatenate(
            [part.triangles + np.uint32(o) for part, o in zip(listed, offsets, strict=True)]
        ),
        np.concatenate([part.normals for part in listed if part.normals is not None]),
        np.concatenate([part.colours for part in listed if part.colours is not None]),
        np.concatenate([part.materials for part in listed if part.materials is not None]),
    )


def shifted(part: MeshPart, offset: npt.ArrayLike) -> MeshPart:
    """The part moved by `offset` (3,) metres."""
    moved = part.positions + np.asarray(offset, dtype=np.float64)
    return replace(part, positions=moved)


def transforms_of(rotations: Float64s, offsets: Float64s) -> Float64s:
    """(k, 4, 4) of rotations (k, 3, 3) and moves (k, 3)."""
    transforms = np.tile(np.eye(4), (len(offsets), 1, 1))
    transforms[:, :3, :3] = rotations
    transforms[:, :3, 3] = offsets
    return transforms


def instances(part: MeshPart, rotations: Float64s, offsets: Float64s) -> MeshPart:
    """Copies of `part`, each rotated by `rotations` (k, 3, 3) and moved by `offsets` (k, 3)."""
    count, size = len(offsets), len(part.positions)
    positions = np.einsum("kij,nj->kni", rotations, part.positions) + offsets[:, None]
    assert part.normals is not None and part.colours is not None and part.materials is not None
    normals = np.einsum("kij,nj->kni", rotations, part.normals)
    triangles = part.triangles[None].astype(np.int64) + (np.arange(count) * size)[:, None, None]
    return MeshPart(
        positions.reshape(-1, 3),
        triangles.reshape(-1, 3).astype(np.uint32),
        normals.reshape(-1, 3).astype(np.float32),
        np.tile(part.colours, (count, 1)),
        np.tile(part.materials, count),
    )


def grid_triangles(rows: int, columns: int, wrap: bool = False) -> npt.NDArray[np.int64]:
    """Triangles (m, 3) of a rows x columns lattice, counter-clockwise when columns run to the
    right and rows upward; `wrap` joins the last column to the first."""
    across = columns if wrap else columns - 1
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(across), indexing="ij")
    k = (j + 1) % columns
    a, b = i * columns + j, i * columns + k
    c, d = (i + 1) * columns + k, (i + 1) * columns + j
    first = np.stack([a, b, c], axis=-1).reshape(-1, 3)
    second = np.stack([a, c, d], axis=-1).reshape(-1, 3)
    return np.stack([first, second], axis=1).reshape(-1, 3)


def clip(part: MeshPart, values: Float64s) -> MeshPart:
    """Keep where `values` (n,) is positive; triangles that cross zero are cut there."""
    triangles = part.triangles.astype(np.int64)
    keep = values > 0
    number = keep[triangles].sum(axis=1)
    whole = triangles[number == 3]
    crossing = (number == 1) | (number == 2)
    if not crossing.any():
        return _compact(part, whole)
    cut = triangles[crossing]
    kept = keep[cut]
    # Turn each triangle so that its lone corner comes first.
    lone_kept = kept.sum(axis=1) == 1
    lone = np.where(lone_kept, kept.argmax(axis=1), (~kept).argmax(axis=1))
    turn = (lone[:, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(cut, turn, axis=1).T
    ends = np.concatenate([np.stack([a, b], axis=1), np.stack([a, c], axis=1)])
    ordered = np.sort(ends, axis=1)
    edges, where = np.unique(ordered, axis=0, return_inverse=True)
    where = where.reshape(-1)
    base = len(part.positions)
    ab, ac = base + where[: len(a)], base + where[len(a) :]
    first, last = edges.T
    t = values[first] / (values[first] - values[last])

    def between(array: npt.NDArray[np.floating]) -> Float64s:
        mixed: Float64s = array[first] + t[:, None] * (array[last] - array[first])
        return mixed

    assert part.normals is not None and part.colours is not None and part.materials is not None
    normals = between(part.normals.astype(np.float64))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    nearer = np.where(t < 0.5, first, last)
    grown = MeshPart(
        np.concatenate([part.positions, between(part.positions)]),
        part.triangles,
        np.concatenate([part.normals, normals.astype(np.float32)]),
        np.concatenate([part.colours, part.colours[nearer]]),
        np.concatenate([part.materials, part.materials[nearer]]),
    )
    one, two = lone_kept, ~lone_kept
    faces = np.concatenate(
        [
            whole,
            np.stack([a[one], ab[one], ac[one]], axis=1),
            np.stack([ab[two], b[two], c[two]], axis=1),
            np.stack([ab[two], c[two], ac[two]], axis=1),
        ]
    )
    return _compact(grown, faces)


def _compact(part: MeshPart, triangles: npt.NDArray[np.int64]) -> MeshPart:
    """The part with only some triangles and the vertices that they use."""
    used = np.zeros(len(part.positions), dtype=bool)
    used[triangles] = True
    renumber = np.cumsum(used) - 1
    assert part.normals is not None and part.colours is not None and part.materials is not None
    return MeshPart(
        part.positions[used],
        renumber[triangles].reshape(-1, 3).astype(np.uint32),
        part.normals[used],
        part.colours[used],
        part.materials[used],
        values=None if part.values is None else part.values[used],
    )


def select(part: MeshPart, triangles: npt.NDArray[np.bool_]) -> MeshPart:
    """The part with only the marked triangles (m,)."""
    return _compact(part, part.triangles[triangles].astype(np.int64))


def pieces(part: MeshPart, limit: int = 180_000) -> Iterator[MeshPart]:
    """The part in pieces of at most `limit` triangles, in order."""
    if len(part.triangles) <= limit:
        if len(part.triangles):
            yield part
        return
    for start in range(0, len(part.triangles), limit):
        yield _compact(part, part.triangles[start : start + limit].astype(np.int64))


def shade(colour: Colour, factor: Float64s) -> UInt8s:
    """Colours (n, 3): `colour` times a factor (n,)."""
    result: UInt8s = np.clip(np.asarray(colour) * factor[:, None], 0, 255).astype(np.uint8)
    return result


def mix(first: UInt8s, second: Colour, amount: Float64s) -> UInt8s:
    """Colours (n, 3) part of the way (n,) from `first` towards `second`."""
    blended = first + (np.asarray(second) - first.astype(np.float64)) * amount[:, None]
    result: UInt8s = np.clip(blended, 0, 255).astype(np.uint8)
    return result
