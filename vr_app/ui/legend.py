"""Paints the legend of a scalar field: name, unit, colours with their values, and its range's ends.

It is told what the colours are; it never looks at a tile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import BODY_BOLD, SMALL, SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import shorten
from vr_app.ui.numbers import number_text, unit_text
from vr_app.world.colour_maps import NO_VALUE, map_colours

WIDTH: Final = 250.0
BAR: Final = 18.0
PAD: Final = 14.0
TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class LegendView:
    """title and UCUM unit of the field, layer's name, colour map, the values of its ends, and the
    least and largest value there is."""

    title: str
    unit: str
    layer: str
    colour_map: str
    low: float
    high: float
    least: float
    largest: float


def decimals_for(span: float) -> int:
    """How many decimals tell the ticks of a range apart."""
    if not 0 < span < math.inf:
        return 2
    return min(max(2 - math.floor(math.log10(span / (TICKS - 1) * 10)), 0), 6)


def paint_legend(
    view: LegendView, translate: Translator, hovered: str | None = None, scale: float = 1.0
) -> Painted:
    """Paint it. Its parts answer to "low:less", "low:more", "high:less", "high:more", "whole"."""
    canvas = Canvas(WIDTH, 172, scale)
    canvas.panel()
    room = WIDTH - 2 * PAD
    unit = unit_text(view.unit, translate) if view.unit else ""
    title = f"{view.title}, {unit}" if unit else view.title
    title = shorten(title, room, lambda t: text_width(t, BODY_BOLD))
    canvas.text(PAD, 20, title, BODY_BOLD)
    canvas.text(
        PAD, 40, shorten(view.layer, room, lambda t: text_width(t, SMALL_MUTED)), SMALL_MUTED
    )
    width = round(room * scale)
    colours = map_colours(view.colour_map, np.linspace(0.0, 1.0, width))
    bar = np.broadcast_to(colours, (round(BAR * scale), width, 3))
    canvas.paste(Image.fromarray(np.ascontiguousarray(bar)).convert("RGBA"), PAD, 54)
    decimals = decimals_for(view.high - view.low)
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        x = PAD + room * share
        canvas.line([(x, 54 + BAR), (x, 58 + BAR)], theme.MUTED, 1)
        text = number_text(view.low + (view.high - view.low) * share, decimals, translate.language)
        align = "left" if tick == 0 else "right" if tick == TICKS - 1 else "centre"
        canvas.text(x, 68 + BAR, text, SMALL_MUTED, align)
    red, green, blue = NO_VALUE
    canvas.box(PAD, 104, PAD + 14, 118, (red, green, blue, 255), theme.EDGE, 3)
    canvas.text(PAD + 22, 111, translate("ui-legend-no-value"), SMALL)
    for x, end in ((PAD, "low"), (WIDTH - PAD - 58, "high")):
        for step, symbol, left in (("less", "minus", x), ("more", "plus", x + 30)):
            part = f"{end}:{step}"
            fill = theme.HOVER if hovered == part else theme.PANEL_RAISED
            canvas.box(left, 132, left + 28, 158, fill, theme.EDGE, 5)
            draw_icon(canvas, symbol, left + 14, 145, 13)
            canvas.add_hit(part, left, 132, left + 28, 158)
    whole = (view.low, view.high) == (view.least, view.largest)
    left, right = PAD + 66, WIDTH - PAD - 66
    fill = theme.CHOSEN if whole else theme.HOVER if hovered == "whole" else theme.PANEL_RAISED
    canvas.box(left, 132, right, 158, fill, theme.EDGE, 5)
    word = shorten(translate("ui-legend-whole"), right - left - 8, lambda t: text_width(t, SMALL))
    canvas.text((left + right) / 2, 145, word, SMALL, "centre")
    canvas.add_hit("whole", left, 132, right, 158)
    return canvas.painted()
