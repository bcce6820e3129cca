"""Where somebody who opens a twin stands: where its scene says, or before the whole of it.

A twin of foreign tiles may have no place to arrive at, or one that lies far from all there is.
Pure: it knows boxes and places, no display.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float, float, float]  # low and high, scene frame

NEAR_M: Final = 20.0  # beside what there is is as good as in it
DOWN_RAD: Final = math.radians(30.0)  # how steeply an overview looks
FIELD_RAD: Final = math.radians(50.0)  # within which all of it shall be seen


def around(boxes: Iterable[Bounds]) -> Bounds | None:
    """The box around all boxes; None where there is none."""
    every = np.array([box for box in boxes if all(map(math.isfinite, box))], np.float64)
    if not len(every):
        return None
    low, high = every[:, :3].min(axis=0), every[:, 3:].max(axis=0)
    return (*map(float, low), *map(float, high))  # type: ignore[return-value]


def is_near(place: Vector, bounds: Bounds) -> bool:
    """Whether a place (3,) lies in the bounds or beside them."""
    low, high = np.array(bounds[:3]) - NEAR_M, np.array(bounds[3:]) + NEAR_M
    return bool((place >= low).all() and (place <= high).all())


def overview(bounds: Bounds) -> tuple[Vector, float, float]:
    """Eye (3,), azimuth and pitch (radians) from where the bounds are seen whole: from the south
    and above."""
    low, high = np.array(bounds[:3]), np.array(bounds[3:])
    middle = (low + high) / 2
    radius = max(float(np.linalg.norm(high - low)) / 2, 1.0)
    away = radius / math.sin(FIELD_RAD / 2)
    back = np.array([0.0, -math.cos(DOWN_RAD), math.sin(DOWN_RAD)])
    return middle + away * back, 0.0, -DOWN_RAD
