"""Paints a member's name plate: name in the member's colour, role, and the language they read.

It is given what to write; who people are is the room's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from assets.text.fonts import SEMIBOLD
from vr_app.ui import theme
from vr_app.ui.canvas import SMALL_BOLD, SMALL_MUTED, Canvas, Painted, TextStyle, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import shorten
from vr_app.ui.line_sign import WIDTH, draw_bars
from vr_app.ui.theme import Colour

MAX_NAME: Final = 260.0
ROLES: Final = ("observer", "visitor", "trainee", "engineer", "instructor", "admin")


@dataclass(frozen=True, slots=True)
class NamePlate:
    """What stands above a member. `language` is a tag such as "kk"; `away`: no pose for a while."""

    name: str
    role: str
    language: str
    colour: Colour
    away: bool = False
    quality: int = 0  # of its line: 0 not known, 1 bad ... 4 good
    leads: bool = False
    muted: bool = False


def role_text(role: str, translate: Translator) -> str:
    """A role in the reader's language; a role we do not know is shown as it came."""
    return translate(f"ui-role-{role}") if role in ROLES else role[:24]


def paint_name_plate(plate: NamePlate, translate: Translator, scale: float = 1.0) -> Painted:
    """Paint the plate, as wide as it needs."""
    colour = theme.STALE if plate.away else plate.colour
    name_style = TextStyle(theme.SIZE_TITLE, theme.TEXT, SEMIBOLD)
    name = shorten(plate.name, MAX_NAME, lambda text: text_width(text, name_style))
    below = role_text(plate.role, translate)
    if plate.away:
        below = f"{below} · {translate('ui-member-away')}"
    if plate.leads:
        below = f"{below} · {translate('ui-member-leads')}"
    if plate.muted:
        below = f"{below} · {translate('ui-member-muted')}"
    tag = plate.language.upper()[:3]
    bars = WIDTH + 8 if plate.quality else 0.0
    tag_width = text_width(tag, SMALL_BOLD) + 12 if tag else 0.0
    name_width = text_width(name, name_style)
    below_width = text_width(below, SMALL_MUTED)
    width = 50 + max(name_width + bars, below_width + (tag_width + 8 if tag else 0)) + 14
    canvas = Canvas(width, 58, scale)
    canvas.panel(edge=theme.with_alpha(colour, 220))
    canvas.box(0, 0, 6, 58, colour, None, 3)
    draw_icon(canvas, "person", 29, 29, 26, colour)
    canvas.text(50, 20, name, name_style)
    if plate.quality:
        draw_bars(canvas, width - 14 - WIDTH, 27, plate.quality)
    canvas.text(50, 42, below, SMALL_MUTED)
    if tag:
        left = 50 + below_width + 8
        canvas.box(left, 33, left + tag_width, 51, theme.PANEL_SUNKEN, theme.EDGE, 5)
        canvas.text(left + tag_width / 2, 42, tag, SMALL_BOLD, "centre")
    return canvas.painted()
