"""Where in a scene a tileset of others belongs: earth-centred ones through the scene's coordinate
system or by their own east, north and up; the rest as survey or scene coordinates.

Pure but for the tables of pyproj. It reads no tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.schema import Frame

How = Literal["crs", "east-north-up", "survey", "scene", "given"]
_EARTH_M = (6_300_000.0, 6_450_000.0)  # how far from the earth's centre its surface is
_GEOCENTRIC = "EPSG:4978"
_STEP_M = 100.0  # over which the change of frame is measured: about the size of a mine's parts
_EQUATOR_2, _POLE_2 = 6_378_137.0**2, 6_356_752.314245**2


@dataclass(frozen=True, slots=True)
class Placement:
    """matrix (4, 4) from the tileset's frame to the scene's, and how it was found."""

    matrix: npt.NDArray[np.float64]
    how: How


def is_geocentric(centre: npt.NDArray[np.float64]) -> bool:
    """Whether a tileset around `centre` (3,) metres lies on the earth as seen from its centre."""
    return bool(_EARTH_M[0] < float(np.linalg.norm(centre)) < _EARTH_M[1])


def place(
    centre: npt.NDArray[np.float64], frame: Frame, at: tuple[float, float, float] | None
) -> Placement:
    """The placement of a tileset whose bounds' middle is `centre` (3,), in its own frame. `at`:
    where in the survey grid that middle is to be (east, north, elevation).

    Raises `Refused` where the scene's coordinate system cannot be used.
    """
    origin = np.asarray(frame.origin, np.float64)
    if at is not None:
        target = np.asarray(at, np.float64) - origin
        turn = _east_north_up(centre) if is_geocentric(centre) else np.eye(3)
        return Placement(_matrix(turn, target - turn @ centre), "given")
    if not is_geocentric(centre):
        # Whichever brings it nearer: many local tilesets lie around their own zero.
        survey = np.linalg.norm(centre - origin) <= np.linalg.norm(centre)
        shift = -origin if survey else np.zeros(3)
        return Placement(_matrix(np.eye(3), shift), "survey" if survey else "scene")
    if frame.crs == "local":
        turn = _east_north_up(centre)
        return Placement(_matrix(turn, -turn @ centre), "east-north-up")
    return Placement(_by_crs(centre, frame.crs, origin), "crs")


def _matrix(
    turn: npt.NDArray[np.float64], shift: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, shift
    return matrix


def _east_north_up(centre: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(3, 3) rows east, north and up on the ellipsoid at an earth-centred place."""
    up = centre / np.array([_EQUATOR_2, _EQUATOR_2, _POLE_2])
    up /= np.linalg.norm(up)
    east = np.array([-centre[1], centre[0], 0.0])
    length = np.linalg.norm(east)
    east = np.array([0.0, 1.0, 0.0]) if length < 1.0 else east / length
    return np.stack([east, np.cross(up, east), up])


def _by_crs(
    centre: npt.NDArray[np.float64], crs: str, origin: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The best affine change of frame around the centre: the grid's own scale and convergence are
    in it, the earth's curvature is not (2 cm at 500 m, 8 cm at 1 km)."""
    try:
        import pyproj
    except ImportError as error:
        raise Refused("add-layer-no-pyproj", crs=crs) from error
    try:
        target = pyproj.CRS(crs).to_3d()
        if target.is_geographic:
            raise Refused("add-layer-crs", crs=crs, reason="degrees")
        there = pyproj.Transformer.from_crs(_GEOCENTRIC, target, always_xy=True)
        # The centre and, a step aside along each axis to both sides, how the grid changes.
        steps = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)]) * _STEP_M
        found = np.stack(there.transform(*(centre + steps).T), axis=1)
    except pyproj.exceptions.ProjError as error:
        raise Refused("add-layer-crs", crs=crs, reason=str(error)[:160]) from error
    if not np.isfinite(found).all():
        raise Refused("add-layer-crs", crs=crs, reason="the tileset lies outside of its area")
    turn = ((found[1:4] - found[4:7]) / (2 * _STEP_M)).T
    return _matrix(turn, found[0] - origin - turn @ centre)
