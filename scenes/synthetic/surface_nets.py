"""Turns a signed distance into triangles, brick by brick (naive surface nets, then a projection).

Bricks computed apart share their border vertices bit for bit. It never looks at more than one
brick at a time and knows nothing of mines.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scenes.geometry import Float64s

Distance = Callable[[Float64s], Float64s]  # (n, 3) metres -> (n,) metres, negative inside
_CORNERS = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = np.array(
    [
        (a, b)
        for a in range(8)
        for b in range(a + 1, 8)
        if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1
    ]
)
_TETRA = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], dtype=np.float64)


def gradient(distance: Distance, points: Float64s, step: float) -> Float64s:
    """Unit gradient (n, 3) of `distance` at `points` (n, 3), from samples `step` metres away."""
    count = len(points)
    around = (points[None] + step * _TETRA[:, None]).reshape(-1, 3)
    values = distance(around).reshape(4, count)
    result = np.einsum("sn,sc->nc", values, _TETRA)
    length = np.linalg.norm(result, axis=1, keepdims=True)
    unit: Float64s = result / np.maximum(length, 1e-12)
    return unit


def extract_brick(
    distance: Distance, corner: npt.NDArray[np.int64], size: int, step: float, projections: int = 1
) -> tuple[Float64s, npt.NDArray[np.int64], Float64s]:
    """The surface in one brick of `size`^3 lattice points of pitch `step` metres.

    `corner` (3,) is the brick's first lattice point. Returns positions (n, 3), triangles (m, 3)
    facing into the negative side, and unit normals (n, 3) pointing there too.
    """
    axis = np.arange(-1, size + 1)
    lattice = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    values = distance(np.asarray((lattice + corner) * step, dtype=np.float64)).reshape(
        (size + 2,) * 3
    )
    inside = values < 0
    cells = size + 1
    corner_inside = [inside[i : i + cells, j : j + cells, k : k + cells] for i, j, k in _CORNERS]
    total = np.sum(corner_inside, axis=0, dtype=np.int8)
    active = np.argwhere((total > 0) & (total < 8))
    if not len(active):
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64), np.empty((0, 3))
    positions = (_cell_points(values, active) + (active - 1 + corner)) * step
    low = (active - 1 + corner - 0.1) * step
    high = (active + corner + 0.1) * step
    normals = np.zeros_like(positions)
    for _ in range(projections):
        normals = gradient(distance, positions, 0.25 * step)
        move = np.clip(distance(positions), -0.5 * step, 0.5 * step)
        positions = np.clip(positions - move[:, None] * normals, low, high)
    normals = -gradient(distance, positions, 0.35 * step)
    numbers = np.full((cells,) * 3, -1, dtype=np.int64)
    numbers[tuple(active.T)] = np.arange(len(active))
    triangles = _faces(inside, numbers, positions)
    used = np.zeros(len(positions), dtype=bool)
    used[triangles] = True
    renumber = np.cumsum(used) - 1
    return positions[used], renumber[triangles], normals[used]


def _cell_points(values: Float64s, active: npt.NDArray[np.int64]) -> Float64s:
    """Mean of the edge crossings of each active cell, in cell units (n, 3)."""
    samples = values[tuple((active[:, None] + _CORNERS[None]).transpose(2, 0, 1))]
    first, second = samples[:, _EDGES[:, 0]], samples[:, _EDGES[:, 1]]
    crossing = (first < 0) != (second < 0)
    t = np.where(crossing, first / np.where(crossing, first - second, 1.0), 0.0)
    start = _CORNERS[_EDGES[:, 0]].astype(np.float64)
    along = (_CORNERS[_EDGES[:, 1]] - _CORNERS[_EDGES[:, 0]]).astype(np.float64)
    total = crossing @ start + t @ along
    mean: Float64s = total / crossing.sum(axis=1, keepdims=True)
    return mean


def _faces(
    inside: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int64], positions: Float64s
) -> npt.NDArray[np.int64]:
    """Two triangles for each lattice edge of the brick that crosses the surface."""
    size = inside.shape[0] - 2
    quads = []
    own = slice(1, size + 1)
    for axis in range(3):
        nxt: list[slice] = [own, own, own]
        nxt[axis] = slice(2, size + 2)
        here, there = inside[own, own, own], inside[nxt[0], nxt[1], nxt[2]]
        for forward, mask in ((True, there & ~here), (False, here & ~there)):
            edge = np.argwhere(mask) + 1
            if not len(edge):
                continue
            second, third = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64)
            second[(axis + 1) % 3], third[(axis + 2) % 3] = 1, 1
            ring = [edge - second - third, edge - third, edge, edge - second]
            quad = np.stack([numbers[tuple(cell.T)] for cell in ring], axis=1)
            quads.append(quad if forward else quad[:, ::-1])
    if not quads:
        return np.empty((0, 3), dtype=np.int64)
    a, b, c, d = np.concatenate(quads).T
    straight = np.linalg.norm(positions[a] - positions[c], axis=1)
    other = np.linalg.norm(positions[b] - positions[d], axis=1)
    cut = (straight <= other)[:, None]
    first = np.where(cut, np.stack([a, b, c], axis=1), np.stack([a, b, d], axis=1))
    last = np.where(cut, np.stack([a, c, d], axis=1), np.stack([b, c, d], axis=1))
    return np.concatenate([first, last])
