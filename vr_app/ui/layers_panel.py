"""Paints the list of layers: seen or not, how clearly, as glass, in its field's colours.

Given what to show; whether a change is allowed is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, SMALL_BOLD, SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.help_panel import paint_header
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import shorten
from vr_app.ui.people_panel import BUTTON, GAP, button

WIDTH: Final = 560.0
HEADER: Final = 52.0
ROW: Final = 36.0
PAD: Final = 16.0
MOST_ROWS: Final = 12
BELOW: Final = 180.0  # what else the panel and the window's edges need


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer in the list; `field`: whether its field is shown, None: it has none."""

    id: str
    title: str
    visible: bool
    opacity: float
    glass: bool
    field: bool | None


@dataclass(frozen=True, slots=True)
class LayersView:
    """What the panel shows: rows from `first` on that fit, of `total`; whether rock is looked
    through; whether changes are for everybody (else they are not allowed)."""

    rows: tuple[LayerRow, ...]
    first: int
    total: int
    xray: bool
    may: bool


def layers_that_fit(window_height: int) -> int:
    """How many layers the panel shows in a window that high."""
    return min(max(int((window_height - HEADER - BELOW) / ROW), 3), MOST_ROWS)


def paint_layers_panel(
    view: LayersView, translate: Translator, hovered: str | None = None, scale: float = 1.0
) -> Painted:
    """Paint the panel. Its parts answer to "visible:ID", "glass:ID", "field:ID", "less:ID",
    "more:ID", "xray" and "close"."""
    words = translate("ui-layers-glass"), translate("ui-layers-field")
    wide = max(text_width(word, SMALL_BOLD) for word in words) + 18
    note = translate("ui-layers-for-all" if view.may else "ui-layers-not-yours")
    canvas = Canvas(WIDTH, HEADER + ROW * len(view.rows) + BUTTON + 3 * GAP + 22, scale)
    canvas.panel()
    paint_header(canvas, "layers", translate("ui-layers-title"), HEADER, PAD)
    top = HEADER
    for row in view.rows:
        _paint_row(canvas, row, words, wide, top, hovered)
        top += ROW
    text = note
    if view.total > len(view.rows):
        text = f"{view.first + 1} - {view.first + len(view.rows)} / {view.total} · {note}"
    text = shorten(text, WIDTH - 2 * PAD, lambda t: text_width(t, SMALL_MUTED))
    canvas.text(PAD, top + 13, text, SMALL_MUTED)
    top += 22 + GAP
    text = translate("ui-layers-xray-off" if view.xray else "ui-layers-xray-on")
    width = min(text_width(text) + 70, WIDTH - 2 * PAD)
    button(canvas, "xray", (PAD, top, width), text, "X", hovered)
    return canvas.painted()


def _paint_row(
    canvas: Canvas, row: LayerRow, words: tuple[str, str], wide: float, top: float,
    hovered: str | None,
) -> None:  # fmt: skip
    middle = top + ROW / 2
    name = f"visible:{row.id}"
    fill = theme.HOVER if hovered == name else theme.PANEL_RAISED
    canvas.box(PAD, middle - 11, PAD + 22, middle + 11, fill, theme.EDGE, 5)
    if row.visible:
        draw_icon(canvas, "check", PAD + 11, middle, 16, theme.NORMAL)
    right = canvas.width - PAD
    for step, symbol in (("more", "plus"), ("less", "minus")):
        part = f"{step}:{row.id}"
        fill = theme.HOVER if hovered == part else theme.PANEL_RAISED
        canvas.box(right - 26, middle - 12, right, middle + 12, fill, theme.EDGE, 5)
        draw_icon(canvas, symbol, right - 13, middle, 13)
        canvas.add_hit(part, right - 26, top, right, top + ROW)
        right -= 26
        if step == "more":
            canvas.text(right - 24, middle, f"{round(row.opacity * 100)} %", SMALL_MUTED, "centre")
            right -= 48
    right -= 10
    for part, word, on in (
        ("field", words[1], row.field),
        ("glass", words[0], row.glass),
    ):
        if on is not None:
            where = f"{part}:{row.id}"
            fill = theme.CHOSEN if on else theme.HOVER if hovered == where else theme.PANEL_RAISED
            edge = theme.ACCENT if on else theme.EDGE
            canvas.box(right - wide, middle - 12, right, middle + 12, fill, edge, 5)
            canvas.text(right - wide / 2, middle, word, SMALL_BOLD, "centre")
            canvas.add_hit(where, right - wide, top, right, top + ROW)
        right -= wide + 6
    room = right - PAD - 36
    canvas.text(PAD + 34, middle, shorten(row.title, room, text_width), BODY)
    canvas.add_hit(name, PAD, top, right, top + ROW)
