"""Colours and sizes of everything that people read, in one place.

Colours are sRGB with straight alpha, 0 to 255; sizes are pixels at scale 1, meant for 1280 x 720.
"""

from __future__ import annotations

from typing import Final, Literal

Colour = tuple[int, int, int, int]
State = Literal["normal", "warning", "alarm", "stale"]

PANEL: Final[Colour] = (14, 18, 24, 224)
PANEL_RAISED: Final[Colour] = (34, 42, 52, 236)
PANEL_SUNKEN: Final[Colour] = (6, 9, 13, 240)
HOVER: Final[Colour] = (52, 72, 92, 245)
CHOSEN: Final[Colour] = (28, 86, 128, 245)
EDGE: Final[Colour] = (82, 96, 112, 200)
TEXT: Final[Colour] = (240, 244, 248, 255)
MUTED: Final[Colour] = (168, 182, 196, 255)
ACCENT: Final[Colour] = (92, 190, 245, 255)

NORMAL: Final[Colour] = (88, 214, 124, 255)
WARNING: Final[Colour] = (255, 196, 61, 255)
ALARM: Final[Colour] = (255, 84, 84, 255)
STALE: Final[Colour] = (160, 168, 180, 255)
STATE_COLOURS: Final[dict[State, Colour]] = {
    "normal": NORMAL,
    "warning": WARNING,
    "alarm": ALARM,
    "stale": STALE,
}
# Which state a group shows when its parts differ. Stale comes above normal: not knowing is worse.
STATE_ORDER: Final[tuple[State, ...]] = ("normal", "stale", "warning", "alarm")

# Far apart also for red-green colour blindness (after Okabe and Ito), light enough to glow in
# the dark, and none of them a state's colour.
MEMBER_COLOURS: Final[tuple[Colour, ...]] = (
    (86, 180, 233, 255),
    (240, 150, 60, 255),
    (204, 121, 217, 255),
    (64, 205, 180, 255),
    (245, 228, 96, 255),
    (246, 120, 150, 255),
    (150, 160, 255, 255),
    (176, 224, 110, 255),
)

SIZE_SMALL: Final = 13
SIZE_BODY: Final = 16
SIZE_TITLE: Final = 20
SIZE_VALUE: Final = 26
LINE_HEIGHT: Final = 1.36
RADIUS: Final = 8
PADDING: Final = 14


def member_colour(number: int) -> Colour:
    """The colour of the member with that number in the room; the same on every display."""
    return MEMBER_COLOURS[number % len(MEMBER_COLOURS)]


def worst(states: list[State]) -> State:
    """The state that a group of states shows."""
    return max(states, key=STATE_ORDER.index, default="normal")


def with_alpha(colour: Colour, alpha: int) -> Colour:
    """The colour with another alpha."""
    return (*colour[:3], alpha)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Between two colours; share 0 is `one`, 1 is `other`."""
    red, green, blue, alpha = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue, alpha
