"""Bakes the walk file from a twin's tiles: the ground from above, and the floors below it.

Reads the tiles of the walk surface one by one, and never holds more than one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scenes.schema import Layer
from scenes.tiles.glb import parse_glb
from scenes.tiles.tileset import Tile, read_tileset
from scenes.tiles.unfold import unfolded
from scenes.twin import open_twin
from scenes.walk.floors import Floors
from scenes.walk.raster import GroundRaster
from scenes.walk.store import WalkMap, save_walk
from scenes.walk.surface import walk_cut

Progress = Callable[[int, int], None]
EMPTY_RASTER = np.full((1, 1), np.nan, np.float32)


def build_walk(folder: Path, progress: Progress | None = None) -> WalkMap:
    """Bake and write the walk file of a twin folder; returns what was written.

    progress: told the tiles read so far, and of how many.
    """
    twin = open_twin(folder)
    layers = [one for one in twin.scene.layers if one.content == "mesh" and one.walkable]
    cuts = [(layer, _cut(folder, layer)) for layer in layers]
    ground = [tile for layer, cut in cuts if layer.kind == "terrain" for tile, _ in cut]
    total = len(ground) + sum(len(cut) for _, cut in cuts)
    done = 0

    def meshes(cut: list[tuple[Tile, Path]]) -> Iterator[npt.NDArray[np.float32]]:
        nonlocal done
        for tile, path in cut:
            yield from _corners(tile, path)
            done += 1
            if progress is not None:
                progress(done, total)

    heights, low, cell = EMPTY_RASTER, (0.0, 0.0), 1.0
    if ground:
        raster = GroundRaster(
            np.min([tile.low for tile in ground], axis=0),
            np.max([tile.high for tile in ground], axis=0),
        )
        for layer, cut in cuts:
            if layer.kind == "terrain":
                for corners in meshes(cut):
                    raster.add(corners)
        heights, low, cell = raster.heights(), raster.low, raster.cell_m
    floors = Floors(heights, low, cell)
    for _, cut in cuts:
        for corners in meshes(cut):
            floors.add(corners)
    walk = WalkMap(heights, low, cell, floors.points())
    save_walk(folder, walk)
    return walk


def _cut(folder: Path, layer: Layer) -> list[tuple[Tile, Path]]:
    """The tiles of a layer's walk surface with their files; none that lies elsewhere."""
    tileset = folder / layer.tileset_path
    root, _ = read_tileset(tileset.read_bytes(), str(tileset))
    home = tileset.parent.resolve()
    found = []
    for tile in walk_cut(root):
        path = (home / str(tile.content)).resolve()
        if path.is_relative_to(home) and path.suffix == ".glb":
            found.append((tile, path))
    return found


def _corners(tile: Tile, path: Path) -> Iterator[npt.NDArray[np.float32]]:
    for geometry in parse_glb(path.read_bytes(), str(path)):
        if geometry.primitive == "triangles":
            whole = unfolded(geometry)
            yield whole.positions[whole.indices.reshape(-1, 3)]
