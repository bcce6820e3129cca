"""Members in rendered pictures: helmet and name plate in their colour, laser, detail, leaving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from assets.text import translator
from sync_server.wire.poses import MemberPose, Placed
from tests.vr_app.picture import close_to, offscreen
from vr_app.display.base import Display
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.people.avatar import FAR_M, NEAR_AGAIN_M
from vr_app.people.people_layer import PeopleLayer, PersonSeen
from vr_app.people.posture import yaw_quaternion
from vr_app.ui import theme
from vr_app.world.lighting import Lighting, LightState

EYE = np.array([0.0, 0.0, 1.6])


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    yield from offscreen()


@pytest.fixture
def people(display: Display) -> Iterator[PeopleLayer]:
    display.set_eye(EYE, 0.0, 0.0)
    world = display.scene_root.attach_new_node("world")
    Lighting(world).update(LightState(EYE, np.array([0.0, 1.0, 0.0])), in_open=0.0)
    painter = PaintQueue()
    layer = PeopleLayer(world, display.scene_root, translator("en"), painter)
    yield layer
    layer.remove()
    world.remove_node()
    painter.close()
    assert painter.problems == []


def person(north: float, number: int = 0, pointer: tuple[float, float, float] | None = None,
           east: float = 0.0) -> PersonSeen:  # fmt: skip
    head = Placed((east, north, 1.62), yaw_quaternion(np.pi))
    return PersonSeen(
        f"m{number}", "Aigerim", "engineer", "kk", number, MemberPose(head, pointer=pointer)
    )


def picture(display: Display, layer: PeopleLayer, members: list[PersonSeen]) -> np.ndarray:
    layer.update(members, EYE, 0.016)
    painter = layer._painter
    assert painter.wait()
    while painter.take(layer.take):
        pass
    layer.update(members, EYE, 0.016)
    display.draw()
    return display.picture()


def hue(image: np.ndarray, colour: theme.Colour) -> int:
    """Number of lit pixels whose colour has about that hue, however bright."""
    lit = image.astype(float)
    strong = lit.max(axis=2) > 60
    unit = lit / np.maximum(np.linalg.norm(lit, axis=2, keepdims=True), 1)
    wanted = np.array(colour[:3], float) / np.linalg.norm(colour[:3])
    return int(((unit @ wanted > 0.985) & strong).sum())


def test_a_member_is_seen_with_helmet_and_name(display: Display, people: PeopleLayer) -> None:
    violet = theme.member_colour(2)
    empty = hue(picture(display, people, []), violet)
    seen = picture(display, people, [person(3.0, 2)])
    assert hue(seen, violet) > empty + 60
    # Above the helmet stands the plate with its edge in the exact colour and white letters.
    above = seen[: 180 - 20]
    assert close_to(above, violet, 40).sum() > 10
    assert (above.min(axis=2) > 130).sum() > 20


def test_a_laser_ends_in_a_dot_where_it_points(display: Display, people: PeopleLayer) -> None:
    blue = theme.member_colour(0)
    goal = (1.2, 4.0, 1.6)
    without = picture(display, people, [person(4.0, 0, east=-0.5)])
    pointing = picture(display, people, [person(4.0, 0, goal, east=-0.5)])
    # 1.2 m to the right at 4 m: 312 pixels per unit of tangent at 360 lines and 60 degrees.
    x, y = 320 + round(1.2 / 4.0 * 312), 180
    near_dot = np.abs(pointing[y - 4 : y + 5, x - 4 : x + 5].astype(int) - blue[:3]).max(axis=2)
    assert (near_dot < 60).any()
    middle = pointing[120:240, (x + 300) // 2 - 10 : (x + 300) // 2 + 10].astype(int)
    before = without[120:240, (x + 300) // 2 - 10 : (x + 300) // 2 + 10].astype(int)
    assert (np.abs(middle - before).max(axis=2) > 60).sum() >= 10, "the beam crosses"
    again = picture(display, people, [person(4.0, 0, east=-0.5)])
    assert np.abs(again.astype(int) - without).max() < 90, "dark again"


def test_far_members_are_drawn_with_one_coarse_mesh(display: Display, people: PeopleLayer) -> None:
    near = person(5.0)
    picture(display, people, [near])
    avatar = people._people["m0"].avatar
    assert avatar._far.is_hidden() and not avatar._near.is_hidden()
    picture(display, people, [person(FAR_M + 1)])
    assert avatar._near.is_hidden() and not avatar._far.is_hidden()
    picture(display, people, [person((FAR_M + NEAR_AGAIN_M) / 2)])
    assert avatar._near.is_hidden(), "no flicker at the limit"
    picture(display, people, [near])
    assert avatar._far.is_hidden()


def test_who_leaves_or_has_no_pose_is_gone(display: Display, people: PeopleLayer) -> None:
    empty = picture(display, people, [])
    picture(display, people, [person(3.0, 0), person(4.0, 1, (0, 6, 1), east=1.0)])
    assert len(people) == 2
    picture(display, people, [replace(person(3.0, 0), pose=None)])
    assert len(people) == 0
    assert (picture(display, people, []) == empty).all()


def test_a_silent_member_is_marked(display: Display, people: PeopleLayer) -> None:
    picture(display, people, [person(3.0)])
    plate = people._people["m0"].painted
    assert plate is not None and not plate.away
    picture(display, people, [replace(person(3.0), age_s=10.0)])
    plate = people._people["m0"].painted
    assert plate is not None and plate.away


def test_feet_stand_on_the_floor_that_is_told(display: Display, people: PeopleLayer) -> None:
    asked: list[tuple[float, float, float]] = []

    def floor(position: tuple[float, float, float]) -> float:
        asked.append(position)
        return 0.3

    people.floor = floor
    picture(display, people, [person(3.0)])
    low, _high = people._people["m0"].avatar._legs[0].get_tight_bounds(display.scene_root)
    assert low.z == pytest.approx(0.3, abs=0.03)
    assert asked[0] == (0.0, 3.0, 1.62)
