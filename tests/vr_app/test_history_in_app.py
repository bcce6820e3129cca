"""What was done to a note, seen by whoever looks at it, in a room of a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.vr_app.pilot import Pilot
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import Display, open_display
from vr_app.history_part import aimed_note
from vr_app.world.walker import gaze

NOTE_AT = [0.0, 5.0, 1.5]


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    """One display for all: a process can have only one ShowBase."""
    display = open_display("offscreen", (1280, 720))
    yield display
    display.close()


@pytest.fixture
def pilot(display: Display, tmp_path: Path) -> Iterator[Pilot]:
    twin = make_tiny_twin(tmp_path / "tiny")
    state = str(tmp_path / "state")
    server = ServerChild(twin, "--port", "0", "--open", "engineer", "--state", state)
    listening = server.wait_listening()
    pilot = Pilot(display, f"{listening.ws}/{listening.rooms[0]}", "Aigerim")
    yield pilot
    pilot.close()
    server.stop()


def shown(pilot: Pilot) -> list[str]:
    return [entry.op for entry in pilot.app.past._entries]


def test_a_note_that_is_looked_at_tells_its_history_and_is_brought_back(pilot: Pilot) -> None:
    app, session = pilot.app, pilot.session
    note = session.command("annotation", {"position": NOTE_AT, "text": "crack"})
    pilot.until(lambda: note in session.records and not session.records[note].waiting)
    session.command("annotation", {"position": NOTE_AT, "text": "wider"}, "update", note)
    pilot.until(lambda: session.records[note].version == 2)
    app.look_from(np.array([0.0, 0.0, 1.65]), np.pi, 0.0)  # the other way
    pilot.do()
    assert app.note is None
    app.look_from(np.array([0.0, 0.0, 1.65]), 0.0, 0.05)
    pilot.do()
    assert app.note == note
    pilot.do("history")
    pilot.until(lambda: shown(pilot) == ["update", "create"])
    assert [entry.payload["text"] for entry in app.past._entries] == ["wider", "crack"]
    assert {entry.author for entry in app.past._entries} == {session.me}
    pilot.do("choose-1")
    pilot.until(lambda: note not in session.records and shown(pilot)[:1] == ["delete"])
    pilot.until(lambda: app.past.acts == ("restore",))
    pilot.do("choose-1")
    pilot.until(lambda: note in session.records and shown(pilot)[:1] == ["restore"])
    assert session.records[note].payload["text"] == "wider"
    pilot.do("escape")
    assert not app.hud.is_open("history")
    pilot.do()
    assert app.painter.problems == []


def test_the_nearest_of_the_notes_in_view_is_meant() -> None:
    eye = np.array([0.0, 0.0, 1.6])
    points = np.array([[0, 8, 1.6], [0.1, 4, 1.4], [3, 4, 1.6], [0, -4, 1.6], [0, 40, 1.6]], float)
    ids = ["far", "near", "aside", "behind", "out of reach"]
    assert aimed_note(ids, points, eye, gaze(0.0, 0.0)) == "near"
    assert aimed_note(ids[2:], points[2:], eye, gaze(0.0, 0.0)) is None
    assert aimed_note(ids, points, eye, gaze(np.pi, 0.0)) == "behind"
    assert aimed_note(ids, points, eye, gaze(0.0, 0.6)) is None
    assert aimed_note([], np.zeros((0, 3)), eye, gaze(0.0, 0.0)) is None
