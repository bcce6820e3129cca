"""walk/walk.npz: the triangles that stop people and carry them, and the height of the ground.

Reads and writes the file; asks nothing of it (`scenes.walk.ground` does).
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
MAX_WALK_BYTES = 4 * 1024**3  # unpacked: 100 million triangles and their vertices
MAX_RASTER_SIDE = 8192  # cells; what every graphics card takes as a texture


@dataclass(frozen=True, slots=True)
class WalkData:
    """vertices (n, 3) float32 scene frame, triangles (m, 3) uint32 ordered by region, regions
    (k + 1,) int64: region i holds the triangles regions[i] to regions[i + 1]; the surface raster:
    heights (rows, columns) float32 of the lowest ground in a cell, NaN where there is none, whose
    cell [0, 0] has its low corner at `raster_low` (east, north) and is `raster_cell_m` wide."""

    vertices: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.uint32]
    regions: npt.NDArray[np.int64]
    heights: npt.NDArray[np.float32]
    raster_low: tuple[float, float]
    raster_cell_m: float

    def cover_m(self, point: npt.NDArray[np.float64]) -> float | None:
        """Metres of ground over `point` (3,), negative in the open; None where the twin has no
        ground surface."""
        column = int((point[0] - self.raster_low[0]) // self.raster_cell_m)
        row = int((point[1] - self.raster_low[1]) // self.raster_cell_m)
        if not (0 <= row < self.heights.shape[0] and 0 <= column < self.heights.shape[1]):
            return None
        height = float(self.heights[row, column])
        return None if np.isnan(height) else height - float(point[2])


def save_walk(folder: Path, walk: WalkData) -> None:
    """Write the walk file of a twin folder."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        vertices=walk.vertices,
        triangles=walk.triangles,
        regions=walk.regions,
        heights=walk.heights,
        raster=np.array([*walk.raster_low, walk.raster_cell_m], np.float64),
    )
    write_atomically(folder / WALK_FILE, buffer.getvalue())


def load_walk(data: bytes, name: str = WALK_FILE) -> WalkData:
    """Parse a walk file. Raises `Refused` naming `name` if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_WALK_BYTES:
                raise ValueError("larger than any walk file")
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays: dict[str, npt.NDArray[Any]] = dict(stored)
        east, north, cell = (float(value) for value in arrays["raster"])
        walk = WalkData(
            arrays["vertices"].astype(np.float32, copy=False).reshape(-1, 3),
            arrays["triangles"].astype(np.uint32, copy=False).reshape(-1, 3),
            arrays["regions"].astype(np.int64, copy=False).reshape(-1),
            arrays["heights"].astype(np.float32, copy=False),
            (east, north),
            cell,
        )
        if len(walk.triangles) and int(walk.triangles.max()) >= len(walk.vertices):
            raise ValueError("a triangle points beyond the vertices")
        ends = [0, *walk.regions.tolist(), len(walk.triangles)]
        if ends != sorted(ends) or walk.regions[:1].tolist() not in ([], [0]):
            raise ValueError("the regions do not divide the triangles")
        if not np.isfinite(walk.vertices).all():
            raise ValueError("a vertex is nowhere")
        if walk.heights.ndim != 2 or not 0 < cell < np.inf or not np.isfinite([east, north]).all():
            raise ValueError("the surface raster is not a raster")
        if not 0 < min(walk.heights.shape) <= max(walk.heights.shape) <= MAX_RASTER_SIDE:
            raise ValueError("the surface raster is larger than a texture")
    except Exception as error:  # whatever numpy and zipfile raise on broken input
        raise Refused("walk-broken", file=name, reason=str(error)) from error
    return walk
