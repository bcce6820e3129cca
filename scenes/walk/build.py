"""Bakes the walk file from a twin's tiles: all walkable layers, and the ground from above."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import Tile, read_tileset
from scenes.twin import open_twin
from scenes.walk.store import WalkData, save_walk

RASTER_SIDE = 1024  # cells along the longer side
REGION_TRIANGLES = 12_000
EMPTY_RASTER = np.full((1, 1), np.nan, np.float32)


def build_walk(folder: Path) -> WalkData:
    """Bake and write the walk file of a twin folder; returns what was written."""
    twin = open_twin(folder)
    vertices: list[npt.NDArray[np.float32]] = []
    triangles: list[npt.NDArray[np.uint32]] = []
    ground: list[npt.NDArray[np.float32]] = []
    count = 0
    for layer in twin.scene.layers:
        if layer.content != "mesh" or not layer.walkable:
            continue
        for positions, corners in _layer_meshes(folder / layer.tileset_path):
            vertices.append(positions)
            triangles.append(corners + np.uint32(count))
            count += len(positions)
            if layer.kind == "terrain":
                ground.append(positions[corners])
    heights, low, cell = _rasterise(np.concatenate(ground)) if ground else (EMPTY_RASTER, (0, 0), 1)
    points = np.concatenate(vertices) if vertices else np.zeros((0, 3), np.float32)
    corners = np.concatenate(triangles) if triangles else np.zeros((0, 3), np.uint32)
    order, regions = _regions(points, corners)
    walk = WalkData(
        points,
        corners[order],
        regions,
        heights,
        low,
        cell,
    )
    save_walk(folder, walk)
    return walk


def _regions(
    points: npt.NDArray[np.float32], corners: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(order of the triangles, region offsets): halved at the median centroid of the longest side
    until a region is small enough to be built while frames are drawn."""
    centroids = points[corners].mean(axis=1) if len(corners) else np.zeros((0, 3), np.float32)
    finished: list[npt.NDArray[np.int64]] = []
    pending = [np.arange(len(corners))] if len(corners) else []
    while pending:
        members = pending.pop()
        if len(members) <= REGION_TRIANGLES:
            finished.append(members)
            continue
        own = centroids[members]
        axis = int(np.argmax(np.ptp(own, axis=0)))
        middle = len(members) // 2
        order = np.argpartition(own[:, axis], middle)
        pending += [members[order[middle:]], members[order[:middle]]]
    offsets = np.cumsum([0, *(len(members) for members in finished)]).astype(np.int64)
    return (np.concatenate(finished) if finished else np.zeros(0, np.int64)), offsets


def _layer_meshes(
    tileset: Path,
) -> list[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint32]]]:
    root, _ = read_tileset(tileset.read_bytes(), str(tileset))
    meshes = []
    pending: list[Tile] = [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        # Of a tree that refines by replacement only the finest tiles count.
        if tile.content is None or (tile.children and tile.refine == "REPLACE"):
            continue
        path = (tileset.parent / tile.content).resolve()
        if not path.is_relative_to(tileset.parent.resolve()) or path.suffix != ".glb":
            continue
        for geometry in parse_glb(path.read_bytes(), str(path)):
            if geometry.primitive == "triangles":
                meshes.append((geometry.positions, geometry.indices.reshape(-1, 3)))
    return meshes


def _rasterise(
    corners: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], tuple[float, float], float]:
    """The lowest ground in every cell, from triangles (m, 3, 3); samples each triangle as
    densely as the cells are. The lowest, so that the benches of a pit lie under the open sky and
    not under the edge above them."""
    low = corners[..., :2].min(axis=(0, 1)).astype(np.float64)
    high = corners[..., :2].max(axis=(0, 1)).astype(np.float64)
    cell = float(max(high - low) / RASTER_SIDE) or 1.0
    shape = tuple(int(n) for n in np.floor((high - low) / cell).astype(int)[::-1] + 1)
    heights = np.full(shape[0] * shape[1], np.inf, np.float32)
    extent = (corners[..., :2].max(axis=1) - corners[..., :2].min(axis=1)).max(axis=1)
    steps = np.clip(np.ceil(extent / (cell * 0.7)), 1, 64).astype(int)
    for number in np.unique(steps):
        chosen = corners[steps == number].astype(np.float64)
        for weights in _barycentric_grid(int(number)):
            points = np.einsum("k,mkc->mc", weights, chosen)
            _splat(heights, points, low, cell, shape)
    grid = heights.reshape(shape)
    grid[~np.isfinite(grid)] = np.nan
    return grid, (float(low[0]), float(low[1])), cell


def _barycentric_grid(steps: int) -> npt.NDArray[np.float64]:
    i, j = np.meshgrid(np.arange(steps + 1), np.arange(steps + 1))
    inside = i + j <= steps
    a, b = i[inside] / steps, j[inside] / steps
    return np.stack([a, b, 1 - a - b], axis=1)


def _splat(
    heights: npt.NDArray[np.float32],
    points: npt.NDArray[Any],
    low: npt.NDArray[np.float64],
    cell: float,
    shape: tuple[int, ...],
) -> None:
    column, row = np.floor((points[:, :2] - low) / cell).astype(int).T
    np.minimum.at(heights, row * shape[1] + column, points[:, 2].astype(np.float32))
