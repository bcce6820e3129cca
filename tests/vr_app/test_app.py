"""The whole application off screen, in a room of a real server: walk, point, act, write."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from scenes.twin import open_twin
from tests.vr_app.pilot import Pilot
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.controls import Wishes
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import Display, open_display
from vr_app.session import RoomSession
from vr_app.world.walker import Intent


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    """One display for all tests of the module: a process can have only one ShowBase."""
    display = open_display("offscreen", (320, 180))
    yield display
    display.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    twin = make_tiny_twin(tmp_path_factory.mktemp("twin") / "tiny")
    state = tmp_path_factory.mktemp("state")
    options = ("--port", "0", "--open", "engineer", "--simulate", "--state", str(state))
    server = ServerChild(twin, *options)
    listening = server.wait_listening()
    assert open_twin(twin).scene.name in listening.rooms
    yield f"{listening.ws}/{listening.rooms[0]}"
    server.stop()


@pytest.fixture
def pilot(display: Display, address: str) -> Iterator[Pilot]:
    pilot = Pilot(display, address)
    yield pilot
    pilot.close()


def test_the_twin_is_seen(pilot: Pilot) -> None:
    pilot.app.go_to_viewpoint("corner")
    pilot.do()
    picture = pilot.display.still()
    assert picture.shape == (180, 320, 3)
    assert picture.mean() > 8, "the headlamp lights the room"
    assert np.ptp(picture.reshape(-1, 3).mean(axis=1)) > 30


def test_walking_stays_in_the_room(pilot: Pilot) -> None:
    app = pilot.app
    app.go_to(np.array([0.0, -5.0, 0.0]), 0.0)
    for _ in range(400):
        pilot.do(forward=1.0, right=0.3)
    assert app.walker.feet[1] < 10.0 and app.walker.feet[1] > 5.0
    assert abs(app.walker.feet[2]) < 0.05


def test_teleport_lands_on_the_floor(pilot: Pilot) -> None:
    app = pilot.app
    app.go_to_viewpoint("corner")
    app.walker.pitch_rad = -0.3
    before = app.walker.feet.copy()
    pilot.do("teleport")
    assert np.linalg.norm(app.walker.feet - before) > 3.0
    assert abs(app.walker.feet[2]) < 0.05


def test_sensor_values_arrive_and_alarm(pilot: Pilot) -> None:
    pilot.until(lambda: pilot.app.labels.state_of("co", time.time()) == "alarm")
    assert pilot.app.room.observations > 0


def test_an_object_is_used_and_shows_its_new_state(pilot: Pilot) -> None:
    pilot.app.go_to_viewpoint("north")
    pilot.do()
    pilot.until(lambda: "rescuer" in pilot.app.objects.states)
    if pilot.app.objects.states["rescuer"] == "stored":
        pilot.do("use")
    pilot.until(lambda: pilot.app.objects.states["rescuer"] == "donned")


def test_a_note_is_written_and_stands_there(pilot: Pilot) -> None:
    app = pilot.app
    app.go_to_viewpoint("corner")
    pilot.do()
    before = len(app.notes)
    pilot.do("note")
    app.frame(0.02, Wishes(Intent(), typed="Су ағып тұр"))
    app.frame(0.02, Wishes(Intent(), edit_keys=["enter"]))
    pilot.until(lambda: len(app.notes) == before + 1)
    note = next(r for r in pilot.session.records.values() if r.kind == "annotation")
    assert note.payload["text"] == "Су ағып тұр"


def test_two_members_see_each_other(pilot: Pilot, address: str) -> None:
    from vr_app.session.bot import PointAt, Script, ScriptedMember

    script = Script([(0.0, 3.0, 0.0)], look_at=(0, 0, 1.6), actions=[PointAt(0, 1e6, (2, 0, 1))])
    session = RoomSession(address, "Айгерім", "engineer", "kk", "offscreen")
    other = ScriptedMember(session, script)
    other.start()
    try:
        pilot.app.go_to_viewpoint("north")
        pilot.until(lambda: len(pilot.app.people) == 1)
        pilot.until(lambda: all(m.pose is not None for m in pilot.session.members()))
        (seen,) = pilot.session.members()
        assert seen.name == "Айгерім" and seen.pose is not None
        assert seen.pose.head.position == pytest.approx((0, 3, 1.62), abs=0.05)
        assert pilot.app.meet("Айгерім")
        assert pilot.app.walker.feet[1] < 3.0
    finally:
        other.close()
    pilot.until(lambda: len(pilot.app.people) == 0)


def test_language_help_settings_and_map_open_and_close(pilot: Pilot) -> None:
    hud = pilot.app.hud
    pilot.do("help")
    pilot.do("settings")
    assert hud.wants_pointer
    pilot.do("escape")
    assert not hud.wants_pointer
    pilot.do("language")
    assert hud.translate.language == "ru"
    pilot.do("map")
    pilot.until(lambda: pilot.app.painter.idle)
    pilot.do("map")
    assert not hud.map_open
    assert pilot.app.painter.problems == []


def test_own_messages_are_not_unread(pilot: Pilot) -> None:
    pilot.session.command("message", {"text": "to myself"})
    pilot.until(lambda: any(r.kind == "message" for r in pilot.session.records.values()))
    pilot.do()
    assert pilot.app.hud._messages[-1].text == "to myself"
    assert pilot.app.hud._unread == 0


def test_a_standing_word_outlives_the_notices_over_it(pilot: Pilot) -> None:
    hud = pilot.app.hud

    def said() -> object:
        return hud._keys["notice"] if hud._panels["notice"]._wanted else None

    hud.standing("connecting again")
    pilot.do()
    assert said() == ("connecting again", "warning")
    hud.notice("flying", "info", time.monotonic(), 0.1)
    pilot.do()
    assert said() == ("flying", "info")
    pilot.until(lambda: said() == ("connecting again", "warning"))
    hud.standing("")
    pilot.until(lambda: said() is None)


def test_a_floor_that_cannot_be_read_is_told(pilot: Pilot) -> None:
    pilot.app.twin.failed = True
    pilot.do()
    text = pilot.app.hud.translate("view-no-floor")
    assert pilot.app.hud._keys["notice"] == (text, "warning")
