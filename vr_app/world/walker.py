"""A person's own movement: walking on the floor with walls in the way, flying, teleporting.

Pure: asks floor and ray questions through `GroundQueries`, and knows no window, GPU or clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

UP = np.array([0.0, 0.0, 1.0])
EYE_HEIGHT_M = 1.65
CROUCHED_M = 1.0  # who stoops gets through where there is so much room
OVER_EYES_M = 0.12  # between the eyes and the top of the helmet
STOOP_PER_S = 10.0
BODY_RADIUS_M = 0.35
KNEE_M, CHEST_M = 0.7, 1.3  # heights of the rays that feel for walls
WALK_M_S, RUN_M_S = 2.2, 6.0
FLY_M_S, FLY_FASTER = 12.0, 5.0
SETTLE_PER_S = 12.0  # how fast feet settle on the floor
PITCH_LIMIT_RAD = math.radians(88)
TELEPORT_REACH_M = 40.0


class RayHit(Protocol):
    """Where a ray met the twin (see `scenes.walk.ground.Hit`)."""

    @property
    def point(self) -> Vector: ...
    @property
    def normal(self) -> Vector: ...
    @property
    def distance(self) -> float: ...


class GroundQueries(Protocol):
    """Floor and ray queries (see `scenes.walk.ground.Ground`)."""

    def ray(self, origin: Vector, direction: Vector, reach_m: float = ...) -> RayHit | None: ...
    def solid(self, origin: Vector, direction: Vector, reach_m: float) -> RayHit | None: ...
    def floor(self, point: Vector, above_m: float = ..., reach_m: float = ...) -> RayHit | None: ...


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person wants in one frame: right, forward, up in -1..1, turns in radians."""

    right: float = 0.0
    forward: float = 0.0
    up: float = 0.0
    turn: float = 0.0
    look_up: float = 0.0
    fast: bool = False


def gaze(azimuth_rad: float, pitch_rad: float) -> Vector:
    """Unit view direction: azimuth clockwise from north, pitch upwards."""
    level = math.cos(pitch_rad)
    return np.array(
        [level * math.sin(azimuth_rad), level * math.cos(azimuth_rad), math.sin(pitch_rad)]
    )


@dataclass(slots=True)
class Walker:
    """Feet position (3,) in the scene frame, gaze, and how the person moves."""

    feet: Vector
    azimuth_rad: float = 0.0
    pitch_rad: float = 0.0
    mode: Literal["walk", "fly"] = "walk"
    fly_m_s: float = FLY_M_S
    eye_m: float = EYE_HEIGHT_M  # over the feet: less under a low roof

    @property
    def eye(self) -> Vector:
        """The eye, (3,) scene frame."""
        return self.feet + self.eye_m * UP

    @property
    def gaze(self) -> Vector:
        """Unit view direction."""
        return gaze(self.azimuth_rad, self.pitch_rad)

    def step(self, intent: Intent, seconds: float, ground: GroundQueries | None) -> None:
        """Move for a frame of `seconds`. Without `ground` (still loading) nothing is in the way."""
        self.azimuth_rad = (self.azimuth_rad + intent.turn) % math.tau
        pitch = self.pitch_rad + intent.look_up
        self.pitch_rad = max(-PITCH_LIMIT_RAD, min(PITCH_LIMIT_RAD, pitch))
        if self.mode == "fly":
            self._fly(intent, seconds)
        else:
            self._walk(intent, min(seconds, 0.1), ground)

    def _fly(self, intent: Intent, seconds: float) -> None:
        self.eye_m = EYE_HEIGHT_M
        speed = self.fly_m_s * (FLY_FASTER if intent.fast else 1.0)
        right = gaze(self.azimuth_rad + math.pi / 2, 0.0)
        wish = self.gaze * intent.forward + right * intent.right + UP * intent.up
        length = float(np.linalg.norm(wish))
        if length > 0:
            self.feet = self.feet + wish / max(length, 1.0) * speed * seconds

    def _walk(self, intent: Intent, seconds: float, ground: GroundQueries | None) -> None:
        ahead = gaze(self.azimuth_rad, 0.0)
        right = gaze(self.azimuth_rad + math.pi / 2, 0.0)
        wish = ahead * intent.forward + right * intent.right
        length = float(np.linalg.norm(wish))
        if length > 0:
            speed = RUN_M_S if intent.fast else WALK_M_S
            self._move(wish / max(length, 1.0) * speed * seconds, ground)
        if ground is not None:
            below = ground.floor(self.feet)
            if below is not None:
                share = 1.0 - math.exp(-SETTLE_PER_S * seconds)
                self.feet = self.feet + share * (float(below.point[2]) - self.feet[2]) * UP
            self._stoop(seconds, ground)

    def _stoop(self, seconds: float, ground: GroundQueries) -> None:
        """Eyes stay below the roof: at once where it is low, slowly up again."""
        room = _headroom(ground, self.feet, EYE_HEIGHT_M + OVER_EYES_M)
        wanted = max(room - OVER_EYES_M, CROUCHED_M - OVER_EYES_M)
        share = 1.0 - math.exp(-STOOP_PER_S * seconds)
        self.eye_m = min(wanted, self.eye_m + share * (wanted - self.eye_m))

    def _move(self, motion: Vector, ground: GroundQueries | None) -> None:
        if ground is None:
            self.feet = self.feet + motion
            return
        for _ in range(2):  # a second try slides along the wall that stopped the first
            blocked = self._wall(motion, ground)
            if blocked is None:
                break
            normal = np.array([blocked.normal[0], blocked.normal[1], 0.0])
            normal /= max(float(np.linalg.norm(normal)), 1e-9)
            motion = motion - normal * min(float(motion @ normal), 0.0)
        if self._wall(motion, ground) is None and float(motion @ motion) > 0:
            there = self.feet + motion
            floor = ground.floor(there)
            # No floor in reach: people do not walk over an edge by mistake.
            if floor is not None and self._fits(floor.point, ground):
                self.feet = there

    def _fits(self, floor: Vector, ground: GroundQueries) -> bool:
        """Whether somebody who stoops has room there, or more than where they are."""
        room = _headroom(ground, floor, CROUCHED_M)
        return room >= CROUCHED_M or room >= _headroom(ground, self.feet, CROUCHED_M)

    def _wall(self, motion: Vector, ground: GroundQueries) -> RayHit | None:
        """The wall that this motion would bring nearer than the body's radius."""
        length = float(np.linalg.norm(motion))
        if length < 1e-9:
            return None
        nearest: RayHit | None = None
        for height in (KNEE_M, CHEST_M):
            # Walls met at a flat angle are felt early: what counts is the distance across.
            hit = ground.solid(self.feet + height * UP, motion, length + 4 * BODY_RADIUS_M)
            if hit is None or abs(float(hit.normal[2])) > 0.7:
                continue  # a slope is walked on, not into
            approach = -float(motion @ hit.normal)
            clearance = hit.distance * approach / length - approach
            if approach <= 1e-9 or clearance >= BODY_RADIUS_M:
                continue
            if nearest is None or hit.distance < nearest.distance:
                nearest = hit
        return nearest

    def teleport_target(self, ground: GroundQueries) -> Vector | None:
        """The floor the gaze meets within reach, where a person can stand upright."""
        hit = ground.ray(self.eye, self.gaze, TELEPORT_REACH_M)
        if hit is None:
            return None
        # A wall is met a little before it, so that pointing at its foot works too.
        spot = hit.point + hit.normal * BODY_RADIUS_M
        floor = ground.floor(spot, 0.5, 3.0)
        if floor is None or ground.solid(floor.point + 0.05 * UP, UP, 1.7):
            return None
        return floor.point

    def place(self, feet: Vector, azimuth_rad: float | None = None, pitch_rad: float = 0.0) -> None:
        """Put the person somewhere at once."""
        self.feet = np.asarray(feet, np.float64)
        if azimuth_rad is not None:
            self.azimuth_rad, self.pitch_rad = azimuth_rad % math.tau, pitch_rad


def _headroom(ground: GroundQueries, feet: Vector, enough_m: float) -> float:
    """Metres from the feet to what is above them, at most `enough_m`."""
    # From the knees, so that rough ground about the feet is no roof.
    roof = ground.solid(feet + KNEE_M * UP, UP, enough_m - KNEE_M)
    return enough_m if roof is None else KNEE_M + roof.distance


def head_orientation(azimuth_rad: float, pitch_rad: float) -> Vector:
    """Quaternion (w, x, y, z) of a head that looks along `gaze`; identity looks north, level."""
    turn, nod = -azimuth_rad / 2, pitch_rad / 2
    a, d = math.cos(turn), math.sin(turn)  # about +Z
    b, c = math.cos(nod), math.sin(nod)  # about +X, applied first
    return np.array([a * b, a * c, d * c, d * b])
