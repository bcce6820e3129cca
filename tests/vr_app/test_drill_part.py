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

    def drill(self, view: DrillView | None) -> None:
        self.shown = view

    def choice(self, ask: str, answers: tuple[tuple[str, str], ...]) -> None:
        pass


class Me:
    me = "m-1"


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
