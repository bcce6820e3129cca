"""Paints what a drill tells its trainee: the task, the time left, the points, the verdict.

Given ready sentences in the reader's language; it knows nothing of drills.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from assets.text import Translator
from assets.text.fonts import SEMIBOLD
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, BODY_BOLD, SMALL_MUTED, Canvas, Painted, TextStyle, text_width
from vr_app.ui.icons import draw_icon
from vr_app.ui.line_breaks import clamp_lines, shorten, wrap
from vr_app.ui.numbers import clock_text, number_text
from vr_app.ui.theme import Colour

WIDTH: Final = 520.0
PAD: Final = 16.0
PROMPT: Final = TextStyle(18, theme.TEXT, SEMIBOLD)
LINE: Final = 25.0
MAX_PROMPT_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class DrillView:
    """A drill as its trainee sees it. Times in seconds, None: no limit. `step` counts from 1.
    `score` and `score_max` are points; `verdict` None while it runs. `hint` is shown smaller."""

    title: str
    prompt: str
    hint: str = ""
    step: int = 0
    steps: int = 0
    time_left_s: float | None = None
    time_total_s: float | None = None
    score: float | None = None
    score_max: float | None = None
    verdict: Literal["passed", "failed", "aborted"] | None = None


def paint_drill_panel(
    view: DrillView, translate: Translator, scale: float = 1.0, width: float = WIDTH
) -> Painted:
    """Paint the panel."""
    inner = width - 2 * PAD

    def prompt_width(text: str) -> float:
        return text_width(text, PROMPT)

    def hint_width(text: str) -> float:
        return text_width(text, SMALL_MUTED)

    prompt = clamp_lines(
        wrap(view.prompt, inner, prompt_width), MAX_PROMPT_LINES, inner, prompt_width
    )
    hint = clamp_lines(wrap(view.hint, inner, hint_width), 3, inner, hint_width)
    hint = hint if view.hint else []
    height = 40.0 + 10 + LINE * len(prompt) + 18 * len(hint) + (8 if hint else 0)
    if view.verdict is not None:
        height += 54
    if view.time_left_s is not None:
        height += 34
    canvas = Canvas(width, height + 10, scale)
    urgent = _urgent(view)
    canvas.panel(edge=_edge(view, urgent))
    _paint_header(canvas, view, translate)
    top = 50.0
    for line in prompt:
        canvas.text(PAD, top + LINE / 2, line, PROMPT)
        top += LINE
    if hint:
        top += 6
        for line in hint:
            canvas.text(PAD, top + 9, line, SMALL_MUTED)
            top += 18
        top += 2
    if view.verdict is not None:
        _paint_verdict(canvas, view, translate, top + 10)
        top += 54
    if view.time_left_s is not None:
        _paint_time(canvas, view, top + 20, urgent)
    return canvas.painted()


def _urgent(view: DrillView) -> bool:
    if view.time_left_s is None or view.verdict is not None:
        return False
    return view.time_left_s <= max(10.0, 0.2 * (view.time_total_s or 0.0))


def _edge(view: DrillView, urgent: bool) -> Colour:
    if view.verdict is not None:
        return theme.NORMAL if view.verdict == "passed" else theme.ALARM
    return theme.ALARM if urgent else theme.ACCENT


def _score_text(view: DrillView, translate: Translator) -> str:
    if view.score is None:
        return ""
    language = translate.language
    arguments = {"score": number_text(view.score, 0, language)}
    if view.score_max is None:
        return translate("ui-drill-score", arguments)
    arguments["max"] = number_text(view.score_max, 0, language)
    return translate("ui-drill-score-of", arguments)


def _paint_header(canvas: Canvas, view: DrillView, translate: Translator) -> None:
    canvas.box(2, 2, canvas.width - 2, 38, theme.PANEL_RAISED, None, theme.RADIUS - 2)
    right = ""
    if view.steps:
        right = translate("ui-drill-step", {"step": view.step, "steps": view.steps})
    if view.verdict is None and view.score is not None:
        points = _score_text(view, translate)
        right = f"{right}   ·   {points}" if right else points
    used = canvas.text(canvas.width - PAD, 20, right, SMALL_MUTED, "right")
    room = canvas.width - 2 * PAD - used - 16
    title = shorten(view.title, room, lambda text: text_width(text, BODY_BOLD))
    canvas.text(PAD, 20, title, BODY_BOLD)


def _paint_verdict(canvas: Canvas, view: DrillView, translate: Translator, top: float) -> None:
    passed = view.verdict == "passed"
    colour = theme.NORMAL if passed else theme.ALARM
    fill = theme.mix(theme.PANEL_RAISED, colour, 0.25)
    canvas.box(PAD, top, canvas.width - PAD, top + 38, fill, colour, 6, 2)
    draw_icon(canvas, "check" if passed else "cross", PAD + 20, top + 19, 20, colour)
    canvas.text(PAD + 42, top + 19, translate(f"ui-drill-{view.verdict}"), BODY_BOLD)
    points = _score_text(view, translate)
    canvas.text(canvas.width - PAD - 14, top + 19, points, BODY, "right")


def _paint_time(canvas: Canvas, view: DrillView, middle: float, urgent: bool) -> None:
    left_s = max(view.time_left_s or 0.0, 0.0)
    colour = theme.ALARM if urgent else theme.ACCENT
    draw_icon(canvas, "stale", PAD + 8, middle, 16, colour)
    style = TextStyle(theme.SIZE_BODY, colour, SEMIBOLD)
    canvas.text(PAD + 24, middle, clock_text(left_s), style)
    start, end = PAD + 84, canvas.width - PAD
    canvas.box(start, middle - 5, end, middle + 5, theme.PANEL_SUNKEN, theme.EDGE, 5)
    if view.time_total_s:
        share = min(left_s / view.time_total_s, 1.0)
        if share > 0.01:
            wide = max((end - start - 2) * share, 8)
            canvas.box(start + 1, middle - 4, start + 1 + wide, middle + 4, colour, None, 4)
