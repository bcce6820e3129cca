"""Mends triangle meshes: drops what cannot be drawn and welds vertices by position.

Counts everything that it changes. Never moves a vertex, never fills a hole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.geometry import LinePart, MeshPart, PointPart
from scenes.unique_rows import unique_rows


@dataclass(slots=True)
class Repairs:
    """How much was dropped or joined, summed over a file's parts."""

    not_finite: int = 0  # vertices or points with NaN or infinite coordinates
    degenerate: int = 0  # triangles without area
    duplicate: int = 0  # triangles that repeat another's three corners
    welded: int = 0  # vertices at the position of another


def finite_rows(values: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """(n,) whether all numbers of each row are finite."""
    return np.asarray(np.isfinite(values).all(axis=1), bool)


def _same_position(positions: np.ndarray) -> np.ndarray:
    """(n,) number of the first vertex at each vertex's position."""
    # Adding 0.0 turns -0.0 into 0.0; equal bytes then mean equal positions.
    first, group = unique_rows(np.ascontiguousarray(positions + 0.0).view(np.int64))
    return first[group]


def mend_mesh(mesh: MeshPart, repairs: Repairs) -> MeshPart | None:
    """The mesh without non-finite vertices, degenerate and duplicate triangles, welded.

    Vertices are joined where position, colour, normal and place in a picture agree; duplicates are
    found by position alone, whichever way they face. Returns None if no triangle is left.
    """
    positions, triangles = mesh.positions, mesh.triangles.astype(np.int64)
    finite = finite_rows(positions)
    repairs.not_finite += int(np.sum(~finite))
    triangles = triangles[finite[triangles].all(axis=1)]

    place = _same_position(np.where(finite[:, None], positions, 0.0))
    corners = place[triangles]
    a, b, c = (positions[corners[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    flat = (
        (corners[:, 0] == corners[:, 1])
        | (corners[:, 1] == corners[:, 2])
        | (corners[:, 2] == corners[:, 0])
        | ~(area > 0)
    )
    repairs.degenerate += int(flat.sum())
    triangles, corners = triangles[~flat], corners[~flat]

    kept, _ = unique_rows(np.sort(corners, axis=1))
    repairs.duplicate += len(triangles) - len(kept)
    triangles = triangles[np.sort(kept)]
    if not len(triangles):
        return None
    return _weld(mesh, triangles, place, repairs)


def _weld(mesh: MeshPart, triangles: np.ndarray, place: np.ndarray, repairs: Repairs) -> MeshPart:
    columns = [place.astype(np.int64)[:, None]]
    if mesh.colours is not None:
        columns.append(mesh.colours.astype(np.int64))
    if mesh.materials is not None:
        columns.append(mesh.materials.astype(np.int64)[:, None])
    if mesh.normals is not None:
        columns.append(np.round(mesh.normals.astype(np.float64) * 512).astype(np.int64))
    if mesh.texcoords is not None:
        columns.append((mesh.texcoords + np.float32(0)).view(np.int32).astype(np.int64))
    is_used = np.zeros(len(place), bool)
    is_used[triangles.reshape(-1)] = True
    used = np.flatnonzero(is_used)
    first, inverse = unique_rows(np.concatenate(columns, axis=1)[used])
    kept = used[first]
    repairs.welded += len(used) - len(kept)
    number = np.zeros(len(place), np.int64)
    number[used] = inverse
    return MeshPart(
        mesh.positions[kept],
        number[triangles].astype(np.uint32),
        None if mesh.normals is None else mesh.normals[kept],
        None if mesh.colours is None else mesh.colours[kept],
        None if mesh.materials is None else mesh.materials[kept],
        None if mesh.texcoords is None else mesh.texcoords[kept],
        mesh.image,
    )


def mend_points(part: PointPart, repairs: Repairs) -> PointPart | None:
    """The points with finite coordinates, None if there are none."""
    finite = finite_rows(part.positions)
    repairs.not_finite += int(np.sum(~finite))
    if not finite.any():
        return None
    if finite.all():
        return part
    return PointPart(part.positions[finite], None if part.colours is None else part.colours[finite])


def mend_lines(part: LinePart, repairs: Repairs) -> LinePart | None:
    """The segments between finite vertices that have a length, None if there are none."""
    finite = finite_rows(part.positions)
    repairs.not_finite += int(np.sum(~finite))
    segments = part.segments[finite[part.segments.astype(np.int64)].all(axis=1)]
    ends = part.positions[segments.astype(np.int64)]
    flat = np.all(ends[:, 0] == ends[:, 1], axis=1)
    repairs.degenerate += int(flat.sum())
    segments = segments[~flat]
    if not len(segments):
        return None
    return LinePart(np.where(finite[:, None], part.positions, 0.0), segments, part.colours)
