"""Paints who is in the room and what may be done about them: rows of people, buttons below.

Given what to show and what to offer; whether an act is allowed is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import (
    BODY,
    BODY_BOLD,
    SMALL_BOLD,
    SMALL_MUTED,
    Canvas,
    Painted,
    TextStyle,
    text_width,
)
from vr_app.ui.help_panel import paint_header
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.line_sign import WIDTH as BARS_WIDTH
from vr_app.ui.line_sign import draw_bars
from vr_app.ui.message_panel import INPUT, paint_input
from vr_app.ui.name_plate import role_text
from vr_app.ui.theme import Colour

WIDTH: Final = 600.0
HEADER: Final = 52.0
ROW: Final = 46.0
BUTTON: Final = 34.0
GAP: Final = 8.0
PAD: Final = 16.0
LINE: Final = 22.0
LINE_COLUMN: Final = 108.0  # tag, bars and milliseconds
BELOW: Final = 236.0  # what the panel's other parts may need at most, with the window's edges
MOST_ROWS: Final = 9


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in the list. `level`: of the line, 0 not known, 1 bad ... 4 good; `present`: in the
    room now."""

    id: str
    name: str
    colour: Colour
    role: str = ""
    site: str = ""
    language: str = ""
    level: int = 0
    round_trip_ms: int = 0
    mine: bool = False
    present: bool = True
    leads: bool = False
    muted: bool = False
    kept_out: bool = False


@dataclass(frozen=True, slots=True)
class PeopleAct:
    """Something that is offered: a name for its words ("ui-people-NAME"), done to `member`."""

    name: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class PeopleView:
    """What the panel shows. `rows` are those from `first` on that fit, of `total`; `acts` are on
    the chosen person and on the room; `asked`: whom to ask to leave, with the reason's line."""

    rows: tuple[PersonRow, ...]
    present: int
    first: int = 0
    total: int = 0
    chosen: str | None = None
    acts: tuple[PeopleAct, ...] = ()
    locked: bool = False
    asked: str | None = None
    reason: LineEditor | None = None


def rows_that_fit(window_height: int) -> int:
    """How many people the panel shows in a window that high."""
    return min(max(int((window_height - HEADER - BELOW) / ROW), 2), MOST_ROWS)


def panel_width(window_width: int) -> float:
    """How wide the panel is in a window that wide."""
    return min(max(window_width - 24.0, 340.0), WIDTH)


def paint_people_panel(
    view: PeopleView,
    translate: Translator,
    hovered: str | None = None,
    scale: float = 1.0,
    width: float = WIDTH,
) -> Painted:
    """Paint the panel. Its parts answer to "person:ID", "act:1" (by place), "ask" and "cancel"
    (whether somebody is asked to leave), "input" and "close"."""
    room = width - 2 * PAD
    places = button_places([translate(f"ui-people-{act.name}") for act in view.acts], room)
    buttons = (places[-1][1] + BUTTON + GAP) if places else 0.0
    question: list[str] = []
    if view.asked is not None:
        text = translate("ui-people-ask", {"name": view.asked})
        question = clamp_lines(wrap(text, room, text_width), 4, room, text_width)
        buttons = LINE * len(question) + INPUT + BUTTON + 3 * GAP
    scrolled = view.total > len(view.rows)
    below = HEADER + ROW * len(view.rows) + (LINE if scrolled else 0.0) + GAP
    canvas = Canvas(width, below + buttons + GAP, scale)
    canvas.panel()
    title = translate("ui-people-title", {"n": view.present})
    if view.locked:
        title = f"{title} · {translate('ui-people-locked')}"
    title_room = width - 2 * PAD - 34 - 30
    title = shorten(title, title_room, lambda t: text_width(t, TextStyle(theme.SIZE_TITLE)))
    paint_header(canvas, "people", title, HEADER, PAD)
    top = HEADER
    for row in view.rows:
        _paint_row(canvas, row, translate, top, row.id == view.chosen, hovered)
        top += ROW
    if scrolled:
        last = view.first + len(view.rows)
        text = f"{view.first + 1} - {last} / {view.total}"
        canvas.text(width / 2, top + LINE / 2, text, SMALL_MUTED, "centre")
    if view.asked is not None:
        _paint_question(canvas, view, question, translate, below, hovered)
    else:
        for number, (act, (x, y, wide)) in enumerate(zip(view.acts, places, strict=True), start=1):
            text = translate(f"ui-people-{act.name}")
            button(canvas, f"act:{number}", (PAD + x, below + y, wide), text, str(number), hovered)
    return canvas.painted()


def _paint_row(
    canvas: Canvas,
    row: PersonRow,
    translate: Translator,
    top: float,
    chosen: bool,
    hovered: str | None,
) -> None:
    width, name = canvas.width, f"person:{row.id}"
    fill = theme.CHOSEN if chosen else theme.HOVER if hovered == name else None
    if fill is not None:
        edge = theme.ACCENT if chosen else None
        canvas.box(8, top + 1, width - 8, top + ROW - 1, fill, edge, 6)
    colour = row.colour if row.present else theme.STALE
    canvas.box(PAD, top + 7, PAD + 4, top + ROW - 7, colour, None, 2)
    draw_icon(canvas, "person", PAD + 20, top + ROW / 2, 22, colour)
    left, right = PAD + 40, width - PAD - 4
    room = right - LINE_COLUMN - left
    who = translate("ui-people-you", {"name": row.name}) if row.mine else row.name
    canvas.text(left, top + 15, shorten(who, room, _bold_width), BODY_BOLD)
    _paint_facts(canvas, row, translate, left, top + 34, room)
    tag = row.language.upper()[:3]
    if tag:
        wide = text_width(tag, SMALL_BOLD) + 12
        x = right - BARS_WIDTH - 12
        canvas.box(x - wide, top + 6, x, top + 24, theme.PANEL_SUNKEN, theme.EDGE, 5)
        canvas.text(x - wide / 2, top + 15, tag, SMALL_BOLD, "centre")
    if row.present:
        draw_bars(canvas, right - BARS_WIDTH, top + 24, row.level)
        if row.level and row.round_trip_ms:
            text = f"{row.round_trip_ms} ms"
            canvas.text(right, top + 35, text, SMALL_MUTED, "right")
    canvas.add_hit(name, 8, top, width - 8, top + ROW)


def _paint_facts(
    canvas: Canvas, row: PersonRow, translate: Translator, x: float, middle: float, room: float
) -> None:
    """Role and site, and the marks in their colours."""
    parts: list[tuple[str, Colour]] = []
    marks: list[tuple[str, Colour]] = []
    if row.leads:
        marks.append((translate("ui-member-leads"), theme.ACCENT))
    if row.muted:
        marks.append((translate("ui-member-muted"), theme.WARNING))
    if row.kept_out:
        marks.append((translate("ui-people-kept-out"), theme.ALARM))
    elif not row.present:
        marks.append((translate("ui-people-absent"), theme.MUTED))
    if row.role:
        parts.append((role_text(row.role, translate), theme.MUTED))
    if row.site:
        parts.append((row.site, theme.MUTED))
    # The marks are what matters: the site is cut first.
    taken = sum(text_width(f" · {text}", SMALL_MUTED) for text, _ in marks)
    words = " · ".join(text for text, _ in parts)
    words = shorten(words, max(room - taken, 40.0), _small_width)
    end = x + room
    if words:
        x += canvas.text(x, middle, words, SMALL_MUTED)
    for text, colour in marks:
        text = shorten(f" · {text}" if words else text, max(end - x, 20.0), _small_width)
        x += canvas.text(x, middle, text, TextStyle(theme.SIZE_SMALL, colour))
        words = text


def _paint_question(
    canvas: Canvas,
    view: PeopleView,
    question: Sequence[str],
    translate: Translator,
    top: float,
    hovered: str | None,
) -> None:
    for index, line in enumerate(question):
        canvas.text(PAD, top + LINE * (index + 0.5), line, BODY)
    top += LINE * len(question) + GAP / 2
    paint_input(canvas, view.reason or LineEditor(), translate("ui-people-reason"), top, PAD)
    top += INPUT + GAP
    x, room = PAD, canvas.width - 2 * PAD
    answers = (("ask", "Enter", "ui-people-ask-yes"), ("cancel", "Esc", "ui-people-cancel-no"))
    texts = [translate(message_id) for _, _, message_id in answers]
    wides = [_button_width(text, key) for text, (_, key, _) in zip(texts, answers, strict=True)]
    less = max(sum(wides) + GAP - room, 0.0) / len(answers)  # a narrow panel cuts their words
    for text, wide, (name, key, _) in zip(texts, wides, answers, strict=True):
        button(canvas, name, (x, top, wide - less), text, key, hovered)
        x += wide - less + GAP


def button_places(texts: Sequence[str], room: float) -> list[tuple[float, float, float]]:
    """Where each button stands: x, y and width; a new line where one is full."""
    places: list[tuple[float, float, float]] = []
    x = y = 0.0
    for number, text in enumerate(texts, start=1):
        wide = min(_button_width(text, str(number)), room)
        if x and x + wide > room:
            x, y = 0.0, y + BUTTON + GAP
        places.append((x, y, wide))
        x += wide + GAP
    return places


def _button_width(text: str, key: str) -> float:
    return _key_width(key) + 8 + text_width(text, BODY) + 22


def _key_width(key: str) -> float:
    return max(text_width(key, SMALL_BOLD) + 12, 24.0)


def button(
    canvas: Canvas,
    name: str,
    place: tuple[float, float, float],
    text: str,
    key: str,
    hovered: str | None,
) -> None:
    """A button with the key that does the same; `place` is its left, top and width."""
    x, y, wide = place
    cap, middle = _key_width(key), y + BUTTON / 2
    fill = theme.HOVER if hovered == name else theme.PANEL_RAISED
    canvas.box(x, y, x + wide, y + BUTTON, fill, theme.EDGE, 6)
    canvas.box(x + 6, middle - 11, x + 6 + cap, middle + 11, theme.CHOSEN, theme.ACCENT, 5)
    canvas.text(x + 6 + cap / 2, middle, key, SMALL_BOLD, "centre")
    start = x + 14 + cap
    canvas.text(start, middle, shorten(text, x + wide - 8 - start + 1, text_width), BODY)
    canvas.add_hit(name, x, y, x + wide, y + BUTTON)


def _bold_width(text: str) -> float:
    return text_width(text, BODY_BOLD)


def _small_width(text: str) -> float:
    return text_width(text, SMALL_MUTED)
