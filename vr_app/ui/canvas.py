"""A sheet to paint on: smooth shapes and text through the font chain, into an RGBA image.

Coordinates are logical pixels from the top left, multiplied by the canvas's scale (a headset
paints the same panel at scale 2). Never touches a window or a GPU; safe in worker threads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from assets.text.fonts import REGULAR, SEMIBOLD, font_chain
from vr_app.ui import theme
from vr_app.ui.theme import Colour

Rgba = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
CAP_HEIGHT = 0.714  # of Noto Sans, in ems
_SMOOTH = 4  # polygons are drawn this much larger and shrunk


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a piece of text looks. `size` is logical pixels (the em)."""

    size: int = theme.SIZE_BODY
    colour: Colour = theme.TEXT
    weight: int = REGULAR

    @property
    def line_height(self) -> float:
        """From one baseline to the next, logical pixels."""
        return self.size * theme.LINE_HEIGHT


BODY = TextStyle()
BODY_BOLD = TextStyle(weight=SEMIBOLD)
MUTED = TextStyle(colour=theme.MUTED)
SMALL = TextStyle(theme.SIZE_SMALL)
SMALL_MUTED = TextStyle(theme.SIZE_SMALL, theme.MUTED)
SMALL_BOLD = TextStyle(theme.SIZE_SMALL, weight=SEMIBOLD)
TITLE = TextStyle(theme.SIZE_TITLE, weight=SEMIBOLD)


@dataclass(frozen=True, slots=True)
class Hit:
    """A part of a painted image that reacts to the pointer: a rectangle in image pixels."""

    name: str
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        """Whether the pixel lies inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


@dataclass(frozen=True, slots=True)
class Painted:
    """A finished image, (height, width, 4) uint8 sRGB with straight alpha, top row first."""

    rgba: Rgba
    hits: tuple[Hit, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgba.shape[1], self.rgba.shape[0]

    def hit(self, x: float, y: float) -> str | None:
        """Name of the part under the pixel (topmost: the last one painted), or None."""
        return next((one.name for one in reversed(self.hits) if one.holds(x, y)), None)


def text_width(text: str, style: TextStyle = BODY, scale: float = 1.0) -> float:
    """Width of a text in logical pixels."""
    return font_chain().width(text, max(round(style.size * scale), 1), style.weight) / scale


class Canvas:
    """An image being painted. `width` and `height` are logical pixels."""

    def __init__(
        self, width: float, height: float, scale: float = 1.0, background: Colour = (0, 0, 0, 0)
    ) -> None:
        self.width, self.height, self.scale = width, height, scale
        size = (max(math.ceil(width * scale), 1), max(math.ceil(height * scale), 1))
        self.image = Image.new("RGBA", size, background)
        self._hits: list[Hit] = []

    def painted(self) -> Painted:
        """What was painted so far."""
        return Painted(np.array(self.image), tuple(self._hits))

    def add_hit(self, name: str, left: float, top: float, right: float, bottom: float) -> None:
        """Make a rectangle answer to the pointer."""
        s = self.scale
        self._hits.append(Hit(name, left * s, top * s, right * s, bottom * s))

    # Text -------------------------------------------------------------------------------------

    def measure(self, text: str, style: TextStyle = BODY) -> float:
        """Width of a text in logical pixels, as this canvas draws it."""
        return text_width(text, style, self.scale)

    def text(
        self, x: float, middle: float, text: str, style: TextStyle = BODY, align: str = "left"
    ) -> float:
        """Draw one line whose capitals are centred on `middle`; returns its width.

        `align` says which part of the text `x` is: left, centre or right.
        """
        width = self.measure(text, style)
        if align != "left":
            x -= width if align == "right" else width / 2
        size = max(round(style.size * self.scale), 1)
        baseline = round((middle + style.size * CAP_HEIGHT / 2) * self.scale)
        left = x * self.scale
        ascent = math.ceil(size * 1.2)
        mask = Image.new("L", (math.ceil(width * self.scale) + size, ascent + size // 2), 0)
        pen = ImageDraw.Draw(mask)
        at = size / 2 + left % 1.0
        chain = font_chain()
        for run in chain.runs(text):
            face = chain.face(run.font, size, style.weight)
            pen.text((at, ascent), run.text, fill=255, font=face, anchor="ls")
            at += face.getlength(run.text)
        self._stamp(mask, math.floor(left) - size // 2, baseline - ascent, style.colour)
        return width

    # Shapes -----------------------------------------------------------------------------------

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: Colour | None = None,
        edge: Colour | None = None,
        radius: float = theme.RADIUS,
        edge_width: float = 1.0,
    ) -> None:
        """A rounded rectangle."""
        s = self.scale
        x0, y0 = round(left * s), round(top * s)
        size = (max(round(right * s) - x0, 1), max(round(bottom * s) - y0, 1))
        if fill is not None:
            self._stamp(_box_mask(size, radius * s, None), x0, y0, fill)
        if edge is not None:
            self._stamp(_box_mask(size, radius * s, edge_width * s), x0, y0, edge)

    def panel(self, edge: Colour = theme.EDGE, fill: Colour = theme.PANEL) -> None:
        """The whole canvas as a panel."""
        self.box(0, 0, self.width, self.height, fill, edge)

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        fill: Colour | None = None,
        edge: Colour | None = None,
        edge_width: float = 1.0,
    ) -> None:
        """A circle."""
        s = self.scale
        half = math.ceil(radius * s + 1)
        x0, y0 = math.floor(x * s) - half, math.floor(y * s) - half
        centre = (x * s - x0, y * s - y0)
        if fill is not None:
            self._stamp(_disc_mask(2 * half + 1, centre, radius * s, None), x0, y0, fill)
        if edge is not None:
            self._stamp(_disc_mask(2 * half + 1, centre, radius * s, edge_width * s), x0, y0, edge)

    def polygon(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        """A filled polygon."""
        self._supersampled(points, 0.0, fill, closed=True)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: Colour,
        width: float = 1.5,
        closed: bool = False,
    ) -> None:
        """A line through points, with round joints."""
        self._supersampled([*points, points[0]] if closed else points, width, colour)

    def paste(self, image: Image.Image, left: float, top: float) -> None:
        """Lay an RGBA image over, its top left corner at a logical position."""
        self._composite(image, round(left * self.scale), round(top * self.scale))

    def _supersampled(
        self,
        points: Sequence[tuple[float, float]],
        width: float,
        colour: Colour,
        closed: bool = False,
    ) -> None:
        s = self.scale
        xs, ys = [p[0] * s for p in points], [p[1] * s for p in points]
        pad = width * s / 2 + 1
        x0 = max(math.floor(min(xs) - pad), -pad)
        y0 = max(math.floor(min(ys) - pad), -pad)
        x1 = min(math.ceil(max(xs) + pad), self.image.width + pad)
        y1 = min(math.ceil(max(ys) + pad), self.image.height + pad)
        x0, y0 = math.floor(x0), math.floor(y0)
        wide, high = math.ceil(x1) - x0, math.ceil(y1) - y0
        if wide <= 0 or high <= 0:
            return
        mask = Image.new("L", (wide * _SMOOTH, high * _SMOOTH), 0)
        pen = ImageDraw.Draw(mask)
        large = [((x - x0) * _SMOOTH, (y - y0) * _SMOOTH) for x, y in zip(xs, ys, strict=True)]
        if closed:
            pen.polygon(large, fill=255)
        else:
            thick = max(round(width * s * _SMOOTH), 1)
            pen.line(large, fill=255, width=thick, joint="curve")
            r = thick / 2
            for x, y in (large[0], large[-1]):
                pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        self._stamp(mask.resize((wide, high), Image.Resampling.BOX), x0, y0, colour)

    def _stamp(self, mask: Image.Image, left: int, top: int, colour: Colour) -> None:
        if colour[3] < 255:
            mask = mask.point(lambda value, alpha=colour[3]: value * alpha // 255)
        patch = Image.new("RGBA", mask.size, (*colour[:3], 0))
        patch.putalpha(mask)
        self._composite(patch, left, top)

    def _composite(self, patch: Image.Image, left: int, top: int) -> None:
        crop_left, crop_top = max(-left, 0), max(-top, 0)
        right = min(patch.width, self.image.width - left)
        bottom = min(patch.height, self.image.height - top)
        if right > crop_left and bottom > crop_top:
            self.image.alpha_composite(
                patch, (left + crop_left, top + crop_top), (crop_left, crop_top, right, bottom)
            )


def _mask_from_distance(distance: Floats, edge: float | None) -> Image.Image:
    """Coverage from the distance to an outline (negative inside), as an "L" image. With `edge`,
    only a line that wide along the inside of the outline."""
    if edge is not None:
        distance = np.abs(distance + edge / 2) - edge / 2
    return Image.fromarray((np.clip(0.5 - distance, 0, 1) * 255 + 0.5).astype(np.uint8))


@lru_cache(maxsize=256)
def _box_mask(size: tuple[int, int], radius: float, edge: float | None) -> Image.Image:
    radius = min(radius, size[0] / 2, size[1] / 2)
    x = np.abs(np.arange(size[0], dtype=np.float32) + 0.5 - size[0] / 2) - (size[0] / 2 - radius)
    y = np.abs(np.arange(size[1], dtype=np.float32) + 0.5 - size[1] / 2) - (size[1] / 2 - radius)
    outside = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    inside = np.minimum(np.maximum(x[None, :], y[:, None]), 0)
    return _mask_from_distance((outside + inside - radius).astype(np.float32), edge)


def _disc_mask(
    size: int, centre: tuple[float, float], radius: float, edge: float | None
) -> Image.Image:
    steps = np.arange(size, dtype=np.float32) + 0.5
    distance = np.hypot(steps[None, :] - centre[0], steps[:, None] - centre[1]) - radius
    return _mask_from_distance(distance.astype(np.float32), edge)
