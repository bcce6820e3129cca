"""Bakes one layer: parts in, a folder with tileset.json and GLB tiles out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from scenes.geometry import Part

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BakedLayer:
    """What a bake made: counts, and bounds (2, 3) in the scene frame as nested lists."""

    tiles: int
    triangles: int
    points: int
    bytes: int
    bounds: list[list[float]] | None


def bake_layer(
    folder: Path,
    parts: Iterable[Part],
    origin: tuple[int, int, int],
    progress: Progress | None = None,
) -> BakedLayer:
    """Bake `parts` (survey frame, float64) minus `origin` into `folder` (tileset.json, *.glb).

    The folder appears whole or not at all: work happens beside it and is renamed at the end,
    replacing what was there. BlockParts are drawn as their exposed faces.
    """
    raise NotImplementedError
