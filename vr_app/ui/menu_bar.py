"""Paints the row of buttons in the window: help, map, layers, sections, people and so on.

A button is a symbol, a word and its key; what a click does is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import SMALL, SMALL_MUTED, Canvas, Painted, text_width
from vr_app.ui.icons import draw_icon


@dataclass(frozen=True, slots=True)
class MenuButton:
    """A button: its name (also its symbol's), its word, and the key that does the same."""

    name: str
    message_id: str
    key: str = ""


DESKTOP_MENU: Final[tuple[MenuButton, ...]] = (
    MenuButton("help", "ui-menu-help", "H"),
    MenuButton("map", "ui-menu-map", "M"),
    MenuButton("layers", "ui-menu-layers", "V"),
    MenuButton("sections", "ui-menu-sections", "C"),
    MenuButton("people", "ui-menu-people", "P"),
    MenuButton("messages", "ui-menu-messages", "Enter"),
    MenuButton("language", "ui-menu-language", "L"),
    MenuButton("settings", "ui-menu-settings", "O"),
    MenuButton("quit", "ui-menu-quit"),
)
HEIGHT: Final = 40.0


def paint_menu_bar(
    translate: Translator,
    buttons: Sequence[MenuButton] = DESKTOP_MENU,
    hovered: str | None = None,
    active: frozenset[str] = frozenset(),
    badges: dict[str, int] | None = None,
    scale: float = 1.0,
    room: float = 1240.0,
) -> Painted:
    """Paint the bar. Parts answer to their button's name; `active` are open panels; `badges`
    count what is new (unread messages). Where `room` is too narrow for the words, there are
    symbols and keys alone."""
    words = [translate(button.message_id) for button in buttons]
    widths = [
        38 + text_width(word, SMALL) + (text_width(b.key, SMALL_MUTED) + 8 if b.key else 0) + 12
        for word, b in zip(words, buttons, strict=True)
    ]
    if sum(widths) + 4 * (len(buttons) - 1) + 8 > room:
        words = ["" for _ in buttons]
        widths = [42 + (text_width(b.key, SMALL_MUTED) + 8 if b.key else 0) for b in buttons]
    canvas = Canvas(sum(widths) + 4 * (len(buttons) - 1) + 8, HEIGHT + 8, scale)
    canvas.panel()
    x, middle = 4.0, HEIGHT / 2 + 4
    for button, word, width in zip(buttons, words, widths, strict=True):
        name = button.name
        fill = theme.CHOSEN if name in active else theme.HOVER if name == hovered else None
        if fill is not None:
            canvas.box(x, 4, x + width, HEIGHT + 4, fill, None, 6)
        draw_icon(canvas, name, x + 21, middle, 20, theme.ACCENT)
        end = x + 38 + canvas.text(x + 38, middle, word, SMALL) if word else x + 32
        if button.key:
            canvas.text(end + 8, middle, button.key, SMALL_MUTED)
        count = (badges or {}).get(name, 0)
        if count:
            canvas.disc(x + 31, 12, 8.5, theme.ALARM)
            text = str(count) if count < 10 else "9+"
            canvas.text(x + 31, 12, text, SMALL, "centre")
        canvas.add_hit(name, x, 4, x + width, HEIGHT + 4)
        x += width + 4
    return canvas.painted()
