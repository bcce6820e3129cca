"""The eyes that tiles are chosen for: views in plain numbers, near ones merged, widened for turns.

Pure; numpy costs more than it saves on a few planes. It knows no tile.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

TURN_RAD: Final = math.radians(10.0)  # what a head turns while tiles are chosen and loaded
TOGETHER_M: Final = 0.5  # eyes of one head: one of them stands for both

Vector = tuple[float, ...]
# Of a box (low, high) the corner that lies farthest inside, as three indices, then the plane.
CornerPlane = tuple[int, int, int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """One eye: position (3,) scene frame, frustum planes (k, 4) with inside where
    normal . point + d >= 0, the fifth across the gaze, and how many pixels one metre at one metre
    covers. `gaze` (3,) is where the head looks if that is not straight at the picture (walls)."""

    position: npt.NDArray[np.float64]
    planes: npt.NDArray[np.float64]
    pixels_per_radian: float
    gaze: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class Eye:
    """One head's views: middle of their positions, the distance from it to the farthest one,
    a list of planes for each view, direction of the gaze, and the finest of their pixels."""

    position: tuple[float, float, float]
    radius: float
    frusta: list[list[CornerPlane]]
    gaze: tuple[float, float, float] | None
    pixels: float


def frustum_planes(clip_from_scene: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(5, 4) planes (no far plane) of a column-vector matrix clip = M @ scene."""
    rows = clip_from_scene
    planes = np.stack(
        [rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[3]]
    )
    lengths = np.maximum(np.linalg.norm(planes[:, :3], axis=1, keepdims=True), 1e-12)
    return np.asarray(planes / lengths, np.float64)


def _turned(plane: Vector, gaze: Vector | None, eye: Vector, angle: float) -> Vector:
    """A side plane opened by an angle about its line across the eye."""
    if gaze is None or angle == 0.0:
        return plane
    a, b, c, d = plane
    along = a * gaze[0] + b * gaze[1] + c * gaze[2]
    side = (a - along * gaze[0], b - along * gaze[1], c - along * gaze[2])
    length = math.sqrt(side[0] ** 2 + side[1] ** 2 + side[2] ** 2)
    if length < 1e-6:
        return plane
    turned = min(math.atan2(along, length) + angle, math.pi / 2)
    forward, out = math.sin(turned), math.cos(turned) / length
    a2, b2, c2 = (forward * g + out * s for g, s in zip(gaze, side, strict=True))
    moved = (a - a2) * eye[0] + (b - b2) * eye[1] + (c - c2) * eye[2]
    return a2, b2, c2, d + moved


def _corner_plane(plane: Vector) -> CornerPlane:
    a, b, c, d = plane
    return (3 if a >= 0 else 0, 4 if b >= 0 else 1, 5 if c >= 0 else 2, a, b, c, d)


def _gaze_of(view: View) -> Vector | None:
    if view.gaze is not None:
        return tuple(view.gaze.tolist())
    return tuple(view.planes[4, :3].tolist()) if len(view.planes) > 4 else None


def eyes_of(views: Iterable[View], turn_rad: float = TURN_RAD) -> list[Eye]:
    """The heads of the views, their frusta opened by `turn_rad` on every side."""
    heads: list[list[View]] = []
    for view in views:
        for head in heads:
            if float(np.abs(head[0].position - view.position).max()) < TOGETHER_M:
                head.append(view)
                break
        else:
            heads.append([view])
    return [_merged(head, turn_rad) for head in heads]


def _merged(head: Sequence[View], turn_rad: float) -> Eye:
    positions = np.stack([view.position for view in head])
    middle = positions.mean(axis=0)
    radius = float(np.linalg.norm(positions - middle, axis=1).max())
    frusta: list[list[CornerPlane]] = []
    gazes = []
    for view in head:
        straight = tuple(view.planes[4, :3].tolist()) if len(view.planes) > 4 else None
        eye = tuple(view.position.tolist())
        planes = [
            _turned(tuple(plane), straight, eye, turn_rad if number < 4 else 0.0)
            for number, plane in enumerate(view.planes.tolist())
        ]
        frusta.append([_corner_plane(plane) for plane in planes])
        gaze = _gaze_of(view)
        if gaze is not None:
            gazes.append(gaze)
    together = np.sum(gazes, axis=0) if gazes else np.zeros(3)
    length = float(np.linalg.norm(together))
    x, y, z = middle.tolist()
    gaze3 = None
    if length > 1e-6:
        gx, gy, gz = (together / length).tolist()
        gaze3 = (gx, gy, gz)
    return Eye((x, y, z), radius, frusta, gaze3, max(float(v.pixels_per_radian) for v in head))


def same_views(old: Sequence[View], new: Sequence[View], moved_m: float, turned_rad: float) -> bool:
    """Whether the new views see what the old ones, opened for turns, do: none moved or turned
    farther, and lenses are the same."""
    if len(old) != len(new):
        return False
    turned = math.cos(turned_rad)
    for one, two in zip(old, new, strict=True):
        if one is two:
            continue
        if one.pixels_per_radian != two.pixels_per_radian or len(one.planes) != len(two.planes):
            return False
        if float(np.abs(one.position - two.position).max()) > moved_m:
            return False
        # Every plane of a head that turns turns with it.
        if len(one.planes):
            cosines = np.einsum("ij,ij->i", one.planes[:, :3], two.planes[:, :3])
            if float(cosines.min()) < turned:
                return False
        if (one.gaze is None) != (two.gaze is None):
            return False
    return True
