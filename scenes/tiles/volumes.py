"""Bounding volumes of 3D Tiles as boxes along the scene's axes: box, sphere and region.

A volume that is turned is widened, never cut. It reads no file.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Bounds = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

# The WGS 84 ellipsoid, which 3D Tiles' regions and geocentric coordinates stand on.
EQUATOR_M = 6_378_137.0
ECCENTRICITY_2 = 6.69437999014e-3
_STEPS = 8  # a region is sampled so many times along each side


def geocentric(
    longitude: npt.NDArray[np.float64],
    latitude: npt.NDArray[np.float64],
    height: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(..., 3) earth-centred metres of radians and metres above the ellipsoid."""
    sin, cos = np.sin(latitude), np.cos(latitude)
    normal = EQUATOR_M / np.sqrt(1 - ECCENTRICITY_2 * sin * sin)
    return np.stack(
        [
            (normal + height) * cos * np.cos(longitude),
            (normal + height) * cos * np.sin(longitude),
            (normal * (1 - ECCENTRICITY_2) + height) * sin,
        ],
        axis=-1,
    )


def bounds(volume: dict[str, Any], transform: Matrix | None, frame: Matrix | None) -> Bounds:
    """(low, high) in the scene frame. `transform` (4, 4) leads there from the tile's own frame,
    `frame` from the tileset's, which regions are in; None: the same frame.

    Raises ValueError and KeyError for what is no volume.
    """
    if "box" in volume:
        box = np.asarray(volume["box"], np.float64)
        if box.shape != (12,):
            raise ValueError("a box has 12 numbers")
        centre, axes = box[:3], box[3:].reshape(3, 3)
        if transform is not None:
            centre, axes = _moved(centre, transform), axes @ transform[:3, :3].T
        half = np.abs(axes).sum(axis=0)
        return _finite(centre - half, centre + half)
    if "region" in volume:
        return _region(volume["region"], frame)
    sphere = np.asarray(volume["sphere"], np.float64)
    if sphere.shape != (4,):
        raise ValueError("a sphere has 4 numbers")
    centre, radius = sphere[:3], np.full(3, abs(sphere[3]))
    if transform is not None:
        # What a ball becomes along each axis is the length of the matrix's row.
        centre = _moved(centre, transform)
        radius = radius * np.linalg.norm(transform[:3, :3], axis=1)
    return _finite(centre - radius, centre + radius)


def _region(values: Any, frame: Matrix | None) -> Bounds:
    region = np.asarray(values, np.float64)
    if region.shape != (6,) or not np.isfinite(region).all():
        raise ValueError("a region has 6 numbers")
    west, south, east, north, lowest, highest = (float(v) for v in region)
    if not (abs(west) <= 2 * math.pi and abs(east) <= 2 * math.pi):
        raise ValueError("a region lies beyond the earth")
    if east < west:  # across the antimeridian
        east += 2 * math.pi
    longitude, latitude, height = np.meshgrid(
        np.linspace(west, east, _STEPS + 1),
        np.linspace(south, north, _STEPS + 1),
        np.array([lowest, highest]),
    )
    places = geocentric(longitude.ravel(), latitude.ravel(), height.ravel())
    if frame is not None:
        places = _moved(places, frame)
    # Between samples the ground bulges by the sagitta of their distance.
    step = max(east - west, north - south) / _STEPS
    bulge = (EQUATOR_M + max(highest, 0.0)) * (1 - math.cos(min(step, math.pi) / 2)) * 2
    scale = 1.0 if frame is None else float(np.linalg.norm(frame[:3, :3], axis=0).max())
    return _finite(places.min(axis=0) - bulge * scale, places.max(axis=0) + bulge * scale)


def _moved(places: npt.NDArray[np.float64], matrix: Matrix) -> npt.NDArray[np.float64]:
    return np.asarray(places @ matrix[:3, :3].T + matrix[:3, 3], np.float64)


def _finite(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> Bounds:
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ValueError("a bound is not a finite number")
    return low, high


def child_volume(volume: dict[str, Any], level: int, place: tuple[int, ...]) -> dict[str, Any]:
    """The volume of an implicit tile: place (x, y) or (x, y, z) of 2^level cells along each axis
    of a box or region."""
    cells = float(2**level)
    if "box" in volume:
        box = np.asarray(volume["box"], np.float64)
        if box.shape != (12,):
            raise ValueError("a box has 12 numbers")
        centre, axes = box[:3].copy(), box[3:].reshape(3, 3).copy()
        for axis, number in enumerate(place):
            centre += axes[axis] * ((2 * number + 1) / cells - 1)
            axes[axis] /= cells
        return {"box": np.concatenate([centre, axes.ravel()])}
    region = np.asarray(volume["region"], np.float64).copy()
    if region.shape != (6,):
        raise ValueError("a region has 6 numbers")
    for axis, number in enumerate(place):
        low, high = ((0, 2), (1, 3), (4, 5))[axis]
        start, span = region[low], region[high] - region[low]
        region[low], region[high] = (
            start + span * number / cells,
            start + span * (number + 1) / cells,
        )
    return {"region": region}
