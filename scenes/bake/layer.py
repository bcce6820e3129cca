"""Bakes one layer: parts in, a folder with tileset.json and GLB tiles out.

Positions are snapped to one global grid of 2^-10 m, so that neighbouring tiles share borders bit
for bit. It never simplifies: every tile is a leaf at full resolution under empty inner tiles.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.bake.blocks import exposed_faces
from scenes.bake.lights import LIGHTS_FILE, find_lights, save_lights
from scenes.errors import SceneError
from scenes.geometry import BlockPart, LinePart, MeshPart, Part, PointPart
from scenes.tiles.glb import Primitive, TileGeometry, pack_glb
from scenes.tiles.tileset import Tile, tileset_json

Progress = Callable[[int, int], None]

TARGET_PRIMITIVES = 16_000  # triangles, lines or points a tile
GRID = 1024.0  # grid steps a metre
LATTICE_M = 64.0  # tile translations are multiples of this, exact in float32


@dataclass(frozen=True, slots=True)
class BakedLayer:
    """What a bake made: counts, and bounds (2, 3) in the scene frame as nested lists."""

    tiles: int
    triangles: int
    points: int
    bytes: int
    bounds: list[list[float]] | None


@dataclass(slots=True)
class _Soup:
    """Everything of one primitive kind; corners (m, k) index the vertices."""

    primitive: Primitive
    positions: npt.NDArray[np.float32]
    corners: npt.NDArray[np.uint32]
    normals: npt.NDArray[np.int8]
    colours: npt.NDArray[np.uint8]
    materials: npt.NDArray[np.uint8]


def bake_layer(
    folder: Path,
    parts: Iterable[Part],
    origin: tuple[int, int, int],
    progress: Progress | None = None,
    detail_m: float | None = None,
) -> BakedLayer:
    """Bake `parts` (survey frame, float64) minus `origin` into `folder` (tileset.json, *.glb).

    The folder appears whole or not at all: work happens beside it and is renamed at the end,
    replacing what was there. BlockParts are drawn as their exposed faces. `detail_m` is the size
    of the layer's features: a viewer may leave the layer out where that is below a few pixels;
    None: the layer is always drawn. Raises `SceneError` if there is nothing to bake.
    """
    work = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        baked = _bake_into(work, parts, origin, progress, detail_m)
        if baked.tiles == 0:
            raise SceneError("bake-empty-layer", layer=folder.name)
        shutil.rmtree(folder, ignore_errors=True)
        work.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return baked


def _bake_into(
    work: Path,
    parts: Iterable[Part],
    origin: tuple[int, int, int],
    progress: Progress | None,
    detail_m: float | None,
) -> BakedLayer:
    soups = _collect(parts, np.asarray(origin, np.float64))
    total = sum(len(soup.corners) for soup in soups)
    roots: list[Tile] = []
    tiles = written = done = 0
    for soup in soups:
        if soup.primitive == "triangles":
            lights = find_lights(soup.positions, soup.materials)
            if len(lights):
                save_lights(work / LIGHTS_FILE, lights)
        tree: list[Tile] = []
        for members, tile, parent in _split(soup):
            if parent is None:
                tree = [tile]
            else:
                parent.children.append(tile)
            if members is None:
                continue
            data = _tile_bytes(soup, members)
            tile.content = f"{tiles:05d}.glb"
            (work / tile.content).write_bytes(data)
            tiles += 1
            written += len(data)
            done += len(members)
            if progress is not None:
                progress(done, total)
        roots += tree
    if not roots:
        return BakedLayer(0, 0, 0, 0, None)
    low = np.min([root.low for root in roots], axis=0)
    high = np.max([root.high for root in roots], axis=0)
    root = Tile(low, high, 0.0, children=roots) if len(roots) > 1 else roots[0]
    if root.content is not None:
        root = Tile(low, high, 0.0, children=[root])
    diagonal = float(np.linalg.norm(high - low))
    _set_errors(root, diagonal if detail_m is None else min(detail_m, diagonal))
    triangles = sum(len(s.corners) for s in soups if s.primitive == "triangles")
    points = sum(len(s.corners) for s in soups if s.primitive == "points")
    counts = {"tiles": tiles, "triangles": triangles, "points": points, "bytes": written}
    (work / "tileset.json").write_bytes(tileset_json(root, {"kenish": counts}))
    return BakedLayer(tiles, triangles, points, written, [low.tolist(), high.tolist()])


def read_counts(tileset: Path) -> dict[str, int]:
    """{tiles, triangles, points, bytes} of a tileset that Kenish baked; zeros for others."""
    found = json.loads(tileset.read_bytes())["asset"].get("extras", {}).get("kenish", {})
    return {key: int(found.get(key, 0)) for key in ("tiles", "triangles", "points", "bytes")}


def _set_errors(tile: Tile, error: float) -> None:
    tile.geometric_error = error if tile.children else 0.0
    for child in tile.children:
        _set_errors(child, error)


def _snap(positions: npt.NDArray[np.float64], origin: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.asarray(np.rint((positions - origin) * GRID) / GRID, np.float32)


def _collect(parts: Iterable[Part], origin: npt.NDArray[np.float64]) -> list[_Soup]:
    groups: dict[Primitive, list[_Soup]] = {}
    for part in parts:
        if isinstance(part, BlockPart):
            part = exposed_faces(part)
        soup = _soup(part, origin)
        if len(soup.corners):
            groups.setdefault(soup.primitive, []).append(soup)
    return [_join(soups) for soups in groups.values()]


def _soup(part: MeshPart | PointPart | LinePart, origin: npt.NDArray[np.float64]) -> _Soup:
    count = len(part.positions)
    # A zero normal means: none was given, shade by the face.
    normals = np.zeros((count, 3), np.int8)
    materials = np.zeros(count, np.uint8)
    corners: npt.NDArray[np.uint32]
    if isinstance(part, MeshPart):
        primitive: Primitive = "triangles"
        corners = part.triangles
        if part.normals is not None:
            normals = np.rint(np.clip(part.normals, -1, 1) * 127).astype(np.int8)
        if part.materials is not None:
            materials = part.materials
    elif isinstance(part, LinePart):
        primitive, corners = "lines", part.segments
    else:
        primitive, corners = "points", np.arange(count, dtype=np.uint32)[:, None]
    colours = part.colours if part.colours is not None else np.full((count, 3), 190, np.uint8)
    return _Soup(primitive, _snap(part.positions, origin), corners, normals, colours, materials)


def _join(soups: list[_Soup]) -> _Soup:
    offsets = np.cumsum([0] + [len(soup.positions) for soup in soups[:-1]]).astype(np.uint32)
    return _Soup(
        soups[0].primitive,
        np.concatenate([soup.positions for soup in soups]),
        np.concatenate([soup.corners + at for soup, at in zip(soups, offsets, strict=True)]),
        np.concatenate([soup.normals for soup in soups]),
        np.concatenate([soup.colours for soup in soups]),
        np.concatenate([soup.materials for soup in soups]),
    )


def _split(soup: _Soup) -> Iterator[tuple[npt.NDArray[np.int64] | None, Tile, Tile | None]]:
    """Halve at the median centroid of the longest side; yields (members or None, tile, parent),
    parents first."""
    centroids = soup.positions[soup.corners].mean(axis=1)
    pending: list[tuple[npt.NDArray[np.int64], Tile | None]] = [
        (np.arange(len(soup.corners)), None)
    ]
    while pending:
        members, parent = pending.pop()
        used = soup.positions[soup.corners[members]].reshape(-1, 3)
        tile = Tile(used.min(axis=0).astype(float), used.max(axis=0).astype(float), 0.0)
        if len(members) <= TARGET_PRIMITIVES:
            yield members, tile, parent
            continue
        yield None, tile, parent
        own = centroids[members]
        axis = int(np.argmax(own.max(axis=0) - own.min(axis=0)))
        middle = len(members) // 2
        order = np.argpartition(own[:, axis], middle)
        pending.append((members[order[middle:]], tile))
        pending.append((members[order[:middle]], tile))


def _tile_bytes(soup: _Soup, members: npt.NDArray[np.int64]) -> bytes:
    used, indices = np.unique(soup.corners[members], return_inverse=True)
    positions = soup.positions[used]
    x, y, z = (float(v) for v in np.rint(positions.mean(axis=0) / LATTICE_M) * LATTICE_M)
    normals = soup.normals[used]
    geometry = TileGeometry(
        soup.primitive,
        positions,
        indices.ravel().astype(np.uint32),
        normals if normals.any() else None,
        soup.colours[used],
        soup.materials[used],
    )
    return pack_glb(geometry, (x, y, z))
