"""Where one stands in a twin that says nothing of it, or something that cannot be meant."""

from __future__ import annotations

import math

import numpy as np

from vr_app.world.arrival import NEAR_M, around, is_near, overview
from vr_app.world.walker import gaze

BOX = (100.0, 200.0, -50.0, 300.0, 260.0, 10.0)


def test_the_box_around_all_leaves_out_what_has_no_end() -> None:
    assert around([]) is None
    assert around([(-math.inf, 0, 0, 1, 1, 1)]) is None
    assert around([BOX, (0, 0, 0, 1, 1, 1)]) == (0, 0, -50, 300, 260, 10)


def test_a_place_inside_or_beside_is_near() -> None:
    assert is_near(np.array([200.0, 230.0, 0.0]), BOX)
    assert is_near(np.array([100.0 - NEAR_M, 200.0, -50.0]), BOX)
    assert not is_near(np.zeros(3), BOX)


def test_an_overview_looks_at_the_middle_and_sees_every_corner() -> None:
    eye, azimuth, pitch = overview(BOX)
    ahead = gaze(azimuth, pitch)
    middle = (np.array(BOX[:3]) + np.array(BOX[3:])) / 2
    towards = (middle - eye) / np.linalg.norm(middle - eye)
    np.testing.assert_allclose(ahead, towards, atol=1e-9)
    for corner in np.ndindex(2, 2, 2):
        place = np.array([BOX[axis + 3 * bit] for axis, bit in enumerate(corner)])
        way = (place - eye) / np.linalg.norm(place - eye)
        assert math.degrees(math.acos(float(way @ ahead))) <= 25.0 + 1e-6
