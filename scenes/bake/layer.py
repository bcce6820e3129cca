"""Bakes one layer: parts in, a folder with tileset.json and a tree of GLB tiles out.

The folder appears whole or not at all: work happens beside it and is renamed at the end. It never
decides how a tile is made (`scenes.bake.tile_jobs`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from scenes.bake.blocks import exposed_faces
from scenes.bake.field import FIELD_FILE, FieldTable, field_of
from scenes.bake.instances import InstanceBake, InstanceTree
from scenes.bake.lights import LIGHTS_FILE, merge_lights, save_lights
from scenes.bake.picture_files import UnreadPicture
from scenes.bake.picture_spool import PictureSpool
from scenes.bake.pool import Cores, Here, Runner
from scenes.bake.spool import Spool
from scenes.bake.tile_jobs import Work
from scenes.bake.tree import Journal, Node, as_tiles, grow
from scenes.bake.vertices import from_part
from scenes.errors import SceneError
from scenes.geometry import BakePart, BlockPart, InstancePart, MeshPart
from scenes.tiles.glb import Primitive
from scenes.tiles.metadata import Metadata
from scenes.tiles.tileset import Tile, tileset_json

Progress = Callable[[int, int], None]

VERSION = 2  # of what a bake makes; another one bakes anew what it finds


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """How a layer is divided."""

    leaf: int = 32_768  # primitives in a leaf, about
    bucket: int = 16 * 32_768  # primitives that one job makes leaves of
    here: int = 6 * 32_768  # primitives of a layer that is not worth other processes


@dataclass(frozen=True, slots=True)
class BakedLayer:
    """What a bake made: counts (of the finest tiles), bytes of all tiles, and bounds (2, 3) in the
    scene frame as nested lists."""

    tiles: int
    triangles: int
    points: int
    bytes: int
    bounds: list[list[float]] | None
    unread_pictures: list[UnreadPicture] = field(default_factory=list)  # vertex colours instead


def bake_layer(
    folder: Path,
    parts: Iterable[BakePart],
    origin: tuple[int, int, int],
    progress: Progress | None = None,
    detail_m: float | None = None,
    *,
    settings: TreeSettings | None = None,
    runner: Runner | None = None,
    resume: bool = False,
    table: FieldTable | None = None,
    metadata: Metadata | None = None,
) -> BakedLayer:
    """Bake `parts` (survey frame, float64) minus `origin` into `folder` (tileset.json, *.glb).

    The folder appears whole or not at all, replacing what was there. BlockParts are drawn as their
    exposed faces. `detail_m` is the size of the layer's features: a viewer may leave the layer out
    where that is below a few pixels; None: the layer is always drawn. `runner`: where jobs run;
    None: in a process for each core. With `resume` a bake that was stopped leaves its tiles beside
    the folder, and the next one of the same parts takes them. `table`: how values of the parts
    become codes; None: made from them where `parts` is a list or tuple, else they are left out.
    `metadata` (`scenes.tiles.metadata.bounded`) is stored with the layer: where it is from.
    Raises `SceneError` if there is nothing to bake.
    """
    work = _unfinished(folder)
    if not resume:
        work = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    cores = Cores() if runner is None else None
    whole = False
    try:
        if table is None and isinstance(parts, list | tuple):
            table = field_of(parts)
        runner = runner or cores or Here()
        baked = _LayerBake(work, settings or TreeSettings(), runner, progress, table, metadata)
        result = baked.run(parts, np.asarray(origin, np.float64), detail_m)
        if result.tiles == 0:
            raise SceneError("bake-empty-layer", layer=folder.name)
        _exchange(work, folder)
        whole = True
    finally:
        if cores is not None:
            cores.close(cancel=not whole)
        if not whole and not resume:
            shutil.rmtree(work, ignore_errors=True)
    return result


def _unfinished(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.bake")


def was_stopped(folder: Path) -> bool:
    """Whether a bake of this layer's folder was stopped and can go on."""
    return _unfinished(folder).is_dir()


def _exchange(work: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one; if that fails the old one stays."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    try:
        work.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


class _LayerBake:
    def __init__(
        self,
        work: Path,
        settings: TreeSettings,
        runner: Runner,
        progress: Progress | None,
        table: FieldTable | None,
        metadata: Metadata | None,
    ) -> None:
        self._folder = work
        self._metadata = metadata
        self._settings = settings
        self._runner = runner
        self._progress = progress
        self._done = self._total = 0
        self._lamp_files: list[Path] = []
        self._field = table
        self._pictures = PictureSpool(work)
        self._unread: list[UnreadPicture] = []
        self._instances = InstanceBake()

    def run(
        self, parts: Iterable[BakePart], origin: np.ndarray[tuple[int], np.dtype[np.float64]],
        detail_m: float | None,
    ) -> BakedLayer:  # fmt: skip
        spools = self._spooled(parts, origin)
        # Every level above the leaves deals with what the one below left: a third more in all.
        self._total = sum(spool.count for spool in spools) * 7 // 3
        roots = [root for spool in spools if (root := self._grown(spool)) is not None]
        instances = self._instances.write(self._folder, self._settings.leaf)
        if not roots and instances is None:
            return BakedLayer(0, 0, 0, 0, None)
        lights = merge_lights([np.load(file) for file in self._lamp_files if file.is_file()])
        if len(lights):
            save_lights(self._folder / LIGHTS_FILE, lights)
        if self._field is not None:
            (self._folder / FIELD_FILE).write_bytes(self._field.json())
        result = self._write_tileset(roots, instances, detail_m)
        if self._progress is not None:
            self._progress(self._total, self._total)
        return result

    def _spooled(
        self, parts: Iterable[BakePart], origin: np.ndarray[tuple[int], np.dtype[np.float64]]
    ) -> list[Spool]:
        spools: dict[Primitive, Spool] = {}
        try:
            for part in parts:
                drawn: BakePart | None = part
                if isinstance(part, BlockPart):
                    drawn = exposed_faces(part)
                elif isinstance(part, InstancePart):
                    drawn = self._instances.add(part, origin)
                if drawn is None or isinstance(drawn, BlockPart | InstancePart):
                    continue
                primitive, vertices, corners = from_part(drawn, origin, self._field)
                if len(corners):
                    if primitive not in spools:
                        spools[primitive] = Spool(Work(str(self._folder), primitive))
                    spools[primitive].add(vertices, corners)
                    if spools[primitive].count > self._settings.here:
                        self._runner.prepare()
                    if isinstance(drawn, MeshPart):
                        self._pictures.add(drawn)
            self._unread = self._pictures.close()
        finally:
            self._pictures.discard()
            for spool in spools.values():
                spool.close()
        return list(spools.values())

    def _grown(self, spool: Spool) -> Node | None:
        settings = self._settings
        key = f"{VERSION} {settings} {spool.digest}"
        if spool.work.primitive == "triangles":
            key += self._pictures.digest
            leaf = self._pictures.leaf(settings.leaf)
            bucket = settings.bucket * leaf // settings.leaf
            settings = replace(settings, leaf=leaf, bucket=bucket)
        buckets = spool.divide(settings.bucket)
        self._lamp_files += [spool.work.lamps(n) for n in range(len(buckets.counts))]
        runner = Here() if spool.count <= settings.here else self._runner
        journal = Journal(spool.work.path("journal.jsonl"), key)
        try:
            return grow(spool.work, buckets, settings.leaf, runner, journal, self._advance)
        finally:
            journal.close()

    def _advance(self, primitives: int) -> None:
        self._done += primitives
        if self._progress is not None:
            self._progress(min(self._done, self._total - 1), self._total)

    def _write_tileset(
        self, roots: list[Node], instances: InstanceTree | None, detail_m: float | None
    ) -> BakedLayer:
        trees = [as_tiles(root, detail_m) for root in roots]
        triangles = sum(_count(leaf) for root in roots for leaf in _leaves(root, "t"))
        if instances is not None:
            trees.append(instances.root)
            triangles += instances.triangles
        kept = {tile.content for tree in trees for tile in _all(tree) if tile.content}
        for file in self._folder.iterdir():
            if file.name not in kept | {LIGHTS_FILE, FIELD_FILE}:
                file.unlink()
        low = np.min([tree.low for tree in trees], axis=0)
        high = np.max([tree.high for tree in trees], axis=0)
        diagonal = float(np.linalg.norm(high - low))
        largest = diagonal if detail_m is None else min(detail_m, diagonal)
        if len(trees) == 1 and detail_m is None:
            top, error = trees[0], diagonal
        else:
            error = max(largest, *(tree.geometric_error for tree in trees))
            top = Tile(low, high, error, None, "ADD", trees)
        counts = {
            "tiles": len(kept),
            "triangles": triangles,
            "points": sum(_count(leaf) for root in roots for leaf in _leaves(root, "p")),
            "bytes": sum((self._folder / str(name)).stat().st_size for name in kept),
        }
        extras = {"kenish": counts | {"version": VERSION, "detail_m": detail_m}}
        data = tileset_json(top, extras, max(error, diagonal), self._metadata)
        (self._folder / "tileset.json").write_bytes(data)
        bounds = [low.tolist(), high.tolist()]
        return BakedLayer(**counts, bounds=bounds, unread_pictures=self._unread)


def _all(tile: Tile) -> list[Tile]:
    return [tile] + [one for child in tile.children for one in _all(child)]


def _leaves(node: Node, kind: str) -> list[Node]:
    if not node.children:
        return [node] if _kind(node) == kind else []
    return [leaf for child in node.children for leaf in _leaves(child, kind)]


def _count(node: Node) -> int:
    return int(node.baked["count"]) if node.baked is not None else 0


def _kind(node: Node) -> str:
    return str(node.baked["name"])[0] if node.baked is not None else ""


def counts_of(extras: dict[str, Any]) -> dict[str, int]:
    """{tiles, triangles, points, bytes} from the extras of a tileset that Kenish baked; zeros for
    others, and where a count is none."""
    found = extras.get("kenish")
    counts = found if isinstance(found, dict) else {}

    def count(key: str) -> int:
        value = counts.get(key)
        return value if type(value) is int and 0 <= value < 2**53 else 0

    return {key: count(key) for key in ("tiles", "triangles", "points", "bytes")}
