"""Paints the latest messages between members and the line in which a new one is typed.

Given the messages and the editor's state; it neither sends nor keeps anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from assets.text import Translator
from assets.text.fonts import SEMIBOLD
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, SMALL_MUTED, Canvas, Painted, TextStyle, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.theme import Colour

WIDTH: Final = 400.0
MAX_LINES: Final = 4
LINE: Final = 21.0
PAD: Final = 12.0
INPUT: Final = 36.0


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message. `time_text` is already in the reader's words (a clock time or an age); `mine`:
    the reader wrote it."""

    author: str
    text: str
    colour: Colour
    time_text: str = ""
    mine: bool = False


def paint_message_panel(
    messages: Sequence[ChatMessage],
    translate: Translator,
    editor: LineEditor | None = None,
    shown: int = 5,
    scale: float = 1.0,
    width: float = WIDTH,
) -> Painted:
    """Paint the last `shown` messages; with `editor`, an input line below."""
    inner = width - 2 * PAD
    blocks: list[tuple[ChatMessage, list[str]]] = []
    for message in list(messages)[-shown:]:
        lines = wrap(message.text, inner - 14, text_width)
        blocks.append((message, clamp_lines(lines, MAX_LINES, inner - 14, text_width)))
    body = sum(24 + LINE * len(lines) + 4 for _, lines in blocks) if blocks else 30.0
    height = PAD + body + (INPUT + 6 if editor is not None else 0) + 6
    canvas = Canvas(width, height, scale)
    canvas.panel()
    top = PAD
    if not blocks:
        canvas.text(PAD, top + 9, translate("ui-messages-none"), SMALL_MUTED)
        top += body
    for message, lines in blocks:
        canvas.box(PAD, top, PAD + 4, top + 22 + LINE * len(lines), message.colour, None, 2)
        author_style = TextStyle(theme.SIZE_BODY, message.colour, SEMIBOLD)
        room = inner - 24 - text_width(message.time_text, SMALL_MUTED)
        author = shorten(message.author, room, partial(text_width, style=author_style))
        canvas.text(PAD + 14, top + 10, author, author_style)
        canvas.text(width - PAD, top + 10, message.time_text, SMALL_MUTED, "right")
        for index, line in enumerate(lines):
            canvas.text(PAD + 14, top + 32 + LINE * index, line)
        top += 24 + LINE * len(lines) + 4
    if editor is not None:
        paint_input(canvas, editor, translate("ui-messages-hint"), top + 4, PAD)
    return canvas.painted()


def paint_input(canvas: Canvas, editor: LineEditor, hint: str, top: float, pad: float) -> None:
    """Paint a line that is being written, across but for `pad`; it answers to "input"."""
    left, right, bottom = pad, canvas.width - pad, top + INPUT
    middle = (top + bottom) / 2
    canvas.box(left, top, right, bottom, theme.PANEL_SUNKEN, theme.ACCENT, 6, 1.5)
    canvas.add_hit("input", left, top, right, bottom)
    draw_icon(canvas, "messages", left + 17, middle + 1, 16, theme.ACCENT)
    start, room = left + 34, right - left - 46
    if not editor.text:
        hint = shorten(hint, room, lambda t: text_width(t, SMALL_MUTED))
        canvas.text(start + 5, middle, hint, SMALL_MUTED)
    # The part before the cursor may be longer than the line: its end stays in view.
    before = editor.text[: editor.cursor]
    while before and canvas.measure(before, BODY) > room:
        before = before[1:]
    rest = editor.text[editor.cursor :]
    while rest and canvas.measure(before + rest, BODY) > room:
        rest = rest[:-1]
    canvas.text(start, middle, before + rest, BODY)
    x = start + canvas.measure(before, BODY) + 0.5
    canvas.line([(x, middle - 10), (x, middle + 10)], theme.ACCENT, 2)
