"""The arc of a teleport lands on ground that people can stand on, and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.walk.ground import Ground
from scenes.walk.solids import make_solid
from tests.vr_app.tiny_twin import room_mesh
from vr_app.locomotion.arc import GRAVITY_M_S2, THROW_M_S, has_room, throw
from vr_app.world.walker import gaze

HAND = np.array([0.0, 0.0, 1.3])


@pytest.fixture(scope="module")
def room() -> Ground:
    """A closed room of 30 x 20 x 5 m with a table (a box) in it."""
    solids = []
    for low, high in (((-15, -10, 0), (15, 10, 5)), ((4, 4, -0.5), (6, 6, 0.9))):
        mesh = room_mesh(low, high)
        solids.append(make_solid(mesh.positions.astype(np.float32), mesh.triangles))
    ground = Ground()
    for number, solid in enumerate(solids):
        low, high = np.array([-15.0, -10, -0.5]), np.array([15.0, 10, 5])
        ground.expect(number, low, high, "rock", 0.0)
        ground.arrive(number, solid)
    return ground


def flight_m(pitch_rad: float) -> float:
    """How far a thrown point flies level until it is at the floor."""
    up = THROW_M_S * math.sin(pitch_rad)
    seconds = (up + math.sqrt(up**2 + 2 * GRAVITY_M_S2 * HAND[2])) / GRAVITY_M_S2
    return THROW_M_S * math.cos(pitch_rad) * seconds


@pytest.mark.parametrize("pitch", [-60, -30, -10, 0, 15])
def test_it_lands_where_a_thrown_point_does(room: Ground, pitch: float) -> None:
    angle = math.radians(pitch)
    arc = throw(HAND, gaze(math.radians(270), angle), room)
    assert arc.landing is not None
    np.testing.assert_allclose(arc.landing, [-flight_m(angle), 0.0, 0.0], atol=0.03)
    np.testing.assert_allclose(arc.end, arc.landing, atol=0.01)
    np.testing.assert_allclose(arc.points[0], HAND)


def test_walls_and_roofs_are_no_place_to_land(room: Ground) -> None:
    near_wall = np.array([14.0, 0.0, 1.3])
    arc = throw(near_wall, gaze(math.radians(90), 0.0), room)
    assert arc.landing is None
    assert arc.end[0] == pytest.approx(15.0, abs=1e-3)
    assert throw(np.array([0, 0, 4.0]), gaze(0.0, math.radians(85)), room).landing is None


def test_beside_a_wall_there_is_no_room(room: Ground) -> None:
    assert has_room(np.array([0.0, 0.0, 0.0]), room)
    assert not has_room(np.array([14.9, 0.0, 0.0]), room)


def test_over_nothing_it_ends_somewhere() -> None:
    empty = Ground()
    arc = throw(HAND, gaze(0.0, 0.0), empty)
    assert arc.landing is None and np.isfinite(arc.points).all()


@given(st.floats(0, 2 * math.pi), st.floats(-1.5, 1.5))
def test_whatever_is_aimed_at_nobody_leaves_the_room(
    room: Ground, azimuth: float, pitch: float
) -> None:
    arc = throw(HAND, gaze(azimuth, pitch), room)
    assert (np.abs(arc.points[:, 0]) <= 15.01).all() and (np.abs(arc.points[:, 1]) <= 10.01).all()
    if arc.landing is not None:
        assert has_room(arc.landing, room)
        assert abs(arc.landing[2]) < 0.01 or abs(arc.landing[2] - 0.9) < 0.01
