"""The tree of a layer: no crack at any cut, errors that hold, and a bake that can be stopped."""

from __future__ import annotations

import json
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.bake import simplify
from scenes.bake.cuts import BakedTree, TileMesh, open_edges
from scenes.bake.layer import BakedLayer, TreeSettings, bake_layer
from scenes.bake.pool import Cores, Here
from scenes.errors import SceneError
from scenes.geometry import MATERIAL, MeshPart, Part, PointPart
from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import Tile

SMALL = TreeSettings(leaf=500, bucket=2000, here=10**9)
LIBRARIES = ("meshoptimizer", "fast_simplification", "opengl_decimate")


def tube(rings: int = 200, around: int = 40, holes: bool = False) -> MeshPart:
    """A rough closed drift: a ring of a torus, seen from the inside."""
    ring, turn = np.divmod(np.arange(rings * around), around)
    generator = np.random.default_rng(5)
    radius = 3.0 + generator.normal(0, 0.05, len(ring)) + 0.4 * np.sin(ring * 0.9 + turn * 0.3)
    along, angle = ring * 2 * np.pi / rings, turn * 2 * np.pi / around
    out = 40.0 + radius * np.cos(angle)
    positions = np.stack([out * np.cos(along), out * np.sin(along), radius * np.sin(angle)], 1)

    def at(r: Any, t: Any) -> Any:
        return (r % rings) * around + t % around

    a, b, c, d = at(ring, turn), at(ring + 1, turn), at(ring + 1, turn + 1), at(ring, turn + 1)
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    if holes:
        triangles = triangles[generator.random(len(triangles)) > 0.01]
    colours = np.zeros((len(positions), 3), np.uint8)
    colours[:, 0] = turn * 6
    materials = np.where(np.cos(angle) < -0.5, MATERIAL["gravel"], MATERIAL["rock"])
    return MeshPart(positions, triangles.astype(np.uint32), colours=colours,
                    materials=materials.astype(np.uint8))  # fmt: skip


def boxes(count: int = 400) -> MeshPart:
    """Bolts: closed boxes that no collapse of edges makes fewer."""
    generator = np.random.default_rng(2)
    corners = np.indices((2, 2, 2)).reshape(3, -1).T - 0.5
    size = generator.uniform(0.1, 0.4, (count, 1, 1))
    positions = generator.uniform(0, 60, (count, 1, 3)) + corners * size
    faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    box = np.array([t for a, b, c, d in faces for t in ((a, b, c), (a, c, d))])
    triangles = (np.arange(count)[:, None, None] * 8 + box).reshape(-1, 3)
    return MeshPart(positions.reshape(-1, 3), triangles.astype(np.uint32))


def bake(folder: Path, parts: list[Part], **more: Any) -> BakedLayer:
    return bake_layer(folder, parts, (0, 0, 0), settings=SMALL, runner=Here(), **more)


def only(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if library not in simplify.libraries():
        pytest.skip(f"{library} is not installed")
    monkeypatch.setattr(simplify, "libraries", lambda: (library,))


def all_tiles(root: Tile) -> list[Tile]:
    return [root] + [one for child in root.children for one in all_tiles(child)]


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("library", LIBRARIES)
def test_no_cut_through_the_levels_has_a_crack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, holes: bool
) -> None:
    only(library, monkeypatch)
    part = tube(holes=holes)
    baked = bake(tmp_path / "a", [part])
    assert baked.triangles == len(part.triangles)
    tree = BakedTree(tmp_path / "a")
    generator = np.random.default_rng(11)
    sizes = set()
    for _ in range(15):
        found = tree.check(tree.cut(generator))
        assert found.open_edges == 0 and found.border_mismatch == 0
        sizes.add(found.tiles)
    assert len(sizes) > 4
    if holes and library == "fast_simplification":
        return  # it holds all borders, those of holes too: others have to help it
    assert 0 < len(tree.mesh(tree.root).corners) < 0.3 * len(part.triangles)


def test_the_check_sees_a_crack(tmp_path: Path) -> None:
    bake(tmp_path / "a", [tube()])
    tree = BakedTree(tmp_path / "a")
    cut = [leaf for child in tree.root.children for leaf in tree.leaves(child)]
    cut[:2] = []
    assert tree.check(cut).open_edges > 0
    child = tree.root.children[0]
    mesh = tree.mesh(child)
    moved = mesh.steps + 1
    tree._meshes[str(child.content)] = TileMesh(moved, mesh.keys + np.uint64(1), mesh.corners)
    found = tree.check(tree.root.children)
    assert found.open_edges > 0 and found.border_mismatch > 0


def test_errors_grow_upwards_and_hold(tmp_path: Path) -> None:
    bake(tmp_path / "a", [tube()])
    tree = BakedTree(tmp_path / "a")
    for tile in all_tiles(tree.root):
        assert tile.refine == "REPLACE" and tile.content is not None
        for child in tile.children:
            assert child.geometric_error < tile.geometric_error
            assert (child.low >= tile.low - 1e-6).all() and (child.high <= tile.high + 1e-6).all()
        assert len(tile.children) in (0, 2, 3, 4)
    covered = tree.error_coverage(np.random.default_rng(3))
    assert covered and all(within >= 0.99 for _, _, within in covered)


def test_every_level_keeps_colours_and_materials(tmp_path: Path) -> None:
    bake(tmp_path / "a", [tube()])
    tree = BakedTree(tmp_path / "a")
    (root,) = parse_glb((tmp_path / "a" / str(tree.root.content)).read_bytes(), "root")
    assert set(root.materials) == {MATERIAL["gravel"], MATERIAL["rock"]}
    floor = root.materials == MATERIAL["gravel"]
    out = np.hypot(root.positions[:, 0], root.positions[:, 1]) - 40.0
    assert out[floor].mean() < -1.5 < out[~floor].mean()
    assert root.colours[:, 0].max() > 180 and root.colours[:, 0].min() < 40
    assert not root.colours[:, 1:].any()


def test_things_too_small_to_simplify_fall_away_smallest_first(tmp_path: Path) -> None:
    part = boxes()
    bake(tmp_path / "a", [part])
    tree = BakedTree(tmp_path / "a")
    mesh = tree.mesh(tree.root)
    assert 0 < len(mesh.corners) < 0.5 * len(part.triangles)
    assert open_edges([mesh])[1].size == 0
    assert tree.root.geometric_error >= 0.17


def test_features_below_their_size_are_left_out_not_drawn_coarsely(tmp_path: Path) -> None:
    bake(tmp_path / "a", [boxes()], detail_m=0.3)
    root = BakedTree(tmp_path / "a").root
    assert root.content is None and root.geometric_error == pytest.approx(0.3)
    for tile in all_tiles(root):
        assert tile.geometric_error <= 0.3 + 1e-9
        assert tile.content is None or tile.geometric_error < 0.3


def test_points_thin_out_towards_the_root(tmp_path: Path) -> None:
    generator = np.random.default_rng(8)
    positions = np.concatenate([generator.uniform(0, 30, (9000, 2)), np.zeros((9000, 1))], axis=1)
    colours = generator.integers(0, 255, (9000, 3)).astype(np.uint8)
    baked = bake(tmp_path / "p", [PointPart(positions, colours)])
    assert baked.points == 9000
    root = BakedTree(tmp_path / "p").root
    (found,) = parse_glb((tmp_path / "p" / str(root.content)).read_bytes(), "p")
    assert 100 < len(found.positions) < 3000
    source = {tuple(row) for row in np.rint(positions * 1024).astype(int)}
    assert all(tuple(row) in source for row in np.rint(found.positions * 1024).astype(int))


def test_one_tile_for_everything_in_one_place(tmp_path: Path) -> None:
    positions = np.zeros((5000, 3))
    assert bake(tmp_path / "p", [PointPart(positions)]).points > 0
    flat = MeshPart(positions, np.arange(4998, dtype=np.uint32).reshape(-1, 3))
    with pytest.raises(SceneError):
        bake(tmp_path / "m", [flat])


class Stops(Here):
    """Runs some jobs; then somebody presses Ctrl-C."""

    def __init__(self, jobs: int) -> None:
        self.left = jobs

    def submit(self, function: Any, *arguments: Any) -> Future[Any]:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().submit(function, *arguments)


class Counts(Here):
    """Counts the jobs."""

    def __init__(self) -> None:
        self.jobs = 0

    def submit(self, function: Any, *arguments: Any) -> Future[Any]:
        self.jobs += 1
        return super().submit(function, *arguments)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_stopped_bake_leaves_the_old_layer_and_goes_on_where_it_was(tmp_path: Path) -> None:
    settings = TreeSettings(leaf=500, bucket=2000, here=0)

    def begin(name: str, runner: Here, part: Part) -> BakedLayer:
        return bake_layer(tmp_path / name, [part], (0, 0, 0), settings=settings, runner=runner,
                          resume=True)  # fmt: skip

    whole = Counts()
    begin("whole", whole, tube())
    begin("a", Here(), boxes(50))
    old = contents(tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        begin("a", Stops(6), tube())
    assert contents(tmp_path / "a") == old
    rest = Counts()
    begin("a", rest, tube())
    assert rest.jobs == whole.jobs - 6
    assert contents(tmp_path / "a") == contents(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "whole"]


def test_what_was_stopped_of_other_parts_is_not_taken(tmp_path: Path) -> None:
    settings = TreeSettings(leaf=500, bucket=2000, here=0)
    with pytest.raises(KeyboardInterrupt):
        bake_layer(tmp_path / "a", [tube()], (0, 0, 0), settings=settings, runner=Stops(6),
                   resume=True)  # fmt: skip
    part = boxes(600)
    bake_layer(tmp_path / "a", [part], (0, 0, 0), settings=settings, runner=Here(), resume=True)
    bake_layer(tmp_path / "b", [part], (0, 0, 0), settings=settings, runner=Here())
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_processes_make_the_same_tiles(tmp_path: Path) -> None:
    settings = TreeSettings(leaf=500, bucket=2000, here=0)
    seen: list[tuple[int, int]] = []
    cores = Cores(2)
    try:
        bake_layer(tmp_path / "a", [tube()], (0, 0, 0), lambda d, t: seen.append((d, t)),
                   settings=settings, runner=cores)  # fmt: skip
    finally:
        cores.close()
    bake_layer(tmp_path / "b", [tube()], (0, 0, 0), settings=settings, runner=Here())
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1]


def test_the_tileset_is_valid_3d_tiles(tmp_path: Path) -> None:
    bake(tmp_path / "a", [tube()], detail_m=0.3)
    document = json.loads((tmp_path / "a" / "tileset.json").read_bytes())
    assert document["asset"]["version"] == "1.1"
    assert document["geometricError"] >= document["root"]["geometricError"]
    files = {path.name for path in (tmp_path / "a").iterdir()}
    named = {tile.content for tile in all_tiles(BakedTree(tmp_path / "a").root) if tile.content}
    assert files == named | {"tileset.json"}
