"""Meshes the workings: walls, backs and floors of drifts and stopes, and paste in filled stopes.

Brick by brick, so that memory stays bounded whatever the density. It never decides where
workings run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scenes.geometry import Float64s, MeshPart, UInt8s
from scenes.synthetic.meshes import Flags, join, mesh, select
from scenes.synthetic.surface_nets import Distance, extract_brick
from scenes.synthetic.void import Indices, Nearest, Void

BRICK = 16  # lattice cells along a brick
CHUNK = 150_000  # triangles after which a chunk is handed on
Paint = Callable[[Float64s, Float64s, Nearest], tuple[UInt8s, UInt8s]]


def bricks(void: Void, pitch: float, primitives: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Corner lattice point (3,) and candidate primitives of each brick near the surface."""
    size = BRICK * pitch
    found = []
    for number in primitives:
        low = np.floor((void.low[number] - pitch) / size).astype(np.int64)
        high = np.floor((void.high[number] + pitch) / size).astype(np.int64)
        axes = [np.arange(low[a], high[a] + 1) for a in range(3)]
        cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        reach = 0.9 * size + 2.0
        near = np.zeros(len(cells), dtype=bool)
        for start in range(0, len(cells), 50_000):
            centres = (cells[start : start + 50_000] + 0.5) * size
            value = void.smooth(centres, np.array([number]))
            near[start : start + 50_000] = np.abs(value) < reach
        found.append(cells[near])
    if not found:
        return
    cells = np.unique(np.concatenate(found), axis=0)
    # Neighbours together: order by 32 m columns, so that a chunk is a compact piece of the mine.
    coarse = np.floor(cells * size / 32.0).astype(np.int64)
    order = np.lexsort((*cells.T[::-1], coarse[:, 2], coarse[:, 1], coarse[:, 0]))
    for cell in cells[order]:
        low_corner = cell * size
        # Wide enough that two bricks see the same primitives wherever both of them sample.
        margin = 3.2 * pitch + 0.3
        candidates = void.candidates(low_corner - margin, low_corner + size + margin)
        if len(candidates):
            yield cell * BRICK, candidates


def extract(
    void: Void,
    pitch: float,
    primitives: Indices,
    paint: Paint,
    keep: Callable[[Indices], Flags],
    clip_to: Callable[[MeshPart], MeshPart],
) -> Iterator[MeshPart]:
    """Chunks of the void's surface near `primitives`.

    `keep` tells from the primitives nearest to vertices (n,) which vertices belong to this layer;
    a triangle belongs where two of its corners do. `clip_to` cuts away what is not in rock.
    """
    waiting: list[MeshPart] = []
    count = 0
    for corner, candidates in bricks(void, pitch, primitives):

        def distance(points: Float64s, near: Indices = candidates) -> Float64s:
            return void.distance(points, near, 1.6 * pitch)

        low = np.asarray(corner * pitch, dtype=np.float64)
        middle: Float64s = (low + BRICK * pitch / 2)[None]
        if abs(void.smooth(middle, candidates)[0]) > 0.9 * BRICK * pitch + 1.2:
            continue
        positions, triangles, normals = extract_brick(distance, corner, BRICK, pitch)
        if not len(triangles):
            continue
        nearest = void.nearest(positions, candidates, 1.6 * pitch)
        mine = keep(nearest.primitive)[triangles].sum(axis=1) >= 2
        if not mine.any():
            continue
        colours, materials = paint(positions, normals, nearest)
        part = clip_to(select(mesh(positions, triangles, colours, materials, normals), mine))
        if len(part.triangles):
            waiting.append(part)
            count += len(part.triangles)
        if count >= CHUNK:
            yield join(waiting)
            waiting, count = [], 0
    if waiting:
        yield join(waiting)


def extract_solid(
    distance: Distance, low: Float64s, high: Float64s, pitch: float
) -> tuple[Float64s, Indices, Float64s]:
    """The surface of a solid (negative inside) in a box, facing outward: positions, triangles,
    normals."""
    size = BRICK * pitch
    first, last = np.floor(low / size).astype(int), np.floor(high / size).astype(int)
    all_positions, all_triangles, all_normals, base = [], [], [], 0
    for i in range(first[0], last[0] + 1):
        for j in range(first[1], last[1] + 1):
            for k in range(first[2], last[2] + 1):
                corner = np.array([i, j, k]) * BRICK
                positions, triangles, normals = extract_brick(
                    lambda points: -distance(points), corner, BRICK, pitch
                )
                all_positions.append(positions)
                all_triangles.append(triangles + base)
                all_normals.append(normals)
                base += len(positions)
    return (
        np.concatenate(all_positions),
        np.concatenate(all_triangles),
        np.concatenate(all_normals),
    )
