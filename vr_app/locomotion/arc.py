"""The arc of a teleport: a thrown point that lands on walkable ground, or says that it does not.

Pure: asks floor and ray questions through `GroundQueries`; it moves nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.world.walker import BODY_RADIUS_M, UP, GroundQueries, Vector

THROW_M_S: Final = 9.0  # level it lands about 8 m away, upwards at most about 12 m
GRAVITY_M_S2: Final = 9.81
STEP_S: Final = 0.06
LONGEST_S: Final = 3.0
STEEPEST: Final = math.cos(math.radians(40.0))  # of a floor's normal with the vertical
HEADROOM_M: Final = 1.0  # somebody who stoops
SIDES: Final = 6  # ways in which a body must have room


@dataclass(frozen=True, slots=True)
class Arc:
    """points (n, 3): the way of the thrown point, scene frame, from the hand to its end; landing
    (3,): the floor where it lands, None where nobody could stand."""

    points: npt.NDArray[np.float64]
    landing: Vector | None

    @property
    def end(self) -> Vector:
        """Where it ends, on a floor or not."""
        return np.asarray(self.points[-1], np.float64)


def throw(origin: Vector, direction: Vector, ground: GroundQueries) -> Arc:
    """The arc from a hand (3,) along a direction (3,) until it meets something."""
    place = np.asarray(origin, np.float64)
    velocity = direction / max(float(np.linalg.norm(direction)), 1e-9) * THROW_M_S
    velocity = np.where(np.abs(velocity) < 1e-9, 0.0, velocity)  # rays divide by it
    points = [place]
    for _ in range(int(LONGEST_S / STEP_S)):
        way = velocity * STEP_S - 0.5 * GRAVITY_M_S2 * STEP_S**2 * UP
        length = float(np.linalg.norm(way))
        hit = ground.ray(place, way, length)
        if hit is not None and hit.distance <= length:
            points.append(np.asarray(hit.point, np.float64))
            return Arc(np.array(points), _landing(hit.point, hit.normal, way, ground))
        place = place + way
        velocity = velocity - GRAVITY_M_S2 * STEP_S * UP
        points.append(place)
    return Arc(np.array(points), None)


def _landing(point: Vector, normal: Vector, way: Vector, ground: GroundQueries) -> Vector | None:
    """The walkable floor at a place that was met on this way, if somebody could stand there."""
    up = normal if normal[2] > 0 else -normal
    if float(up[2]) < STEEPEST or float(way @ up) >= 0.0:  # steep, or met from below
        return None
    floor = ground.floor(np.asarray(point, np.float64), 0.3, 0.6)
    # What was met is not what feet stand on: a table, a pipe, a roof from above.
    if floor is None or float(np.linalg.norm(floor.point - point)) > 0.3:
        return None
    return np.asarray(floor.point, np.float64) if has_room(floor.point, ground) else None


def has_room(feet: Vector, ground: GroundQueries) -> bool:
    """Whether a body fits at a place: over its head, and round about."""
    if ground.solid(feet + 0.05 * UP, UP, HEADROOM_M) is not None:
        return False
    middle = feet + 0.7 * UP
    for number in range(SIDES):
        angle = math.tau * number / SIDES
        side = np.array([math.sin(angle), math.cos(angle), 0.0])
        if ground.solid(middle, side, 0.6 * BODY_RADIUS_M) is not None:
            return False
    return True
