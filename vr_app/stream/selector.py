"""Chooses the tiles to draw: camera and tile trees in, tiles to show and to load out.

Pure; it knows no socket, GPU or file. A tile is refined where leaving its children out would be
an error of more than `max_error_px` on the screen, and drawn where it touches a view's frustum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.tiles.tileset import Tile

MAX_ERROR_PX = 4.0


@dataclass(frozen=True, slots=True)
class View:
    """One eye: position (3,) scene frame, frustum planes (k, 4) with inside where
    normal . point + d >= 0, and how many pixels one metre at one metre covers."""

    position: npt.NDArray[np.float64]
    planes: npt.NDArray[np.float64]
    pixels_per_radian: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Tiles to draw now, and tiles to load, most urgent first."""

    show: list[Tile]
    load: list[Tile]


def frustum_planes(clip_from_scene: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(5, 4) planes (no far plane) of a column-vector matrix clip = M @ scene."""
    rows = clip_from_scene
    planes = np.stack(
        [rows[3] + rows[0], rows[3] - rows[0], rows[3] + rows[1], rows[3] - rows[1], rows[3]]
    )
    lengths = np.maximum(np.linalg.norm(planes[:, :3], axis=1, keepdims=True), 1e-12)
    return np.asarray(planes / lengths, np.float64)


def _inside(
    low: tuple[float, ...], high: tuple[float, ...], planes: Iterable[tuple[float, ...]]
) -> bool:
    for a, b, c, d in planes:
        x = high[0] if a >= 0 else low[0]
        y = high[1] if b >= 0 else low[1]
        z = high[2] if c >= 0 else low[2]
        if a * x + b * y + c * z + d < 0:
            return False
    return True


def _distance(low: tuple[float, ...], high: tuple[float, ...], eye: tuple[float, ...]) -> float:
    dx = max(low[0] - eye[0], 0.0, eye[0] - high[0])
    dy = max(low[1] - eye[1], 0.0, eye[1] - high[1])
    dz = max(low[2] - eye[2], 0.0, eye[2] - high[2])
    return float((dx * dx + dy * dy + dz * dz) ** 0.5)


def select(
    roots: Iterable[Tile],
    views: Iterable[View],
    is_ready: Callable[[Tile], bool],
    max_error_px: float = MAX_ERROR_PX,
    reach_m: float = float("inf"),
) -> Selection:
    """Walk the trees for the union of the views, as far as `reach_m` (dust hides the rest under
    ground). A tile that refines by replacement stays until all its visible children are ready."""
    show: list[Tile] = []
    load: dict[int, tuple[float, Tile]] = {}
    # Plain tuples: numpy costs more than it saves on six numbers.
    eyes = [
        (
            tuple(map(float, view.position)),
            [tuple(map(float, plane)) for plane in view.planes],
            view.pixels_per_radian,
        )
        for view in views
    ]

    def visit(tile: Tile, low: tuple[float, ...], high: tuple[float, ...]) -> bool:
        """Whether the tile is (or need not be) completely on screen; adds to show and load."""
        nearest, error_px, seen = float("inf"), 0.0, False
        for eye, planes, pixels in eyes:
            if not _inside(low, high, planes):
                continue
            distance = max(_distance(low, high, eye), 0.1)
            if distance > reach_m:
                continue
            seen = True
            nearest = min(nearest, distance)
            error_px = max(error_px, tile.geometric_error * pixels / distance)
        if not seen:
            return True
        refine = bool(tile.children) and error_px > max_error_px
        own = tile.content is not None
        if own and not is_ready(tile):
            load[id(tile)] = (nearest, tile)
        if not refine:
            if own and is_ready(tile):
                show.append(tile)
            return not own or is_ready(tile)
        before = len(show)
        complete = True
        for child in tile.children:
            complete &= visit(child, tuple(child.low.tolist()), tuple(child.high.tolist()))
        if not own:
            return complete
        if tile.refine == "ADD":
            if is_ready(tile):
                show.append(tile)
            return complete and is_ready(tile)
        if not complete and is_ready(tile):
            del show[before:]
            show.append(tile)
        return complete or is_ready(tile)

    for root in roots:
        visit(root, tuple(root.low.tolist()), tuple(root.high.tolist()))
    ordered = sorted(load.values(), key=lambda item: item[0])
    return Selection(show, [tile for _, tile in ordered])
