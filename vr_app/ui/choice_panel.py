"""Paints a question with its answers, each with the number key that gives it.

Given ready sentences; it knows nothing of drills.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vr_app.ui import theme
from vr_app.ui.canvas import BODY, BODY_BOLD, SMALL_BOLD, Canvas, Painted, text_width
from vr_app.ui.line_breaks import clamp_lines, wrap

WIDTH: Final = 520.0
PAD: Final = 16.0
LINE: Final = 22.0
KEY: Final = 30.0


def paint_choice_panel(
    ask: str, answers: Sequence[tuple[str, str]], scale: float = 1.0, width: float = WIDTH
) -> Painted:
    """Paint the panel. `answers` are (name, text); each answers to "choose:NAME"."""
    room = width - 2 * PAD
    head = clamp_lines(wrap(ask, room, lambda t: text_width(t, BODY_BOLD)), 3, room, text_width)
    texts = [
        clamp_lines(wrap(text, room - KEY - 10, text_width), 3, room - KEY - 10, text_width)
        for _, text in answers
    ]
    heights = [max(LINE * len(lines) + 14, 38.0) for lines in texts]
    top = PAD + LINE * len(head) + 8
    canvas = Canvas(width, top + sum(heights) + PAD / 2, scale)
    canvas.panel(edge=theme.ACCENT)
    for index, line in enumerate(head):
        canvas.text(PAD, PAD + LINE * (index + 0.5), line, BODY_BOLD)
    for number, ((name, _), lines, height) in enumerate(
        zip(answers, texts, heights, strict=True), start=1
    ):
        middle = top + height / 2
        canvas.box(PAD, middle - 14, PAD + KEY, middle + 14, theme.CHOSEN, theme.ACCENT, 6, 1.5)
        canvas.text(PAD + KEY / 2, middle, str(number), SMALL_BOLD, "centre")
        first = middle - LINE * (len(lines) - 1) / 2
        for index, line in enumerate(lines):
            canvas.text(PAD + KEY + 10, first + LINE * index, line, BODY)
        canvas.add_hit(f"choose:{name}", 0, top, width, top + height)
        top += height
    return canvas.painted()
