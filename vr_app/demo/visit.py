"""The scripted 20-second visit: where the visitor is at every moment, and when pictures are taken.

Pure: takes the scene's viewpoints; knows no display and no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from scenes.schema import Scene, Viewpoint
from vr_app.world.walker import EYE_HEIGHT_M, Vector, gaze

LENGTH_S: Final = 20.0
# viewpoint, from, until, metres moved along the gaze per second, turn in degrees per second; from
# the air the speed is a share of the distance to the place of arrival
STOPS: Final = (
    ("overview", 0.0, 5.0, 0.006, 0.6),
    ("decline", 5.0, 10.0, 0.8, 0.0),
    ("sump", 10.0, 15.0, 0.1, 0.0),
    ("together", 15.0, LENGTH_S, 0.0, 0.0),
)
PICTURE_BEFORE_END_S: Final = 0.8  # pictures are taken when a stop has settled


@dataclass(frozen=True, slots=True)
class Moment:
    """The visitor at one moment: stop, eye (3,) scene frame, azimuth and pitch in radians."""

    stop: str
    eye: Vector
    azimuth_rad: float
    pitch_rad: float

    @property
    def gaze(self) -> Vector:
        """Unit view direction."""
        return gaze(self.azimuth_rad, self.pitch_rad)


@dataclass(frozen=True, slots=True)
class _Stop:
    viewpoint: Viewpoint
    name: str
    start_s: float
    end_s: float
    speed_m_s: float
    turn_rad_s: float


class Visit:
    """The visit through one scene. A viewpoint that the scene lacks is replaced: the overview by
    the first one that flies, the others by the place of arrival."""

    def __init__(self, scene: Scene) -> None:
        known = {viewpoint.id: viewpoint for viewpoint in scene.viewpoints}
        self._stops = []
        for name, start, end, speed, turn in STOPS:
            viewpoint = known.get(name) or _substitute(scene, name)
            if viewpoint.mode == "fly":
                speed *= math.dist(viewpoint.position, scene.spawn.position)
            self._stops.append(_Stop(viewpoint, name, start, end, speed, math.radians(turn)))

    def at(self, seconds: float) -> Moment:
        """Where the visitor is `seconds` after the start; stays at the end afterwards."""
        seconds = min(max(seconds, 0.0), LENGTH_S)
        stop = next(s for s in reversed(self._stops) if seconds >= s.start_s)
        since = seconds - stop.start_s
        point = stop.viewpoint
        azimuth = math.radians(point.azimuth_deg) + stop.turn_rad_s * since
        pitch = math.radians(point.pitch_deg)
        along = gaze(azimuth, 0.0 if point.mode == "walk" else pitch)
        eye = np.asarray(point.position, np.float64) + along * stop.speed_m_s * since
        return Moment(stop.name, eye, azimuth, pitch)

    def pictures(self) -> dict[str, float]:
        """{stop: second at which its picture is taken}."""
        return {stop.name: stop.end_s - PICTURE_BEFORE_END_S for stop in self._stops}


def _substitute(scene: Scene, name: str) -> Viewpoint:
    if name == "overview":
        for viewpoint in scene.viewpoints:
            if viewpoint.mode == "fly":
                return viewpoint
    east, north, up = scene.spawn.position
    turned = {"decline": 0.0, "sump": 120.0, "together": 240.0}.get(name, 0.0)
    return Viewpoint(
        id=name,
        title={},
        position=(east, north, up + EYE_HEIGHT_M),
        azimuth_deg=scene.spawn.azimuth_deg + turned,
    )
