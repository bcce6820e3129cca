"""Imports files into a twin folder: read, bake beside it, and move in only what came out whole.

A refused file never stops the others; an interrupted import leaves the twin as it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from scenes.bake.field import field_of
from scenes.errors import Refused, SceneError
from scenes.geometry import BlockPart, Part
from scenes.importers.arrival import find_floor, spawn_and_views
from scenes.importers.contract import Imported, ImportOptions, Note
from scenes.importers.layers import LayerPlan, layer_id, plan_layers
from scenes.importers.registry import format_name, read_file
from scenes.schema import Frame, Layer, LayerField, Scene
from scenes.tiles.metadata import Metadata, bounded
from scenes.twin import (
    SCENE_FILE,
    Twin,
    open_twin,
    read_sources,
    save_scene,
    save_sources,
)

FAR_M = 20_000.0  # beyond this from the origin, float32 on the GPU is coarser than 2 mm
Progress = Callable[[str, int, int], None]  # file name, done, total


@dataclass(slots=True)
class Outcome:
    """What became of one file: `imported` with its layers, or `refused`."""

    path: Path
    format: str
    imported: Imported | None = None
    layers: list[str] = field(default_factory=list)
    refused: SceneError | None = None
    warnings: list[Note] = field(default_factory=list)


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _existing(out: Path) -> Twin | None:
    """The twin at `out`, None where there is none yet. Raises `Refused` if other things are."""
    if (out / SCENE_FILE).is_file():
        return open_twin(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused("import-out-occupied", folder=str(out))
    return None


def far_m(bounds: list[list[float]], origin: tuple[int, int, int]) -> float:
    """How far bounds reach from an origin along any axis, metres."""
    return float(np.abs(np.array(bounds) - origin).max())


def _unique_name(folder: Path) -> str:
    name = layer_id(folder.resolve().name)
    return name if name and name[0].isalnum() else "twin"


class TwinImport:
    """One import into one twin. Use as a context manager: leaving it removes what was not moved."""

    def __init__(
        self, out: Path, options: ImportOptions, name: str | None = None, replace: bool = False
    ) -> None:
        self.out = out
        self.options = options
        self.name = name
        self.replace = replace
        self.twin = _existing(out)
        self.scene = self.twin.scene if self.twin else None
        self.sources = read_sources(out) if self.twin else {}
        self._stage = out.parent / f".{out.name}.import-{os.getpid()}"
        self._made_parents = [p for p in out.parents if not p.exists()]
        self._new: dict[str, Layer] = {}
        self._bounds: list[list[float]] | None = None
        self._arrival: tuple[list[float], list[float]] | None = None

    def __enter__(self) -> TwinImport:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._stage, ignore_errors=True)
        if not self.out.exists():
            for parent in self._made_parents:
                if parent.is_dir() and not any(parent.iterdir()):
                    parent.rmdir()

    def add(self, path: Path, progress: Progress | None = None) -> Outcome:
        """Read and bake one file. Never raises for what is wrong with the file."""
        outcome = Outcome(path, format_name(path))
        try:
            imported = read_file(path, self.options)
            outcome.format, outcome.imported = imported.format, imported
            outcome.warnings = list(imported.warnings)
            plans = plan_layers(self.name or path.stem, imported.parts)
            self._check_names(path, plans)
            self._bake(path, imported, plans, outcome, progress)
        except SceneError as error:
            arguments = {"file": path.name} | error.arguments
            outcome.refused = Refused(error.message_id, **arguments)
        except MemoryError:
            outcome.refused = Refused("import-no-memory", file=path.name)
        except OSError as error:
            reason = error.strerror or str(error)
            outcome.refused = Refused("import-unreadable", file=path.name, reason=reason)
        return outcome

    def _check_names(self, path: Path, plans: list[LayerPlan]) -> None:
        known = {layer.id for layer in self.scene.layers} if self.scene else set()
        for plan in plans:
            if plan.id in self._new:
                raise Refused("import-layer-twice", file=path.name, layer=plan.id)
            if plan.id in known and not self.replace:
                raise Refused("import-layer-exists", file=path.name, layer=plan.id)

    def _bake(
        self,
        path: Path,
        imported: Imported,
        plans: list[LayerPlan],
        outcome: Outcome,
        progress: Progress | None,
    ) -> None:
        from scenes.bake.layer import bake_layer

        assert imported.bounds is not None
        scene = self.scene or self._new_scene(imported)
        origin = scene.frame.origin
        self._warn(scene, imported, outcome)
        layers: dict[str, Layer] = {}
        checksum = _checksum(path)
        try:
            for plan in plans:
                target = self._stage / "tiles" / plan.id
                target.parent.mkdir(parents=True, exist_ok=True)
                baked = bake_layer(
                    target,
                    plan.parts,
                    origin,
                    None if progress is None else lambda d, t: progress(path.name, d, t),
                    metadata=_metadata(path, checksum, imported, plan),
                )
                outcome.warnings += [
                    Note("import-warning-picture", {"name": one.name})
                    for one in baked.unread_pictures
                ]
                self._save_blocks(plan, origin)
                layers[plan.id] = Layer(
                    id=plan.id,
                    kind=plan.kind,
                    content=plan.content,
                    title={"en": plan.title[:200]},
                    visible=not plan.hidden,
                    walkable=plan.walkable,
                    field=field_look(plan.parts),
                    access=self.options.access,
                    # Drifts that Kenish itself sweeps face the air; other files may face anywhere.
                    two_sided=imported.format != "Survex 3D" and plan.content != "points",
                )
        except BaseException:
            for plan in plans:
                shutil.rmtree(self._stage / "tiles" / plan.id, ignore_errors=True)
                (self._stage / "overlays" / f"{plan.id}.npz").unlink(missing_ok=True)
            raise
        if self.twin is None:
            self._remember_arrival(imported, origin)
        self.scene = scene
        self._new |= layers
        outcome.layers = list(layers)
        self._record(path, checksum, imported, layers)

    def _new_scene(self, imported: Imported) -> Scene:
        assert imported.bounds is not None
        low, high = np.array(imported.bounds[0]), np.array(imported.bounds[1])
        east, north, up = (int(v) for v in np.round((low + high) / 2))
        name = _unique_name(self.out)
        frame = Frame(crs=imported.crs, origin=(east, north, up))
        return Scene(name=name, title={"en": self.out.resolve().name[:200] or name}, frame=frame)

    def _warn(self, scene: Scene, imported: Imported, outcome: Outcome) -> None:
        assert imported.bounds is not None
        if imported.crs not in {scene.frame.crs, "local"}:
            outcome.warnings.append(
                Note("import-warning-crs", {"file_crs": imported.crs, "crs": scene.frame.crs})
            )
        away = far_m(imported.bounds, scene.frame.origin)
        if away > FAR_M:
            note = Note("import-warning-far", {"kilometres": round(away / 1000)})
            outcome.warnings.append(note)

    def _save_blocks(self, plan: LayerPlan, origin: tuple[int, int, int]) -> None:
        blocks = plan.blocks or [part for part in plan.parts if isinstance(part, BlockPart)]
        if not blocks:
            return
        target = self._stage / "overlays" / f"{plan.id}.npz"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            np.savez_compressed(file, **block_arrays(blocks, origin))

    def _remember_arrival(self, imported: Imported, origin: tuple[int, int, int]) -> None:
        assert imported.bounds is not None
        if self._arrival is None:
            self._arrival = imported.arrival or find_floor(imported.parts)
        if self._bounds is None:
            self._bounds = imported.bounds
        elif far_m(imported.bounds, origin) <= FAR_M:  # a stray file must not spoil the overview
            both = np.array([self._bounds, imported.bounds])
            low, high = both[:, 0].min(axis=0), both[:, 1].max(axis=0)
            self._bounds = [low.tolist(), high.tolist()]

    def _record(
        self, path: Path, checksum: str, imported: Imported, layers: dict[str, Layer]
    ) -> None:
        record: dict[str, Any] = {
            "path": path.name,
            "sha256": checksum,
            "format": imported.format,
            "counts": asdict(imported.counts),
            "bounds": imported.bounds,
            "crs": imported.crs,
            "units": imported.units,
            "axes": imported.axes,
            "guesses": [asdict(note) for note in imported.guesses],
            "repairs": [asdict(note) for note in imported.repairs],
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        for name in layers:
            self.sources[name] = record

    def finish(self) -> bool:
        """Move everything into the twin. False if no file was imported: then nothing is made."""
        if self.scene is None or not self._new:
            return False
        kept = [layer for layer in self.scene.layers if layer.id not in self._new]
        scene = self.scene.model_copy(update={"layers": kept + list(self._new.values())})
        if self.twin is None:
            self._finish_new(scene)
        else:
            self._finish_existing(scene)
        return True

    def _finish_new(self, scene: Scene) -> None:
        from scenes.walk import build_walk

        assert self._bounds is not None
        spawn, views = spawn_and_views(self._arrival, self._bounds, scene.frame.origin)
        scene = scene.model_copy(update={"spawn": spawn, "viewpoints": views})
        save_sources(self._stage, self.sources)
        save_scene(self._stage, scene)
        build_walk(self._stage)
        if self.out.is_dir():
            self.out.rmdir()  # it was empty
        self._stage.replace(self.out)

    def _finish_existing(self, scene: Scene) -> None:
        from scenes.walk import build_walk

        for name in self._new:
            target = self.out / "tiles" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            old = self._stage / f"old-{name}"
            if target.exists():
                target.replace(old)
            (self._stage / "tiles" / name).replace(target)
            overlay = self.out / "overlays" / f"{name}.npz"
            staged = self._stage / "overlays" / f"{name}.npz"
            if staged.exists():
                overlay.parent.mkdir(parents=True, exist_ok=True)
                staged.replace(overlay)
            else:
                overlay.unlink(missing_ok=True)
        save_sources(self.out, self.sources)
        save_scene(self.out, scene)
        build_walk(self.out)


def _metadata(path: Path, checksum: str, imported: Imported, plan: LayerPlan) -> Metadata:
    """Where a layer is from, to stand in its tileset: whoever gets the tiles alone knows it too."""
    details = {f"detail_{name}": value for name, value in imported.details.items()}
    known = {
        "title": plan.title,
        "sourceFile": path.name,
        "sourceFormat": imported.format,
        "sourceSha256": checksum,
        "sourceUnits": imported.units,
        "sourceAxes": imported.axes,
        "sourceCrs": imported.crs,
    }
    return bounded(known | details)


def field_look(parts: list[Part]) -> LayerField | None:
    """How the values of blocks are shown: by the name of their first attribute."""
    table = field_of(parts)
    return None if table is None else LayerField(title={"en": table.name[:200]})


def block_arrays(blocks: list[BlockPart], origin: tuple[int, int, int]) -> dict[str, Any]:
    """What overlays/LAYER.npz holds: centres (n, 3) float32 in the scene frame, sizes (n, 3)
    metres, axes (p, 3, 3), part (n,) index into axes, names (k,), values (k, n) float64."""
    names = list(dict.fromkeys(name for block in blocks for name in block.attributes))
    values = [
        np.concatenate([b.attributes.get(name, np.full(len(b.centres), np.nan)) for b in blocks])
        for name in names
    ]
    total = sum(len(block.centres) for block in blocks)
    return {
        "centres": np.concatenate([b.centres - origin for b in blocks]).astype(np.float32),
        "sizes": np.concatenate([b.sizes for b in blocks]),
        "axes": np.stack([b.axes for b in blocks]),
        "part": np.repeat(np.arange(len(blocks)), [len(b.centres) for b in blocks]).astype(
            np.uint16
        ),
        "names": np.array(names, dtype=np.str_),
        "values": np.array(values, np.float64).reshape(len(names), total),
    }
