"""Symbols drawn as shapes, so that no font or file has to have them.

A state is always told by its shape as well as its colour. Shapes only; words are elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from vr_app.ui import theme
from vr_app.ui.canvas import Canvas
from vr_app.ui.theme import Colour, State

Point = tuple[float, float]
_DARK: Final[Colour] = (12, 14, 18, 255)


def _ring(count: int, radius: float, turn: float = 0.0) -> list[Point]:
    """Corners of a regular polygon; y points down, the first corner is `turn` past the top."""
    angles = (turn + 2 * math.pi * index / count for index in range(count))
    return [(radius * math.sin(a), -radius * math.cos(a)) for a in angles]


class _Pen:
    """Draws in a square from -1 to 1 placed on a canvas."""

    def __init__(self, canvas: Canvas, x: float, y: float, half: float, colour: Colour) -> None:
        self.canvas, self.x, self.y, self.half, self.colour = canvas, x, y, half, colour

    def at(self, points: list[Point]) -> list[Point]:
        return [(self.x + px * self.half, self.y + py * self.half) for px, py in points]

    def fill(self, points: list[Point], colour: Colour | None = None) -> None:
        self.canvas.polygon(self.at(points), colour or self.colour)

    def line(
        self,
        points: list[Point],
        width: float = 0.2,
        colour: Colour | None = None,
        closed: bool = False,
    ) -> None:
        self.canvas.line(self.at(points), colour or self.colour, width * self.half, closed)

    def disc(self, x: float, y: float, radius: float, colour: Colour | None = None) -> None:
        cx, cy = self.at([(x, y)])[0]
        self.canvas.disc(cx, cy, radius * self.half, fill=colour or self.colour)

    def circle(self, x: float, y: float, radius: float, width: float = 0.2) -> None:
        cx, cy = self.at([(x, y)])[0]
        self.canvas.disc(cx, cy, radius * self.half, edge=self.colour, edge_width=width * self.half)

    def exclamation(self, low: float = 0.0) -> None:
        self.line([(0, -0.42 + low), (0, 0.12 + low)], 0.24, _DARK)
        self.disc(0, 0.46 + low, 0.15, _DARK)


def _normal(pen: _Pen) -> None:
    pen.disc(0, 0, 0.72)


def _warning(pen: _Pen) -> None:
    pen.fill([(0, -0.95), (1.0, 0.82), (-1.0, 0.82)])
    pen.exclamation(0.18)


def _alarm(pen: _Pen) -> None:
    pen.fill(_ring(8, 1.0, math.pi / 8))
    pen.exclamation()


def _stale(pen: _Pen) -> None:
    pen.circle(0, 0, 0.9)
    pen.line([(0, -0.5), (0, 0), (0.36, 0.22)])


def _rising(pen: _Pen) -> None:
    pen.line([(0, 0.75), (0, -0.6)], 0.26)
    pen.line([(-0.5, -0.15), (0, -0.7), (0.5, -0.15)], 0.26)


def _falling(pen: _Pen) -> None:
    pen.line([(0, -0.75), (0, 0.6)], 0.26)
    pen.line([(-0.5, 0.15), (0, 0.7), (0.5, 0.15)], 0.26)


def _steady(pen: _Pen) -> None:
    pen.line([(-0.75, 0), (0.6, 0)], 0.26)
    pen.line([(0.15, -0.5), (0.7, 0), (0.15, 0.5)], 0.26)


def _check(pen: _Pen) -> None:
    pen.line([(-0.75, 0.05), (-0.25, 0.55), (0.75, -0.55)], 0.28)


def _cross(pen: _Pen) -> None:
    pen.line([(-0.6, -0.6), (0.6, 0.6)], 0.26)
    pen.line([(-0.6, 0.6), (0.6, -0.6)], 0.26)


def _help(pen: _Pen) -> None:
    pen.circle(0, 0, 0.95, 0.18)
    arc = [
        (0.34 * math.sin(a), -0.22 - 0.34 * math.cos(a))
        for a in (math.pi * (-0.5 + 1.25 * step / 10) for step in range(11))
    ]
    pen.line([*arc, (0, 0.16)], 0.2)
    pen.disc(0, 0.5, 0.14)


def _map(pen: _Pen) -> None:
    outline = [
        (-0.95, -0.6),
        (-0.32, -0.85),
        (0.32, -0.6),
        (0.95, -0.85),
        (0.95, 0.6),
        (0.32, 0.85),
        (-0.32, 0.6),
        (-0.95, 0.85),
    ]
    pen.line(outline, 0.16, closed=True)
    pen.line([(-0.32, -0.85), (-0.32, 0.6)], 0.14)
    pen.line([(0.32, -0.6), (0.32, 0.85)], 0.14)


def _language(pen: _Pen) -> None:
    pen.circle(0, 0, 0.92, 0.16)
    pen.line([(-0.9, 0), (0.9, 0)], 0.14)
    for side in (-1, 1):
        pen.line(
            [
                (side * 0.42 * math.cos(a), 0.9 * math.sin(a))
                for a in (math.pi * (-0.5 + step / 12) for step in range(13))
            ],
            0.14,
        )


def _settings(pen: _Pen) -> None:
    for y, x in ((-0.6, 0.3), (0.0, -0.35), (0.6, 0.45)):
        pen.line([(-0.9, y), (0.9, y)], 0.16)
        pen.disc(x, y, 0.25)


def _messages(pen: _Pen) -> None:
    pen.line(
        [
            (-0.9, -0.7),
            (0.9, -0.7),
            (0.9, 0.4),
            (-0.1, 0.4),
            (-0.55, 0.85),
            (-0.55, 0.4),
            (-0.9, 0.4),
        ],
        0.17,
        closed=True,
    )
    for x in (-0.42, 0.0, 0.42):
        pen.disc(x, -0.15, 0.13)


def _quit(pen: _Pen) -> None:
    angles = (math.radians(35 + 290 * step / 24) for step in range(25))
    pen.line([(0.82 * math.sin(a), 0.1 - 0.82 * math.cos(a)) for a in angles], 0.2)
    pen.line([(0, -0.95), (0, -0.05)], 0.22)


def _pin(pen: _Pen) -> None:
    head = [
        (0.62 * math.sin(a), -0.3 - 0.62 * math.cos(a))
        for a in (math.radians(-115 + 230 * step / 20) for step in range(21))
    ]
    pen.fill([*head, (0, 0.98)])
    pen.disc(0, -0.3, 0.24, _DARK)


def _hand(pen: _Pen) -> None:
    pen.fill(
        [
            (-0.55, -0.9),
            (0.75, 0.15),
            (0.15, 0.25),
            (0.45, 0.82),
            (0.15, 0.95),
            (-0.13, 0.36),
            (-0.55, 0.75),
        ]
    )


def _person(pen: _Pen) -> None:
    pen.disc(0, -0.45, 0.42)
    pen.fill([(-0.8, 0.95), (-0.7, 0.35), (-0.4, 0.1), (0.4, 0.1), (0.7, 0.35), (0.8, 0.95)])


def _people(pen: _Pen) -> None:
    for x in (-0.62, 0.62):
        pen.disc(x, -0.42, 0.27)
        pen.fill([(x - 0.38, 0.6), (x - 0.34, 0.1), (x, -0.08), (x + 0.34, 0.1), (x + 0.38, 0.6)])
    pen.disc(0, -0.3, 0.42, _DARK)
    pen.disc(0, -0.3, 0.34)
    body = [(-0.58, 0.95), (-0.5, 0.42), (-0.28, 0.18), (0.28, 0.18), (0.5, 0.42), (0.58, 0.95)]
    pen.fill([(x * 1.16, y - 0.06) for x, y in body], _DARK)
    pen.fill(body)


def _plus(pen: _Pen) -> None:
    pen.line([(-0.65, 0), (0.65, 0)], 0.26)
    pen.line([(0, -0.65), (0, 0.65)], 0.26)


def _minus(pen: _Pen) -> None:
    pen.line([(-0.65, 0), (0.65, 0)], 0.26)


def _locate(pen: _Pen) -> None:
    pen.circle(0, 0, 0.6, 0.17)
    pen.disc(0, 0, 0.22)
    for x, y in ((0, -1), (0, 1), (-1, 0), (1, 0)):
        pen.line([(x * 0.62, y * 0.62), (x * 0.92, y * 0.92)], 0.17)


def _layers(pen: _Pen) -> None:
    pen.fill([(0, -0.85), (0.9, -0.38), (0, 0.09), (-0.9, -0.38)])
    for y in (0.06, 0.44):
        pen.line([(-0.9, y), (0, y + 0.46), (0.9, y)], 0.17)


def _sections(pen: _Pen) -> None:
    pen.line([(-0.75, -0.75), (0.35, -0.75), (0.35, 0.75), (-0.75, 0.75)], 0.16, closed=True)
    for y in (-0.45, 0.1, 0.65):
        pen.line([(-0.7, y), (0.3, y - 0.28)], 0.12)
    pen.line([(0.75, -0.95), (0.75, 0.95)], 0.2)


ICONS: Final[dict[str, Callable[[_Pen], None]]] = {
    "normal": _normal,
    "warning": _warning,
    "alarm": _alarm,
    "stale": _stale,
    "rising": _rising,
    "falling": _falling,
    "steady": _steady,
    "check": _check,
    "cross": _cross,
    "help": _help,
    "map": _map,
    "language": _language,
    "settings": _settings,
    "messages": _messages,
    "quit": _quit,
    "pin": _pin,
    "hand": _hand,
    "person": _person,
    "people": _people,
    "plus": _plus,
    "minus": _minus,
    "locate": _locate,
    "layers": _layers,
    "sections": _sections,
}


def draw_icon(
    canvas: Canvas, name: str, x: float, y: float, size: float, colour: Colour = theme.TEXT
) -> None:
    """Draw a symbol centred on (x, y), `size` logical pixels across."""
    ICONS[name](_Pen(canvas, x, y, size / 2, colour))


def draw_state(canvas: Canvas, state: State, x: float, y: float, size: float) -> None:
    """The symbol of a sensor's state, in its colour."""
    draw_icon(canvas, state, x, y, size, theme.STATE_COLOURS[state])
