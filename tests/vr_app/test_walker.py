"""A person's own movement, on a made-up ground of planes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.world.walker import (
    BODY_RADIUS_M,
    CROUCHED_M,
    EYE_HEIGHT_M,
    OVER_EYES_M,
    RUN_M_S,
    WALK_M_S,
    Intent,
    Walker,
    gaze,
    head_orientation,
)


@dataclass
class Hit:
    point: np.ndarray
    normal: np.ndarray
    distance: float


class Hall:
    """A floor z = 0 for |x| < 10, walls at x = +-8 beyond which the floor goes on, a roof at 4."""

    def ray(self, origin: np.ndarray, direction: np.ndarray, reach_m: float = 1e9) -> Hit | None:
        unit = direction / np.linalg.norm(direction)
        best: Hit | None = None
        planes = [((1.0, 0, 0), -8.0), ((-1.0, 0, 0), -8.0), ((0, 0, 1.0), 0.0), ((0, 0, -1.0), -4)]
        for normal, offset in planes:
            n = np.array(normal)
            speed, height = float(n @ unit), float(n @ origin) - offset
            if speed >= -1e-9 or height < 0:
                continue
            distance = -height / speed
            if distance <= reach_m and (best is None or distance < best.distance):
                best = Hit(origin + unit * distance, n, distance)
        return best

    solid = ray

    def floor(self, point: np.ndarray, above_m: float = 0.6, reach_m: float = 4.0) -> Hit | None:
        if abs(point[0]) > 10 or not -above_m <= point[2] <= reach_m:
            return None
        at = np.array([point[0], point[1], 0.0])
        return Hit(at, np.array([0, 0, 1.0]), point[2] + above_m)


def walk(walker: Walker, intent: Intent, seconds: float) -> None:
    for _ in range(round(seconds * 60)):
        walker.step(intent, 1 / 60, Hall())


def test_walking_north_goes_north_at_walking_pace() -> None:
    walker = Walker(np.zeros(3))
    walk(walker, Intent(forward=1.0), 1.0)
    np.testing.assert_allclose(walker.feet, [0, WALK_M_S, 0], atol=0.05)
    walk(walker, Intent(forward=1.0, fast=True), 1.0)
    assert walker.feet[1] == pytest.approx(WALK_M_S + RUN_M_S, abs=0.1)


def test_diagonal_is_not_faster() -> None:
    walker = Walker(np.zeros(3))
    walk(walker, Intent(forward=1.0, right=1.0), 1.0)
    assert np.linalg.norm(walker.feet) == pytest.approx(WALK_M_S, abs=0.05)


def test_a_wall_stops_and_lets_slide() -> None:
    walker = Walker(np.array([6.0, 0, 0]), azimuth_rad=math.radians(45))
    walk(walker, Intent(forward=1.0), 4.0)
    assert walker.feet[0] <= 8.0 - BODY_RADIUS_M + 1e-6
    assert walker.feet[0] > 7.0
    assert walker.feet[1] > 4.0, "sliding along the wall goes on"


def test_feet_settle_on_the_floor() -> None:
    walker = Walker(np.array([0.0, 0, 1.5]))
    walk(walker, Intent(), 1.0)
    assert walker.feet[2] == pytest.approx(0.0, abs=0.01)
    assert walker.eye[2] == pytest.approx(EYE_HEIGHT_M, abs=0.01)


def test_flying_ignores_the_floor() -> None:
    walker = Walker(np.zeros(3), mode="fly")
    walk(walker, Intent(up=1.0), 1.0)
    assert walker.feet[2] > 10


def test_pitch_is_limited_and_azimuth_wraps() -> None:
    walker = Walker(np.zeros(3))
    walk(walker, Intent(turn=0.2, look_up=0.2), 2.0)
    assert 0 <= walker.azimuth_rad < math.tau
    assert walker.pitch_rad <= math.radians(88) + 1e-9


def test_teleport_goes_to_floor_one_can_stand_on() -> None:
    walker = Walker(np.zeros(3), pitch_rad=math.radians(-30))
    target = walker.teleport_target(Hall())
    assert target is not None and target[2] == pytest.approx(0.0)
    assert target[1] == pytest.approx(EYE_HEIGHT_M / math.tan(math.radians(30)), abs=0.01)
    walker.pitch_rad = math.radians(40)
    assert walker.teleport_target(Hall()) is None, "the roof is no floor"


@given(st.floats(0, math.tau), st.floats(-1.5, 1.5))
def test_head_orientation_looks_along_the_gaze(azimuth: float, pitch: float) -> None:
    w, x, y, z = head_orientation(azimuth, pitch)
    ahead = np.array([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)])
    np.testing.assert_allclose(ahead, gaze(azimuth, pitch), atol=1e-9)
    assert w * w + x * x + y * y + z * z == pytest.approx(1.0)


class LowRoof(Hall):
    """The hall with a roof that comes down to the north, as flat as a floor."""

    def __init__(self, *, lowest: float) -> None:
        self.lowest = lowest

    def solid(self, origin: np.ndarray, direction: np.ndarray, reach_m: float) -> Hit | None:
        unit = direction / np.linalg.norm(direction)
        if unit[2] < 0.99:
            return super().ray(origin, direction, reach_m)
        roof = max(2.4 - 0.15 * float(origin[1]), self.lowest)
        distance = roof - float(origin[2])
        if not 0 <= distance <= reach_m:
            return None
        return Hit(origin + unit * distance, np.array([0, 0, -1.0]), distance)


def test_people_stoop_under_a_low_roof_and_stand_up_behind_it() -> None:
    walker, roof = Walker(np.zeros(3)), LowRoof(lowest=1.2)
    for _ in range(60 * 6):
        walker.step(Intent(forward=1.0), 1 / 60, roof)
        assert walker.eye[2] < max(2.4 - 0.15 * walker.feet[1], 1.2)
    assert walker.feet[1] == pytest.approx(6 * WALK_M_S, abs=0.1)
    assert walker.eye[2] == pytest.approx(1.2 - OVER_EYES_M, abs=0.01)
    for _ in range(60 * 6):
        walker.step(Intent(forward=-1.0), 1 / 60, roof)
    assert walker.eye[2] == pytest.approx(EYE_HEIGHT_M, abs=0.01)


def test_nobody_walks_where_the_roof_meets_the_floor() -> None:
    walker, roof = Walker(np.zeros(3)), LowRoof(lowest=0.1)
    for _ in range(60 * 10):
        walker.step(Intent(forward=1.0), 1 / 60, roof)
    assert 2.4 - 0.15 * walker.feet[1] == pytest.approx(CROUCHED_M, abs=0.02)
    walker.feet = walker.feet + np.array([0, 1.0, 0])  # put there: they can get out
    for _ in range(60):
        walker.step(Intent(forward=-1.0), 1 / 60, roof)
    assert 2.4 - 0.15 * walker.feet[1] > CROUCHED_M
