"""The rig carries a head that only the person themselves moves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.display.simulator import orientation, seen_from
from vr_app.display.tracking import RigPose
from vr_app.locomotion.rig import Rig, heading, product

metres = st.floats(-2, 2)
angles = st.floats(-math.pi, math.pi)


def head_at(x: float, y: float, azimuth: float, pitch: float = 0.0) -> RigPose:
    return RigPose(np.array([x, y, 1.7]), orientation(azimuth, pitch))


@given(metres, metres, angles, angles, angles)
def test_turning_the_rig_leaves_the_head_where_it_is(
    x: float, y: float, looks: float, stands: float, by: float
) -> None:
    rig, head = Rig(np.array([10.0, 20.0, -5.0]), stands), head_at(x, y, looks)
    before = rig.place(head.position)
    rig.turn_about(head, by)
    np.testing.assert_allclose(rig.place(head.position), before, atol=1e-9)
    azimuth, _ = heading(rig.pose(head).orientation)
    assert math.remainder(azimuth - (looks + stands + by), math.tau) == pytest.approx(0, abs=1e-9)


@given(metres, metres, angles, angles, angles)
def test_feet_come_to_stand_where_they_are_put(
    x: float, y: float, looks: float, stands: float, wanted: float
) -> None:
    rig, head = Rig(np.zeros(3), stands), head_at(x, y, looks)
    there = np.array([100.0, -3.0, 7.5])
    rig.stand(head, there)
    np.testing.assert_allclose(rig.feet(head), there, atol=1e-9)
    rig.stand(head, there, wanted)
    np.testing.assert_allclose(rig.feet(head), there, atol=1e-9)
    azimuth, _ = heading(rig.pose(head).orientation)
    assert math.remainder(azimuth - wanted, math.tau) == pytest.approx(0, abs=1e-9)


def test_who_sits_is_raised_and_stands_on_the_same_floor() -> None:
    rig, head = Rig(np.array([0, 0, 2.0]), 0.0, 0.45), RigPose(np.array([0, 0, 1.2]))
    assert rig.place(head.position)[2] == pytest.approx(3.65)
    assert rig.feet(head)[2] == 2.0


@pytest.mark.parametrize("pitch", [-90, -45, 0, 60, 90])
def test_a_heading_is_known_however_steep(pitch: float) -> None:
    azimuth, found = heading(orientation(0.7, math.radians(pitch)))
    assert azimuth == pytest.approx(0.7, abs=1e-6)
    assert found == pytest.approx(math.radians(pitch), abs=1e-6)


def test_a_turn_after_a_turn() -> None:
    both = product(orientation(0.3, 0.0), orientation(0.5, 0.0))
    np.testing.assert_allclose(both, orientation(0.8, 0.0), atol=1e-12)


def test_a_rig_and_the_displays_agree_on_what_is_seen() -> None:
    rig, head = Rig(np.array([4.0, 5.0, 6.0]), 1.1), head_at(0.3, -0.2, 0.4, 0.2)
    eye, azimuth, pitch = seen_from(rig.origin, rig.azimuth_rad, head)
    np.testing.assert_allclose(eye, rig.place(head.position))
    assert (azimuth, pitch) == pytest.approx(heading(rig.pose(head).orientation))
