"""The walk file and the floor and ray queries on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenes.bake.layer import bake_layer
from scenes.errors import Refused
from scenes.geometry import MeshPart
from scenes.schema import Layer, Scene
from scenes.twin import save_scene
from scenes.walk import build_walk, load_walk
from scenes.walk.ground import Ground
from scenes.walk.store import WALK_FILE
from tests.scenes.test_bake_layer import ORIGIN, sheet


def box_room(low: tuple[float, float, float], high: tuple[float, float, float]) -> MeshPart:
    """A closed room seen from the inside."""
    corners = np.array(
        [
            [(high if bit else low)[axis] for axis, bit in enumerate(bits)]
            for bits in np.ndindex(2, 2, 2)
        ]
    )
    quads = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return MeshPart(corners + np.array(ORIGIN), np.array(triangles, np.uint32))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin")
    layers = [
        Layer(id="terrain", kind="terrain"),
        Layer(id="drift", kind="drift"),
        Layer(id="ore", kind="ore", walkable=False),
    ]
    bake_layer(folder / "tiles/terrain", [sheet()], ORIGIN)
    bake_layer(folder / "tiles/drift", [box_room((10, 10, -40), (50, 15, -36))], ORIGIN)
    bake_layer(folder / "tiles/ore", [box_room((20, 10, -39), (25, 15, -37))], ORIGIN)
    save_scene(folder, Scene(name="test", layers=layers))
    build_walk(folder)
    return folder


def ground_of(folder: Path) -> Ground:
    return Ground(load_walk((folder / WALK_FILE).read_bytes()))


def test_the_floor_is_found_where_it_is(twin: Path) -> None:
    ground = ground_of(twin)
    floor = ground.floor(np.array([30.0, 12.0, -39.5]))
    assert floor is not None
    assert floor.point[2] == pytest.approx(-40.0, abs=1e-3)
    assert floor.normal[2] == pytest.approx(1.0)


def test_what_is_not_walkable_stops_nobody(twin: Path) -> None:
    hit = ground_of(twin).ray(np.array([15.0, 12.0, -38.0]), np.array([2.0, 0.0, 0.0]))
    assert hit is not None and hit.point[0] == pytest.approx(50.0, abs=1e-3)
    assert hit.normal[0] == pytest.approx(-1.0)


def test_nothing_in_reach_is_none(twin: Path) -> None:
    ground = ground_of(twin)
    assert ground.ray(np.array([15.0, 12.0, -38.0]), np.array([1.0, 0, 0]), 5.0) is None
    assert ground.ray(np.array([15.0, 12.0, -38.0]), np.zeros(3)) is None
    assert ground.ray(np.array([np.nan, 12.0, -38.0]), np.array([1.0, 0, 0])) is None
    assert ground.floor(np.array([500.0, 500.0, 0.0])) is None


def test_cover_tells_under_ground_from_the_open(twin: Path) -> None:
    ground = load_walk((twin / WALK_FILE).read_bytes())
    deep = ground.cover_m(np.array([30.0, 12.0, -38.0]))
    assert deep is not None and 30 < deep < 45
    above = ground.cover_m(np.array([30.0, 12.0, 10.0]))
    assert above is not None and above < 0
    assert ground.cover_m(np.array([-500.0, 12.0, 10.0])) is None


@pytest.mark.parametrize("keep", [0, 10, 100, 2000])
def test_a_broken_walk_file_is_refused(twin: Path, keep: int) -> None:
    with pytest.raises(Refused):
        load_walk((twin / WALK_FILE).read_bytes()[:keep])
