"""A scripted wearer visits a room through a real runtime: what they do is in the room's records,
and what they see is on Monado's own window (pictures come to `out/headset/`)."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from panda3d.core import NodePath

from assets.text import Translator, translator
from curricula.loader import load_drill
from scenes.bake.layer import bake_layer
from scenes.schema import Layer, SceneObject
from scenes.twin import save_scene
from scenes.walk import build_walk
from tests.headset.monado import Monado, installed
from tests.headset.screen import keep, screen
from tests.sync_server.drills.fire_scene import fire_scene
from tests.vr_app.tiny_twin import room_mesh
from vr_app.demo.server_child import ServerChild
from vr_app.display.headset.display import PANELS
from vr_app.display.headset.panel import AWAY_M, BELOW_M, METRES_PER_PIXEL
from vr_app.drill_view import part_choice
from vr_app.hud import _PLACES
from vr_app.joining import wait_joined
from vr_app.locomotion.arc import throw
from vr_app.overlay.images import prepare
from vr_app.overlay.screen_panel import ScreenPanel
from vr_app.session import RoomSession
from vr_app.ui.canvas import Painted
from vr_app.ui.choice_panel import paint_choice_panel
from vr_app.ui.layers_panel import LayerRow, LayersView, paint_layers_panel
from vr_app.ui.menu_bar import paint_menu_bar
from vr_app.world.walker import UP

pytestmark = [
    pytest.mark.skipif(not installed(), reason="no Monado on this machine"),
    pytest.mark.timeout(400),
]
ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
LEVEL = (0.0, 0.0, 0.0, 1.0)
HELD = (0.2, 1.2, -0.3)  # OpenXR's axes: right, up, back


def tilted(pitch: float, azimuth: float = 0.0) -> tuple[float, float, float, float]:
    """A controller's turn in OpenXR's axes: azimuth clockwise, pitch upwards, degrees."""
    a, p = -math.radians(azimuth) / 2, math.radians(pitch) / 2
    return (
        math.cos(a) * math.sin(p),
        math.sin(a) * math.cos(p),
        -math.sin(a) * math.sin(p),
        math.cos(a) * math.cos(p),
    )


HEAD_M = 1.6
AROUND_M = 2.2  # the drill's things stand around where people arrive


def make_ring_twin(folder: Path) -> Path:
    """A hall of 30 x 20 x 5 m with the fire drill's things in a ring, 40 degrees apart."""
    bake_layer(folder / "tiles/drift", [room_mesh((-15, -10, 0), (15, 10, 5))], (0, 0, 0))
    scene = fire_scene()
    objects = []
    for number, one in enumerate(scene.objects):
        angle = math.radians(40.0 * number)
        place = (AROUND_M * math.sin(angle), AROUND_M * math.cos(angle), 1.4)
        turn = {"position": place, "azimuth_deg": (40.0 * number + 180.0) % 360.0}
        objects.append(SceneObject.model_validate(one.model_dump() | turn))
    layers = [Layer(id="drift", kind="drift")]
    scene = scene.model_copy(update={"objects": objects, "layers": layers})
    save_scene(folder, scene)
    build_walk(folder)
    return folder


class Visit:
    """A room, a wearer in a process of their own, and somebody who watches."""

    def __init__(self, folder: Path) -> None:
        self.monado = Monado(window=True)
        self.twin = make_ring_twin(folder / "ring")
        self.server = ServerChild(
            self.twin,
            *("--port", "0", "--open", "engineer", "--simulate"),
            *("--state", str(folder / "state"), "--drill", "fire_and_co", "--drill-speed", "2"),
        )
        listening = self.server.wait_listening()
        self.address = f"{listening.ws}/{listening.rooms[0]}"
        self.watcher = RoomSession(self.address, "Watcher", "engineer", "en", "offscreen")
        self.watcher.start()
        wait_joined(self.watcher, self.address)
        options = ("--name", "Wearer", "--display", "headset", "--size", "640x360")
        self.errors = (folder / "errors").open("w+b")
        self.wearer = subprocess.Popen(
            [sys.executable, "-m", "vr_app", "--lang", "en", "join", self.address, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=self.errors,
            stderr=self.errors,
        )

    def until(self, condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + DEADLINE_S
        while not (result := condition()):
            if self.wearer.poll() is not None or time.monotonic() > end:
                self.errors.seek(0)
                said = self.errors.read().decode(errors="replace")[-3000:]
                raise AssertionError(f"it never came to that ({self.wearer.poll()}): {said}")
            time.sleep(0.02)
        return result

    def pose(self) -> Any:
        """The wearer's pose in the room, or None."""
        return next((m.pose for m in self.watcher.members() if m.name == "Wearer"), None)

    def head(self) -> np.ndarray[Any, Any]:
        return np.array(self.until(self.pose).head.position)

    def records(self, kind: str) -> list[Any]:
        return [one for one in self.watcher.records.values() if one.kind == kind]

    def looks(self) -> float:
        """The head's azimuth in the mine, degrees."""
        w, x, y, z = self.pose().head.orientation
        return math.degrees(math.atan2(2 * (x * y - w * z), 1 - 2 * (x * x + z * z)))

    def aim(self, place: Sequence[float], **held: Any) -> None:
        """The right hand aims at a place in the rig: right, ahead, up in metres."""
        x, y, z = np.asarray(place) - (HELD[0], -HELD[2], HELD[1])
        azimuth = math.degrees(math.atan2(x, y))
        pitch = math.degrees(math.atan2(z, math.hypot(x, y)))
        self.monado.hand("right", tilted(pitch, azimuth), HELD, **held)

    def press(self, place: Sequence[float]) -> None:
        """Aim somewhere, press, let go."""
        for trigger in (0.0, 1.0, 0.0):
            self.aim(place, trigger=trigger)
            time.sleep(0.8)  # a person's pace: a press shorter than a frame is none

    def press_menu(self) -> None:
        """Open or close the menu."""
        for held in (True, False):
            self.monado.hand("right", tilted(-10.0), HELD, b=held)
            time.sleep(0.8)

    def press_until(self, place: Sequence[float], done: Callable[[], bool]) -> None:
        """Press somewhere, and once or twice more where nothing comes of it: with everything on
        the processor a frame may take longer than a press."""
        for _ in range(3):
            self.press(place)
            end = time.monotonic() + 3.0
            while time.monotonic() < end:
                if done():
                    return
                time.sleep(0.02)
        self.until(done)

    def rest(self) -> None:
        """The right hand holds nothing; it is seen to be there."""
        self.monado.hand("right", tilted(-10.0), HELD)
        self.until(lambda: self.pose().right is not None)

    def close(self) -> None:
        self.wearer.send_signal(signal.SIGTERM)
        try:
            self.wearer.wait(20)
        except subprocess.TimeoutExpired:
            self.wearer.kill()
            self.wearer.wait()
        self.watcher.close()
        self.server.stop()
        self.errors.close()
        self.monado.close()


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    visit = Visit(tmp_path_factory.mktemp("visit"))
    yield visit
    visit.close()


def test_putting_it_on_brings_the_head_into_the_room(visit: Visit) -> None:
    visit.monado.head(LEVEL, (0.0, 1.6, 0.0))
    visit.until(lambda: visit.pose() is not None)
    visit.until(lambda: abs(visit.head()[2] - 1.6) < 0.005)
    np.testing.assert_allclose(visit.head()[:2], [0, 0], atol=0.005)
    # Monado's own window is grey until the first frame comes.
    visit.until(lambda: np.ptp(screen()[100:400, 100:700].astype(int).mean(axis=2)) > 60)
    keep(screen(), "worn")


def test_what_is_seen_is_lit_and_not_the_same_for_both_eyes(visit: Visit) -> None:
    picture = screen()
    keep(picture, "both-eyes")
    rows, columns = np.nonzero(picture.max(axis=2) > 25)
    assert len(rows) > 10_000
    middle = (columns.min() + columns.max()) // 2
    assert (columns < middle).sum() > 3000 and (columns > middle).sum() > 3000


def test_a_hand_is_where_it_is_held(visit: Visit) -> None:
    visit.rest()
    wanted = np.array([HELD[0], -HELD[2], HELD[1]]) + np.array([*visit.head()[:2], 0.0])
    visit.until(lambda: np.abs(np.array(visit.pose().right.position) - wanted).max() < 0.03)


def test_they_take_part_in_a_drill(visit: Visit) -> None:
    """Arrived where the things stand around them, they raise the alarm by laser."""
    visit.rest()
    assert abs(visit.looks()) < 1.0 and np.abs(visit.head()[:2]).max() < 0.01

    def drill() -> Any:
        return visit.watcher.records["fire_and_co"].payload

    def mine() -> Any:
        wearer = next(m.id for m in visit.watcher.members() if m.name == "Wearer")
        return drill()["people"].get(wearer, {})

    def asked(step: str) -> bool:
        return step in [one["step"] for one in mine().get("prompts", [])]

    visit.until(lambda: drill()["phase"] == "waiting")
    for _ in range(2):  # the offer stands there for a while only, and again after the menu
        visit.press_menu()
    folder = load_drill("fire_and_co").folder
    say = Translator("en", sources={"en": (folder / "en.ftl").read_text(encoding="utf-8")})
    offer = part_choice(drill(), "nobody", "engineer", True, say)
    assert offer is not None
    panel = paint_choice_panel(offer.ask, offer.options)
    time.sleep(0.5)
    keep(screen(), "drill-offered")
    visit.press_until(_part("choose:crew", "choice", panel), lambda: len(drill()["chosen"]) == 1)
    offer = part_choice(drill(), next(iter(drill()["chosen"])), "engineer", True, say)
    assert offer is not None
    panel = paint_choice_panel(offer.ask, offer.options)
    time.sleep(0.5)
    keep(screen(), "drill-part-taken")
    visit.press_until(
        _part("choose:drill.start", "choice", panel), lambda: drill()["phase"] == "running"
    )
    visit.until(lambda: asked("raise_alarm"))
    time.sleep(0.5)
    keep(screen(), "drill")
    angle = math.radians(80.0)  # the telephone is the third
    telephone = (AROUND_M * math.sin(angle), AROUND_M * math.cos(angle), 1.4)
    visit.press_until(telephone, lambda: not asked("raise_alarm"))
    phone = [one for one in visit.records("object_state") if one.payload["object"] == "phone"]
    assert [one.payload["state"] for one in phone] == ["used"]
    rescuer = (0.0, AROUND_M, 1.4)  # straight ahead
    visit.press_until(rescuer, lambda: not asked("don_rescuer"))
    keep(screen(), "drill-later")


class Flat:
    """A floor everywhere at z = 0."""

    def ray(self, origin: Any, direction: Any, reach: float) -> Any:
        length = float(np.linalg.norm(direction))
        distance = -origin[2] * length / direction[2] if direction[2] < 0.0 else math.inf
        if distance > reach:
            return None
        point = origin + direction / length * distance
        return SimpleNamespace(point=point, normal=UP, distance=distance)

    def solid(self, *_: Any) -> None:
        return None

    def floor(self, place: Any, *_: Any) -> Any:
        return SimpleNamespace(point=np.array([place[0], place[1], 0.0]), normal=UP)


def test_they_jump_to_within_a_centimetre_of_the_arcs_end(visit: Visit) -> None:
    visit.rest()
    before, azimuth = visit.head(), math.radians(visit.looks())
    visit.monado.hand("right", tilted(-10.0), HELD, stick=(0.0, 1.0))
    time.sleep(0.7)  # a person looks where they aim
    keep(screen(), "arc")
    visit.rest()
    visit.until(lambda: np.linalg.norm((visit.head() - before)[:2]) > 1.5)
    visit.until(lambda: abs(visit.head()[2] - before[2]) < 0.005)
    keep(screen(), "after-the-jump")
    right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
    ahead = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
    hand = np.array([*before[:2], HELD[1]]) + HELD[0] * right - HELD[2] * ahead
    down = math.radians(-10.0)
    arc = throw(hand, math.cos(down) * ahead + math.sin(down) * UP, Flat())
    assert arc.landing is not None
    assert np.linalg.norm(visit.head()[:2] - arc.landing[:2]) <= 0.01


def test_they_turn(visit: Visit) -> None:
    visit.rest()
    looks = visit.looks
    before, place = looks(), visit.head()
    visit.monado.hand("right", tilted(-10.0), HELD, stick=(1.0, 0.0))
    visit.until(lambda: abs(math.remainder(looks() - before, 360.0)) > 25.0)
    visit.rest()
    np.testing.assert_allclose(visit.head(), place, atol=0.02)


def test_they_leave_a_mark(visit: Visit) -> None:
    visit.rest()
    before = len(visit.records("annotation"))
    visit.monado.hand("right", tilted(-10.0), HELD, squeeze=1.0)
    visit.until(lambda: len(visit.records("annotation")) > before)
    visit.rest()
    mark = visit.records("annotation")[-1]
    x, y, z = mark.payload["position"]
    assert -15.05 <= x <= 15.05 and -10.05 <= y <= 10.05 and -0.05 <= z <= 5.05


def _part(name: str, panel: str, painted: Painted) -> tuple[float, float, float]:
    """The middle of a part of a panel, in the rig: panels stand before the level head."""
    place = ScreenPanel(NodePath("screen"), panel, *_PLACES[panel][:2])
    place.take(prepare(painted))
    place.resize(PANELS)
    left, top = place.rectangle[:2]
    hit = next(one for one in painted.hits if one.name == name)
    x = left + (hit.left + hit.right - PANELS[0]) / 2
    y = top + (hit.top + hit.bottom - PANELS[1]) / 2
    return x * METRES_PER_PIXEL, AWAY_M, HEAD_M - BELOW_M - y * METRES_PER_PIXEL


def test_they_hide_a_layer_by_laser_and_show_it_again(visit: Visit) -> None:
    visit.rest()
    say = translator("en")
    visit.press(_part("layers", "menu", paint_menu_bar(say, room=PANELS[0] - 24.0)))
    time.sleep(0.5)
    keep(screen(), "layers")
    row = LayerRow("drift", "drift", True, 1.0, False, None)
    view = LayersView((row,), 0, 1, False, True)
    switch = _part("visible:drift", "layers", paint_layers_panel(view, say))
    shown = screen().astype(int)

    def changed() -> float:
        """The share of the screen that looks different from when the layer was shown."""
        return float((np.abs(screen().astype(int) - shown).max(axis=2) > 30).mean())

    def visible() -> list[bool]:
        return [one.payload["visible"] for one in visit.records("layer_state")]

    visit.press_until(switch, lambda: visible() == [False])
    visit.until(lambda: changed() > 0.15)  # the eyes are a third of it
    keep(screen(), "layer-hidden")
    visit.press_until(switch, lambda: visible() == [True])
    visit.until(lambda: changed() < 0.05)
    visit.press(_part("close", "layers", paint_layers_panel(view, say)))
    visit.rest()


def test_the_menu_is_seen(visit: Visit) -> None:
    visit.rest()
    time.sleep(0.5)
    before = screen().astype(int)
    visit.monado.hand("right", tilted(-10.0), HELD, b=True)
    visit.until(lambda: (np.abs(screen().astype(int) - before).max(axis=2) > 40).mean() > 0.02)
    keep(screen(), "menu")
    visit.rest()
    visit.monado.hand("right", tilted(-10.0), HELD, b=True)
    time.sleep(0.3)
    visit.rest()


def test_a_killed_runtime_leaves_them_in_the_room_and_comes_back(visit: Visit) -> None:
    before = visit.head()
    times = []
    for _ in range(10):
        visit.monado.kill()
        time.sleep(0.5)
        assert visit.wearer.poll() is None
        assert any(member.name == "Wearer" for member in visit.watcher.members())
        visit.monado.start()
        begun = time.monotonic()
        visit.monado.head(LEVEL, (0.0, 1.45, 0.0))
        visit.until(lambda: abs(visit.head()[2] - 1.45) < 0.02)
        times.append(time.monotonic() - begun)
        visit.monado.head(LEVEL, (0.0, 1.6, 0.0))
        visit.until(lambda: abs(visit.head()[2] - 1.6) < 0.02)
    np.testing.assert_allclose(visit.head(), before, atol=0.05)
    print("back after", [round(one, 2) for one in times], "s")
    assert max(times) <= 5.0
