"""Finds the lamps of a layer, so that displays can light what stands near them.

A lamp is a cluster of vertices of material "lamp". The result is a small file beside the tiles.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.geometry import MATERIAL

LIGHTS_FILE = "lights.npy"
CLUSTER_M = 2.0
MAX_LAMPS = 200_000  # of one layer: displays look through all of them in every frame


def find_lights(
    positions: npt.NDArray[Any], materials: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float32]:
    """(n, 3) float32 lamp centres from vertices (m, 3) and their materials (m,)."""
    lamps = positions[materials == MATERIAL["lamp"]]
    if not len(lamps):
        return np.zeros((0, 3), np.float32)
    cells, group = np.unique(
        np.floor(lamps / CLUSTER_M).astype(np.int64), axis=0, return_inverse=True
    )
    group = group.ravel()
    counts = np.bincount(group, minlength=len(cells))
    centres = np.stack(
        [np.bincount(group, lamps[:, axis], len(cells)) / counts for axis in range(3)], axis=1
    )
    return _merge_neighbours(centres, counts)


def merge_lights(found: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """(n, 3) lamp centres from the places (m, 3) of lamp vertices of several buckets."""
    places = np.concatenate([np.zeros((0, 3), np.float32), *found])
    return find_lights(places, np.full(len(places), MATERIAL["lamp"], np.uint8))


def _merge_neighbours(
    centres: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """A lamp on a cell border makes two clusters: join those nearer than a cell."""
    order = np.argsort(centres[:, 0], kind="stable")
    centres, counts = centres[order], counts[order]
    owner = np.arange(len(centres))
    for step in range(1, 9):
        if step >= len(centres):
            break
        near = np.linalg.norm(centres[step:] - centres[:-step], axis=1) < CLUSTER_M
        later = np.nonzero(near)[0] + step
        owner[later] = np.minimum(owner[later], owner[later - step])
    kept, group = np.unique(owner, return_inverse=True)
    weight = np.bincount(group, counts, len(kept))
    merged = [
        np.bincount(group, centres[:, axis] * counts, len(kept)) / weight for axis in range(3)
    ]
    return np.stack(merged, axis=1).astype(np.float32)


def save_lights(path: Path, lights: npt.NDArray[np.float32]) -> None:
    """Write (n, 3) lamp centres."""
    np.save(path, lights, allow_pickle=False)


def read_lights(data: bytes) -> npt.NDArray[np.float32]:
    """(n, 3) float32 lamp centres from a file's bytes; those that are not finite are left out.

    Raises ValueError where the bytes are no such file, or hold more than MAX_LAMPS.
    """
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not a file of lamps")
    shape, by_column, kind = np.lib.format.read_array_header_1_0(stream)
    if kind != np.dtype("<f4") or len(shape) != 2 or shape[1] != 3:
        raise ValueError("not a file of lamps")
    if not 0 <= shape[0] <= MAX_LAMPS or len(data) - stream.tell() != shape[0] * 12:
        raise ValueError("too many lamps, or the file is cut short")
    flat = np.frombuffer(data, np.float32, offset=stream.tell())
    lamps = flat.reshape(shape, order="F" if by_column else "C")
    return lamps[np.isfinite(lamps).all(axis=1)]
