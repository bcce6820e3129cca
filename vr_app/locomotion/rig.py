"""Where a tracked person's room stands in the mine, and how it is moved without moving the person.

Pure: poses of the rig in, places of the scene out. It asks no floor and draws nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vr_app.display.tracking import RigPose, turned

Vector = npt.NDArray[np.float64]


def product(first: Vector, second: Vector) -> Vector:
    """(4,): the turn `second`, then the turn `first`."""
    w, x, y, z = first
    a, b, c, d = second
    return np.array(
        [
            w * a - x * b - y * c - z * d,
            w * b + x * a + y * d - z * c,
            w * c - x * d + y * a + z * b,
            w * d + x * c - y * b + z * a,
        ]
    )


def heading(orientation: Vector) -> tuple[float, float]:
    """(azimuth, pitch), radians, of the way that a pose looks (its y axis); straight up or down
    the azimuth is that of its top."""
    ahead = turned(orientation, np.array([0.0, 1.0, 0.0]))
    pitch = math.asin(max(-1.0, min(1.0, float(ahead[2]))))
    if abs(ahead[2]) > 0.999:
        ahead = turned(orientation, np.array([0.0, 0.0, -math.copysign(1.0, ahead[2])]))
    return math.atan2(float(ahead[0]), float(ahead[1])), pitch


@dataclass(slots=True)
class Rig:
    """The floor origin (3,) of the tracked space in the scene frame, and the azimuth of its y axis
    (radians, clockwise from north). `raised_m`: how much higher than their real head somebody
    stands who sits, or who wants to be taller."""

    floor: Vector = field(default_factory=lambda: np.zeros(3))
    azimuth_rad: float = 0.0
    raised_m: float = 0.0

    @property
    def turn(self) -> Vector:
        """The rig's axes into the scene's, as a quaternion w, x, y, z."""
        return np.array([math.cos(self.azimuth_rad / 2), 0.0, 0.0, -math.sin(self.azimuth_rad / 2)])

    @property
    def origin(self) -> Vector:
        """Where poses of the rig are counted from: its floor, raised."""
        return np.asarray(self.floor + np.array([0.0, 0.0, self.raised_m]), np.float64)

    def place(self, position: Vector) -> Vector:
        """A place in the rig (3,) in the scene frame."""
        return np.asarray(self.origin + turned(self.turn, position), np.float64)

    def pose(self, pose: RigPose) -> RigPose:
        """A pose in the rig in the scene frame."""
        return RigPose(self.place(pose.position), product(self.turn, pose.orientation))

    def feet(self, head: RigPose) -> Vector:
        """The floor below a head, (3,) scene frame."""
        below = self.place(head.position)
        return np.array([below[0], below[1], self.floor[2]])

    def stand(self, head: RigPose, feet: Vector, azimuth_rad: float | None = None) -> None:
        """Put the floor below the head to `feet`; with an azimuth the head looks there."""
        if azimuth_rad is not None:
            looks, _pitch = heading(head.orientation)
            self.azimuth_rad = (azimuth_rad - looks) % math.tau
        aside = turned(self.turn, np.array([head.position[0], head.position[1], 0.0]))
        self.floor = np.asarray(feet, np.float64) - aside

    def turn_about(self, head: RigPose, angle_rad: float) -> None:
        """Turn clockwise about where the head is: it stays at its place."""
        feet = self.feet(head)
        self.azimuth_rad = (self.azimuth_rad + angle_rad) % math.tau
        self.stand(head, feet)
