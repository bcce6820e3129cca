"""The pixel panels on a plane in the room around a wearer, 1.5 m away, and where a hand aims at it.

Follows the wearer lazily: it stands still while they read, and comes along when they have turned
or gone away. Pure geometry in the rig's frame; what is on it is another's affair.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.display.tracking import RigPose, turned

AWAY_M: Final = 1.5
BELOW_M: Final = 0.08  # the eyes' height: heads rest looking slightly down
METRES_PER_PIXEL: Final = 1.6 / 1280  # 21 pixels in a degree, what today's headsets resolve
TURNED_RAD: Final = math.radians(42.0)
GONE_M: Final = 0.7
CLOSER_M: Final = 1.2  # who steps up to it touches it: it does not give way
COMES_PER_S: Final = 5.0  # of the way that is left
ARRIVED: Final = 0.01

Array = npt.NDArray[np.float64]


class Panel:
    """A plane of (width, height) pixels that faces the wearer."""

    def __init__(self) -> None:
        self.centre: Array = np.zeros(3)
        self.azimuth_rad = 0.0  # from the wearer to it, clockwise from y
        self._placed = False
        self._moving = False

    def forget(self) -> None:
        """Stand anew at the next step: the origin moved."""
        self._placed = False

    def step(self, head: RigPose, seconds: float) -> None:
        """Follow the head (in the rig) for a frame."""
        ahead = turned(head.orientation, np.array([0.0, 1.0, 0.0]))
        # Who looks straight up or down keeps the panel where it is.
        if math.hypot(ahead[0], ahead[1]) > 0.3:
            azimuth = math.atan2(float(ahead[0]), float(ahead[1]))
        else:
            azimuth = self.azimuth_rad
        wanted = head.position + AWAY_M * _direction(azimuth) - np.array([0.0, 0.0, BELOW_M])
        if not self._placed:
            self.centre, self.azimuth_rad, self._placed = wanted, azimuth, True
            self._moving = False
            return
        turn = math.remainder(azimuth - self.azimuth_rad, math.tau)
        away = float(np.linalg.norm((self.centre - head.position)[:2])) - AWAY_M
        if abs(turn) > TURNED_RAD or away > GONE_M or away < -CLOSER_M:
            self._moving = True
        if not self._moving:
            return
        share = 1.0 - math.exp(-COMES_PER_S * seconds)
        self.azimuth_rad = math.remainder(self.azimuth_rad + turn * share, math.tau)
        distance = AWAY_M + away * (1.0 - share)
        height = self.centre[2] + (wanted[2] - self.centre[2]) * share
        self.centre = head.position + distance * _direction(self.azimuth_rad)
        self.centre[2] = height
        if abs(turn) < ARRIVED and abs(away) < ARRIVED:
            self._moving = False

    def pose(self) -> RigPose:
        """Its middle, and the turn that makes its y axis lead away from the wearer."""
        half = -self.azimuth_rad / 2
        return RigPose(self.centre.copy(), np.array([math.cos(half), 0.0, 0.0, math.sin(half)]))

    def metres(self, size: tuple[int, int]) -> tuple[float, float]:
        """Width and height of a panel of `size` pixels."""
        return size[0] * METRES_PER_PIXEL, size[1] * METRES_PER_PIXEL

    def aimed(self, aim: RigPose, size: tuple[int, int]) -> tuple[float, float] | None:
        """The pixel (from the top left) of a panel of `size` that a hand's ray meets, or None."""
        ahead = turned(aim.orientation, np.array([0.0, 1.0, 0.0]))
        normal = _direction(self.azimuth_rad)
        towards = float(ahead @ normal)
        if towards < 1e-3:
            return None
        reach = float((self.centre - aim.position) @ normal) / towards
        if not 0.0 < reach < 10.0:
            return None
        return self._pixel(aim.position + reach * ahead, size)

    def over(self, place: Array, size: tuple[int, int]) -> tuple[tuple[float, float], float] | None:
        """The pixel of a panel of `size` that a place (3,) is over, and how far it is before the
        panel (m, negative behind it); None beside it."""
        pixel = self._pixel(place, size)
        if pixel is None:
            return None
        return pixel, float((self.centre - place) @ _direction(self.azimuth_rad))

    def _pixel(self, place: Array, size: tuple[int, int]) -> tuple[float, float] | None:
        away = place - self.centre
        right = np.array([math.cos(self.azimuth_rad), -math.sin(self.azimuth_rad), 0.0])
        x = float(away @ right) / METRES_PER_PIXEL + size[0] / 2
        y = -float(away[2]) / METRES_PER_PIXEL + size[1] / 2
        return (x, y) if 0.0 <= x < size[0] and 0.0 <= y < size[1] else None


def _direction(azimuth_rad: float) -> Array:
    return np.array([math.sin(azimuth_rad), math.cos(azimuth_rad), 0.0])
