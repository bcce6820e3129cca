"""Simple solids as mesh parts: boxes, cylinders, tubes, gabled sheds, and kits of them.

Local axes of a kit: +X right, +Y forward, +Z up, metres. It knows nothing of mines.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.meshes import Colour, grid_triangles, instances, join, mesh

_CUBE = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float64)
_QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4],
                   [1, 5, 7, 3]])  # fmt: skip


def faceted(
    corners: Float64s, faces: Sequence[Sequence[int]], colour: Colour, material: str
) -> MeshPart:
    """Flat polygons of `corners` (n, 3), each listed counter-clockwise from outside."""
    positions, normals, triangles, base = [], [], [], 0
    for face in faces:
        points = corners[list(face)]
        normal = np.zeros(3)
        for i in range(1, len(points) - 1):
            normal += np.cross(points[i] - points[0], points[i + 1] - points[0])
            triangles.append((base, base + i, base + i + 1))
        normal /= max(float(np.linalg.norm(normal)), 1e-12)
        positions.append(points)
        normals.append(np.broadcast_to(normal, points.shape))
        base += len(points)
    return mesh(
        np.concatenate(positions), np.array(triangles), colour, material, np.concatenate(normals)
    )


def box(
    low: Sequence[float], high: Sequence[float], colour: Colour, material: str = "paint"
) -> MeshPart:
    """An upright box between two corners."""
    first, last = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    corners = first + _CUBE * (last - first)
    return faceted(corners, [list(quad) for quad in _outward()], colour, material)


def _outward() -> npt.NDArray[np.int64]:
    """The cube's quads, turned to face outward."""
    turned = []
    for quad in _QUADS:
        points = _CUBE[quad]
        normal = np.cross(points[1] - points[0], points[2] - points[0])
        out = points.mean(axis=0) - 0.5
        turned.append(quad if normal @ out > 0 else quad[::-1])
    return np.array(turned)


def tube(
    path: Float64s,
    radius: float | Sequence[float] | Float64s,
    sides: int,
    colour: Colour,
    material: str = "steel",
    caps: bool = False,
) -> MeshPart:
    """A round tube along `path` (n, 3); `radius` metres, one or per point."""
    ahead = (
        np.gradient(path, axis=0) if len(path) > 2 else np.repeat(path[1:] - path[:1], 2, axis=0)
    )
    ahead = ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    upright = np.abs(ahead[:, 2]).mean() > 0.9
    reference = np.array([1.0, 0.0, 0.0]) if upright else np.array([0.0, 0.0, 1.0])
    side = np.cross(ahead, reference)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    up = np.cross(side, ahead)
    angle = np.arange(sides) * (2 * np.pi / sides) + np.pi / sides
    # Counter-clockwise about the direction of travel.
    ring = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * up[:, None]
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(path),))
    points = path[:, None] + ring * radii[:, None, None]
    triangles = grid_triangles(len(path), sides, wrap=True)
    parts = [mesh(points.reshape(-1, 3), triangles[:, ::-1], colour, material, ring.reshape(-1, 3))]
    if caps:
        for row, out in ((0, -ahead[0]), (len(path) - 1, ahead[-1])):
            rim = points[row]
            fan = np.array([(0, i, i + 1) for i in range(1, sides - 1)])
            normal = np.cross(rim[1] - rim[0], rim[2] - rim[0])
            if normal @ out < 0:
                fan = fan[:, ::-1]
            parts.append(mesh(rim, fan, colour, material, np.broadcast_to(out, rim.shape)))
    return join(parts)


def cylinder(
    first: Sequence[float],
    last: Sequence[float],
    radius: float | Sequence[float],
    sides: int,
    colour: Colour,
    material: str = "steel",
) -> MeshPart:
    """A closed cylinder, or a cone for two radii, between two points."""
    path = np.array([first, last], dtype=np.float64)
    return tube(path, radius, sides, colour, material, caps=True)


def shed(
    low: Sequence[float],
    high: Sequence[float],
    ridge: float,
    wall: Colour,
    roof: Colour,
) -> MeshPart:
    """A building with a gabled roof, its ridge along Y at height `ridge` above the eaves."""
    x0, y0, z0 = low
    x1, y1, z1 = high
    middle, top = (x0 + x1) / 2, z1 + ridge
    corners = np.array(
        [
            [x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0],
            [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1],
            [middle, y0, top], [middle, y1, top],
        ]
    )  # fmt: skip
    walls = [[0, 1, 5, 8, 4], [2, 3, 7, 9, 6], [1, 2, 6, 5], [3, 0, 4, 7]]
    over = 0.6
    eave = np.array(
        [
            [x0 - over, y0 - over, z1 - 0.2], [middle, y0 - over, top + 0.15],
            [middle, y1 + over, top + 0.15], [x0 - over, y1 + over, z1 - 0.2],
            [x1 + over, y0 - over, z1 - 0.2], [x1 + over, y1 + over, z1 - 0.2],
        ]
    )  # fmt: skip
    roofs = [[0, 1, 2, 3], [1, 4, 5, 2], [3, 2, 1, 0], [2, 5, 4, 1]]
    return join([faceted(corners, walls, wall, "paint"), faceted(eave, roofs, roof, "steel")])


def turned(part: MeshPart, azimuth: float, at: Sequence[float], pitch: float = 0.0) -> MeshPart:
    """The kit `part` standing at `at` with its +Y towards a grid azimuth; degrees."""
    return instances(part, rotation(azimuth, pitch)[None], np.asarray(at, dtype=np.float64)[None])


def rotation(azimuth: float, pitch: float = 0.0) -> Float64s:
    """Matrix (3, 3) that turns +Y to a grid azimuth, raised by `pitch`; degrees."""
    a, p = np.radians(azimuth), np.radians(pitch)
    turn = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    raise_ = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    result: Float64s = turn @ raise_
    return result


def facing(direction: Float64s) -> Float64s:
    """Matrices (n, 3, 3) that turn +Z to each unit `direction` (n, 3)."""
    helper = np.where(np.abs(direction[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    x = np.cross(helper, direction)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.cross(direction, x)
    return np.stack([x, y, direction], axis=2)


def ring_mound(
    outline: Float64s,
    profile: Sequence[tuple[float, float]],
    pitch: float,
    colour: Colour,
    material: str,
    closed: bool = True,
) -> MeshPart:
    """Earthworks around a closed `outline` (n, 2), anticlockwise: `profile` lists (metres outward,
    elevation) from outside in; `closed` fills the middle at the last elevation."""
    loop = np.concatenate([outline, outline[:1]])
    chainage = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
    count = max(16, round(chainage[-1] / pitch))
    where = np.arange(count) / count * chainage[-1]
    line = np.stack([np.interp(where, chainage, loop[:, a]) for a in (0, 1)], axis=1)
    ahead = np.roll(line, -2, axis=0) - np.roll(line, 2, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    out = np.column_stack([ahead[:, 1], -ahead[:, 0]])
    knots = np.array(profile, dtype=np.float64)
    steps = [knots[0]]
    for first, last in pairwise(knots):
        n = max(1, round(float(np.linalg.norm(last - first)) / (2 * pitch)))
        steps += [first + (last - first) * (i + 1) / n for i in range(n)]
    rows = [np.column_stack([line + out * s[0], np.full(count, s[1])]) for s in steps]
    if closed:
        centre = line.mean(axis=0)
        inner, z = rows[-1], float(knots[-1, 1])
        for t in (0.75, 0.5, 0.25, 0.02):
            rows.append(np.column_stack([centre + (inner[:, :2] - centre) * t, np.full(count, z)]))
    points = np.stack(rows).reshape(-1, 3)
    # Columns run anticlockwise and rows inward: seen from above that is counter-clockwise.
    triangles = grid_triangles(len(rows), count, wrap=True)
    return mesh(points, triangles, colour, material)


def rounded_rectangle(x: float, y: float, half_x: float, half_y: float, corner: float) -> Float64s:
    """Outline (n, 2), anticlockwise."""
    points = []
    for number, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        centre = np.array([x + sx * (half_x - corner), y + sy * (half_y - corner)])
        for angle in np.linspace(0, np.pi / 2, 8) + number * np.pi / 2:
            points.append(centre + corner * np.array([np.cos(angle), np.sin(angle)]))
    return np.array(points)
