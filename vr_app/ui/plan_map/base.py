"""Paints what does not move on the map: ground, floors and ways, those of one level bright.

Costs tens of milliseconds, so it is painted once for each view and level, in a worker.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from vr_app.ui.canvas import Canvas
from vr_app.ui.plan_map.plan import BAND_M, Plan
from vr_app.ui.plan_map.view import MapView
from vr_app.ui.theme import Colour

BACKGROUND: Final[Colour] = (10, 13, 17, 255)
GROUND_DARK, GROUND_LIGHT = np.array((46, 50, 44)), np.array((150, 152, 134))
FLOOR: Final[Colour] = (150, 170, 190, 255)
FLOOR_FAR: Final[Colour] = (84, 94, 108, 185)
WAY: Final[Colour] = (110, 200, 250, 235)
WAY_FAR: Final[Colour] = (96, 108, 124, 120)


def paint_base(
    plan: Plan,
    view: MapView,
    elevation: float,
    under_ground: bool,
    scale: float = 1.0,
) -> Image.Image:
    """The map area as an opaque RGBA image, for somebody at a scene height."""
    canvas = Canvas(view.width, view.height, scale, BACKGROUND)
    if plan.heights is not None:
        _paint_ground(canvas, plan, view, 0.28 if under_ground else 0.8)
    near = np.abs(plan.floors[:, 2] - elevation) <= BAND_M
    if not under_ground:
        near[:] = False
    _paint_floors(canvas, plan.floors[~near], view, FLOOR_FAR)
    _paint_floors(canvas, plan.floors[near], view, FLOOR)
    _paint_ways(canvas, plan, view, elevation, under_ground)
    return canvas.image


def _paint_ground(canvas: Canvas, plan: Plan, view: MapView, strength: float) -> None:
    """The ground's relief, lit from the north-west, with contour lines."""
    heights = plan.heights
    assert heights is not None
    width, height = canvas.image.size
    step = view.metres_per_pixel / canvas.scale
    easts = view.east + (np.arange(width) + 0.5 - width / 2) * step
    norths = view.north - (np.arange(height) + 0.5 - height / 2) * step
    columns = (easts - plan.raster_low[0]) / plan.raster_cell_m - 0.5
    rows = (norths - plan.raster_low[1]) / plan.raster_cell_m - 0.5
    z = _bilinear(heights, rows, columns)
    known = np.isfinite(z)
    if not known.any():
        return
    filled = np.where(known, z, np.nanmean(z))
    dz_dy, dz_dx = np.gradient(filled, -step, step)
    light = (0.55 * dz_dx - 0.55 * dz_dy + 1.0) / np.sqrt(dz_dx**2 + dz_dy**2 + 1.0) / 1.27
    shade = np.clip(0.12 + 0.75 * light, 0.0, 1.0)[..., None]
    colour = GROUND_DARK + (GROUND_LIGHT - GROUND_DARK) * shade
    interval = 10.0 if view.metres_per_pixel < 1.2 else 25.0 if view.metres_per_pixel < 4 else 100.0
    band = np.floor(filled / interval)
    line = np.zeros(known.shape, bool)
    line[:, 1:] |= band[:, 1:] != band[:, :-1]
    line[1:] |= band[1:] != band[:-1]
    colour[line] *= 0.72
    mask = Image.fromarray((known * (255 * strength)).astype(np.uint8))
    picture = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)).convert("RGBA")
    canvas.image.paste(picture, (0, 0), mask)


def _bilinear(
    raster: npt.NDArray[np.float32], rows: npt.NDArray[Any], columns: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """The raster at fractional rows (n,) and columns (m,): (n, m), NaN outside."""
    last_row, last_column = raster.shape[0] - 1, raster.shape[1] - 1
    r0 = np.clip(np.floor(rows).astype(int), 0, max(last_row - 1, 0))
    c0 = np.clip(np.floor(columns).astype(int), 0, max(last_column - 1, 0))
    r1, c1 = np.minimum(r0 + 1, last_row), np.minimum(c0 + 1, last_column)
    fr, fc = np.clip(rows - r0, 0, 1)[:, None], np.clip(columns - c0, 0, 1)[None, :]
    top = raster[np.ix_(r0, c0)] * (1 - fc) + raster[np.ix_(r0, c1)] * fc
    bottom = raster[np.ix_(r1, c0)] * (1 - fc) + raster[np.ix_(r1, c1)] * fc
    value: npt.NDArray[np.float64] = (top * (1 - fr) + bottom * fr).astype(np.float64)
    value[(rows < -0.5) | (rows > last_row + 0.5)] = np.nan
    value[:, (columns < -0.5) | (columns > last_column + 0.5)] = np.nan
    return value


def _paint_floors(
    canvas: Canvas, floors: npt.NDArray[np.float32], view: MapView, colour: Colour
) -> None:
    """Floors as a soft-edged area: cells marked, gaps closed, then stretched to pixels."""
    if not len(floors):
        return
    s = canvas.scale
    cell = max(view.metres_per_pixel / s, 1.5)
    wide = int(np.ceil(view.width * view.metres_per_pixel / cell)) + 8
    high = int(np.ceil(view.height * view.metres_per_pixel / cell)) + 8
    west = view.east - wide * cell / 2
    north = view.north + high * cell / 2
    column = ((floors[:, 0] - west) // cell).astype(np.int64)
    row = ((north - floors[:, 1]) // cell).astype(np.int64)
    inside = (row >= 0) & (row < high) & (column >= 0) & (column < wide)
    if not inside.any():
        return
    marks = np.zeros((high, wide), np.uint8)
    marks[row[inside], column[inside]] = 255
    mask = Image.fromarray(marks).filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MinFilter(3))
    factor = view.metres_per_pixel / s / cell  # cells per pixel
    left, top = view.to_scene(0, 0)
    size = canvas.image.size
    mask = mask.transform(
        size,
        Image.Transform.AFFINE,
        (factor, 0, (left - west) / cell, 0, factor, (north - top) / cell),
        Image.Resampling.BICUBIC,
    )
    if factor < 0.5:
        # Cells are larger than pixels: round their corners.
        blurred = mask.filter(ImageFilter.GaussianBlur(0.6 / factor))
        mask = blurred.point(lambda value: min(max((value - 96) * 4, 0), 255))
    mask = mask.point(lambda value: value * colour[3] // 255)
    canvas.image.paste(Image.new("RGBA", size, (*colour[:3], 255)), (0, 0), mask)


def _paint_ways(
    canvas: Canvas, plan: Plan, view: MapView, elevation: float, under_ground: bool
) -> None:
    """Travel ways as lines, smoothed by drawing them twice as large."""
    if not len(plan.ways):
        return
    near = (np.abs(plan.ways[:, :, 2] - elevation) <= BAND_M).any(axis=1) & under_ground
    large = 2
    s = canvas.scale * large
    for chosen, colour, width in ((~near, WAY_FAR, 1.4), (near, WAY, 2.4)):
        mask = Image.new("L", (canvas.image.width * large, canvas.image.height * large), 0)
        pen = ImageDraw.Draw(mask)
        for start, end in plan.ways[chosen]:
            x0, y0 = view.to_pixel(float(start[0]), float(start[1]))
            x1, y1 = view.to_pixel(float(end[0]), float(end[1]))
            if max(x0, x1) < 0 or max(y0, y1) < 0:
                continue
            if min(x0, x1) > view.width or min(y0, y1) > view.height:
                continue
            pen.line(
                [(x0 * s, y0 * s), (x1 * s, y1 * s)],
                fill=255,
                width=max(round(width * s), 1),
                joint="curve",
            )
        mask = mask.resize(canvas.image.size, Image.Resampling.BOX)
        mask = mask.point(lambda value, alpha=colour[3]: value * alpha // 255)
        solid = Image.new("RGBA", canvas.image.size, (*colour[:3], 255))
        canvas.image.paste(solid, (0, 0), mask)
