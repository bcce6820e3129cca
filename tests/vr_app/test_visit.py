"""The scripted visit."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.schema import Scene, Spawn, Viewpoint
from vr_app.demo.visit import LENGTH_S, STOPS, Visit


def scene(**more: object) -> Scene:
    viewpoints = [
        Viewpoint(id=name, title={}, position=(10.0 * i, 0, 1.65), azimuth_deg=90)
        for i, (name, *_) in enumerate(STOPS)
    ]
    return Scene(name="test", viewpoints=viewpoints, **more)  # type: ignore[arg-type]


def test_every_stop_is_visited_in_order() -> None:
    visit = Visit(scene())
    seen = [visit.at(seconds).stop for seconds in np.arange(0, LENGTH_S, 0.25)]
    assert list(dict.fromkeys(seen)) == [name for name, *_ in STOPS]
    assert visit.at(5.0).eye == pytest.approx([10.0, 0, 1.65])


def test_pictures_fall_into_their_stops() -> None:
    visit = Visit(scene())
    for name, seconds in visit.pictures().items():
        assert visit.at(seconds).stop == name


def test_movement_within_a_stop_is_slow_and_forward() -> None:
    visit = Visit(scene())
    first, last = visit.at(5.0), visit.at(9.9)
    moved = last.eye - first.eye
    assert 2.0 < moved[0] < 6.0 and abs(moved[1]) < 1e-6


def test_a_scene_without_viewpoints_is_visited_from_its_spawn() -> None:
    visit = Visit(Scene(name="bare", spawn=Spawn(position=(5, 6, 7), azimuth_deg=10)))
    assert visit.at(6.0).eye[:2] == pytest.approx([5.0, 6.0], abs=1.5)
    assert visit.at(100.0).stop == "together"
