"""The walk file and the floor and ray queries on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scenes.bake.layer import bake_layer
from scenes.errors import Refused
from scenes.geometry import MeshPart
from scenes.schema import Layer, Scene
from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import read_tileset
from scenes.twin import save_scene
from scenes.walk import build_walk, load_walk
from scenes.walk.ground import Ground
from scenes.walk.solids import PIECE, Solid, Solids, entered, make_solid
from scenes.walk.store import WALK_FILE
from scenes.walk.surface import walk_cut
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


def mesh_of(path: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint32]]:
    """The triangles of a tile with one primitive."""
    (geometry,) = parse_glb(path.read_bytes(), str(path))
    return geometry.positions, geometry.indices.reshape(-1, 3)


def ground_of(folder: Path, layers: tuple[str, ...] = ("terrain", "drift")) -> Ground:
    """A twin's walk surface, all of it there."""
    ground = Ground()
    key = 0
    for layer in layers:
        tileset = folder / f"tiles/{layer}/tileset.json"
        root, _ = read_tileset(tileset.read_bytes(), layer)
        for tile in walk_cut(root):
            ground.expect(key, tile.low, tile.high, layer, 0.0)
            ground.arrive(key, make_solid(*mesh_of(tileset.parent / str(tile.content))))
            key += 1
    return ground


def test_the_floor_is_found_where_it_is(twin: Path) -> None:
    ground = ground_of(twin)
    floor = ground.floor(np.array([30.0, 12.0, -39.5]))
    assert floor is not None
    assert floor.point[2] == pytest.approx(-40.0, abs=1e-3)
    assert floor.normal[2] == pytest.approx(1.0)
    assert (floor.layer, floor.answered, floor.error_m) == ("drift", "walk", 0.0)


def test_what_is_not_walkable_stops_nobody(twin: Path) -> None:
    ground = ground_of(twin)
    start, east = np.array([15.0, 12.0, -38.0]), np.array([2.0, 0.0, 0.0])
    hit = ground.solid(start, east, 100.0)
    assert hit is not None and hit.point[0] == pytest.approx(50.0, abs=1e-3)
    assert hit.normal[0] == pytest.approx(-1.0)


def test_what_is_on_screen_is_pointed_at_and_says_what_it_is(twin: Path) -> None:
    ground = ground_of(twin)
    solid = make_solid(*mesh_of(next((twin / "tiles/ore").glob("*.glb"))))
    assert solid is not None
    ground.show(1, solid, "ore", 0.25)
    start, east = np.array([15.0, 12.0, -38.0]), np.array([1.0, 0.0, 0.0])
    hit = ground.ray(start, east)
    assert hit is not None and hit.point[0] == pytest.approx(20.0, abs=1e-3)
    assert (hit.layer, hit.answered, hit.error_m) == ("ore", "tile", 0.25)
    stopped = ground.solid(start, east, 100.0)
    assert stopped is not None and stopped.layer == "drift"
    ground.hidden = {"ore"}
    behind = ground.ray(start, east)
    assert behind is not None and behind.layer == "drift"
    ground.hidden = ()
    ground.hide(1)
    again = ground.ray(start, east)
    assert again is not None and again.layer == "drift"


def moved(solid_of: Path, by: float) -> Solid:
    positions, triangles = mesh_of(solid_of)
    solid = make_solid(positions + np.array([by, 0, 0], np.float32), triangles)
    assert solid is not None
    return solid


def test_of_two_answers_for_one_wall_the_finer_counts(twin: Path) -> None:
    """A coarse tile may stand before or behind the true wall: neither hides it."""
    ground = ground_of(twin)
    drift = next((twin / "tiles/drift").glob("*.glb"))
    start, east = np.array([15.0, 12.0, -38.0]), np.array([1.0, 0.0, 0.0])
    for by in (-0.5, 0.5):
        ground.show(1, moved(drift, by), "drift", 0.6)
        hit = ground.ray(start, east)
        assert hit is not None and hit.answered == "walk" and hit.distance == pytest.approx(35.0)
    ground.show(1, moved(drift, -5.0), "drift", 0.6)
    nearer = ground.ray(start, east)
    assert nearer is not None and nearer.answered == "tile"
    assert nearer.distance == pytest.approx(30.0)


def test_nobody_walks_where_the_floor_is_not_there_yet(twin: Path) -> None:
    ground = Ground()
    path = next((twin / "tiles/drift").glob("*.glb"))
    positions, triangles = mesh_of(path)
    low, high = positions.min(axis=0), positions.max(axis=0)
    ground.expect(0, low, high, "drift", 0.0)
    feet = np.array([30.0, 12.0, -39.9])
    assert ground.floor(feet) is None
    outside = np.array([5.0, 12.0, -38.0])
    stopped = ground.solid(outside, np.array([1.0, 0.0, 0.0]), 30.0)
    assert stopped is not None and stopped.answered == "unknown"
    assert stopped.distance == pytest.approx(5.0, abs=0.01)
    ground.arrive(0, make_solid(positions, triangles))
    assert ground.floor(feet) is not None
    ground.leave(0, low, high)
    assert ground.floor(feet) is None
    ground.arrive(0, None)  # it never comes: there is nothing to wait for
    assert ground.floor(feet) is None and ground.solid(outside, feet, 30.0) is None


def test_a_surface_in_many_pieces_answers_as_one() -> None:
    """Rays against a rough field of 40,000 triangles, beside a plain search of all of them."""
    side = 142
    generator = np.random.default_rng(4)
    east, north = np.meshgrid(np.arange(side) * 0.5, np.arange(side) * 0.5)
    points = np.stack([east, north, generator.normal(0, 0.4, east.shape)], axis=-1)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    first = np.stack([corner, corner + 1, corner + side], axis=1)
    second = np.stack([corner + 1, corner + side + 1, corner + side], axis=1)
    positions = points.reshape(-1, 3).astype(np.float32)
    triangles = np.concatenate([first, second])
    generator.shuffle(triangles)
    solid = make_solid(positions, triangles)
    assert solid is not None and len(solid.pieces) == -(-len(triangles) // PIECE) > 5
    solids = Solids()
    solids.add(7, solid)
    corners = positions[triangles].astype(np.float64)
    for _ in range(60):
        start = np.array([*generator.uniform(2, 68, 2), generator.uniform(2, 6)])
        unit = np.array([*generator.normal(0, 1, 2), -generator.uniform(0.2, 2)])
        unit /= np.linalg.norm(unit)
        expected = plain_search(corners, start, unit)
        met = solids.ray(start, unit, 500.0)
        if expected is None:
            assert met is None
            continue
        assert met is not None and met.key == 7
        assert met.distance == pytest.approx(expected, abs=2e-3)
        assert met.normal @ unit <= 0


def plain_search(corners: npt.NDArray[np.float64], start: Any, unit: Any) -> float | None:
    """Distance to the first of the triangles (m, 3, 3) on a ray, by signed volumes."""
    a, b, c = (corners[:, k] - start for k in range(3))
    volumes = [np.cross(p, q) @ unit for p, q in ((a, b), (b, c), (c, a))]
    through = np.all([v >= 0 for v in volumes], axis=0) | np.all([v <= 0 for v in volumes], axis=0)
    normal = np.cross(b - a, c - a)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.einsum("ij,ij->i", a, normal) / (normal @ unit)
    found = distance[through & (distance > 0)]
    return float(found.min()) if len(found) else None


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


@pytest.mark.parametrize("keep", [0, 10, 100, 400])
def test_a_broken_walk_file_is_refused(twin: Path, keep: int) -> None:
    with pytest.raises(Refused):
        load_walk((twin / WALK_FILE).read_bytes()[:keep])


@pytest.mark.parametrize("way", [(0, 0, -1), (0, 0, 1), (-1, 0, 0), (0, 1, 0)])
def test_a_ray_within_the_side_of_a_box_enters_it(way: tuple[int, int, int]) -> None:
    lows, highs = np.array([[0.0, 0.0, 0.0]]), np.array([[5.0, 5.0, 5.0]])
    unit = np.array(way, np.float64) * 1.0
    for zero in (0.0, -0.0):
        unit = np.where(unit == 0, zero, unit)
        for side in (0.0, 5.0):
            start = np.where(unit != 0, 2.5 - 10 * unit, side)
            assert entered(lows, highs, start, unit, 100.0) == [(7.5, 0)]


def test_more_solids_than_a_process_has_thread_keys_can_be_met() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    triangle = np.array([[0, 1, 2]], np.int32)
    solids = Solids()
    for key in range(1500):
        solid = make_solid(corners + np.float32([0, 0, -key]), triangle)
        assert solid is not None
        solids.add(key, solid)
    met = solids.ray(np.array([0.2, 0.2, 1.0]), np.array([0.0, 0.0, -1.0]), 5.0)
    assert met is not None and met.key == 0
    last = solids.ray(np.array([0.2, 0.2, -1498.5]), np.array([0.0, 0.0, -1.0]), 5.0)
    assert last is not None and last.key == 1499
