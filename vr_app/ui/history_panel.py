"""Paints what was done to a note: who, what and when, the newest first.

Given ready words; it asks nobody and knows no records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui.canvas import BODY, BODY_BOLD, SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.help_panel import paint_header
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.people_panel import BUTTON, GAP, HEADER, LINE, PAD, WIDTH, button, button_places
from vr_app.ui.theme import Colour

TEXT_LINES: Final = 2
MOST_ENTRIES: Final = 6


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change. `what` and `time_text` are in the reader's words; `text`: the note after it."""

    who: str
    colour: Colour
    what: str
    time_text: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryView:
    """What the panel shows; no `lines`: the answer has not come. `more`: there are older ones.
    `acts` are offered: names of words ("ui-history-NAME")."""

    lines: tuple[HistoryLine, ...] = ()
    more: bool = False
    acts: tuple[str, ...] = ()


def paint_history_panel(
    view: HistoryView,
    translate: Translator,
    hovered: str | None = None,
    scale: float = 1.0,
    width: float = WIDTH,
) -> Painted:
    """Paint the panel. Its parts answer to "act:1" (by place) and "close"."""
    room = width - 2 * PAD
    words = [translate(f"ui-history-{act}") for act in view.acts]
    places = button_places(words, room)
    texts = [_note_lines(line, room - 14) for line in view.lines]
    heights = [30.0 + LINE * len(lines) + 4 for lines in texts]
    top = HEADER
    older = LINE if view.more else 0.0
    below = top + (sum(heights) if heights else 30.0) + older + GAP / 2
    buttons = places[-1][1] + BUTTON + GAP if places else 0.0
    canvas = Canvas(width, below + buttons + GAP, scale)
    canvas.panel()
    paint_header(canvas, "stale", translate("ui-history-title"), HEADER, PAD)
    if not view.lines:
        canvas.text(PAD, top + 15, translate("ui-history-asking"), SMALL_MUTED)
    for line, lines, height in zip(view.lines, texts, heights, strict=True):
        canvas.box(PAD, top + 5, PAD + 4, top + height - 5, line.colour, None, 2)
        end = canvas.text(width - PAD, top + 15, line.time_text, SMALL_MUTED, "right")
        free = room - 14 - end - 12
        who = shorten(line.who, free * 0.6, lambda text: text_width(text, BODY_BOLD))
        x = PAD + 14 + canvas.text(PAD + 14, top + 15, who, BODY_BOLD) + 8
        what = shorten(line.what, width - PAD - end - 12 - x, _small)
        canvas.text(x, top + 15, what, SMALL_MUTED)
        for index, text in enumerate(lines):
            canvas.text(PAD + 14, top + 38 + LINE * index, text, BODY)
        top += height
    if view.more:
        canvas.text(PAD + 14, top + LINE / 2, translate("ui-history-more"), SMALL_MUTED)
    for number, (text, (x, y, wide)) in enumerate(zip(words, places, strict=True), start=1):
        button(canvas, f"act:{number}", (PAD + x, below + y, wide), text, str(number), hovered)
    return canvas.painted()


def _note_lines(line: HistoryLine, room: float) -> Sequence[str]:
    if not line.text:
        return []
    return clamp_lines(wrap(line.text, room, text_width), TEXT_LINES, room, text_width)


def _small(text: str) -> float:
    return text_width(text, SMALL_MUTED)
