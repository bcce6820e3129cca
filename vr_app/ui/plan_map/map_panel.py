"""Paints the plan map as a panel: the still base, and over it people, alarms and "you are here".

The base is kept between calls; use one `MapPainter` from one worker thread only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from assets.text import Translator
from vr_app.ui import theme
from vr_app.ui.canvas import (
    BODY_BOLD,
    SMALL_BOLD,
    Canvas,
    Painted,
    TextStyle,
    text_width,
)
from vr_app.ui.help_panel import paint_header
from vr_app.ui.icons import draw_icon, draw_state
from vr_app.ui.line_breaks import shorten
from vr_app.ui.numbers import number_text
from vr_app.ui.plan_map.base import paint_base
from vr_app.ui.plan_map.place_names import paint_places
from vr_app.ui.plan_map.plan import BAND_M, Plan
from vr_app.ui.plan_map.view import MapView, scale_bar
from vr_app.ui.theme import Colour, State

BORDER: Final = 8.0
HEADER: Final = 52.0
CLICK_REACH_PIXELS: Final = 14.0
YOU: Final[Colour] = (255, 255, 255, 255)
_MARGIN: Final = 0.5  # how much larger the still map is than what is shown of it
_LEVEL_STEP_M: Final = 2.0  # the base is painted anew when the viewer rises or sinks so far


@dataclass(frozen=True, slots=True)
class MapPerson:
    """Another member: name, colour, head position (scene metres)."""

    name: str
    colour: Colour
    position: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class MapSensor:
    """A sensor's place and state."""

    position: tuple[float, float, float]
    state: State


@dataclass(frozen=True, slots=True)
class MapState:
    """What moves. `position` is the viewer's feet (scene metres), `azimuth_deg` the gaze clockwise
    from north; `flash` alternates, about twice a second, while there is an alarm."""

    position: tuple[float, float, float]
    azimuth_deg: float = 0.0
    people: tuple[MapPerson, ...] = ()
    sensors: tuple[MapSensor, ...] = ()
    flash: bool = False


class MapPainter:
    """Paints one plan, keeping the last base."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._key: tuple[object, ...] | None = None
        self._base: Image.Image | None = None

    def paint(
        self, view: MapView, state: MapState, translate: Translator, scale: float = 1.0
    ) -> Painted:
        """Paint the panel. Parts answer to "map" (the map itself), "zoom:in", "zoom:out", "here"
        and "close"."""
        under = self.plan.under_ground(state.position)
        elevation = state.position[2]
        canvas = Canvas(view.width + 2 * BORDER, HEADER + view.height + BORDER, scale)
        canvas.panel()
        paint_header(canvas, "map", translate("ui-map-title"), HEADER, 14)
        self._paint_level(canvas, elevation, under, translate)
        area = Canvas(view.width, view.height, scale)
        area.image = self._base_for(view, elevation, under, scale)
        paint_places(area, self.plan, view, elevation, under, translate)
        _paint_sensors(area, view, state, elevation, under, self.plan)
        _paint_people(area, view, state, elevation)
        _paint_you(area, view, state, translate)
        _paint_scale(area, view, translate)
        _paint_north(area, view, translate)
        canvas.paste(area.image, BORDER, HEADER)
        canvas.add_hit("map", BORDER, HEADER, BORDER + view.width, HEADER + view.height)
        _paint_buttons(canvas)
        return canvas.painted()

    def spot(
        self, view: MapView, state: MapState, x: float, y: float, scale: float = 1.0
    ) -> tuple[float, float, float] | None:
        """Where a click on a pixel of the panel's image leads: feet in scene metres, or None."""
        inside_x, inside_y = x / scale - BORDER, y / scale - HEADER
        if not view.holds(inside_x, inside_y):
            return None
        east, north = view.to_scene(inside_x, inside_y)
        reach = CLICK_REACH_PIXELS * view.metres_per_pixel
        under = self.plan.under_ground(state.position)
        return self.plan.spot(east, north, state.position[2], max(reach, 4.0), under)

    def _base_for(self, view: MapView, elevation: float, under: bool, scale: float) -> Image.Image:
        """The still map of the view: cut from a larger one, so that a map that follows somebody
        who walks is painted anew only now and then."""
        metres = view.metres_per_pixel
        grid_east, grid_north = view.width * metres * _MARGIN, view.height * metres * _MARGIN
        large = replace(
            view,
            east=round(view.east / grid_east) * grid_east,
            north=round(view.north / grid_north) * grid_north,
            width=view.width * (1 + _MARGIN),
            height=view.height * (1 + _MARGIN),
        )
        step = round(elevation / _LEVEL_STEP_M) if under else 0
        key = (large, step, under, scale)
        if self._base is None or key != self._key:
            height = step * _LEVEL_STEP_M if under else elevation
            self._base = paint_base(self.plan, large, height, under, scale)
            self._key = key
        left, top = large.to_pixel(*view.to_scene(0.0, 0.0))
        x, y = round(left * scale), round(top * scale)
        width, height_px = math.ceil(view.width * scale), math.ceil(view.height * scale)
        return self._base.crop((x, y, x + width, y + height_px))

    def _paint_level(
        self, canvas: Canvas, elevation: float, under: bool, translate: Translator
    ) -> None:
        value = number_text(elevation + self.plan.datum_m, 0, translate.language)
        text = translate("ui-map-elevation", {"elevation": value})
        level = self.plan.level_at(elevation) if under else ""
        if level:
            text = f"{translate('ui-map-level', {'level': level})}   ·   {text}"
        room = canvas.width - 230
        text = shorten(text, room, lambda t: text_width(t, BODY_BOLD))
        canvas.text(canvas.width - 60, HEADER / 2, text, BODY_BOLD, "right")


def map_size(view: MapView) -> tuple[float, float]:
    """Width and height of the whole panel, logical pixels."""
    return view.width + 2 * BORDER, HEADER + view.height + BORDER


def _paint_sensors(
    canvas: Canvas, view: MapView, state: MapState, elevation: float, under: bool, plan: Plan
) -> None:
    for sensor in sorted(state.sensors, key=lambda s: theme.STATE_ORDER.index(s.state)):
        x, y = view.to_pixel(sensor.position[0], sensor.position[1])
        if not view.holds(x, y, 8):
            continue
        if under:
            here = abs(sensor.position[2] - elevation) <= BAND_M
        else:
            here = not plan.under_ground(sensor.position)
        if sensor.state == "alarm":
            # An alarm is seen from every level.
            radius = 17.0 if state.flash else 13.0
            colour = theme.with_alpha(theme.ALARM, 210 if state.flash else 120)
            canvas.disc(x, y, radius, theme.with_alpha(theme.ALARM, 60), colour, 2.5)
            draw_state(canvas, sensor.state, x, y, 15)
        elif here:
            canvas.disc(x, y, 7.5, (8, 10, 14, 210))
            draw_state(canvas, sensor.state, x, y, 10)


def _paint_people(canvas: Canvas, view: MapView, state: MapState, elevation: float) -> None:
    for person in state.people:
        x, y = view.to_pixel(person.position[0], person.position[1])
        if not view.holds(x, y, 8):
            continue
        near = abs(person.position[2] - 1.6 - elevation) <= BAND_M
        colour = person.colour if near else theme.with_alpha(person.colour, 150)
        canvas.disc(x, y, 8.0, (8, 10, 14, 230))
        canvas.disc(x, y, 6.2, colour if near else None, colour, 2.4)
        name = shorten(person.name, 120, lambda t: text_width(t, SMALL_BOLD))
        width = text_width(name, SMALL_BOLD)
        left = x + 11 if x + 17 + width < view.width else x - 11 - width
        canvas.box(left - 3, y - 9, left + width + 3, y + 9, (8, 10, 14, 190), None, 4)
        canvas.text(left, y, name, TextStyle(SMALL_BOLD.size, colour, SMALL_BOLD.weight))


def _paint_you(canvas: Canvas, view: MapView, state: MapState, translate: Translator) -> None:
    x, y = view.to_pixel(state.position[0], state.position[1])
    angle = math.radians(state.azimuth_deg)

    def at(forward: float, right: float) -> tuple[float, float]:
        return (
            x + forward * math.sin(angle) + right * math.cos(angle),
            y - forward * math.cos(angle) + right * math.sin(angle),
        )

    if not view.holds(x, y):
        _paint_way_back(canvas, view, x, y)
        return
    # What one looks at, fading outwards.
    for reach, alpha in ((64, 26), (46, 34), (28, 44)):
        cone = [at(reach * math.cos(a), reach * math.sin(a)) for a in
                (math.radians(-30 + 60 * step / 8) for step in range(9))]  # fmt: skip
        canvas.polygon([(x, y), *cone], (*YOU[:3], alpha))
    canvas.polygon([at(17, 0), at(-12, 11), at(-7, 0), at(-12, -11)], (8, 10, 14, 255))
    canvas.polygon([at(14, 0), at(-9, 8), at(-5, 0), at(-9, -8)], YOU)
    text = translate("ui-map-here")
    width = text_width(text, SMALL_BOLD)
    middle = y + 26 if y + 40 < view.height else y - 26
    left = min(max(x - width / 2, 6.0), view.width - width - 6)
    canvas.box(left - 5, middle - 10, left + width + 5, middle + 10, (8, 10, 14, 215), None, 5)
    canvas.text(left, middle, text, SMALL_BOLD)


def _paint_way_back(canvas: Canvas, view: MapView, x: float, y: float) -> None:
    """An arrow at the edge towards where one is."""
    dx, dy = x - view.width / 2, y - view.height / 2
    share = min(
        (view.width / 2 - 18) / max(abs(dx), 1e-6), (view.height / 2 - 18) / max(abs(dy), 1e-6)
    )
    cx, cy = view.width / 2 + dx * share, view.height / 2 + dy * share
    length = math.hypot(dx, dy)
    fx, fy = dx / length, dy / length
    tip = [(12, 0), (-8, 9), (-3, 0), (-8, -9)]
    canvas.polygon([(cx + f * fx - r * fy, cy + f * fy + r * fx) for f, r in tip], YOU)


def _paint_scale(canvas: Canvas, view: MapView, translate: Translator) -> None:
    metres = scale_bar(view.metres_per_pixel, 140)
    length = metres / view.metres_per_pixel
    left, bottom = 16.0, view.height - 14
    if metres >= 1000:
        text = f"{number_text(metres / 1000, 0, translate.language)} {translate('ui-unit-km')}"
    else:
        decimals = 0 if metres >= 1 else 1
        text = f"{number_text(metres, decimals, translate.language)} {translate('ui-unit-m')}"
    canvas.box(8, bottom - 30, left + max(length, 40) + 10, bottom + 8, (8, 10, 14, 190), None, 6)
    canvas.text(left, bottom - 17, text, SMALL_BOLD)
    ends = [
        (left, bottom - 5),
        (left, bottom),
        (left + length, bottom),
        (left + length, bottom - 5),
    ]
    canvas.line(ends, theme.TEXT, 2)


def _paint_north(canvas: Canvas, view: MapView, translate: Translator) -> None:
    x, y = view.width - 30, 34.0
    canvas.disc(x, y, 23, (8, 10, 14, 200), theme.EDGE)
    canvas.polygon([(x, y - 4 - 14), (x + 6, y + 3), (x, y)], theme.ALARM)
    canvas.polygon([(x, y - 4 - 14), (x - 6, y + 3), (x, y)], theme.TEXT)
    canvas.text(x, y + 12, translate("ui-map-north"), SMALL_BOLD, "centre")


def _paint_buttons(canvas: Canvas) -> None:
    x, y = canvas.width - BORDER - 30, canvas.height - BORDER - 112.0
    for name, icon in (("zoom:in", "plus"), ("zoom:out", "minus"), ("here", "locate")):
        canvas.box(x - 15, y - 15, x + 15, y + 15, theme.PANEL_RAISED, theme.EDGE, 6)
        draw_icon(canvas, icon, x, y, 17)
        canvas.add_hit(name, x - 15, y - 15, x + 15, y + 15)
        y += 36
