"""The walk surface around a person, from real baked tiles: it comes, goes and is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from panda3d.core import NodePath

from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.pool import Here
from scenes.geometry import MeshPart
from scenes.schema import Layer
from scenes.walk.ground import Ground
from vr_app.errors import SourceError, SourceLost
from vr_app.stream import walk_surface
from vr_app.stream.picking import Picking
from vr_app.stream.source import FolderSource
from vr_app.stream.streamer import TileStreamer
from vr_app.stream.views import View
from vr_app.stream.walk_surface import WalkSurface, walk_cut

LENGTH_M = 400
DEADLINE_S = 60.0
UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A level road of 400 m to the east, in some sixty leaves."""
    folder = tmp_path_factory.mktemp("road")
    east, north = np.meshgrid(np.arange(LENGTH_M * 2 + 1) * 0.5, np.arange(11) * 0.5)
    points = np.stack([east, north, np.zeros_like(east)], axis=-1).reshape(-1, 3)
    points[:, 2] = np.random.default_rng(2).normal(0, 0.1, len(points))
    row = LENGTH_M * 2 + 1
    corner = (np.arange(10)[:, None] * row + np.arange(row - 1)).ravel()
    first = np.stack([corner, corner + 1, corner + row], axis=1)
    second = np.stack([corner + 1, corner + row + 1, corner + row], axis=1)
    part = MeshPart(points, np.concatenate([first, second]).astype(np.uint32))
    settings = TreeSettings(leaf=200, bucket=4000)
    bake_layer(folder / "tiles/road", [part], (0, 0, 0), settings=settings, runner=Here())
    return folder


class Shaky(FolderSource):
    """A folder whose tiles cannot be had now and then."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.error: SourceError | None = None
        self.asked: list[str] = []

    def read(self, path: str) -> bytes:
        if path.endswith(".glb"):
            self.asked.append(path)
            if self.error is not None:
                raise self.error
        return super().read(path)

    def kept(self, path: str) -> bytes | None:
        return self.read(path)


class Person:
    """Somebody in a twin, with the loop of frames that a display would make."""

    def __init__(self, twin: Path) -> None:
        self.source = Shaky(twin)
        self.streamer = TileStreamer(FolderSource(twin), NodePath("world"))
        self.streamer.add_layers([Layer(id="road", kind="drift")])
        self.ground = Ground()
        self.surface = WalkSurface(self.source, self.ground)
        self.eye = np.array([10.0, 2.5, 1.65])

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end
            self.frame()
            time.sleep(0.001)

    def frame(self) -> None:
        self.streamer.update([View(self.eye, np.zeros((0, 4)), 500.0)])
        self.surface.update(self.eye, self.streamer.trees)

    def settle(self) -> None:
        self.until(lambda: self.streamer.started and self.surface.settled)

    def stands_at(self, east: float) -> bool:
        return self.ground.floor(np.array([east, 2.5, 0.5])) is not None

    def close(self) -> None:
        self.surface.close()
        self.streamer.close()


@pytest.fixture
def person(twin: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(walk_surface, "ALL_REGIONS", 4)
    monkeypatch.setattr(walk_surface, "AGAIN_S", 0.01)
    return Person(twin)


def test_the_floor_is_there_around_the_person_and_nowhere_else(person: Person) -> None:
    person.settle()
    cut = list(walk_cut(person.streamer.trees[0].root))
    assert person.surface.regions == len(cut) > 30
    assert 0 < person.ground.regions < len(cut) / 2
    assert person.stands_at(10.0) and person.stands_at(60.0)
    assert not person.stands_at(300.0)
    over = np.array([300.0, 2.5, 1.0])
    stopped = person.ground.solid(over, -UP, 3.0)
    assert stopped is not None and stopped.answered == "unknown"
    person.close()


def test_the_floor_follows_the_person_and_what_is_far_goes(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_surface, "MOST_TRIANGLES", 0)
    person.settle()
    before = person.ground.regions
    person.eye = np.array([350.0, 2.5, 1.65])
    person.frame()
    person.settle()
    assert person.stands_at(350.0) and not person.stands_at(10.0)
    assert person.ground.regions < 2 * before
    person.eye = np.array([10.0, 2.5, 1.65])
    person.frame()
    person.settle()
    assert person.stands_at(10.0)
    person.close()


def test_a_line_that_is_lost_is_waited_for(person: Person) -> None:
    person.source.error = SourceLost("source-lost", path="tile")
    person.until(lambda: len(person.source.asked) > 3)
    assert not person.stands_at(10.0) and person.surface.problems.empty()
    person.source.error = None
    person.until(lambda: person.surface.settled and person.stands_at(60.0))
    person.close()


def test_a_tile_that_is_broken_is_named_and_leaves_a_hole_not_a_wall(person: Person) -> None:
    person.source.error = SourceError("source-unreadable", path="tile", reason="broken")
    person.settle()
    assert not person.surface.problems.empty()
    assert "tiles/road/" in person.surface.problems.get()
    ahead = person.ground.solid(np.array([10.0, 2.5, 1.0]), np.array([1.0, 0, 0]), 30.0)
    assert ahead is None and not person.stands_at(10.0)
    person.close()


def test_what_is_pointed_at_answers_as_it_is_drawn(person: Person) -> None:
    person.eye = np.array([200.0, 2.5, 4000.0])  # so far that a coarse tile is drawn
    person.settle()
    picking = Picking(person.ground)
    over, down = np.array([300.0, 2.5, 50.0]), -UP

    def answered() -> str | None:
        person.frame()
        picking.update(person.streamer.shown)
        picking.aim(over, down, 100.0)
        hit = person.ground.ray(over, down, 100.0)
        return None if hit is None else hit.answered

    person.until(lambda: answered() == "tile")
    coarse = person.ground.ray(over, down, 100.0)
    assert coarse is not None and coarse.layer == "road" and coarse.error_m > 0.0
    assert abs(float(coarse.point[2])) <= coarse.error_m + 0.5
    person.eye = np.array([300.0, 2.5, 1.65])
    person.frame()
    person.settle()
    person.until(lambda: person.streamer.idle)
    answered()
    fine = person.ground.ray(over, down, 100.0)
    assert fine is not None and fine.error_m <= 0.05 < coarse.error_m
    picking.close()
    person.close()
