"""A person's part in a drill: an offer to start one stands for a while, a task until it is done."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from assets.text import translator
from scenes.schema import Frame, Scene
from vr_app.drill_part import WAITING_SHOWN_S, DrillPart
from vr_app.hud import Hud
from vr_app.session import RoomSession
from vr_app.ui.drill_panel import DrillView


class Panels:
    """What the drill puts on the panels."""

    def __init__(self) -> None:
        self.translate = translator("en")
        self.shown: DrillView | None = None
        self.asked: tuple[tuple[str, str], ...] = ()
        self.wants_pointer = False

    def drill(self, view: DrillView | None) -> None:
        self.shown = view

    def choice(self, ask: str, answers: tuple[tuple[str, str], ...]) -> None:
        self.asked = answers


class Me:
    me = "m-1"
    role = "engineer"

    def __init__(self, *permissions: str) -> None:
        self.permissions = frozenset(permissions)
        self.commands: list[tuple[str, dict[str, Any]]] = []

    def command(self, kind: str, payload: dict[str, Any]) -> None:
        self.commands.append((kind, payload))


WAITING: dict[str, Any] = {
    "phase": "waiting",
    "lanes": {
        "crew": {"title": "Crew", "roles": ["trainee", "engineer"]},
        "room": {"title": "Room", "roles": ["engineer"]},
        "boss": {"title": "Boss", "roles": ["admin"]},
    },
    "chosen": {},
}


def test_before_a_drill_a_part_is_taken_and_the_drill_started() -> None:
    panels, me = Panels(), Me("run_drill")
    scene = Scene(name="mine", frame=Frame(origin=(0, 0, 0)))
    part = DrillPart(scene, cast(RoomSession, me), cast(Hud, panels))
    eye = np.zeros(3)
    part.take_state({"room_time": 0.0, **WAITING})
    part.update(0.0, eye)
    assert [name for name, _ in panels.asked] == ["crew", "room", "drill.start"]
    part.choose_by_key(2)
    part.take_state({"room_time": 1.0, **WAITING, "chosen": {"m-1": "room"}})
    part.update(1.0, eye)
    assert [name for name, _ in panels.asked] == ["crew", "drill.start"]
    part.choose("drill.start")
    assert me.commands == [
        ("choice", {"prompt": "drill.lane", "option": "room"}),
        ("drill_act", {"act": "start"}),
    ]
    part.update(1.0 + WAITING_SHOWN_S + 1.0, eye)
    assert panels.asked == ()
    panels.wants_pointer = True  # the menu was opened
    part.update(2.0 + WAITING_SHOWN_S + 1.0, eye)
    assert len(panels.asked) == 2
    me.permissions = frozenset()
    part.update(3.0 + WAITING_SHOWN_S + 1.0, eye)
    assert [name for name, _ in panels.asked] == ["crew"]


@pytest.mark.parametrize(
    ("state", "stays"),
    [
        ({"phase": "waiting"}, False),
        # A drill that others ended, or that a server of another day ran, is an offer too.
        ({"phase": "ended", "people": {"m-2": {"verdict": "passed"}}}, False),
        ({"phase": "ended", "people": {"m-1": {"verdict": "passed"}}}, True),
        ({"phase": "running", "people": {"m-1": {}}}, True),
    ],
)
def test_an_offer_goes_after_a_while_and_a_part_stays(state: dict[str, Any], stays: bool) -> None:
    panels = Panels()
    scene = Scene(name="mine", frame=Frame(origin=(0, 0, 0)))
    part = DrillPart(scene, cast(RoomSession, Me()), cast(Hud, panels))
    part.take_state({"title": "fire-title", "summary": "", "room_time": 100.0, **state})
    eye = np.zeros(3)
    part.update(100.0, eye)
    assert panels.shown is not None
    part.update(100.0 + WAITING_SHOWN_S + 1.0, eye)
    assert (panels.shown is not None) == stays
