"""Ground support: rings of rock bolts with plates, welded mesh panels, portal canopies, bulkheads.

Everything is set against the rough wall by marching rays to it. It never changes the wall.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes.geometry import Float64s, InstancePart, MeshPart
from scenes.synthetic.density import Density
from scenes.synthetic.layout import SILL, Layout
from scenes.synthetic.meshes import Flags, grid_triangles, join, mesh, select, transforms_of
from scenes.synthetic.noise import Noise
from scenes.synthetic.parameters import SupportParameters
from scenes.synthetic.solids import box, cylinder, facing, tube
from scenes.synthetic.surface_nets import gradient
from scenes.synthetic.void import Void
from scenes.synthetic.ways import Way

STRETCH = 24.0  # metres of drift handled at a time
STEEL = (118, 112, 106)
CONCRETE = (168, 166, 160)


def march(
    void: Void, start: Float64s, direction: Float64s, furthest: float, finest: float
) -> Float64s:
    """Distance (n,) from points in the air along unit directions (n, 3) to the wall, metres; at
    most `furthest`."""
    reach = np.concatenate([start, start + direction * furthest])
    near = void.candidates(reach.min(axis=0) - 1, reach.max(axis=0) + 1)
    travelled = np.zeros(len(start))
    for _ in range(14):
        points = start + direction * travelled[:, None]
        travelled += 0.9 * np.clip(-void.distance(points, near, finest), -0.3, 1.5)
    return np.clip(travelled, 0.0, furthest)


def _rays(way: Way, chainage: Float64s, angles: Float64s) -> tuple[Float64s, Float64s]:
    """Starts and directions (k * a, 3) of rays from the springing height across the drift."""
    along = way.along(chainage)
    right = np.stack([along[:, 1], -along[:, 0], np.zeros(len(along))], axis=1)
    centre = way.at(chainage) + np.array([0.0, 0.0, way.height * 0.52])
    direction = np.cos(angles)[None, :, None] * right[:, None] + np.sin(angles)[
        None, :, None
    ] * np.array([0.0, 0.0, 1.0])
    starts = np.broadcast_to(centre[:, None], direction.shape)
    return starts.reshape(-1, 3), direction.reshape(-1, 3)


def _start(way: Way) -> float:
    """Chainage where support begins: inside the canopy's end."""
    return SILL + 1.0 if way.kind == "decline" else 0.6


def _usual(way: Way, angles: Float64s) -> Float64s:
    """Distance (a,) to the smooth profile at each angle, metres."""
    flank = way.width / 2 / np.maximum(np.abs(np.cos(angles)), 1e-3)
    arch = 1 / np.hypot(np.cos(angles) / (way.width / 2), np.sin(angles) / (way.height * 0.48))
    return np.where(np.sin(angles) < 0, flank, arch)


def bolts(
    layout: Layout, void: Void, parameters: SupportParameters, density: Density
) -> Iterator[InstancePart]:
    """Rings of bolts along the main ways and cross-cuts."""
    template = _bolt(density.bolt_detail)
    angles = np.radians(np.linspace(-22, 202, parameters.bolts_in_ring))
    for way in layout.of_kind("decline", "level", "crosscut"):
        every = parameters.bolt_ring_m * (1.0 if way.main else 1.5)
        rings = np.arange(_start(way), way.length - 1.0, every)
        per = max(1, int(STRETCH / every))
        for first in range(0, len(rings), per):
            starts, directions = _rays(way, rings[first : first + per], angles)
            away = march(void, starts, directions, 4.5, 1.6 * density.void)
            usual = np.tile(_usual(way, angles), len(starts) // len(angles))
            held = np.abs(away - usual) < 0.75
            if not held.any():
                continue
            places = starts[held] + directions[held] * (away[held] - 0.03)[:, None]
            near = void.candidates(places.min(axis=0) - 1, places.max(axis=0) + 1)
            out = -gradient(lambda p, n=near: void.distance(p, n, 0.8), places, 0.15)  # type: ignore[misc]
            yield InstancePart(template, transforms_of(facing(out), places))


def _bolt(detail: int) -> MeshPart:
    """A plate with the end of its bolt, +Z into the air."""
    if detail <= 1:
        rim = np.array([[-0.14, -0.14, 0], [0.14, -0.14, 0], [0.14, 0.14, 0], [-0.14, 0.14, 0],
                        [0, 0, 0.09]], dtype=np.float64)  # fmt: skip
        plate = mesh(rim, np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]]), STEEL, "steel")
        if detail == 0:
            return plate
        path = np.array([[0, 0, 0.05], [0, 0, 0.15]])
        return join([plate, tube(path, 0.02, 4, (146, 104, 70), "steel")])
    sides = 8
    plate = box((-0.1, -0.1, -0.05), (0.1, 0.1, 0.012), STEEL, "steel")
    dome = cylinder((0, 0, 0.0), (0, 0, 0.035), (0.06, 0.035), sides, (132, 124, 112))
    end = cylinder((0, 0, 0.03), (0, 0, 0.14), 0.014, sides, (146, 104, 70))
    return join([plate, dome, end])


def panels(layout: Layout, void: Void, noise: Noise, density: Density) -> Iterator[MeshPart]:
    """Welded mesh held by the bolts over the back and shoulders, on lengths of the main ways."""
    step = float(np.clip(0.55 * density.step, 0.25, 1.6))
    angles = np.radians(np.linspace(8, 172, max(8, round(9.0 / step))))
    for way in layout.of_kind("decline", "level"):
        count = max(2, round(way.length / step))
        rows = np.linspace(_start(way), way.length - 0.5, count)
        per = max(3, int(STRETCH / step))
        for first in range(0, count - 1, per):
            chainage = rows[first : first + per + 1]
            if len(chainage) < 2:
                continue
            part = _panel(way, void, noise, chainage, angles, density.void)
            if len(part.triangles):
                yield part


def _panel(
    way: Way, void: Void, noise: Noise, chainage: Float64s, angles: Float64s, pitch: float
) -> MeshPart:
    # One row more at both ends, so that neighbouring stretches smooth alike and meet.
    step = chainage[1] - chainage[0]
    longer = np.concatenate([[chainage[0] - step], chainage, [chainage[-1] + step]])
    longer = np.clip(longer, 0.05, way.length - 0.05)
    starts, directions = _rays(way, longer, angles)
    shape = (len(longer), len(angles))
    away = march(void, starts, directions, 4.5, 1.6 * pitch).reshape(shape)
    usual = _usual(way, angles)
    held: Flags = np.abs(away - usual) < 0.75
    # A sheet spans hollows and rests on bumps: the least distance around.
    tight = np.minimum(away[:-2], np.minimum(away[1:-1], away[2:]))
    tight[:, 1:-1] = np.minimum(tight[:, 1:-1], np.minimum(tight[:, :-2], tight[:, 2:]))
    tight = np.maximum(tight - 0.07, usual * 0.9)
    inner = slice(len(angles), -len(angles))
    points = starts[inner] + directions[inner] * tight.reshape(-1, 1)
    triangles = grid_triangles(len(chainage), len(angles))
    # Angles run from right to left, rows ahead: seen from inside, turned the other way about.
    there = noise.sample(points * [1.0, 1.0, 0.3] + 500.0, 31.0) > -0.12
    good: Flags = np.logical_and(held[1:-1].reshape(-1), there)
    part = mesh(points, triangles, (150, 148, 142), "mesh")
    assert part.normals is not None
    if float(np.einsum("ij,ij->i", part.normals, directions[inner]).mean()) > 0:
        part = mesh(points, triangles[:, ::-1], (150, 148, 142), "mesh")
    whole: Flags = np.all(good[part.triangles], axis=1)
    return select(part, whole)


def canopy(foot: tuple[float, float, float], out: float, way: Way) -> MeshPart:
    """A concrete portal: an arched shell that stands out of the face at `foot`; `out` is +1 where
    the way comes out eastward."""
    angles = np.linspace(0, np.pi, 15)
    half, spring, rise = way.width / 2, way.height * 0.52, way.height * 0.48
    parts = []
    ends = (foot[0] - out * 3.2, foot[0] + out * 5.5)

    def rim(x: float, thick: float) -> Float64s:
        y = (half - 0.08 + thick) * np.cos(angles)
        z = spring + (rise - 0.08 + thick) * np.sin(angles)
        y = np.concatenate([[y[0]], y, [y[-1]]])
        z = np.concatenate([[-0.3], z, [-0.3]])
        return np.column_stack([np.full(len(y), x), foot[1] + y, foot[2] + z])

    for first, last, sense in (
        (rim(ends[0], 0.0), rim(ends[1], 0.0), 1),
        (rim(ends[0], 0.7), rim(ends[1], 0.7), -1),
        (rim(ends[1], 0.0), rim(ends[1], 0.7), 1),
        (rim(ends[0], 0.0), rim(ends[0], 0.7), -1),
    ):
        points = np.concatenate([first, last])
        triangles = grid_triangles(2, len(first))
        parts.append(mesh(points, triangles[:, ::-1] if sense * out > 0 else triangles, CONCRETE,
                          "concrete"))  # fmt: skip
    low, high = sorted((ends[0], foot[0] + out * 6.0))
    slab = foot[2] + 0.06
    parts.append(box((low, foot[1] - half - 0.6, foot[2] - 0.5),
                     (high, foot[1] + half + 0.6, slab), (150, 148, 142), "concrete"))  # fmt: skip
    for side in (-1.0, 1.0):
        a, b = sorted((foot[1] + side * (half - 0.5), foot[1] + side * half))
        kerb = slab + 0.32
        parts.append(
            box((low - 0.2, a, foot[2] - 0.4), (high - 0.4, b, kerb), CONCRETE, "concrete")
        )
    # Wing walls and a name board over the arch.
    front = ends[1]
    for side in (-1.0, 1.0):
        a, b = sorted((foot[1] + side * (half + 0.6), foot[1] + side * (half + 1.3)))
        x0, x1 = sorted((foot[0] - out * 1.0, front))
        parts.append(box((x0, a, foot[2] - 0.4), (x1, b, foot[2] + 2.6), CONCRETE, "concrete"))
    x0, x1 = sorted((front - out * 0.05, front + out * 0.12))
    parts.append(box((x0, foot[1] - 1.6, foot[2] + spring + rise + 0.7),
                     (x1, foot[1] + 1.6, foot[2] + spring + rise + 1.4), (36, 92, 60)))  # fmt: skip
    for y in (-1.9, 1.9):
        parts.append(box((x0, foot[1] + y - 0.2, foot[2] + spring + rise + 0.75),
                         (x1, foot[1] + y + 0.2, foot[2] + spring + rise + 1.05), (255, 236, 196),
                         "lamp"))  # fmt: skip
    return join(parts)


def bulkheads(layout: Layout) -> Iterator[MeshPart]:
    """Sprayed walls with a drain pipe in the drawpoints of filled stopes."""
    ends = {stope.centre: stope for stope in layout.stopes if stope.state == "filled"}
    for way in layout.of_kind("drawpoint"):
        stope = next(
            (s for c, s in ends.items() if abs(c[1] - way.points[-1][1]) < 0.1
             and abs(s.floor - way.points[-1][2]) < 1.0 and abs(c[0] - way.points[-1][0]) < 12),
            None,
        )  # fmt: skip
        if stope is None:
            continue
        x = stope.centre[0] + stope.half[0] + 1.6
        y, z = float(way.points[-1][1]), float(way.points[-1][2])
        yield box((x - 0.5, y - 2.9, z - 0.3), (x, y + 2.9, z + 5.0), (176, 172, 164), "shotcrete")
        for height, aside in ((0.5, -0.9), (0.5, 0.9), (2.4, 0.0)):
            yield cylinder((x - 0.4, y + aside, z + height), (x + 0.45, y + aside, z + height),
                           0.08, 8, (70, 110, 150), "plastic")  # fmt: skip
