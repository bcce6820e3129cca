"""Bakes the layers of a twin that is there already, from the finest tiles it has.

A layer is replaced only when it is whole, so a twin that is being baked, or was stopped, is valid.
It never touches tilesets that others made.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scenes.bake.field import FIELD_FILE, FieldTable, read_field
from scenes.bake.layer import VERSION, TreeSettings, bake_layer, was_stopped
from scenes.bake.pool import Cores, Runner
from scenes.bake.tile_pictures import tile_picture
from scenes.errors import Refused
from scenes.geometry import BakePart, InstancePart, LinePart, MeshPart, PointPart
from scenes.schema import Layer
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.metadata import metadata_of
from scenes.tiles.tileset import Tile, read_tileset
from scenes.twin import Twin
from scenes.walk import build_walk, load_walk
from scenes.walk.store import WALK_FILE

LayerProgress = Callable[[str, int, int], None]


def bake_twin(
    twin: Twin,
    again: bool,
    progress: LayerProgress | None = None,
    runner: Runner | None = None,
    settings: TreeSettings | None = None,
) -> dict[str, Any]:
    """Bake every layer that Kenish made and this version has not baked, or whose bake was stopped;
    with `again` all of them.

    The walk surface follows, where a layer was baked or it is not there yet.
    Returns {"layers", "tiles", "triangles", "megabytes"} of what was baked. A bake that was
    stopped goes on where it was. Raises `Refused` where a tileset cannot be read.
    """
    cores = Cores() if runner is None else None
    summary = {"layers": 0, "tiles": 0, "triangles": 0, "megabytes": 0}
    size = 0
    try:
        for layer in twin.scene.layers:
            path = _tileset(twin, layer)
            if path is None or layer.placement is not None:  # its tiles are in a frame of its own
                continue
            data = path.read_bytes()
            root, extras = read_tileset(data, str(path))
            ours = extras.get("kenish")
            if not isinstance(ours, dict):
                continue
            if ours.get("version") == VERSION and not again and not was_stopped(path.parent):
                continue
            table = _table(path.parent)
            baked = bake_layer(
                path.parent,
                _parts(path.parent, root, table),
                (0, 0, 0),  # tiles are in the scene frame already
                None if progress is None else partial(progress, layer.id),
                _detail(ours, root),
                settings=settings,
                runner=runner or cores,
                resume=True,
                table=table,
                metadata=metadata_of(json.loads(data)),
            )
            summary["layers"] += 1
            summary["tiles"] += baked.tiles
            summary["triangles"] += baked.triangles
            size += baked.bytes
    finally:
        if cores is not None:
            cores.close(cancel=True)
    if summary["layers"] or not _has_walk(twin.folder):
        build_walk(twin.folder, None if progress is None else partial(progress, "walk"))
    return summary | {"megabytes": round(size / 1e6)}


def _has_walk(folder: Path) -> bool:
    """Whether the ground that people walk on was baked, as this version does."""
    path = folder / WALK_FILE
    try:
        return path.is_file() and load_walk(path.read_bytes()) is not None
    except Refused:
        return False


def _tileset(twin: Twin, layer: Layer) -> Path | None:
    home = twin.folder.resolve()
    path = (home / layer.tileset_path).resolve()
    if not path.is_relative_to(home):
        raise Refused("scenes-outside", layer=layer.id, file=layer.tileset_path)
    if not path.is_file():
        raise Refused("scenes-missing", layer=layer.id, file=layer.tileset_path)
    # The folder is replaced whole: it must be this layer's alone.
    return path if path.parent != home and path.name == "tileset.json" else None


def _detail(ours: dict[str, Any], root: Tile) -> float | None:
    """How large the layer's features are, if its first bake was told."""
    if "version" in ours:
        found = ours.get("detail_m")
        return float(found) if isinstance(found, int | float) and math.isfinite(found) else None
    whole = float(np.linalg.norm(root.high - root.low))
    return root.geometric_error if 0 < root.geometric_error < 0.99 * whole else None


def _table(folder: Path) -> FieldTable | None:
    """The values of the layer's field, if it has one."""
    path = folder / FIELD_FILE
    if not path.is_file():
        return None
    try:
        return read_field(path.read_bytes())
    except ValueError as error:
        name = f"{folder.name}/{FIELD_FILE}"
        raise Refused("tile-broken", file=name, reason=str(error)) from error


def _parts(folder: Path, root: Tile, table: FieldTable | None) -> Iterator[BakePart]:
    home = folder.resolve()
    pending = [root]
    while pending:
        tile = pending.pop()
        pending += reversed(tile.children)
        if tile.content is None or (tile.children and tile.refine == "REPLACE"):
            continue
        path = (home / tile.content).resolve()
        if not path.is_relative_to(home):
            raise Refused("scenes-outside", layer=folder.name, file=tile.content)
        if not path.is_file():
            raise Refused("scenes-missing", layer=folder.name, file=tile.content)
        for geometry in parse_glb(path.read_bytes(), f"{folder.name}/{tile.content}"):
            yield _part(geometry, table, path)


def _part(geometry: TileGeometry, table: FieldTable | None, path: Path) -> BakePart:
    positions = geometry.positions.astype(np.float64)
    if geometry.primitive == "points":
        used = geometry.indices
        return PointPart(positions[used], geometry.colours[used])
    if geometry.primitive == "lines":
        return LinePart(positions, geometry.indices.reshape(-1, 2), geometry.colours)
    normals = None
    if geometry.normals is not None:
        normals = (geometry.normals / 127.0).astype(np.float32)
    corners = geometry.indices.reshape(-1, 3)
    if geometry.instances is not None:
        mesh = MeshPart(positions, corners, normals, geometry.colours, geometry.materials)
        return InstancePart(mesh, geometry.instances.astype(np.float64))
    if geometry.texcoords is not None and (image := tile_picture(path)) is not None:
        return MeshPart(
            positions,
            corners,
            normals,
            materials=geometry.materials,
            texcoords=geometry.texcoords,
            image=image,
        )
    values = None
    if geometry.field is not None and table is not None:
        values = table.data(geometry.field)
    return MeshPart(
        positions, corners, normals, geometry.colours, geometry.materials, values=values
    )
