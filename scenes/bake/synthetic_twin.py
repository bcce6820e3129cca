"""Bakes the synthetic mine into a twin folder: every layer, scene.yaml, sources, the walk surface.

The folder appears whole or not at all, so that a stopped bake leaves nothing to mistake for one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenes.bake.field import FieldTable, make_table
from scenes.bake.layer import bake_layer
from scenes.errors import Refused
from scenes.geometry import BakePart, InstancePart, LinePart, MeshPart
from scenes.schema import Layer
from scenes.tiles.metadata import bounded
from scenes.twin import SCENE_FILE, save_scene, save_sources
from scenes.walk import build_walk

if TYPE_CHECKING:
    from scenes.synthetic import SyntheticMine

Progress = Callable[[int, int], None]


# How large a layer's features are: a viewer may leave them out where that is a few pixels. Bolts
# and pipes are not seen from the air, and neither are drifts under their hill.
DETAIL_M = {"support": 0.5, "services": 1.0, "equipment": 4.0, "drifts": 3.0, "paste": 8.0}


class _Meter:
    """Turns the work of all layers into one progress: making geometry counts as much as writing."""

    def __init__(self, expected: int, progress: Progress | None) -> None:
        self.expected = max(expected, 1)
        self.progress = progress
        self.made = self.written = 0

    def counted(self, parts: Iterator[BakePart]) -> Iterator[BakePart]:
        """The same parts, counted as they are made."""
        for part in parts:
            if isinstance(part, MeshPart):
                self.made += len(part.triangles)
            elif isinstance(part, LinePart):
                self.made += len(part.segments)
            elif isinstance(part, InstancePart):
                self.made += len(part.mesh.triangles) * len(part.transforms)
            self.say()
            yield part

    def writing(self, before: int) -> Progress:
        """A progress for one layer's tiles, of which `before` were written by earlier layers."""

        def report(done: int, total: int) -> None:
            self.written = before + done
            self.say()

        return report

    def say(self) -> None:
        """Report; the expected number is an estimate, so the end is told by `bake_synthetic`."""
        if self.progress is not None:
            total = 2 * self.expected
            self.progress(min(self.made + self.written, total - 1), total)


def bake_synthetic(
    folder: Path, mine: SyntheticMine, progress: Progress | None = None
) -> dict[str, Any]:
    """Bake all layers of `mine` into `folder`, replacing a twin that is there.

    Returns {"layers", "tiles", "triangles", "megabytes"}. `progress(done, total)` ends with
    done == total. Raises `Refused` where `folder` holds anything but a twin.
    """
    occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if occupied and not (folder / SCENE_FILE).is_file():
        # What is not ours is never moved away, whoever calls.
        raise Refused("import-out-occupied", folder=str(folder))
    stage = folder.parent / f".{folder.name}.bake-{os.getpid()}"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    old = folder.parent / f".{folder.name}.old-{os.getpid()}"
    meter = _Meter(int(mine.parameters.triangles_million * 1e6), progress)
    summary = {"layers": 0, "tiles": 0, "triangles": 0, "megabytes": 0}
    size = 0
    try:
        for layer in mine.scene.layers:
            baked = bake_layer(
                stage / Path(layer.tileset_path).parent,
                meter.counted(mine.chunks(layer.id)),
                mine.scene.frame.origin,
                meter.writing(meter.written),
                DETAIL_M.get(layer.id),
                table=_table(layer),
                metadata=bounded({"sourceFormat": "Kenish synthetic mine", "title": layer.id}),
            )
            summary["layers"] += 1
            summary["tiles"] += baked.tiles
            summary["triangles"] += baked.triangles
            size += baked.bytes
        summary["megabytes"] = round(size / 1e6)
        save_sources(stage, {"synthetic": mine.parameters.model_dump(mode="json")})
        save_scene(stage, mine.scene)
        build_walk(stage)
        if folder.exists():
            folder.replace(old)
        try:
            stage.replace(folder)
        except OSError:
            if old.exists():
                old.replace(folder)  # better the old twin than none
            raise
        if progress is not None:
            progress(2 * meter.expected, 2 * meter.expected)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return summary


def _table(layer: Layer) -> FieldTable | None:
    """The values of a layer that comes in pieces: evenly over the range that the scene states."""
    if layer.field is None or layer.field.range is None:
        return None
    return make_table(layer.field.title.get("en", layer.id), np.linspace(*layer.field.range, 1000))


def bake_from_parameters(
    folder: Path,
    parameters: Path | None,
    triangles_million: float | None,
    replace: bool,
    progress: Progress | None,
) -> dict[str, Any]:
    """Bake from a parameter file (None: the bundled one) with another number of triangles.

    Raises `Refused` where the file is wrong or `folder` holds something that may not be replaced.
    """
    from scenes.synthetic import MineParameters, SyntheticMine, demo_parameters, load_parameters

    if (folder / SCENE_FILE).is_file() and not replace:
        raise Refused("scenes-twin-exists", folder=str(folder))
    chosen = demo_parameters() if parameters is None else load_parameters(parameters)
    if triangles_million is not None:
        content = chosen.model_dump() | {"triangles_million": triangles_million}
        chosen = MineParameters.model_validate(content)
    return bake_synthetic(folder, SyntheticMine(chosen), progress)
