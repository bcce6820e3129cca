"""Paints a note that somebody left in the mine: a pin in their colour, name and text.

It is given the words; records and places are elsewhere.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from assets.text.fonts import SEMIBOLD
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, Canvas, Painted, TextStyle, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.theme import Colour

TEXT_WIDTH: Final = 280.0
MAX_LINES: Final = 5
LINE: Final = 22.0


def paint_note(author: str, text: str, colour: Colour, scale: float = 1.0) -> Painted:
    """Paint a note; as wide as its text, at most five lines."""
    lines = clamp_lines(wrap(text, TEXT_WIDTH, text_width), MAX_LINES, TEXT_WIDTH, text_width)
    author_style = TextStyle(theme.SIZE_SMALL, colour, SEMIBOLD)
    author = shorten(author, TEXT_WIDTH, partial(text_width, style=author_style))
    widest = max([text_width(line) for line in lines] + [text_width(author, author_style)])
    canvas = Canvas(44 + widest + 14, 30 + LINE * len(lines) + 10, scale)
    canvas.panel(edge=colour)
    draw_icon(canvas, "pin", 22, canvas.height / 2, 26, colour)
    canvas.text(44, 18, author, author_style)
    for index, line in enumerate(lines):
        canvas.text(44, 30 + LINE * (index + 0.5), line, BODY)
    return canvas.painted()


def paint_marker(icon: str, colour: Colour, scale: float = 1.0) -> Painted:
    """Paint a small round marker for what is too far away to be read."""
    canvas = Canvas(36, 36, scale)
    canvas.disc(18, 18, 17, theme.with_alpha(theme.PANEL, 215), theme.with_alpha(colour, 255), 2)
    draw_icon(canvas, icon, 18, 18, 19, colour)
    return canvas.painted()


def paint_ring(colour: Colour = theme.ACCENT, scale: float = 1.0) -> Painted:
    """Paint the corners that frame an object which can be used."""
    canvas = Canvas(96, 96, scale)
    dark = theme.with_alpha((0, 0, 0, 255), 150)
    for line_colour, width in ((dark, 8.0), (colour, 4.0)):
        for sx, sy in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
            corner = [(48 + sx * x, 48 + sy * y) for x, y in ((40, 18), (40, 40), (18, 40))]
            canvas.line(corner, line_colour, width)
    return canvas.painted()
