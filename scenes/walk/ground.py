"""The one place that answers floor and ray questions about a twin whose tiles come and go.

Feet and bodies ask the walk surface: tiles of a fixed resolution, whatever is drawn. Eyes and
lasers ask the finest tiles present. Every answer says how fine it is; nothing is loaded here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scenes.walk.solids import Solid, Solids, entered

FLOOR_SLOPE_COS = 0.55  # steeper than about 57 degrees is a wall
STEP_UP_M = 0.6  # what people climb without noticing
FAR_M = 5_000.0
_SAME_M = 0.05  # two answers this near, besides their errors, are one surface
_GRAZING = 0.2  # along a ray errors grow as it gets flatter; no further than this

Vector = npt.NDArray[np.float64]
Answered = Literal["walk", "tile", "unknown"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a ray met the twin: point (3,) scene frame, distance in metres, unit face normal
    turned towards the ray's origin, the layer's id, how far the answer may be from the source
    (metres) and what gave it. "unknown": the walk surface begins there and is not loaded yet."""

    point: Vector
    distance: float
    normal: Vector
    layer: str = ""
    error_m: float = 0.0
    answered: Answered = "walk"


@dataclass(frozen=True, slots=True)
class _Piece:
    layer: str
    error_m: float


class Ground:
    """Floor and ray queries. One thread (the frame's) changes it; any may ask.

    A twin's walk surface is a set of regions: `expect` names them with their boxes, `arrive` brings
    them, `leave` takes them away again. Tiles on screen come by `show` and go by `hide`.
    """

    def __init__(self) -> None:
        self.hidden: Collection[str] = ()  # layers that nobody sees: feet still stand on them
        self._regions: dict[int, _Piece] = {}
        self._tiles: dict[int, _Piece] = {}
        self._surface = Solids()
        self._shown = Solids()
        self._boxes: dict[int, tuple[Vector, Vector]] = {}  # of regions that are not there yet
        self._missing: tuple[Vector, Vector] | None = None

    def expect(self, key: int, low: Vector, high: Vector, layer: str, error_m: float) -> None:
        """There is a region of the walk surface in this box that is not loaded yet."""
        self._regions[key] = _Piece(layer, error_m)
        self._boxes[key] = (low, high)
        self._missing = None

    def arrive(self, key: int, solid: Solid | None) -> None:
        """An expected region is there; None: it has no triangles, or never comes."""
        self._boxes.pop(key, None)
        self._missing = None
        if solid is not None:
            self._surface.add(key, solid)

    def leave(self, key: int, low: Vector, high: Vector) -> None:
        """A region is not in memory any more."""
        self._surface.remove(key)
        self._boxes[key] = (low, high)
        self._missing = None

    def show(self, key: int, solid: Solid, layer: str, error_m: float) -> None:
        """A tile is on screen: rays may meet it."""
        self._tiles[key] = _Piece(layer, error_m)
        self._shown.add(key, solid)

    def hide(self, key: int) -> None:
        """A tile is not on screen any more."""
        self._tiles.pop(key, None)
        self._shown.remove(key)

    @property
    def regions(self) -> int:
        """How many regions of the walk surface are in memory."""
        return len(self._surface)

    def ray(self, origin: Vector, direction: Vector, reach_m: float = FAR_M) -> Hit | None:
        """The first thing seen along a ray (origin (3,), direction (3,)) within `reach_m`, from
        the finest that is there: a tile on screen, or the walk surface."""
        line = _line(origin, direction)
        if line is None:
            return None
        start, unit = line
        walked = self._ask(self._surface, self._regions, start, unit, reach_m, "walk", seen=True)
        tile = self._ask(self._shown, self._tiles, start, unit, reach_m, "tile", seen=True)
        if walked is None or tile is None:
            return walked or tile
        flat = max(min(abs(float(hit.normal @ unit)) for hit in (walked, tile)), _GRAZING)
        apart = (walked.error_m + tile.error_m + _SAME_M) / flat
        if abs(walked.distance - tile.distance) <= apart:
            return min((tile, walked), key=lambda hit: hit.error_m)
        return min((tile, walked), key=lambda hit: hit.distance)

    def solid(self, origin: Vector, direction: Vector, reach_m: float) -> Hit | None:
        """The first thing that stops a body: the walk surface, or where what is known of it
        ends. Tiles answer for a twin that has no walk surface."""
        line = _line(origin, direction)
        if line is None:
            return None
        start, unit = line
        if not self._regions:
            return self._ask(self._shown, self._tiles, start, unit, reach_m, "tile", seen=False)
        hit = self._ask(self._surface, self._regions, start, unit, reach_m, "walk", seen=False)
        lows, highs = self._not_there()
        for distance, _ in entered(lows, highs, start, unit, reach_m)[:1]:
            if hit is None or distance < hit.distance:
                return Hit(start + unit * distance, distance, -unit, answered="unknown")
        return hit

    def floor(self, point: Vector, above_m: float = STEP_UP_M, reach_m: float = 4.0) -> Hit | None:
        """The floor under feet at `point` (3,): searched from `above_m` over to `reach_m` below
        it. None over a void, on something too steep to stand on, and where it is not known."""
        start = np.asarray(point, np.float64) + np.array([0.0, 0.0, above_m])
        hit = self.solid(start, np.array([0.0, 0.0, -1.0]), above_m + reach_m)
        if hit is None or hit.answered == "unknown" or hit.normal[2] < FLOOR_SLOPE_COS:
            return None
        return hit

    def _not_there(self) -> tuple[Vector, Vector]:
        if self._missing is None:
            boxes = list(self._boxes.values())
            lows = np.array([low for low, _ in boxes], np.float64).reshape(-1, 3)
            highs = np.array([high for _, high in boxes], np.float64).reshape(-1, 3)
            self._missing = lows, highs
        return self._missing

    def _ask(
        self,
        solids: Solids,
        named: dict[int, _Piece],
        start: Vector,
        unit: Vector,
        reach_m: float,
        answered: Answered,
        seen: bool,
    ) -> Hit | None:
        hidden = self.hidden if seen else ()
        counts = (lambda key: named[key].layer not in hidden) if hidden else None
        met = solids.ray(start, unit, reach_m, counts)
        if met is None:
            return None
        piece = named[met.key]
        point = start + unit * met.distance
        return Hit(point, met.distance, met.normal, piece.layer, piece.error_m, answered)


def _line(origin: Vector, direction: Vector) -> tuple[Vector, Vector] | None:
    """(start, unit direction) in float64; None where they are none."""
    start = np.asarray(origin, np.float64)
    length = float(np.linalg.norm(direction))
    if not (0 < length < np.inf) or not np.isfinite(start).all():
        return None
    return start, np.asarray(direction, np.float64) / length
