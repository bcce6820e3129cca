"""The height of the ground in cells, from triangles that come piece by piece.

Pure; never holds more of the ground than the piece it is given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

RASTER_SIDE = 1024  # cells along the longer side


class GroundRaster:
    """The lowest ground in every cell between two corners (east, north). The lowest, so that the
    benches of a pit lie under the open sky and not under the edge above them."""

    def __init__(self, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> None:
        self.low = (float(low[0]), float(low[1]))
        self.cell_m = float(max(high[:2] - low[:2]) / RASTER_SIDE) or 1.0
        size = np.floor((high[:2] - low[:2]) / self.cell_m).astype(int)[::-1] + 1
        self._shape = (int(size[0]), int(size[1]))
        self._heights = np.full(self._shape[0] * self._shape[1], np.inf, np.float32)

    def add(self, corners: npt.NDArray[np.float32]) -> None:
        """Triangles (m, 3, 3) of the ground; each is sampled as densely as the cells are."""
        if not len(corners):
            return
        extent = (corners[..., :2].max(axis=1) - corners[..., :2].min(axis=1)).max(axis=1)
        steps = np.clip(np.ceil(extent / (self.cell_m * 0.7)), 1, 64).astype(int)
        for number in np.unique(steps):
            chosen = corners[steps == number].astype(np.float64)
            for weights in _barycentric_grid(int(number)):
                self._splat(np.einsum("k,mkc->mc", weights, chosen))

    def heights(self) -> npt.NDArray[np.float32]:
        """(rows, columns) float32 metres, NaN where there is no ground."""
        grid = self._heights.reshape(self._shape).copy()
        grid[~np.isfinite(grid)] = np.nan
        return grid

    def _splat(self, points: npt.NDArray[Any]) -> None:
        column, row = np.floor((points[:, :2] - np.array(self.low)) / self.cell_m).astype(int).T
        inside = (row >= 0) & (row < self._shape[0]) & (column >= 0) & (column < self._shape[1])
        at = row[inside] * self._shape[1] + column[inside]
        np.minimum.at(self._heights, at, points[inside, 2].astype(np.float32))


def _barycentric_grid(steps: int) -> npt.NDArray[np.float64]:
    i, j = np.meshgrid(np.arange(steps + 1), np.arange(steps + 1))
    inside = i + j <= steps
    a, b = i[inside] / steps, j[inside] / steps
    return np.stack([a, b, 1 - a - b], axis=1)
