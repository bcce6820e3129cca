"""Where the panels stand around a wearer, and the pixel that a hand aims at."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vr_app.display.headset.mirror import crop
from vr_app.display.headset.panel import AWAY_M, BELOW_M, METRES_PER_PIXEL, Panel
from vr_app.display.tracking import RigPose

SIZE = (1280, 720)


def _facing(azimuth_deg: float, place: tuple[float, float, float] = (0.0, 0.0, 1.6)) -> RigPose:
    half = -math.radians(azimuth_deg) / 2
    return RigPose(np.array(place), np.array([math.cos(half), 0.0, 0.0, math.sin(half)]))


def test_it_stands_before_the_eyes_and_stays_while_they_read() -> None:
    panel = Panel()
    panel.step(_facing(90.0), 0.02)
    assert panel.centre == pytest.approx([AWAY_M, 0.0, 1.6 - BELOW_M])
    before = panel.centre.copy()
    for _ in range(200):
        panel.step(_facing(90.0 + 30.0), 0.02)
    assert panel.centre == pytest.approx(before)


def test_it_comes_along_when_they_turn_away() -> None:
    panel = Panel()
    panel.step(_facing(170.0), 0.02)
    for _ in range(400):
        panel.step(_facing(-120.0), 0.02)  # across the south
    away = panel.centre[:2]
    assert math.hypot(*away) == pytest.approx(AWAY_M, abs=0.02)
    assert math.degrees(math.atan2(away[0], away[1])) == pytest.approx(-120.0, abs=1.0)


def test_a_hand_meets_the_pixel_that_it_aims_at() -> None:
    panel = Panel()
    panel.step(_facing(40.0, (1.0, 2.0, 1.6)), 0.02)
    pose = panel.pose()
    right = np.array([math.cos(math.radians(40)), -math.sin(math.radians(40)), 0.0])
    wanted = (900.0, 200.0)
    spot = pose.position + METRES_PER_PIXEL * (
        (wanted[0] - SIZE[0] / 2) * right + (SIZE[1] / 2 - wanted[1]) * np.array([0.0, 0.0, 1.0])
    )
    hand = np.array([1.1, 2.1, 1.2])
    ahead = (spot - hand) / np.linalg.norm(spot - hand)
    yaw, pitch = math.atan2(ahead[0], ahead[1]), math.asin(ahead[2])
    about_z = (math.cos(-yaw / 2), 0.0, 0.0, math.sin(-yaw / 2))
    cos, sin = math.cos(pitch / 2), math.sin(pitch / 2)
    turn = np.array([about_z[0] * cos, about_z[0] * sin, about_z[3] * sin, about_z[3] * cos])
    assert panel.aimed(RigPose(hand, turn), SIZE) == pytest.approx(wanted, abs=1e-6)
    assert panel.aimed(_facing(220.0, (1.0, 2.0, 1.6)), SIZE) is None


@pytest.mark.parametrize("window", [(1280, 720), (600, 900), (500, 500)])
def test_the_mirror_never_stretches(window: tuple[int, int]) -> None:
    eye = (900, 1000)
    left, right, bottom, top = crop(eye, window)
    assert (right - left) * eye[0] / ((top - bottom) * eye[1]) == pytest.approx(
        window[0] / window[1]
    )
    assert min(left, bottom) >= 0 and max(right, top) <= 1
