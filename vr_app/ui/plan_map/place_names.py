"""Paints the named places of one level on the map, with as many names as fit.

The more a place matters in an emergency, the sooner it gets its name.
"""

from __future__ import annotations

from typing import Final

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import Canvas, TextStyle, text_width
from vr_app.ui.line_breaks import shorten
from vr_app.ui.plan_map.plan import BAND_M, Plan
from vr_app.ui.plan_map.view import MapView
from vr_app.ui.theme import Colour

NAME: Final = TextStyle(theme.SIZE_SMALL, (240, 236, 214, 255))
MAX_NAME: Final = 150.0
# Places worth a name when the map is crowded come first.
_ORDER: Final = (
    "refuge",
    "portal",
    "sump",
    "pump",
    "fan",
    "raise",
    "workshop",
    "plant",
    "dam",
    "pond",
    "pit",
    "level",
    "stope",
    "decline",
    "dump",
    "river",
    "drift",
    "other",
)
_SAFE: Final[Colour] = (96, 220, 130, 255)
_MARKS: Final[dict[str, Colour]] = {
    "refuge": _SAFE,
    "portal": (250, 210, 90, 255),
    "sump": (90, 170, 250, 255),
    "pump": (90, 170, 250, 255),
    "pond": (90, 170, 250, 255),
    "fan": (180, 160, 250, 255),
    "raise": (180, 160, 250, 255),
}


def paint_places(
    canvas: Canvas,
    plan: Plan,
    view: MapView,
    elevation: float,
    under_ground: bool,
    translate: Translator,
) -> None:
    """Marks for places of this level, and as many names as fit without touching."""
    # Where the compass, the buttons and the scale will be.
    wide, high = view.width, view.height
    taken: list[tuple[float, float, float, float]] = [
        (wide - 56, 0, wide, 62),
        (wide - 56, high - 132, wide, high),
        (0, high - 52, 190, high),
    ]
    ranked = sorted(plan.places, key=lambda p: _ORDER.index(p.kind) if p.kind in _ORDER else 99)
    shown = []
    for place in ranked:
        if under_ground:
            here = abs(place.position[2] - elevation) <= BAND_M
        else:
            here = not plan.under_ground(place.position)
        x, y = view.to_pixel(place.position[0], place.position[1])
        if here and view.holds(x, y):
            colour = _MARKS.get(place.kind, (226, 222, 204, 255))
            canvas.disc(x, y, 5.0, (8, 10, 14, 220))
            canvas.disc(x, y, 3.6, colour)
            taken.append((x - 6, y - 6, x + 6, y + 6))
            shown.append((place, x, y, colour))
    for place, x, y, colour in shown:
        name = shorten(translate.pick(place.titles), MAX_NAME, lambda t: text_width(t, NAME))
        width = text_width(name, NAME)
        for left, middle in ((x + 9, y), (x - 9 - width, y), (x - width / 2, y - 15),
                             (x - width / 2, y + 15)):  # fmt: skip
            spot = (left - 3, middle - 9, left + width + 3, middle + 9)
            if spot[0] < 2 or spot[2] > view.width - 2 or spot[1] < 2 or spot[3] > view.height - 2:
                continue
            if any(_touch(spot, other) for other in taken):
                continue
            canvas.box(spot[0], spot[1], spot[2], spot[3], (8, 10, 14, 165), None, 4)
            canvas.text(
                left, middle, name, TextStyle(NAME.size, theme.mix(NAME.colour, colour, 0.5))
            )
            taken.append(spot)
            break


def _touch(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
