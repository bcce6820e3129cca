"""Paints the list of section planes and what can be done with them.

Given what to show and what to offer; whether an act is allowed is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, BODY_BOLD, SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.help_panel import paint_header
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.people_panel import BUTTON, GAP, button, button_places
from vr_app.ui.theme import Colour

WIDTH: Final = 480.0
HEADER: Final = 52.0
ROW: Final = 44.0
PAD: Final = 16.0
LINE: Final = 22.0


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section in the list: what it is, and whose."""

    id: str
    text: str
    author: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class SectionsView:
    """What the panel shows; `acts` are names for the words "ui-section-NAME"."""

    rows: tuple[SectionRow, ...]
    chosen: str | None
    acts: tuple[str, ...]


def paint_sections_panel(
    view: SectionsView, translate: Translator, hovered: str | None = None, scale: float = 1.0
) -> Painted:
    """Paint the panel. Its parts answer to "section:ID", "act:1" (by place) and "close"."""
    room = WIDTH - 2 * PAD
    words = [translate(f"ui-section-{act}") for act in view.acts]
    places = button_places(words, room)
    lines: list[str] = []
    if not view.rows or not view.acts:
        text = translate("ui-sections-none" if view.acts else "ui-sections-not-yours")
        lines = clamp_lines(wrap(text, room, text_width), 3, room, text_width)
    below = HEADER + ROW * len(view.rows) + LINE * len(lines) + GAP
    buttons = places[-1][1] + BUTTON + GAP if places else 0.0
    canvas = Canvas(WIDTH, below + buttons + GAP, scale)
    canvas.panel()
    paint_header(canvas, "sections", translate("ui-sections-title"), HEADER, PAD)
    top = HEADER
    for row in view.rows:
        name = f"section:{row.id}"
        chosen = row.id == view.chosen
        fill = theme.CHOSEN if chosen else theme.HOVER if hovered == name else None
        if fill is not None:
            edge = theme.ACCENT if chosen else None
            canvas.box(8, top + 1, WIDTH - 8, top + ROW - 1, fill, edge, 6)
        canvas.box(PAD, top + 7, PAD + 4, top + ROW - 7, row.colour, None, 2)
        text = shorten(row.text, room - 16, lambda t: text_width(t, BODY_BOLD))
        canvas.text(PAD + 14, top + 15, text, BODY_BOLD)
        author = shorten(row.author, room - 16, lambda t: text_width(t, SMALL_MUTED))
        canvas.text(PAD + 14, top + 33, author, SMALL_MUTED)
        canvas.add_hit(name, 8, top, WIDTH - 8, top + ROW)
        top += ROW
    for line in lines:
        canvas.text(PAD, top + LINE / 2, line, BODY)
        top += LINE
    for number, (text, (x, y, wide)) in enumerate(zip(words, places, strict=True), start=1):
        button(canvas, f"act:{number}", (PAD + x, below + y, wide), text, str(number), hovered)
    return canvas.painted()
