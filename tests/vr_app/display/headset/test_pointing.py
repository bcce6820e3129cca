"""Rays and fingers on the panels, and the steady view of who watches."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vr_app.display.headset.panel import AWAY_M, BELOW_M, METRES_PER_PIXEL, Panel
from vr_app.display.headset.pointing import Pointing
from vr_app.display.headset.steady import SteadyView
from vr_app.display.tracking import LEFT, RIGHT, HandInput, RigPose

SIZE = (1280, 720)
MIDDLE = np.array([0.0, AWAY_M, 1.6 - BELOW_M])


def _at(right: float, ahead: float, up: float) -> np.ndarray:
    """A place seen from the panel's middle."""
    return np.asarray(MIDDLE + np.array([right, ahead, up]))


@pytest.fixture
def panel() -> Panel:
    panel = Panel()
    panel.step(RigPose(np.array([0.0, 0.0, 1.6])), 0.02)
    return panel


def _hand(place: np.ndarray, select: bool = False) -> HandInput:
    """One that looks straight ahead."""
    return HandInput(RigPose(place), RigPose(place), select=select)


def _finger(before_m: float, x: float = 0.1) -> HandInput:
    joints = np.zeros((26, 3))
    joints[10] = _at(x, -before_m, 0.0)
    return HandInput(RigPose(_at(-0.4, -0.5, 0.0)), None, joints=joints)


def test_a_ray_presses_once_where_it_meets_the_panel(panel: Panel) -> None:
    pointing = Pointing()
    place = _at(0.2, -1.0, 0.1)
    pixel = (640 + 0.2 / METRES_PER_PIXEL, 360 - 0.1 / METRES_PER_PIXEL)
    seen = [pointing.step({RIGHT: _hand(place, s)}, panel, SIZE) for s in (False, True, True)]
    assert [one.pressed for one in seen] == ["", RIGHT, ""]
    assert all(one.pixel == pytest.approx(pixel) for one in seen)


def test_the_hand_that_pressed_last_is_the_mouse(panel: Panel) -> None:
    pointing = Pointing()
    left, right = _at(-0.3, -1.0, 0.0), _at(0.3, -1.0, 0.0)
    both = {LEFT: _hand(left), RIGHT: _hand(right)}
    first = pointing.step(both, panel, SIZE).pixel
    assert first is not None and first[0] > 640
    pressed = pointing.step({**both, LEFT: _hand(left, True)}, panel, SIZE)
    assert pressed.pressed == LEFT and pressed.pixel is not None and pressed.pixel[0] < 640
    after = pointing.step(both, panel, SIZE).pixel
    assert after is not None and after[0] < 640


def test_a_finger_presses_when_it_goes_through_and_again_after_it_came_back(panel: Panel) -> None:
    pointing = Pointing()
    way = [0.3, 0.1, 0.02, -0.01, -0.03, 0.005, -0.01, 0.02, -0.005]
    seen = [pointing.step({RIGHT: _finger(d)}, panel, SIZE) for d in way]
    assert [bool(one.pressed) for one in seen] == [
        False, False, False, True, False, False, False, False, True,
    ]  # fmt: skip
    # Near the panel the finger counts, not the ray.
    x = 640 + 0.1 / METRES_PER_PIXEL
    assert seen[0].pixel is not None and seen[0].pixel[0] == pytest.approx(
        640 - 0.4 / METRES_PER_PIXEL
    )
    assert all(one.pixel is not None and one.pixel[0] == pytest.approx(x) for one in seen[1:])


def test_a_finger_from_behind_or_from_beside_presses_nothing(panel: Panel) -> None:
    pointing = Pointing()
    for hand in (_finger(-0.3), _finger(-0.05), _finger(-0.01), _finger(0.05, 0.9)):
        assert pointing.step({RIGHT: hand}, panel, SIZE).pressed == ""
    assert pointing.step({RIGHT: _finger(-0.02, 0.7)}, panel, SIZE).pressed == ""


def test_who_steps_up_to_the_panel_can_reach_it(panel: Panel) -> None:
    before = panel.centre.copy()
    for _ in range(100):
        panel.step(RigPose(np.array([0.0, AWAY_M - 0.5, 1.6])), 0.02)
    assert panel.centre == pytest.approx(before)


def test_a_steady_view_follows_slowly_and_jumps_at_once() -> None:
    view = SteadyView()
    view.step(np.array([1.0, 2.0, 3.0]), math.radians(170), 0.1, 0.02)
    assert view.eye == pytest.approx([1.0, 2.0, 3.0])
    view.step(np.array([1.5, 2.0, 3.0]), math.radians(-170), 0.1, 0.02)
    assert 1.0 < view.eye[0] < 1.1
    assert math.degrees(view.azimuth_rad) % 360 == pytest.approx(171.2, abs=0.3)  # the short way
    for _ in range(400):
        view.step(np.array([1.5, 2.0, 3.0]), math.radians(-170), 0.1, 0.02)
    assert view.eye[0] == pytest.approx(1.5, abs=1e-3)
    view.step(np.array([9.0, 2.0, 3.0]), 0.0, 0.0, 0.02)
    assert view.eye[0] == 9.0 and view.azimuth_rad == 0.0
