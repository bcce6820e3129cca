"""Adds a tileset that somebody else made to a twin as a layer: copies its files, bakes nothing.

What is copied is what the tileset refers to below its own folder. An interrupted or refused copy
leaves the twin as it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from scenes.errors import Refused, SceneError
from scenes.importers.arrival import spawn_and_views
from scenes.importers.contract import LayerKind
from scenes.importers.georeference import How, place
from scenes.importers.layers import layer_id
from scenes.importers.tileset_source import TilesetSource, open_source
from scenes.schema import Access, Layer, Scene
from scenes.tiles.addresses import is_inside
from scenes.tiles.glb import DAMAGE, refusal
from scenes.tiles.references import references
from scenes.tiles.tileset import Tile, read_tileset
from scenes.tiles.whole_tree import every_tile
from scenes.twin import SCENE_FILE, open_twin, read_sources, save_scene, save_sources
from scenes.walk import build_walk

MAX_FILES = 2_000_000
_SPARE_BYTES = 1 << 30  # of the disk, that a copy leaves free
Progress = Callable[[int, int], None]  # files copied, files known so far


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """What the person says of the layer; None and "" leave it to the tileset or a rule.

    at: where in the survey grid the middle of the tileset is to be, metres.
    """

    id: str = ""
    kind: LayerKind = "other"
    access: Access = "project"
    at: tuple[float, float, float] | None = None
    replace: bool = False


@dataclass(slots=True)
class Added:
    """What became of a tileset; `problems` are its tiles and files that cannot be read."""

    layer: Layer
    how: How
    files: int = 0
    tiles: int = 0
    bytes: int = 0
    problems: list[SceneError] = field(default_factory=list)


def add_tileset(
    folder: Path, path: Path, options: LayerOptions, progress: Progress | None = None
) -> Added:
    """Copy the tileset at `path` into the twin at `folder` (made where there is none) as a layer.

    Raises `Refused` where the twin or the tileset cannot be read, or the layer is there already.
    """
    twin = open_twin(folder) if (folder / SCENE_FILE).is_file() else None
    if twin is None and folder.exists() and any(folder.iterdir()):
        raise Refused("import-out-occupied", folder=str(folder))
    scene = twin.scene if twin else Scene(name=layer_id(folder.resolve().name) or "twin")
    with open_source(path) as source:
        name = options.id or layer_id(source.name) or "tileset"
        known = {layer.id for layer in scene.layers}
        if name in known and not options.replace:
            raise Refused("import-layer-exists", file=path.name, layer=name)
        data = source.read(source.root)
        root, _ = read_tileset(data, source.root)
        placed = place((root.low + root.high) / 2, scene.frame, options.at)
        matrix = None if np.array_equal(placed.matrix, np.eye(4)) else placed.matrix
        layer = Layer(
            id=name,
            kind=options.kind,
            title={"en": source.name[:200]},
            tileset=f"tiles/{name}/{source.root}",
            placement=None if matrix is None else tuple(matrix.T.ravel().tolist()),
            # Nobody vouches for the winding, and its floor is not baked.
            two_sided=True,
            walkable=False,
            access=options.access,
        )
        added = Added(layer, placed.how)
        root, _ = read_tileset(data, source.root, matrix)
        stage = folder.parent / f".{folder.name}.layer-{os.getpid()}"
        try:
            _copy(source, root, stage / "new", added, progress)
            _move_in(folder, stage, name)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    _record(folder, scene, twin is None, added, root, path, data)
    return added


def _copy(
    source: TilesetSource, root: Tile, target: Path, added: Added, progress: Progress | None
) -> None:
    target.mkdir(parents=True)
    copied: set[str] = set()

    def copy(address: str) -> bytes | None:
        """The file's bytes, where it was not copied before."""
        if address in copied:
            return None
        copied.add(address)
        if len(copied) > MAX_FILES:
            raise Refused("tileset-broken", file=source.name, reason=f"> {MAX_FILES:,} files")
        if not is_inside(address):
            reason = "outside of the tileset"
            added.problems.append(Refused("tile-broken", file=address[:200], reason=reason))
            return None
        try:
            data = source.read(address)
        except SceneError as error:
            added.problems.append(error)
            return None
        if shutil.disk_usage(target).free < len(data) + _SPARE_BYTES:
            raise Refused("add-layer-disk", megabytes=added.bytes // 2**20)
        file = target / address
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            # An archive may hold "a" and "a/b".
            problem = Refused("tile-broken", file=address[:200], reason=str(error)[:200])
            added.problems.append(problem)
            return None
        added.files += 1
        added.bytes += len(data)
        return data

    def read(address: str) -> bytes:
        return data if (data := copy(address)) is not None else source.read(address)

    copy(source.root)
    for tile in every_tile(root, read, added.problems.append):
        for address in [tile.content, *tile.more]:
            data = None if address is None else copy(address)
            if address is None or data is None or tile.implicit is not None:
                continue
            added.tiles += not address.lower().endswith(".json")
            try:
                beside = [] if address.lower().endswith(".json") else references(data, address)
            except DAMAGE as error:
                added.problems.append(refusal(error, address))
                continue
            for one in beside:
                copy(one)
        if progress is not None:
            progress(added.files, max(added.files, len(copied)))


def _move_in(folder: Path, stage: Path, name: str) -> None:
    target = folder / "tiles" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.replace(stage / "old")
    (stage / "new").replace(target)


def _record(
    folder: Path, scene: Scene, is_new: bool, added: Added, root: Tile, path: Path, data: bytes
) -> None:
    layers = [layer for layer in scene.layers if layer.id != added.layer.id]
    update: dict[str, object] = {"layers": [*layers, added.layer]}
    if is_new:
        bounds = [(corner + scene.frame.origin).tolist() for corner in (root.low, root.high)]
        update["spawn"], update["viewpoints"] = spawn_and_views(None, bounds, scene.frame.origin)
    sources = read_sources(folder)
    sources[added.layer.id] = {
        "path": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "format": "3D Tiles",
        "placed": added.how,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    save_sources(folder, sources)
    save_scene(folder, scene.model_copy(update=update))
    if is_new:
        build_walk(folder)  # of nothing: the layer has no floor, and a viewer asks for the file
