"""Things that stand in many places: nothing is lost, and they stand as they were put."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenes.bake.instances import InstanceBake, unfolded
from scenes.bake.layer import TreeSettings, bake_layer
from scenes.geometry import InstancePart, MeshPart
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.placements import taken_apart
from scenes.tiles.tileset import Tile, read_tileset

ORIGIN = (5_000, 700, -300)
# A wedge without any symmetry, so that a wrong turn is seen; on the grid, so that it is exact.
WEDGE = MeshPart(
    np.array([[0, 0, 0], [0.5, 0, 0], [0, 0.25, 0], [0, 0, 1.0]]),
    np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.uint32),
    colours=np.full((4, 3), 90, np.uint8),
)
RAIL = MeshPart(WEDGE.positions * 8, WEDGE.triangles, colours=WEDGE.colours)


def turns(count: int, generator: np.random.Generator) -> np.ndarray:
    """Rotations by any angle, half turns about each axis among them."""
    found, _ = np.linalg.qr(generator.normal(size=(count, 3, 3)))
    found *= np.sign(np.linalg.det(found))[:, None, None]
    found[:4] = [np.diag(d) for d in ([1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1])]
    return np.asarray(found)


def placed(count: int, seed: int = 3, scale: bool = False) -> np.ndarray:
    generator = np.random.default_rng(seed)
    result = np.tile(np.eye(4), (count, 1, 1))
    result[:, :3, :3] = turns(count, generator)
    if scale:
        result[:, :3, :3] *= generator.uniform(0.5, 2.0, (count, 1, 3))
    result[:, :3, 3] = generator.uniform(0, 200, (count, 3)) + ORIGIN
    return result


def tiles(folder: Path) -> list[tuple[Tile, list[TileGeometry]]]:
    root, _ = read_tileset((folder / "tileset.json").read_bytes(), "tileset.json")
    found, pending = [], [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        data = b"" if tile.content is None else (folder / tile.content).read_bytes()
        found.append((tile, parse_glb(data, str(tile.content)) if data else []))
    return found


def corners(geometry: TileGeometry) -> np.ndarray:
    """(k * m, 9) the triangles that a tile draws."""
    assert geometry.instances is not None
    whole = unfolded(
        MeshPart(geometry.positions.astype(float), geometry.indices.reshape(-1, 3)),
        geometry.instances.astype(float),
    )
    return whole.positions[whole.triangles].reshape(-1, 9)


@pytest.mark.parametrize("scale", [False, True])
def test_every_copy_stands_where_it_was_put(tmp_path: Path, scale: bool) -> None:
    transforms = placed(300, scale=scale)
    part = InstancePart(WEDGE, transforms)
    baked = bake_layer(tmp_path / "i", [part], ORIGIN, settings=TreeSettings(leaf=200))
    assert baked.triangles == 4 * 300
    found = np.concatenate(
        [
            corners(one)
            for tile, drawn in tiles(tmp_path / "i")
            if not tile.children
            for one in drawn
        ]
    )
    moved = transforms.copy()
    moved[:, :3, 3] -= ORIGIN
    whole = unfolded(WEDGE, moved)
    expected = whole.positions[whole.triangles].reshape(-1, 9)
    assert len(found) == len(expected)
    # In no order that is known: each has one within a millimetre of its middle.
    nearest = [
        np.abs(found.reshape(-1, 3, 3).mean(axis=1) - one).max(axis=1).min()
        for one in expected.reshape(-1, 3, 3).mean(axis=1)
    ]
    assert max(nearest) < 2e-3


def test_a_tile_holds_each_mesh_once_and_all_lies_in_its_box(tmp_path: Path) -> None:
    parts = [InstancePart(WEDGE, placed(4000)), InstancePart(WEDGE, placed(2000, 9))]
    baked = bake_layer(tmp_path / "i", parts, ORIGIN)
    for tile, drawn in tiles(tmp_path / "i"):
        assert len(drawn) <= 1
        for one in drawn:
            assert len(one.indices) == len(WEDGE.triangles) * 3
            points = corners(one).reshape(-1, 3)
            assert (points >= tile.low - 1e-2).all() and (points <= tile.high + 1e-2).all()
    assert baked.bytes < 6000 * 40


def test_upper_levels_leave_out_the_smallest_and_say_so(tmp_path: Path) -> None:
    parts = [InstancePart(WEDGE, placed(900)), InstancePart(RAIL, placed(60, 5))]
    bake_layer(tmp_path / "i", parts, ORIGIN, settings=TreeSettings(leaf=400))
    inner = [(tile, drawn) for tile, drawn in tiles(tmp_path / "i") if tile.children]
    size = float(np.linalg.norm(np.ptp(WEDGE.positions, axis=0)))
    with_content = [(tile, drawn) for tile, drawn in inner if drawn]
    assert with_content
    for tile, drawn in with_content:
        assert tile.geometric_error >= size * 0.99
        assert all(np.ptp(one.positions, axis=0).max() > 4 for one in drawn)
    most = max(sum(len(one.instances) for one in drawn) for _, drawn in with_content)  # type: ignore[misc, arg-type]
    assert most == 60


def test_what_is_sheared_or_mirrored_becomes_a_plain_mesh(tmp_path: Path) -> None:
    transforms = placed(10)
    transforms[0, 0, 1] += 0.7
    transforms[1, :3, 0] *= -1
    assert taken_apart(transforms)[1].tolist() == [False, False] + [True] * 8
    left = InstanceBake().add(InstancePart(WEDGE, transforms), np.zeros(3))
    assert left is not None and len(left.triangles) == 8
    baked = bake_layer(tmp_path / "i", [InstancePart(WEDGE, transforms)], ORIGIN)
    assert baked.triangles == 40


def test_a_mesh_beside_instances_is_kept(tmp_path: Path) -> None:
    moved = MeshPart(RAIL.positions + np.array(ORIGIN), RAIL.triangles, colours=RAIL.colours)
    baked = bake_layer(tmp_path / "i", [moved, InstancePart(WEDGE, placed(50))], ORIGIN)
    assert baked.triangles == 4 + 200
