"""What keeps people well: a vignette while they are moved, dark while they jump or look into rock.

Pure: amounts from 0 to 1 out; drawing them is the display's. Heads that move by themselves darken
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

# Values of godot-xr-tools' vignette: closed at these speeds of the rig, open again so long after.
FULL_TURN_RAD_S: Final = math.radians(20.0)
FULL_SPEED_M_S: Final = 3.0  # people walk at 2.2 here; theirs are for flying
OPENS_S: Final = 1.5
CLOSES_S: Final = 0.1
DARKEN_S: Final = 0.09
LIGHTEN_S: Final = 0.16


class Vignette:
    """How far the edge of sight is closed."""

    def __init__(self) -> None:
        self.amount = 0.0

    def step(self, moved_m: float, turned_rad: float, seconds: float, wanted: bool) -> float:
        """After a frame in which the rig (not the head) moved and turned by so much; snap turns
        and jumps are not among them. `wanted`: whether the person has not switched it off."""
        if seconds <= 0.0:
            return self.amount
        target = 0.0
        if wanted:
            speed = moved_m / seconds / FULL_SPEED_M_S
            target = min(max(speed, abs(turned_rad) / seconds / FULL_TURN_RAD_S), 1.0)
        rate = 1.0 / CLOSES_S if target > self.amount else 1.0 / OPENS_S
        step = rate * seconds
        self.amount += max(-step, min(step, target - self.amount))
        return self.amount


class Fade:
    """Dark before somebody is put elsewhere, light after."""

    def __init__(self) -> None:
        self.dark = 0.0
        self._then: Callable[[], None] | None = None

    @property
    def jumping(self) -> bool:
        """Whether a jump waits for the dark."""
        return self._then is not None

    def jump(self, then: Callable[[], None]) -> None:
        """Call `then` once it is dark. One that waits already is not asked twice."""
        if self._then is None:
            self._then = then

    def step(self, seconds: float, in_rock: bool = False) -> float:
        """How dark the next frame is. `in_rock`: the head is where no air is."""
        if self._then is not None or in_rock:
            self.dark = min(self.dark + seconds / DARKEN_S, 1.0)
        else:
            self.dark = max(self.dark - seconds / LIGHTEN_S, 0.0)
        if self._then is not None and self.dark >= 1.0:
            then, self._then = self._then, None
            then()
        return self.dark
