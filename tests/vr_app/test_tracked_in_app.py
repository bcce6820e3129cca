"""A scripted wearer in a whole application: teleport, turn, menu, layers, a mark, an object."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.vr_app.pilot import Pilot
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import open_display
from vr_app.display.simulator import OffscreenSimulator, orientation
from vr_app.display.tracking import LEFT, RIGHT, HandInput, RigPose, TrackedInput
from vr_app.locomotion.turning import STEP_RAD
from vr_app.session.record import Record

EYES_M = 1.7


@pytest.fixture(scope="module")
def display() -> Iterator[OffscreenSimulator]:
    display = open_display("offscreen simulator", (640, 360))
    assert isinstance(display, OffscreenSimulator)
    yield display
    display.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    twin = make_tiny_twin(tmp_path_factory.mktemp("twin") / "tiny")
    state = tmp_path_factory.mktemp("state")
    server = ServerChild(twin, "--port", "0", "--open", "engineer", "--state", str(state))
    listening = server.wait_listening()
    yield f"{listening.ws}/{listening.rooms[0]}"
    server.stop()


class Wearer:
    """A head and two hands in an application."""

    def __init__(self, pilot: Pilot, display: OffscreenSimulator) -> None:
        self.pilot, self.app, self.display = pilot, pilot.app, display
        self.head = RigPose(np.array([0.2, -0.1, EYES_M]), orientation(0.0, 0.0))
        self.hands = {LEFT: self.hand(-0.2), RIGHT: self.hand(0.2)}
        self.frame()

    def hand(self, x: float, azimuth: float = 0.0, pitch: float = -0.2) -> HandInput:
        place = np.array([0.2 + x, 0.3, 1.2])
        return HandInput(RigPose(place, orientation(azimuth, pitch)), RigPose(place))

    def frame(self, **right: object) -> None:
        """One frame in which the right hand does this."""
        hands = self.hands | {RIGHT: replace(self.hands[RIGHT], **right)}
        self.display.pilot.script = TrackedInput(self.head, hands)
        self.app.frame(1 / 60)

    def aim(self, place: tuple[float, float, float]) -> None:
        """Let the right hand point at a place of the scene."""
        rig, hand = self.app.tracked.rig, self.hands[RIGHT]
        assert hand.aim is not None
        way = np.asarray(place) - rig.place(hand.aim.position)
        azimuth = math.atan2(way[0], way[1]) - rig.azimuth_rad
        turn = orientation(azimuth, math.atan2(way[2], math.hypot(way[0], way[1])))
        aim = RigPose(hand.aim.position, turn)
        self.hands[RIGHT] = replace(hand, aim=aim, grip=RigPose(hand.aim.position, turn))

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(3000):
            if condition():
                return
            self.frame()
        raise AssertionError("it never came to that")

    def records(self) -> list[Record]:
        """The room's, as they are now."""
        return list(self.pilot.session.records.values())

    @property
    def eye(self) -> np.ndarray:
        return self.app.tracked.rig.place(self.head.position)


@pytest.fixture
def wearer(display: OffscreenSimulator, address: str) -> Iterator[Wearer]:
    display.pilot.script = None
    pilot = Pilot(display, address)
    yield Wearer(pilot, display)
    pilot.app.hands.root.remove_node()
    pilot.close()


def test_they_arrive_where_the_twin_says(wearer: Wearer) -> None:
    np.testing.assert_allclose(wearer.eye, [0, 0, EYES_M], atol=0.02)
    np.testing.assert_allclose(wearer.app.walker.eye, wearer.eye, atol=1e-6)


def test_a_teleport_lands_at_the_arcs_end_after_the_dark(wearer: Wearer) -> None:
    app = wearer.app
    before = wearer.eye
    wearer.frame(stick=(0.0, 1.0))
    wearer.frame(stick=(0.0, 1.0))
    assert app._body is not None and app._body.arc is not None
    landing = app._body.arc.landing
    assert landing is not None and landing[1] > 3.0
    picture = wearer.display.picture().astype(int)
    green = picture[..., 1] - picture[..., 0]
    assert (green > 25).sum() > 50, "the arc and its ring are seen"
    wearer.frame()
    np.testing.assert_allclose(wearer.eye, before, atol=0.02)  # not yet: it has to be dark
    darkest = 1e9
    for _ in range(60):
        wearer.frame()
        darkest = min(darkest, float(wearer.display.picture()[60:].mean()))
    assert darkest < 8.0
    feet = app.tracked.rig.feet(wearer.head)
    assert float(np.linalg.norm(feet - landing)) < 0.01
    assert ("right", 0.02, 0.4) in wearer.display.pilot.pulses


def test_a_push_to_the_side_turns_them_about_their_head(wearer: Wearer) -> None:
    before, azimuth = wearer.eye, wearer.app.tracked.rig.azimuth_rad
    for _ in range(5):
        wearer.frame(stick=(1.0, 0.0))
    wearer.frame()
    turned = math.remainder(wearer.app.tracked.rig.azimuth_rad - azimuth, math.tau)
    assert turned == pytest.approx(STEP_RAD)
    np.testing.assert_allclose(wearer.eye[:2], before[:2], atol=1e-6)


def test_walking_by_stick_narrows_sight_and_stops_at_walls(wearer: Wearer) -> None:
    wearer.hands[LEFT] = replace(wearer.hands[LEFT], stick=(0.0, 1.0))
    for _ in range(30):
        wearer.frame()
    assert wearer.app._body is not None and wearer.app._body.vignette > 0.2
    middle, corner = wearer.display.picture()[180, 320], wearer.display.picture()[355, 5]
    assert int(middle.max()) > int(corner.max())
    for _ in range(1200):
        wearer.frame()
    assert 8.0 < wearer.eye[1] < 10.0
    wearer.hands[LEFT] = replace(wearer.hands[LEFT], stick=(0.0, 0.0))
    for _ in range(120):
        wearer.frame()
    assert wearer.app._body.vignette == 0.0


def test_a_head_in_the_rock_sees_nothing_until_it_comes_back(wearer: Wearer) -> None:
    wearer.app.go_to_viewpoint("corner")
    for _ in range(40):
        wearer.frame()
    inside, outside = wearer.eye, np.array([17.0, 8.0, EYES_M])
    rig = wearer.app.tracked.rig
    way = outside - inside
    c, s = math.cos(rig.azimuth_rad), math.sin(rig.azimuth_rad)
    step = np.array([way[0] * c - way[1] * s, way[0] * s + way[1] * c, 0.0])
    start = wearer.head.position.copy()
    for share in np.linspace(0, 1, 30):
        wearer.head = RigPose(start + share * step, wearer.head.orientation)
        wearer.frame()
    for _ in range(15):
        wearer.frame()
    assert wearer.app._body is not None and wearer.app._body.dark == 1.0
    wearer.head = RigPose(start, wearer.head.orientation)
    for _ in range(30):
        wearer.frame()
    assert wearer.app._body.dark == 0.0


def test_the_menu_button_opens_a_panel_and_a_press_on_it_hides_a_layer(wearer: Wearer) -> None:
    app = wearer.app
    wearer.frame(menu=True)
    wearer.frame()
    assert app.hud.is_open("settings")
    app.requests.carry_out("layers")
    wearer.until(lambda: app.painter.idle and app.hud._panels["layers"].visible)
    left, top, right, low = app.hud._panels["layers"].rectangle
    spot = next(
        (x, y)
        for y in np.arange(top, low, 4.0)
        for x in np.arange(left, right, 4.0)
        if app.hud._panels["layers"].hit(float(x), float(y)) == "visible:drift"
    )
    wearer.display.pilot.pointer = (float(spot[0]), float(spot[1]))
    wearer.display.pilot.pressed = ["mouse1"]
    wearer.frame(select=True)
    wearer.display.pilot.pointer = None
    wearer.until(lambda: any(r.kind == "layer_state" for r in wearer.records()))
    state = next(r for r in wearer.records() if r.kind == "layer_state")
    assert state.payload["visible"] is False
    wearer.pilot.session.command("layer_state", state.payload | {"visible": True})
    wearer.until(lambda: not app.twin.ground.hidden if app.twin.ground else False)


def test_a_grip_leaves_a_mark_where_the_laser_ends(wearer: Wearer) -> None:
    wearer.aim((3.0, 9.99, 2.0))
    wearer.frame()
    wearer.frame(grab=True)
    wearer.until(lambda: any(r.kind == "annotation" for r in wearer.records()))
    mark = next(r for r in wearer.records() if r.kind == "annotation")
    np.testing.assert_allclose(mark.payload["position"], [3.0, 10.0, 2.0], atol=0.05)


def test_what_they_point_at_is_used_by_a_press(wearer: Wearer) -> None:
    app = wearer.app
    wearer.aim((0.0, 2.5, 1.6))
    wearer.frame()
    wearer.until(lambda: app.target is not None and app.target.id == "rescuer")
    wearer.frame(select=True)
    wearer.until(lambda: app.objects.states.get("rescuer") == "donned")


def test_others_see_head_hands_and_where_they_point(wearer: Wearer) -> None:
    wearer.aim((3.0, 9.99, 2.0))
    wearer.frame()
    wearer.frame(select=True)
    pose = wearer.app._pose()
    np.testing.assert_allclose(pose.head.position, wearer.eye, atol=1e-9)
    assert pose.left is not None and pose.right is not None and pose.pointer is not None
    rig = wearer.app.tracked.rig
    right = wearer.hands[RIGHT].grip
    assert right is not None
    np.testing.assert_allclose(pose.right.position, rig.place(right.position), atol=1e-9)


def test_who_is_lost_comes_back_to_the_start(wearer: Wearer) -> None:
    wearer.app.go_to_viewpoint("corner")
    for _ in range(40):
        wearer.frame()
    assert np.linalg.norm(wearer.eye[:2]) > 10.0
    wearer.app.requests.carry_out("home")
    for _ in range(40):
        wearer.frame()
    np.testing.assert_allclose(wearer.eye[:2], [0, 0], atol=0.01)


def test_a_headset_that_is_gone_leaves_its_wearer_where_they_were(wearer: Wearer) -> None:
    wearer.app.go_to_viewpoint("corner")
    for _ in range(40):
        wearer.frame()
    eye, azimuth = wearer.eye, wearer.app.walker.azimuth_rad
    wearer.app._tracked = None
    wearer.pilot.do()
    np.testing.assert_allclose(wearer.app.walker.eye[:2], eye[:2], atol=0.01)
    wearer.head = RigPose(np.array([-0.7, 0.4, EYES_M]), orientation(1.0, 0.0))
    wearer.frame()
    np.testing.assert_allclose(wearer.eye[:2], eye[:2], atol=0.01)
    assert math.remainder(wearer.app.walker.azimuth_rad - azimuth, math.tau) == pytest.approx(
        0.0, abs=0.02
    )


def test_seated_and_tall_people_see_from_where_they_want(wearer: Wearer) -> None:
    app = wearer.app
    app.hud.apply(replace(app.hud.settings, posture="seated", raised_cm=10))
    wearer.head = RigPose(np.array([0.2, -0.1, 1.2]))
    wearer.frame()
    assert wearer.eye[2] == pytest.approx(1.2 + 0.45 + 0.1, abs=0.02)
    assert abs(app.walker.feet[2]) < 0.02


def test_a_first_visit_is_taught_and_the_second_is_not(wearer: Wearer) -> None:
    app = wearer.app
    assert app.hud.settings.lobby == "new" and app.lobby.lesson == "point"
    wearer.aim((0.0, 2.5, 1.6))
    for _ in range(120):
        wearer.frame()
    assert app.lobby.lesson == "jump"
    wearer.aim((2.0, 6.0, 0.0))
    wearer.frame(stick=(0, 1))
    wearer.frame(stick=(0, 1))
    assert app._body is not None and app._body.arc is not None
    assert app._body.arc.landing is not None
    wearer.frame()
    assert app.lobby.lesson == "turn"
    wearer.frame(stick=(1, 0))
    wearer.frame()
    wearer.frame(menu=True)
    wearer.frame()
    assert app.hud.settings.lobby == "done"


def test_pictures_of_a_wearer(wearer: Wearer, tmp_path: Path) -> None:
    from PIL import Image

    wearer.aim((0.5, 6.0, 0.0))
    wearer.frame()
    hands = wearer.display.picture()
    Image.fromarray(hands).save(tmp_path / "hands.png")
    wearer.frame(stick=(0, 1))
    wearer.frame(stick=(0, 1))
    Image.fromarray(wearer.display.picture()).save(tmp_path / "arc.png")
    assert np.abs(hands.astype(int) - wearer.display.picture()).max() > 40
