"""Paints the table of keys, so that nobody needs a manual to walk.

Which key does what is decided by the display; the table is handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, SMALL_BOLD, SMALL_MUTED, TITLE, Canvas, Painted, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import wrap


@dataclass(frozen=True, slots=True)
class HelpRow:
    """Keys that do one thing. A key written as "@id" is the message `id` (mouse, wheel ...)."""

    keys: tuple[str, ...]
    message_id: str


DESKTOP_HELP: Final[tuple[HelpRow, ...]] = (
    HelpRow(("W", "A", "S", "D"), "ui-help-walk"),
    HelpRow(("@ui-key-mouse",), "ui-help-look"),
    HelpRow(("Shift",), "ui-help-run"),
    HelpRow(("T",), "ui-help-teleport"),
    HelpRow(("F",), "ui-help-fly"),
    HelpRow(("Q", "Z"), "ui-help-up-down"),
    HelpRow(("E",), "ui-help-use"),
    HelpRow(("@ui-key-left-button",), "ui-help-laser"),
    HelpRow(("N",), "ui-help-note"),
    HelpRow(("I",), "ui-help-history"),
    HelpRow(("Ctrl+Z",), "ui-help-undo"),
    HelpRow(("Enter",), "ui-help-message"),
    HelpRow(("G",), "ui-help-drill"),
    HelpRow(("1", "…", "9"), "ui-help-choose"),
    HelpRow(("Tab",), "ui-help-viewpoint"),
    HelpRow(("Home",), "ui-help-home"),
    HelpRow(("M",), "ui-help-map"),
    HelpRow(("V", "C", "X"), "ui-help-looks"),
    HelpRow(("P",), "ui-help-people"),
    HelpRow(("L",), "ui-help-language"),
    HelpRow(("O",), "ui-help-settings"),
    HelpRow(("H", "F1"), "ui-help-help"),
    HelpRow(("F12",), "ui-help-picture"),
    HelpRow(("Esc",), "ui-help-escape"),
)
TEXT_WIDTH: Final = 380.0
ROW: Final = 21.0
LINE: Final = 19.0
PAD: Final = 20.0
HEADER: Final = 52.0


def _key_names(row: HelpRow, translate: Translator) -> list[str]:
    return [translate(key[1:]) if key.startswith("@") else key for key in row.keys]


def _key_width(name: str) -> float:
    return max(text_width(name, SMALL_BOLD) + 16, 26.0)


def paint_help_panel(
    translate: Translator, rows: Sequence[HelpRow] = DESKTOP_HELP, scale: float = 1.0
) -> Painted:
    """Paint the help panel; its close button answers to the name "close"."""
    keys = [_key_names(row, translate) for row in rows]
    key_column = max(sum(_key_width(k) + 5 for k in names) for names in keys)
    texts = [wrap(translate(row.message_id), TEXT_WIDTH, text_width) for row in rows]
    heights = [max(ROW, 2 + LINE * len(lines)) for lines in texts]
    note = wrap(translate("ui-help-note-simulated"), 600, lambda t: text_width(t, SMALL_MUTED))
    text_column = max(text_width(line) for lines in texts for line in lines)
    width = PAD + key_column + 16 + text_column + PAD
    note = wrap(
        "\n".join(note).replace("\n", " "), width - 2 * PAD, lambda t: text_width(t, SMALL_MUTED)
    )
    canvas = Canvas(width, HEADER + sum(heights) + 14 + 18 * len(note) + 8, scale)
    canvas.panel()
    paint_header(canvas, "help", translate("ui-help-title"), HEADER, PAD)
    top = HEADER
    for index, (names, lines, height) in enumerate(zip(keys, texts, heights, strict=True)):
        if index % 2 == 0:
            canvas.box(8, top, width - 8, top + height, theme.with_alpha(theme.PANEL_RAISED, 120))
        x = PAD
        for name in names:
            wide = _key_width(name)
            middle = top + height / 2
            canvas.box(x, middle - 10, x + wide, middle + 10, theme.PANEL_RAISED, theme.EDGE, 5)
            canvas.text(x + wide / 2, middle, name, SMALL_BOLD, "centre")
            x += wide + 5
        first = top + height / 2 - LINE * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            canvas.text(PAD + key_column + 16, first + LINE * number, line, BODY)
        top += height
    for number, line in enumerate(note):
        canvas.text(PAD, top + 18 + 18 * number, line, SMALL_MUTED)
    return canvas.painted()


def paint_header(canvas: Canvas, icon: str, title: str, height: float, pad: float) -> None:
    """A panel's head: symbol, title, and a close button that answers to "close"."""
    middle = height / 2
    draw_icon(canvas, icon, pad + 11, middle, 22, theme.ACCENT)
    canvas.text(pad + 34, middle, title, TITLE)
    x = canvas.width - pad - 8
    canvas.box(x - 15, middle - 15, x + 15, middle + 15, theme.PANEL_RAISED, theme.EDGE, 6)
    draw_icon(canvas, "cross", x, middle, 16)
    canvas.add_hit("close", x - 15, middle - 15, x + 15, middle + 15)
    canvas.line([(8, height - 5), (canvas.width - 8, height - 5)], theme.EDGE, 1)
