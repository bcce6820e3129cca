"""Paints how good a line is: four bars of growing height, filled as far as it is good.

Shape and colour say the same, so that either is enough; what a level means is the session's word.
"""

from __future__ import annotations

from typing import Final

from vr_app.ui import theme
from vr_app.ui.canvas import SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.theme import Colour

BARS: Final = 4
WIDTH: Final = 24.0
HEIGHT: Final = 18.0
# 0: nothing known, 1: bad ... 4: good
COLOURS: Final[tuple[Colour, ...]] = (
    theme.MUTED,
    theme.ALARM,
    theme.WARNING,
    theme.ACCENT,
    theme.NORMAL,
)


def draw_bars(canvas: Canvas, x: float, bottom: float, level: int) -> None:
    """Draw the sign with its lower left corner at (x, bottom), WIDTH by HEIGHT pixels."""
    level = min(max(level, 0), BARS)
    for bar in range(BARS):
        left = x + bar * 6.4
        top = bottom - HEIGHT * (bar + 1) / BARS
        filled = bar < level
        edge = COLOURS[level] if filled else theme.with_alpha(theme.MUTED, 150)
        canvas.box(left, top, left + 4.6, bottom, COLOURS[level] if filled else None, edge, 1)
    if level == 1:  # a cross besides: one short bar alone is soon overlooked
        for a, b in (((12, -17), (22, -7)), ((22, -17), (12, -7))):
            ends = [(x + a[0], bottom + a[1]), (x + b[0], bottom + b[1])]
            canvas.line(ends, COLOURS[1], 2.0)


def paint_line_sign(level: int, text: str, scale: float = 1.0) -> Painted:
    """Paint the sign of our own line, with a few words beside it."""
    words = text_width(text, SMALL_MUTED) + 8 if text else 0.0
    canvas = Canvas(12 + WIDTH + words + 12, 34, scale)
    canvas.panel(edge=theme.with_alpha(COLOURS[min(max(level, 0), BARS)], 200))
    draw_bars(canvas, 12, 26, level)
    if text:
        canvas.text(12 + WIDTH + 8, 17, text, SMALL_MUTED)
    return canvas.painted()
