"""A wearer's view without the head's trembling, for those who watch it on the window beside.

Pure geometry: places and directions in, smoothed ones out.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

COMES_PER_S: Final = 3.0  # of the way that is left: a nod of the head is gone in a second
JUMP_M: Final = 1.5  # farther at once is a teleport: it is followed at once

Array = npt.NDArray[np.float64]


class SteadyView:
    """An eye (3,) in the scene with azimuth and pitch in radians."""

    def __init__(self) -> None:
        self.eye: Array = np.zeros(3)
        self.azimuth_rad = self.pitch_rad = 0.0
        self._placed = False

    def step(self, eye: Array, azimuth_rad: float, pitch_rad: float, seconds: float) -> None:
        """Follow the head for a frame."""
        away = eye - self.eye
        if not self._placed or float(np.linalg.norm(away)) > JUMP_M:
            self.eye, self.azimuth_rad, self.pitch_rad = eye.copy(), azimuth_rad, pitch_rad
            self._placed = True
            return
        share = 1.0 - math.exp(-COMES_PER_S * seconds)
        turn = math.remainder(azimuth_rad - self.azimuth_rad, math.tau)
        self.eye = self.eye + share * away
        self.azimuth_rad = math.remainder(self.azimuth_rad + share * turn, math.tau)
        self.pitch_rad += share * (pitch_rad - self.pitch_rad)

    def forget(self) -> None:
        """Start where the head is at the next step."""
        self._placed = False
