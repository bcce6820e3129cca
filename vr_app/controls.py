"""Keyboard and mouse to intentions: what moves the person, and what they ask for.

Pure: input frames in, an `Intent` and named requests out. Keys stand in one table, which the help
panel shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vr_app.display.input import InputFrame
from vr_app.world.walker import Intent

CONTROL: Final = frozenset({"lcontrol", "rcontrol"})
CONTROL_REQUESTS: Final[dict[str, str]] = {"z": "undo"}  # with a control key held
# While a list is open, its keys are no steps.
LIST_REQUESTS: Final[dict[str, str]] = {"arrow_up": "list-up", "arrow_down": "list-down"}
TURN_RAD_S: Final = 1.6  # arrow keys
# key -> request
REQUESTS: Final[dict[str, str]] = {
    "t": "teleport",
    "f": "fly",
    "e": "use",
    "n": "note",
    "h": "help",
    "f1": "help",
    "m": "map",
    "p": "people",
    "i": "history",
    "v": "layers",
    "c": "sections",
    "x": "xray",
    "enter": "write",
    "l": "language",
    "o": "settings",
    "g": "drill",
    "tab": "next-viewpoint",
    "home": "home",
    "f9": "send-held",
    "f10": "discard-held",
    "f12": "picture",
    "escape": "escape",
} | {str(number): f"choose-{number}" for number in range(1, 10)}


@dataclass(frozen=True, slots=True)
class Wishes:
    """One frame's wishes. requests: names from REQUESTS in order; laser: whether the pointer
    shines; click: pixel that was clicked with a free pointer; wheel: notches away from the user;
    editing: keys and text for a line of text that is being written."""

    intent: Intent
    requests: list[str] = field(default_factory=list)
    laser: bool = False
    click: tuple[float, float] | None = None
    wheel: int = 0
    edit_keys: list[str] = field(default_factory=list)
    typed: str = ""


def _axis(held: frozenset[str], plus: str, minus: str) -> float:
    return float(plus in held) - float(minus in held)


def read_wishes(
    frame: InputFrame, seconds: float, captured: bool, writing: bool, listing: bool = False
) -> Wishes:
    """Wishes of one frame of `seconds`.

    `captured`: the mouse looks around; `writing`: letters belong to a text line, not to walking;
    `listing`: so do the arrows up and down to a list.
    """
    wheel = frame.pressed.count("wheel_up") - frame.pressed.count("wheel_down")
    clicked = "mouse1" in frame.pressed and not captured
    click = frame.pointer if clicked else None
    if writing:
        keys = [key for key in frame.pressed if not key.startswith(("mouse", "wheel"))]
        return Wishes(Intent(), [], False, click, wheel, keys, frame.typed)
    held = frame.held - LIST_REQUESTS.keys() if listing else frame.held
    intent = Intent(
        right=_axis(held, "d", "a"),
        forward=max(-1.0, min(1.0, _axis(held, "w", "s") + _axis(held, "arrow_up", "arrow_down"))),
        up=0.0 if held & CONTROL else _axis(held, "q", "z"),
        turn=frame.look[0] + _axis(held, "arrow_right", "arrow_left") * TURN_RAD_S * seconds,
        look_up=frame.look[1],
        fast="lshift" in held,
    )
    table = CONTROL_REQUESTS if held & CONTROL else REQUESTS | (LIST_REQUESTS if listing else {})
    requests = [table[key] for key in frame.pressed if key in table]
    return Wishes(intent, requests, captured and "mouse1" in held, click, wheel)
