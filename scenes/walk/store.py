"""walk/walk.npz: the height of the ground, and where the floors under it are.

Reads and writes the file. The walk surface itself is made of tiles (`scenes.walk.surface`).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.twin import write_atomically

WALK_FILE = "walk/walk.npz"
MAX_FLOORS = 4_000_000  # points: some hundred kilometres of drifts
MAX_RASTER_SIDE = 8192  # cells; what every graphics card takes as a texture
_MAX_BYTES = 12 * MAX_FLOORS + 4 * MAX_RASTER_SIDE**2 + 65536  # unpacked


@dataclass(frozen=True, slots=True)
class WalkMap:
    """The ground's heights (rows, columns) float32: of the lowest ground in a cell, NaN where there
    is none; cell [0, 0] has its low corner at `raster_low` (east, north) and is `raster_cell_m`
    wide. floors (k, 3) float32: points about a metre apart on the floors under ground. All in the
    scene frame, metres."""

    heights: npt.NDArray[np.float32]
    raster_low: tuple[float, float]
    raster_cell_m: float
    floors: npt.NDArray[np.float32]

    def cover_m(self, point: npt.NDArray[np.float64]) -> float | None:
        """Metres of ground over `point` (3,), negative in the open; None where the twin has no
        ground surface."""
        column = int((point[0] - self.raster_low[0]) // self.raster_cell_m)
        row = int((point[1] - self.raster_low[1]) // self.raster_cell_m)
        if not (0 <= row < self.heights.shape[0] and 0 <= column < self.heights.shape[1]):
            return None
        height = float(self.heights[row, column])
        return None if np.isnan(height) else height - float(point[2])


def save_walk(folder: Path, walk: WalkMap) -> None:
    """Write the walk file of a twin folder."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        heights=walk.heights,
        raster=np.array([*walk.raster_low, walk.raster_cell_m], np.float64),
        floors=walk.floors,
    )
    write_atomically(folder / WALK_FILE, buffer.getvalue())


def load_walk(data: bytes, name: str = WALK_FILE) -> WalkMap:
    """Parse a walk file. Raises `Refused` naming `name` if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MAX_BYTES:
                raise ValueError("larger than any walk file")
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays: dict[str, npt.NDArray[Any]] = dict(stored)
        east, north, cell = (float(value) for value in arrays["raster"])
        walk = WalkMap(
            arrays["heights"].astype(np.float32, copy=False),
            (east, north),
            cell,
            # The first twins have none: their plan maps show ways only, until they are baked.
            arrays.get("floors", np.zeros((0, 3), np.float32))
            .astype(np.float32, copy=False)
            .reshape(-1, 3),
        )
        if walk.heights.ndim != 2 or not 0 < cell < np.inf or not np.isfinite([east, north]).all():
            raise ValueError("the surface raster is not a raster")
        if not 0 < min(walk.heights.shape) <= max(walk.heights.shape) <= MAX_RASTER_SIDE:
            raise ValueError("the surface raster is larger than a texture")
        if len(walk.floors) > MAX_FLOORS or not np.isfinite(walk.floors).all():
            raise ValueError("the floors are nowhere, or too many")
    except Exception as error:  # whatever numpy and zipfile raise on broken input
        raise Refused("walk-broken", file=name, reason=str(error)) from error
    return walk
