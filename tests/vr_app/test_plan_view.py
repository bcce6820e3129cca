"""The plan map in the window: when it is painted anew, what follows, where a click leads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np
import pytest

from assets.text import translator
from scenes.schema import Place, Scene, Spawn
from tests.sync_server.support import until
from vr_app.plan_view import REPAINT_S, PlanView
from vr_app.ui.canvas import Painted
from vr_app.ui.plan_map import MapPerson, MapSensor
from vr_app.ui.plan_map.view import COARSEST_M, FINEST_M

SCENE = Scene(
    name="mine",
    spawn=Spawn(position=(0.0, 0.0, 0.0)),
    places=[Place(id="shop", title={"en": "Workshop"}, position=(30.0, 20.0, 0.0))],
)


class Panel:
    """What the map needs of the hud: whether it is open, and a place for its picture."""

    def __init__(self) -> None:
        self.map_open = True
        self.translate = translator("en")
        self.key: Hashable = None
        self.paint: Callable[[], Painted] | None = None

    def plan_map(self, key: Hashable, paint: Callable[[], Painted] | None) -> None:
        self.key, self.paint = key, paint


class Bench:
    def __init__(self) -> None:
        self.panel = Panel()
        hud: Any = self.panel
        self.plan = PlanView(SCENE, hud)
        self.asked = 0
        self.plan.gather(None)
        until(lambda: self.plan.ready)

    def people(self) -> tuple[MapPerson, ...]:
        self.asked += 1
        return (MapPerson("Aru", (200, 40, 40, 255), (5.0, 5.0, 1.6)),)

    def sensors(self) -> tuple[MapSensor, ...]:
        return (MapSensor((3.0, 0.0, 1.0), "alarm"),)

    def frame(self, now: float, east: float = 0.0) -> Hashable:
        feet = np.array([east, 0.0, 0.0])
        self.plan.update(now, feet, np.pi / 2, self.people, self.sensors)
        return self.panel.key


@pytest.fixture
def bench() -> Iterator[Bench]:
    yield Bench()


def test_it_is_painted_anew_a_few_times_a_second_however_many_frames_there_are(
    bench: Bench,
) -> None:
    first = bench.frame(10.0)
    assert all(bench.frame(10.0 + n * 0.01, east=n) == first for n in range(1, 20))
    assert bench.asked == 1
    assert bench.frame(10.0 + REPAINT_S, east=20.0) != first
    assert bench.asked == 2
    assert bench.panel.paint is not None
    assert bench.panel.paint().size[0] > 100


def test_a_closed_map_costs_nothing(bench: Bench) -> None:
    bench.panel.map_open = False
    assert bench.frame(10.0) is None and bench.panel.paint is None and bench.asked == 0


def test_zooming_shows_at_once_and_stays_in_bounds(bench: Bench) -> None:
    far = bench.frame(10.0)
    bench.plan.zoom(1.0)
    near = bench.frame(10.01)
    assert near != far
    assert bench.plan.click("zoom:out", (0.0, 0.0)) is None
    back: Any = bench.frame(10.02)
    before: Any = far
    assert back[0].metres_per_pixel == pytest.approx(before[0].metres_per_pixel)
    for steps, bound in ((1.0, FINEST_M), (-1.0, COARSEST_M)):
        for _ in range(100):
            bench.plan.zoom(steps)
        shown: Any = bench.frame(10.03)
        assert shown[0].metres_per_pixel == bound


def test_a_click_beside_the_map_or_on_nothing_leads_nowhere(bench: Bench) -> None:
    bench.frame(10.0)
    assert bench.plan.click("map", (-50.0, -50.0)) is None
    assert bench.plan.click("close", (1.0, 1.0)) is None
    assert bench.plan.click("here", (1.0, 1.0)) is None
