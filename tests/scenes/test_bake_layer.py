"""Baking a layer: nothing is lost, borders agree, and the folder is whole or absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.bake.layer import TreeSettings, bake_layer, counts_of
from scenes.bake.lights import LIGHTS_FILE, find_lights
from scenes.errors import SceneError
from scenes.geometry import MATERIAL, LinePart, MeshPart, Part, PointPart
from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import Tile, read_tileset

ORIGIN = (50_000, 20_000, 400)


def sheet(side: int = 60) -> MeshPart:
    east, north = np.meshgrid(np.arange(side) * 1.0, np.arange(side) * 1.0)
    height = np.sin(east / 7.0) * 3.0
    positions = np.stack([east, north, height], axis=-1).reshape(-1, 3) + np.array(ORIGIN)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + side], axis=1),
            np.stack([corner + 1, corner + side + 1, corner + side], axis=1),
        ]
    )
    return MeshPart(positions, triangles.astype(np.uint32))


def extras(folder: Path) -> dict[str, Any]:
    return read_tileset((folder / "tileset.json").read_bytes(), "tileset.json")[1]


def leaves(folder: Path) -> Iterator[tuple[Tile, np.ndarray, np.ndarray]]:
    root, _ = read_tileset((folder / "tileset.json").read_bytes(), "tileset.json")
    pending = [root]
    while pending:
        tile = pending.pop()
        pending += tile.children
        if tile.content is not None and not tile.children:
            for geometry in parse_glb((folder / tile.content).read_bytes(), tile.content):
                yield tile, geometry.positions, geometry.indices


def test_every_triangle_is_there_once(tmp_path: Path) -> None:
    part = sheet()
    baked = bake_layer(tmp_path / "a", [part], ORIGIN, settings=TreeSettings(leaf=500))
    assert baked.triangles == len(part.triangles)
    assert baked.tiles > 8
    expected = np.rint((part.positions - np.array(ORIGIN)) * 1024) / 1024
    wanted = {tuple(np.sort(expected[t].ravel())) for t in part.triangles}
    found = []
    for tile, positions, indices in leaves(tmp_path / "a"):
        assert (positions >= tile.low - 1e-3).all() and (positions <= tile.high + 1e-3).all()
        found += [tuple(np.sort(positions[t].ravel())) for t in indices.reshape(-1, 3)]
    assert len(found) == len(part.triangles)
    assert set(found) == wanted
    assert counts_of(extras(tmp_path / "a"))["triangles"] == len(part.triangles)


def test_points_and_lines_are_baked(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    positions = generator.uniform(0, 50, (100, 3)) + np.array(ORIGIN)
    segments = np.stack([np.arange(99), np.arange(1, 100)], axis=1).astype(np.uint32)
    parts: list[Part] = [PointPart(positions), LinePart(positions, segments)]
    baked = bake_layer(tmp_path / "p", parts, ORIGIN)
    assert baked.points == 100 and baked.tiles == 2


def test_nothing_to_bake_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SceneError):
        bake_layer(tmp_path / "empty", [], ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_layer(tmp_path: Path) -> None:
    bake_layer(tmp_path / "a", [sheet()], ORIGIN)
    before = sorted(path.name for path in (tmp_path / "a").iterdir())

    def broken() -> Iterator[Part]:
        yield sheet()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bake_layer(tmp_path / "a", broken(), ORIGIN)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_lamps_are_found_once_each(tmp_path: Path) -> None:
    centres = np.array([[0.0, 0.0, 5.0], [11.99, 0.0, 5.0], [24.0, 2.01, 5.0]])
    corners = (np.indices((2, 2, 2)).reshape(3, -1).T - 0.5) * 0.3
    positions = (centres[:, None] + corners).reshape(-1, 3)
    materials = np.full(len(positions), MATERIAL["lamp"], np.uint8)
    found = find_lights(positions, materials)
    assert len(found) == 3
    np.testing.assert_allclose(np.sort(found[:, 0]), centres[:, 0], atol=1e-4)
    triangles = np.arange(24, dtype=np.uint32).reshape(-1, 3)
    lamp = MeshPart(positions + np.array(ORIGIN), triangles, materials=materials)
    bake_layer(tmp_path / "lamps", [lamp], ORIGIN)
    assert np.load(tmp_path / "lamps" / LIGHTS_FILE).shape == (3, 3)
