"""Paints what stands beside a sensor: its name and, for each series, value, unit, trend and age.

The state is told by colour and by shape. It is given ready readings and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from assets.text import Translator
from assets.text.fonts import SEMIBOLD
from vr_app.ui import theme
from vr_app.ui.canvas import (
    BODY_BOLD,
    SMALL_BOLD,
    SMALL_MUTED,
    Canvas,
    Painted,
    TextStyle,
    text_width,
)
from vr_app.ui.icons import draw_icon, draw_state
from vr_app.ui.line_breaks import shorten
from vr_app.ui.numbers import age_text, number_text, unit_text
from vr_app.ui.theme import State

Trend = Literal["rising", "falling", "steady"]
Quality = Literal["good", "uncertain", "bad"]
VALUE: Final = TextStyle(theme.SIZE_VALUE, weight=SEMIBOLD)
UNIT: Final = TextStyle(theme.SIZE_BODY)
NAME: Final = TextStyle(theme.SIZE_BODY, theme.MUTED)
MAX_TITLE: Final = 340.0
MAX_NAME: Final = 190.0
ROW: Final = 36.0
HEADER: Final = 38.0
PAD: Final = 12.0
GAP: Final = 9.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The latest observation of one series. `unit` is UCUM; `value` None: nothing was received;
    `age_s` None: unknown. `level` is what the limits say; `stale`: the source has stopped."""

    name: str
    value: float | None
    unit: str
    decimals: int = 1
    trend: Trend | None = None
    age_s: float | None = None
    level: Literal["normal", "warning", "alarm"] = "normal"
    stale: bool = False
    quality: Quality = "good"

    @property
    def state(self) -> State:
        """What is shown: a value that has stopped is stale whatever it was, unless it was an
        alarm, which stays one until somebody has looked."""
        if self.value is None or (self.stale and self.level != "alarm"):
            return "stale"
        return self.level


@dataclass(frozen=True, slots=True)
class SensorLabel:
    """A sensor and its readings. `simulated`: the values are invented, and the label says so."""

    title: str
    readings: tuple[Reading, ...]
    simulated: bool = False

    @property
    def state(self) -> State:
        """The worst of the readings."""
        return theme.worst([reading.state for reading in self.readings])


@dataclass(frozen=True, slots=True)
class _Row:
    reading: Reading
    name: str
    value: str
    unit: str
    age: str


def _row(reading: Reading, translate: Translator) -> _Row:
    if reading.value is None:
        value, unit = "–", ""
    else:
        value = number_text(reading.value, reading.decimals, translate.language)
        unit = unit_text(reading.unit, translate)
    age = "" if reading.age_s is None else age_text(reading.age_s, translate)
    if reading.quality != "good":
        doubt = translate(f"ui-quality-{reading.quality}")
        age = f"{age} · {doubt}" if age else doubt
    name = shorten(reading.name, MAX_NAME, lambda text: text_width(text, NAME))
    return _Row(reading, name, value, unit, age)


def paint_sensor_label(label: SensorLabel, translate: Translator, scale: float = 1.0) -> Painted:
    """Paint the label; it is as wide as its text needs."""
    rows = [_row(reading, translate) for reading in label.readings]
    title = shorten(label.title, MAX_TITLE, lambda text: text_width(text, BODY_BOLD))
    tag = translate("ui-simulated") if label.simulated else ""
    tag_width = text_width(tag, SMALL_BOLD) + 12 if tag else 0.0

    def widest(style: TextStyle, texts: list[str]) -> float:
        return max((text_width(text, style) for text in texts), default=0.0)

    names = widest(NAME, [row.name for row in rows])
    values = widest(VALUE, [row.value for row in rows])
    units = widest(UNIT, [row.unit for row in rows])
    ages = widest(SMALL_MUTED, [row.age for row in rows])
    x_name = PAD + 18 + GAP
    after_value = 5 + units + GAP + 8 + 8 + GAP + ages + PAD
    width = max(
        x_name + names + 2 * GAP + values + after_value,
        PAD + 22 + GAP + text_width(title, BODY_BOLD) + (GAP + tag_width if tag else 0) + PAD,
    )
    x_value_end = width - after_value
    x_unit = x_value_end + 5
    x_trend = x_unit + units + GAP + 8
    x_age = x_trend + 8 + GAP
    canvas = Canvas(width, HEADER + ROW * len(rows) + 6, scale)
    _paint_frame(canvas, label.state)
    draw_state(canvas, label.state, PAD + 9, HEADER / 2, 20)
    canvas.text(PAD + 22 + GAP, HEADER / 2, title, BODY_BOLD)
    if tag:
        left = width - PAD - tag_width
        canvas.box(left, 9, width - PAD, HEADER - 9, theme.PANEL_SUNKEN, theme.MUTED, 5)
        canvas.text(left + 6, HEADER / 2, tag, SMALL_BOLD)
    for index, row in enumerate(rows):
        middle = HEADER + 2 + ROW * (index + 0.5)
        state = row.reading.state
        if state == "stale":
            _hatch(canvas, 3, middle - ROW / 2 + 2, width - 3, middle + ROW / 2 - 2)
        draw_state(canvas, state, PAD + 9, middle, 15)
        canvas.text(x_name, middle, row.name, NAME)
        colour = theme.TEXT if state == "normal" else theme.STATE_COLOURS[state]
        value_style = TextStyle(theme.SIZE_VALUE, colour, SEMIBOLD)
        canvas.text(x_value_end, middle, row.value, value_style, "right")
        canvas.text(x_unit, middle, row.unit, UNIT)
        if row.reading.trend is not None and state != "stale":
            draw_icon(canvas, row.reading.trend, x_trend, middle, 16, colour)
        canvas.text(x_age, middle, row.age, SMALL_MUTED)
    return canvas.painted()


def _paint_frame(canvas: Canvas, state: State) -> None:
    colour = theme.STATE_COLOURS[state]
    loud = state in ("warning", "alarm")
    canvas.panel(edge=colour if loud else theme.EDGE)
    if loud:
        header = theme.mix(theme.PANEL_RAISED, colour, 0.38 if state == "alarm" else 0.22)
        canvas.box(2, 2, canvas.width - 2, HEADER, header, None, theme.RADIUS - 2)
        canvas.box(0, 0, canvas.width, canvas.height, None, colour, edge_width=2.5)
    else:
        canvas.box(2, 2, canvas.width - 2, HEADER, theme.PANEL_RAISED, None, theme.RADIUS - 2)


def _hatch(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    """Slanted lines behind a value that is no longer alive."""
    colour = theme.with_alpha(theme.STALE, 40)
    height = bottom - top
    x = left
    while x < right:
        end = min(x + height, right)
        canvas.line([(x, bottom), (end, bottom - (end - x))], colour, 2)
        x += 12
