"""The settings that a person can change, and the panel that shows them.

A click on the panel becomes a change of the settings; saving and applying them is the program's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from assets.text import LANGUAGES, Translator
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, BODY_BOLD, Canvas, Painted, text_width
from vr_app.ui.help_panel import paint_header
from vr_app.ui.icons import draw_icon
from vr_app.ui.numbers import number_text
from vr_app.world.colour_maps import COLOUR_MAPS

# Each language under its own name: whoever cannot read the panel still finds theirs.
LANGUAGE_NAMES: Final = {"en": "English", "ru": "Русский", "kk": "Қазақша", "ja": "日本語"}
TURNS: Final = ("snap", "smooth")
HANDS: Final = ("right", "left")
HAND_COUNTS: Final = ("two", "one")
MOVINGS: Final = ("walk", "teleport")
POSTURES: Final = ("standing", "seated")
SWITCH: Final = ("on", "off")
RATES: Final = ("runtime", "highest")
MIRRORS: Final = ("eye", "steady")
RAISED_STEPS: Final = (-30, -20, -10, 0, 10, 20, 30)  # centimetres
QUALITIES: Final = ("low", "medium", "high")
SENSITIVITY_STEPS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
FLY_SPEED_STEPS: Final = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
PAD: Final = 20.0
HEADER: Final = 52.0
ROW: Final = 34.0
BUTTON: Final = 28.0


# Field, name on the panel, what it may be.
HEADSET_CHOICES: Final = (
    ("turn", "turn", TURNS),
    ("hand", "hand", HANDS),
    ("hands", "hands", HAND_COUNTS),
    ("moving", "moving", MOVINGS),
    ("posture", "posture", POSTURES),
    ("vignette", "vignette", SWITCH),
    ("surroundings", "surroundings", SWITCH),
    ("rate", "rate", RATES),
    ("mirror", "mirror", MIRRORS),
    ("sounds", "sounds", SWITCH),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose. `mouse_sensitivity` multiplies the display's own; `fly_speed_m_s` is
    the speed of free flight. In a headset: the `hand` that points, whether there are `hands` two or
    one, whether the other one's stick walks (`moving`) or jumps too, `posture`, how much higher the
    eyes are to be (`raised_cm`), whether sight is narrowed while one is moved (`vignette`), whether
    the room around shows through (`surroundings`), whose refresh `rate`, what the window `mirror`s,
    and whether its first minute's lessons are behind them (`lobby`)."""

    language: str = "en"
    mouse_sensitivity: float = 1.0
    turn: str = "snap"
    fly_speed_m_s: float = 10.0
    quality: str = "medium"
    colour_map: str = "viridis"
    hand: str = "right"
    hands: str = "two"
    moving: str = "walk"
    posture: str = "standing"
    vignette: str = "on"
    surroundings: str = "off"
    rate: str = "runtime"
    mirror: str = "eye"
    sounds: str = "on"
    raised_cm: int = 0
    lobby: str = "new"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Settings from a file that anybody may have edited: what does not fit is left at its
        default."""
        chosen: dict[str, Any] = {}
        for name, allowed in (
            ("language", LANGUAGES),
            ("mouse_sensitivity", SENSITIVITY_STEPS),
            *((name, allowed) for name, _, allowed in HEADSET_CHOICES),
            ("raised_cm", RAISED_STEPS),
            ("lobby", ("new", "done")),
            ("fly_speed_m_s", FLY_SPEED_STEPS),
            ("quality", QUALITIES),
            ("colour_map", COLOUR_MAPS),
        ):
            value = values.get(name)
            if isinstance(value, str | int | float) and value in allowed:
                chosen[name] = value
        return cls(**chosen)

    def clicked(self, hit: str) -> Settings:
        """The settings after a click on the part of the panel with that name."""
        name, _, choice = hit.partition(":")
        if name == "language" and choice in LANGUAGES:
            return replace(self, language=choice)
        for field, hit_name, allowed in HEADSET_CHOICES:
            if name == hit_name and choice in allowed:
                return replace(self, **{field: choice})  # type: ignore[arg-type]
        if name == "quality" and choice in QUALITIES:
            return replace(self, quality=choice)
        if name == "colours" and choice in COLOUR_MAPS:
            return replace(self, colour_map=choice)
        if choice in ("less", "more"):
            step = 1 if choice == "more" else -1
            if name == "sensitivity":
                value = _stepped(self.mouse_sensitivity, SENSITIVITY_STEPS, step)
                return replace(self, mouse_sensitivity=value)
            if name == "raised":
                return replace(self, raised_cm=int(_stepped(self.raised_cm, RAISED_STEPS, step)))
            if name == "fly":
                return replace(
                    self, fly_speed_m_s=_stepped(self.fly_speed_m_s, FLY_SPEED_STEPS, step)
                )
        return self


def _stepped(value: float, steps: Sequence[float], by: int) -> float:
    nearest = min(range(len(steps)), key=lambda index: abs(steps[index] - value))
    return steps[min(max(nearest + by, 0), len(steps) - 1)]


def paint_settings_panel(
    settings: Settings, translate: Translator, hovered: str | None = None, scale: float = 1.0
) -> Painted:
    """Paint the panel. Its parts answer to "language:ru", "turn:snap", "quality:high",
    "colours:turbo", "hand:left", "hands:one", "moving:walk", "posture:seated", "vignette:off",
    "sensitivity:less", "fly:more", "raised:less" and so on, and "close"."""
    choices: list[tuple[str, list[tuple[str, str, bool]]]] = [
        (
            "ui-settings-language",
            [(f"language:{t}", LANGUAGE_NAMES[t], settings.language == t) for t in LANGUAGES],
        ),
        *(
            (
                f"ui-settings-{name}",
                [
                    (
                        f"{name}:{one}",
                        translate(f"ui-settings-{name}-{one}"),
                        getattr(settings, field) == one,
                    )
                    for one in allowed
                ],
            )
            for field, name, allowed in HEADSET_CHOICES
        ),
        (
            "ui-settings-quality",
            [
                (f"quality:{q}", translate(f"ui-settings-quality-{q}"), settings.quality == q)
                for q in QUALITIES
            ],
        ),
        (
            "ui-settings-colours",
            [
                (f"colours:{m}", translate(f"ui-settings-colours-{m}"), settings.colour_map == m)
                for m in COLOUR_MAPS
            ],
        ),
    ]
    speed = number_text(settings.fly_speed_m_s, 0, translate.language)
    steps = [
        (
            "ui-settings-sensitivity",
            "sensitivity",
            f"× {number_text(settings.mouse_sensitivity, 2, translate.language)}",
        ),
        ("ui-settings-fly-speed", "fly", f"{speed} {translate('ui-unit-m-s')}"),
        ("ui-settings-raised", "raised", translate("ui-settings-cm", {"cm": settings.raised_cm})),
    ]
    titles = [translate(row[0]) for row in choices] + [translate(row[0]) for row in steps]
    x_choice = PAD + max(text_width(title, BODY) for title in titles) + 24
    widths = [sum(text_width(text, BODY_BOLD) + 36 for _, text, _ in row) for _, row in choices]
    canvas = Canvas(x_choice + max(widths) - 8 + PAD, HEADER + ROW * len(titles) + 12, scale)
    canvas.panel()
    paint_header(canvas, "settings", translate("ui-settings-title"), HEADER, PAD)
    middle = HEADER + ROW / 2
    for message_id, buttons in choices:
        canvas.text(PAD, middle, translate(message_id), BODY)
        x = x_choice
        for name, text, chosen in buttons:
            width = text_width(text, BODY_BOLD) + 28
            _button(canvas, name, x, middle, width, chosen, hovered == name)
            canvas.text(x + width / 2, middle, text, BODY_BOLD, "centre")
            x += width + 8
        middle += ROW
    for message_id, name, value in steps:
        canvas.text(PAD, middle, translate(message_id), BODY)
        _button(canvas, f"{name}:less", x_choice, middle, 40, False, hovered == f"{name}:less")
        draw_icon(canvas, "minus", x_choice + 20, middle, 16)
        canvas.text(x_choice + 104, middle, value, BODY_BOLD, "centre")
        right = x_choice + 168
        _button(canvas, f"{name}:more", right, middle, 40, False, hovered == f"{name}:more")
        draw_icon(canvas, "plus", right + 20, middle, 16)
        middle += ROW
    return canvas.painted()


def _button(
    canvas: Canvas, name: str, x: float, middle: float, width: float, chosen: bool, hovered: bool
) -> None:
    top, bottom = middle - BUTTON / 2, middle + BUTTON / 2
    fill = theme.CHOSEN if chosen else theme.HOVER if hovered else theme.PANEL_RAISED
    canvas.box(
        x,
        top,
        x + width,
        bottom,
        fill,
        theme.ACCENT if chosen else theme.EDGE,
        6,
        2 if chosen else 1,
    )
    canvas.add_hit(name, x, top, x + width, bottom)
