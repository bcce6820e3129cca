"""Paints short texts: status lines, toasts, the crosshair, and the hint of what a key would do.

Whoever shows them decides for how long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vr_app.ui import theme
from vr_app.ui.canvas import BODY, BODY_BOLD, SMALL_BOLD, Canvas, Painted, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.theme import Colour

Tone = Literal["info", "good", "warning", "error"]
_TONES: Final[dict[Tone, tuple[str, Colour]]] = {
    "info": ("help", theme.ACCENT),
    "good": ("check", theme.NORMAL),
    "warning": ("warning", theme.WARNING),
    "error": ("alarm", theme.ALARM),
}
MAX_WIDTH: Final = 620.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence in the reader's language, and how serious it is."""

    text: str
    tone: Tone = "info"


def paint_notice(notice: Notice, scale: float = 1.0, max_width: float = MAX_WIDTH) -> Painted:
    """Paint a toast or a status line, at most three lines."""
    icon, colour = _TONES[notice.tone]
    room = max_width - 58
    lines = clamp_lines(wrap(notice.text, room, text_width), 3, room, text_width)
    width = 44 + max(text_width(line) for line in lines) + 16
    canvas = Canvas(width, 17 + 22 * len(lines), scale)
    canvas.panel(edge=theme.with_alpha(colour, 230))
    draw_icon(canvas, icon, 23, canvas.height / 2, 20, colour)
    for index, line in enumerate(lines):
        canvas.text(44, 8.5 + 22 * (index + 0.5), line, BODY)
    return canvas.painted()


def paint_hint(key: str, text: str, scale: float = 1.0) -> Painted:
    """Paint what a key does here and now: a key cap and an action; without a key, a word alone."""
    text = shorten(text, 420, lambda t: text_width(t, BODY_BOLD))
    cap = max(text_width(key, SMALL_BOLD) + 18, 30.0) if key else 0.0
    canvas = Canvas(10 + cap + 10 + text_width(text, BODY_BOLD) + 16, 44, scale)
    canvas.panel(edge=theme.ACCENT)
    if key:
        canvas.box(10, 8, 10 + cap, 36, theme.CHOSEN, theme.ACCENT, 6, 1.5)
        canvas.text(10 + cap / 2, 22, key, SMALL_BOLD, "centre")
    canvas.text(20 + cap, 22, text, BODY_BOLD)
    return canvas.painted()


def paint_crosshair(over_something: bool = False, scale: float = 1.0) -> Painted:
    """Paint the aim in the middle of the view; a ring when something there can be used."""
    canvas = Canvas(32, 32, scale)
    canvas.disc(16, 16, 3.5, theme.with_alpha((0, 0, 0, 255), 130))
    canvas.disc(16, 16, 2.2, theme.TEXT)
    if over_something:
        canvas.disc(16, 16, 12, edge=theme.with_alpha((0, 0, 0, 255), 130), edge_width=4)
        canvas.disc(16, 16, 11, edge=theme.ACCENT, edge_width=2)
    return canvas.painted()
