"""Still water: sumps, ponds, the tailings pond, the seep, and the river; flat at its level.

Edges are cut where the water meets the rock or run under the ground. It never flows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.layout import Layout
from scenes.synthetic.meshes import Colour, clip, grid_triangles, mesh
from scenes.synthetic.site import Site
from scenes.synthetic.void import Void

CLEAR, MINE, ACID, TAILINGS = (62, 92, 98), (58, 74, 70), (150, 84, 34), (92, 118, 112)


def water(layout: Layout, site: Site, void: Void, pitch: float) -> Iterator[MeshPart]:
    """Every sheet of water, scene frame, facing up."""
    main = f"l{len(layout.levels)}-sump"
    for name, level in layout.sumps.items():
        points = layout.ways[name].points
        low, high = points.min(axis=0) - 3.4, points.max(axis=0) + 3.4
        high[0] = points[:, 0].max() - 4.0
        colour = ACID if name == main else MINE
        part = sheet(low[0], high[0], low[1], high[1], level, min(0.5, pitch), colour)
        near = void.candidates(part.positions.min(axis=0) - 1, part.positions.max(axis=0) + 1)
        # A little into the rock: the wall's own mesh makes the shore.
        yield clip(part, 0.25 - void.distance(part.positions, near, 0.5))
    yield river(site, max(4.0, pitch * 6))
    for x, y, half_x, half_y, level, colour in ponds(site):
        yield sheet(x - half_x, x + half_x, y - half_y, y + half_y, level, 4.0, colour)


def ponds(site: Site) -> list[tuple[float, float, float, float, float, Colour]]:
    """Ponds on the surface: middle x and y, half sizes, level, colour."""
    basin, dam = site.pad["ponds"], site.pad["dam"]
    result: list[tuple[float, float, float, float, float, Colour]] = [
        (basin.x + dx, basin.y, 13.5, 13.5, basin.z + 1.0, colour)
        for dx, colour in ((40.0, (112, 112, 84)), (0.0, (86, 108, 96)), (-40.0, CLEAR))
    ]
    result.append((dam.x - 6, dam.y + 8, 52.0, 40.0, dam.z + 7.1, TAILINGS))
    result.append((dam.x - 55, dam.y - 124, 4.5, 3.5, seep_level(site), ACID))
    return result


def seep_level(site: Site) -> float:
    """Elevation of the seep's pool at the foot of the dam."""
    dam = site.pad["dam"]
    return float(site.height(np.array([[dam.x - 55.0, dam.y - 124.0]]))[0]) + 0.06


def sheet(
    x0: float, x1: float, y0: float, y1: float, z: float, pitch: float, colour: Colour
) -> MeshPart:
    """A level rectangle of water."""
    xs = np.linspace(x0, x1, max(2, round((x1 - x0) / pitch) + 1))
    ys = np.linspace(y0, y1, max(2, round((y1 - y0) / pitch) + 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    points = np.column_stack([grid, np.full(len(grid), z)])
    up = np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    return mesh(points, grid_triangles(len(ys), len(xs)), colour, "water", up)


def river(site: Site, step: float) -> MeshPart:
    """The river's water, as wide as its channel at that level."""
    x = np.arange(-2400.0, 2700.0 + step, step)
    middle = np.asarray(site.river_y(x))
    rows: list[Float64s] = []
    for aside in (-8.3, -3.0, 3.0, 8.3):
        level = np.asarray(site.river_level(x)) + 0.1
        rows.append(np.column_stack([x, middle + aside, level]))
    points = np.concatenate(rows)
    up = np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    return mesh(points, grid_triangles(4, len(x)), CLEAR, "water", up)
