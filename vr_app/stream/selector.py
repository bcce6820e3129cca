"""Chooses the tiles to draw: cameras and tile trees in, tiles to show and to load out.

Pure; it knows no socket, GPU or file. A tile is refined where leaving its children out would be
an error of more than `max_error_px` on the screen, and drawn where it touches a view's frustum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scenes.tiles.tileset import Tile

MAX_ERROR_PX = 4.0
STAYS_REFINED = 0.8  # children stay until the error is this share of the limit: no flicker
CENTRE = 0.25  # how little a tile right ahead counts its distance, against one beside the gaze

Box = tuple[float, float, float, float, float, float]
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One eye: position (3,) scene frame, frustum planes (k, 4) with inside where
    normal . point + d >= 0, the fifth across the gaze, and how many pixels one metre at one metre
    covers."""

    position: npt.NDArray[np.float64]
    planes: npt.NDArray[np.float64]
    pixels_per_radian: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tile that is not there yet. The lower the more urgent: urgency 0 where nothing stands in
    for it, 1 where a coarser tile does."""

    urgency: int
    weight: float
    tile: Tile


@dataclass(slots=True)
class Selection:
    """Tiles to draw now; tiles to load, most urgent first; `needed`: all that the views ask for,
    loaded or not; `refined`: ids of tiles whose children are meant, for the next call."""

    show: list[Tile]
    load: list[Tile]
    wanted: list[Wanted] = field(default_factory=list)
    needed: list[Tile] = field(default_factory=list)
    refined: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Eye:
    """A view in plain numbers: numpy costs more than it saves on six of them."""

    position: Vector
    planes: list[Vector]
    gaze: Vector | None
    pixels: float


def frustum_planes(clip_from_scene: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(5, 4) planes (no far plane) of a column-vector matrix clip = M @ scene."""
    rows = clip_from_scene
    planes = np.stack(
        [rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[3]]
    )
    lengths = np.maximum(np.linalg.norm(planes[:, :3], axis=1, keepdims=True), 1e-12)
    return np.asarray(planes / lengths, np.float64)


def eyes_of(views: Iterable[View]) -> list[Eye]:
    """The views in plain numbers."""
    result = []
    for view in views:
        planes = [tuple(plane) for plane in view.planes.tolist()]
        gaze = planes[4][:3] if len(planes) > 4 else None
        position = tuple(view.position.tolist())
        result.append(Eye(position, planes, gaze, float(view.pixels_per_radian)))
    return result


def _inside(box: Box, planes: list[Vector]) -> bool:
    for a, b, c, d in planes:
        x = box[3] if a >= 0 else box[0]
        y = box[4] if b >= 0 else box[1]
        z = box[5] if c >= 0 else box[2]
        if a * x + b * y + c * z + d < 0:
            return False
    return True


def _distance(box: Box, eye: Vector) -> float:
    x, y, z = eye[0], eye[1], eye[2]
    dx = max(box[0] - x, 0.0, x - box[3])
    dy = max(box[1] - y, 0.0, y - box[4])
    dz = max(box[2] - z, 0.0, z - box[5])
    return float((dx * dx + dy * dy + dz * dz) ** 0.5)


def _aside(box: Box, eye: Eye) -> float:
    """0 where the box lies ahead, up to 2 behind: one minus the cosine to the gaze."""
    if eye.gaze is None:
        return 0.0
    x, y, z = eye.position[0], eye.position[1], eye.position[2]
    # The point of the box that is nearest to a place ahead: a large tile is ahead if a part is.
    ahead = max(_distance(box, eye.position), 1.0)
    tx = min(max(x + eye.gaze[0] * ahead, box[0]), box[3]) - x
    ty = min(max(y + eye.gaze[1] * ahead, box[1]), box[4]) - y
    tz = min(max(z + eye.gaze[2] * ahead, box[2]), box[5]) - z
    length = (tx * tx + ty * ty + tz * tz) ** 0.5
    if length < 1e-6:
        return 0.0
    cosine = (tx * eye.gaze[0] + ty * eye.gaze[1] + tz * eye.gaze[2]) / length
    return float(1.0 - cosine)


def _nothing(tile: Tile) -> bool:
    return False


def select(
    roots: Iterable[Tile],
    views: Iterable[View],
    is_ready: Callable[[Tile], bool],
    max_error_px: float = MAX_ERROR_PX,
    reach_m: float = float("inf"),
    refined: set[int] | None = None,
    has_failed: Callable[[Tile], bool] = _nothing,
) -> Selection:
    """Walk the trees for the union of the views, as far as `reach_m` (dust hides the rest under
    ground). `refined` is what the last call said.

    A tile that refines by replacement stays until all its visible children are ready; one of
    whose children failed stays for good.
    """
    walk = _Walk(eyes_of(views), is_ready, has_failed, max_error_px, reach_m, refined or set())
    for root in roots:
        walk.visit(root, False)
    result = walk.result
    result.wanted.sort(key=lambda one: (one.urgency, one.weight))
    result.load = [one.tile for one in result.wanted]
    return result


@dataclass(slots=True)
class _Walk:
    """One walk over the trees."""

    eyes: list[Eye]
    is_ready: Callable[[Tile], bool]
    has_failed: Callable[[Tile], bool]
    max_error_px: float
    reach_m: float
    refined: set[int]
    result: Selection = field(default_factory=lambda: Selection([], []))

    def _seen(self, tile: Tile) -> tuple[float, float] | None:
        """(error in pixels, weight) of the worst and the nearest view; None: in no view."""
        weight, error_px, seen = float("inf"), 0.0, False
        for eye in self.eyes:
            if not _inside(tile.box, eye.planes):
                continue
            distance = max(_distance(tile.box, eye.position), 0.1)
            if distance > self.reach_m:
                continue
            seen = True
            # Only views that see a tile say how fine it must be.
            error_px = max(error_px, tile.geometric_error * eye.pixels / distance)
            weight = min(weight, distance * (CENTRE + _aside(tile.box, eye)))
        return (error_px, weight) if seen else None

    def _is_refined(self, tile: Tile, error_px: float) -> bool:
        if not tile.children:
            return False
        limit = self.max_error_px * (STAYS_REFINED if id(tile) in self.refined else 1.0)
        if error_px <= limit:
            return False
        return (
            tile.content is None
            or tile.refine == "ADD"
            or not any(self.has_failed(child) for child in tile.children)
        )

    def visit(self, tile: Tile, covered: bool) -> bool:
        """Whether the tile is (or need not be) completely on screen; adds to the selection.

        covered: a coarser tile stands in for it until then.
        """
        seen = self._seen(tile)
        if seen is None:
            return True
        error_px, weight = seen
        own = tile.content is not None and not self.has_failed(tile)
        ready = own and self.is_ready(tile)
        refine = self._is_refined(tile, error_px)
        if own and (not refine or tile.refine == "ADD"):
            self.result.needed.append(tile)
            if not ready:
                self.result.wanted.append(Wanted(int(covered), weight, tile))
        if not refine:
            if ready:
                self.result.show.append(tile)
            return ready or not own
        self.result.refined.add(id(tile))
        before = len(self.result.show)
        complete = True
        stands_in = covered or (ready and tile.refine == "REPLACE")
        for child in tile.children:
            complete &= self.visit(child, stands_in)
        if not own:
            return complete
        if tile.refine == "ADD":
            if ready:
                self.result.show.append(tile)
            return complete and ready
        if not complete and ready:
            del self.result.show[before:]
            self.result.show.append(tile)
        return complete or ready
