"""The panel of people in whole applications: an instructor with a ticket, and who is moderated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vr_app.pilot import DEADLINE_S, Pilot
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.controls import Wishes
from vr_app.demo.server_child import ServerChild
from vr_app.display.base import Display, open_display
from vr_app.world.walker import Intent


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    """One display for both windows: a process can have only one ShowBase."""
    display = open_display("offscreen", (1280, 720))
    yield display
    display.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The room's address, and an instructor's ticket made by `kenish token`."""
    twin = make_tiny_twin(tmp_path / "tiny")
    state = tmp_path / "state"
    server = ServerChild(twin, "--port", "0", "--open", "engineer", "--state", str(state))
    listening = server.wait_listening()
    words = ["token", "tiny", "--role", "instructor", "--state", str(state), "--json"]
    made = subprocess.run(
        [sys.executable, "-m", "vr_app", *words],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"KENISH_LANG": "en"},
        timeout=DEADLINE_S,
    )
    yield f"{listening.ws}/{listening.rooms[0]}", json.loads(made.stdout)["ticket"]
    server.stop()


@pytest.fixture
def pair(display: Display, room: tuple[str, str]) -> Iterator[tuple[Pilot, Pilot]]:
    """The instructor and a student, each with an application of their own."""
    address, ticket = room
    teacher = Pilot(display, address, "Teacher", "instructor", ticket)
    student = Pilot(display, address, "Student")
    yield teacher, student
    student.close()
    teacher.close()


def until_both(pair: tuple[Pilot, Pilot], condition: object) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came to that"
        for one in pair:
            one.do()


def said(pilot: Pilot) -> str:
    """What the notice or the standing word says now."""
    hud = pilot.app.hud
    return str(hud._keys["notice"]) if hud._panels["notice"]._wanted else ""


def press(pilot: Pilot, act: str) -> None:
    """The key of the button that does this."""
    names = [one.name for one in pilot.app.crew._acts]
    pilot.do(f"choose-{names.index(act) + 1}")


def click(pilot: Pilot, part: str) -> None:
    """Click a part of the panel in the window, where it was painted."""
    panel = pilot.app.hud._panels["people"]
    pilot.until(lambda: any(hit.name == part for hit in panel._image.hits) and panel.visible)
    hit = next(hit for hit in panel._image.hits if hit.name == part)
    left, top = panel.rectangle[:2]
    at = (left + (hit.left + hit.right) / 2, top + (hit.top + hit.bottom) / 2)
    pilot.app.frame(0.02, Wishes(Intent(), click=at))


def test_an_instructor_mutes_locks_hands_over_and_sends_out(pair: tuple[Pilot, Pilot]) -> None:
    teacher, student = pair
    me = student.session.me
    assert me is not None
    until_both(pair, lambda: teacher.session.members() and student.session.members())

    student.do("people")
    assert student.app.crew._acts == ()  # an engineer is offered nothing
    student.do("list-down", "people")

    teacher.do("people")
    teacher.do("list-down")  # by key: the student, who is next
    teacher.do()
    assert teacher.app.crew._chosen == me
    press(teacher, "mute")
    until_both(pair, lambda: me in student.session.facts.muted)
    until_both(pair, lambda: student.app.hud.translate("ui-notice-muted") in said(student))
    teacher.do()
    press(teacher, "unmute")
    until_both(pair, lambda: student.app.hud.translate("ui-notice-unmuted") in said(student))

    teacher.do()
    press(teacher, "lock")
    until_both(pair, lambda: student.app.hud.translate("ui-notice-locked") in said(student))
    teacher.do()
    press(teacher, "lead")
    until_both(pair, lambda: student.app.hud.translate("ui-notice-you-lead") in said(student))
    student.do("people")
    student.do("list-down")  # the lead may hand over without being a moderator
    student.do()
    assert [one.name for one in student.app.crew._acts] == ["lead", "end-lead"]

    click(teacher, f"person:{me}")  # now by mouse
    number = [one.name for one in teacher.app.crew._acts].index("kick") + 1
    click(teacher, f"act:{number}")
    teacher.do()
    assert teacher.app.hud.writing_for("kick") is not None
    teacher.app.frame(0.02, Wishes(Intent(), edit_keys=["escape"]))
    teacher.do()
    assert teacher.session.facts.kept_out == frozenset()  # thought better of it
    click(teacher, f"act:{number}")
    teacher.app.frame(0.02, Wishes(Intent(), typed="too loud"))
    click(teacher, "ask")
    until_both(pair, lambda: student.session.status.state == "refused")
    until_both(pair, lambda: student.app.hud.translate("server-kept-out") in said(student))
    until_both(pair, lambda: me in teacher.session.facts.kept_out)
    acts = [r.payload for r in teacher.session.records.values() if r.kind == "moderation"]
    assert [one["reason"] for one in acts if one["act"] == "kick"] == ["too loud"]

    until_both(pair, lambda: teacher.session.members() == [])
    teacher.do()
    listed = [(row.id, row.name, row.present) for row in teacher.app.crew._rows]
    assert (me, "Student", False) in listed  # by name, to be let in again
    teacher.do("list-down")
    teacher.do()
    press(teacher, "admit")
    until_both(pair, lambda: teacher.session.facts.kept_out == frozenset())
    for one in pair:
        assert one.app.painter.problems == []
