"""Where the floors under ground are, from triangles that come piece by piece.

Pure. Winding is not trusted: a floor and a roof are told apart by what is above them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

UNDER_GROUND_M: Final = 3.5  # cover over a floor that makes it under ground
HEADROOM_M: Final = 1.5
FLOOR_CELL_M: Final = 1.0
MAX_SPLITS: Final = 4
MAX_POINTS: Final = 4_000_000
_LEVEL_COS: Final = 0.6
_BAND_M: Final = 0.5  # of points this near in height in one cell the lowest is kept

Points = npt.NDArray[np.float32]


class Floors:
    """Gathers floors under a ground of `heights` (rows, columns), NaN where there is none."""

    def __init__(
        self, heights: Points, raster_low: tuple[float, float], raster_cell_m: float
    ) -> None:
        self._heights, self._low, self._cell = heights, raster_low, raster_cell_m
        self._found: list[Points] = []
        self._count = 0

    def add(self, corners: Points) -> None:
        """Triangles (m, 3, 3) float32, scene metres."""
        if not len(corners):
            return
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        size = np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
        corners = corners[np.abs(normals[:, 2]) / size > _LEVEL_COS]
        centres = corners.mean(axis=1)
        cover = self._ground_above(centres) - centres[:, 2]
        corners = corners[np.isnan(cover) | (cover > UNDER_GROUND_M)]
        for _ in range(MAX_SPLITS):
            edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
            large = edges > 1.4 * FLOOR_CELL_M
            if not large.any() or len(corners) + 3 * int(large.sum()) > MAX_POINTS:
                break
            corners = np.concatenate([corners[~large], _quartered(corners[large])])
        points = _thinned(corners.mean(axis=1).astype(np.float32))
        self._found.append(points)
        self._count += len(points)
        if self._count > 2 * MAX_POINTS:  # what many pieces found of the same places
            self._found = [_thinned(np.concatenate(self._found))]
            self._count = len(self._found[0])

    def points(self) -> Points:
        """(k, 3) float32 points about FLOOR_CELL_M apart on all floors, at most MAX_POINTS."""
        if not self._found:
            return np.zeros((0, 3), np.float32)
        points = _thinned(np.concatenate(self._found))
        found = _without_specks(_lowest_of_each_column(points), 1.5 * FLOOR_CELL_M)
        return found[:: -(-len(found) // MAX_POINTS)] if len(found) > MAX_POINTS else found

    def _ground_above(self, points: Points) -> Points:
        """Ground height over points (k, 3), NaN where there is none."""
        rows, columns = self._heights.shape
        column = ((points[:, 0] - self._low[0]) // self._cell).astype(np.int64)
        row = ((points[:, 1] - self._low[1]) // self._cell).astype(np.int64)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = np.full(len(points), np.nan, np.float32)
        found[inside] = self._heights[row[inside], column[inside]]
        return found


def _quartered(corners: Points) -> Points:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    pieces = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1)
    return pieces.reshape(-1, 3, 3).astype(np.float32)


def _thinned(points: Points) -> Points:
    """The lowest point of each cell and half metre of height: enough to tell a floor by."""
    if not len(points):
        return points
    places = np.floor(points / np.array([1.5 * FLOOR_CELL_M] * 2 + [_BAND_M])).astype(np.int64)
    # Of points at one height too the same one is kept, in whatever order they came.
    heights = (points[:, 1], points[:, 0], points[:, 2])
    order = np.lexsort((*heights, places[:, 2], places[:, 1], places[:, 0]))
    places = places[order]
    first = np.concatenate([[True], (places[1:] != places[:-1]).any(axis=1)])
    return np.asarray(points[order[first]], np.float32)


def _lowest_of_each_column(points: Points, room_m: float = 12.0) -> Points:
    """One point for each cell and room: the floor, not the roof up to `room_m` above it. What has
    nothing above it in its cell is no floor under ground but a slope in the open, whatever the
    coarse raster of the ground says."""
    if not len(points):
        return points.reshape(-1, 3)
    cells = np.floor(points[:, :2] / (1.5 * FLOOR_CELL_M)).astype(np.int64)
    order = np.lexsort((points[:, 2], cells[:, 1], cells[:, 0]))
    cells, points = cells[order], points[order]
    new_cell = np.concatenate([[True], (cells[1:] != cells[:-1]).any(axis=1)])
    rise = np.concatenate([[0.0], np.diff(points[:, 2])])
    first = new_cell | (rise > room_m)
    number = np.cumsum(new_cell) - 1
    highest = np.maximum.reduceat(points[:, 2], np.flatnonzero(new_cell))
    covered = highest[number] - points[:, 2] > HEADROOM_M
    return np.ascontiguousarray(points[first & covered], np.float32)


def _without_specks(points: Points, cell_m: float, least: int = 3, layer_m: float = 3.0) -> Points:
    """Points whose cell has at least `least` of its eight neighbours: slopes that lie over each
    other in the open leave single points and lines, a working is an area."""
    if not len(points):
        return points
    cells = np.floor(points / np.array([cell_m, cell_m, layer_m], np.float32)).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    sizes = cells.max(axis=0) + 2
    keys = (cells[:, 0] * sizes[1] + cells[:, 1]) * sizes[2] + cells[:, 2]
    present = np.unique(keys)
    neighbours = np.zeros(len(points), np.int64)
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            if east == 0 and north == 0:
                continue
            aside = keys + (east * sizes[1] + north) * sizes[2]
            found = [np.isin(aside + up, present) for up in (-1, 0, 1)]
            neighbours += np.logical_or.reduce(found)
    return points[neighbours >= least]
