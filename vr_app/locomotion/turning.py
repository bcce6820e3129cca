"""Turning by a stick: in steps with a rest between them, or smoothly.

Pure arithmetic of one stick.
"""

from __future__ import annotations

import math
from typing import Final

STEP_RAD: Final = math.radians(30.0)
PUSHED: Final = 0.7  # of the stick's way: a step
RELEASED: Final = 0.4  # back here another one may follow
AGAIN_S: Final = 0.5  # and while it is held, one each so often
SMOOTH_RAD_S: Final = math.radians(60.0)
DEAD: Final = 0.15  # of the stick's way: a thumb that rests


class Turning:
    """One stick. Clockwise is positive."""

    def __init__(self) -> None:
        self._side = 0  # to which it is pushed
        self._held_s = 0.0

    def step(self, stick: float, seconds: float, smoothly: bool) -> float:
        """Radians to turn in a frame of `seconds`; `stick` is -1 (left) to 1."""
        if smoothly:
            self._side = 0
            beyond = (abs(stick) - DEAD) / (1.0 - DEAD)
            return math.copysign(max(beyond, 0.0), stick) * SMOOTH_RAD_S * seconds
        if abs(stick) < RELEASED:
            self._side = 0
            return 0.0
        side = 1 if stick > 0 else -1
        if abs(stick) < PUSHED and side != self._side:
            return 0.0
        if side != self._side:
            self._side, self._held_s = side, 0.0
            return side * STEP_RAD
        self._held_s += seconds
        if self._held_s < AGAIN_S:
            return 0.0
        self._held_s -= AGAIN_S
        return side * STEP_RAD
