"""What hands can do in a headset, and which button of which controller suggests itself for it.

Plain data in OpenXR's own paths; the runtime decides what is bound in the end, and lets people
change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from vr_app.display.headset import choices
from vr_app.display.tracking import LEFT, RIGHT

HAND_PATHS: Final[Mapping[str, str]] = {LEFT: "/user/hand/left", RIGHT: "/user/hand/right"}
ACTION_SET: Final = "kenish"
ACTION_SET_MESSAGE: Final = "headset-actions"


class Kind(IntEnum):
    """An action's type; XrActionType's numbers."""

    BOOLEAN = 1
    VECTOR = 3
    POSE = 4
    VIBRATION = 100


@dataclass(frozen=True, slots=True)
class HandAction:
    """Something that either hand can do. name: OpenXR's; message_id: how it is called in the
    runtime's own settings, where people bind it anew."""

    name: str
    kind: Kind
    message_id: str


AIM: Final = HandAction("aim", Kind.POSE, "headset-action-aim")
GRIP: Final = HandAction("grip", Kind.POSE, "headset-action-grip")
SELECT: Final = HandAction("select", Kind.BOOLEAN, "headset-action-select")
GRAB: Final = HandAction("grab", Kind.BOOLEAN, "headset-action-grab")
TELEPORT: Final = HandAction("teleport", Kind.BOOLEAN, "headset-action-teleport")
MENU: Final = HandAction("menu", Kind.BOOLEAN, "headset-action-menu")
STICK: Final = HandAction("stick", Kind.VECTOR, "headset-action-stick")
HAPTIC: Final = HandAction("haptic", Kind.VIBRATION, "headset-action-haptic")
ACTIONS: Final = (AIM, GRIP, SELECT, GRAB, TELEPORT, MENU, STICK, HAPTIC)


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of controller.

    path: OpenXR's interaction profile; both, left, right: (action name, path below the hand) for
    either hand or one; extension: without which the runtime does not know the profile; pad: its
    stick is a pad that is touched all the time, and counts only while it is pressed (`pad_input`).
    """

    path: str
    both: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...] = ()
    right: tuple[tuple[str, str], ...] = ()
    extension: str | None = None
    pad: bool = False

    def suggestions(self) -> list[tuple[str, str]]:
        """(action name, full path) of all that it suggests."""
        sides = ((LEFT, self.both + self.left), (RIGHT, self.both + self.right))
        return [(name, HAND_PATHS[hand] + below) for hand, rows in sides for name, below in rows]


_POSES: Final = (("aim", "/input/aim/pose"), ("grip", "/input/grip/pose"))
_HELD: Final = (*_POSES, ("haptic", "/output/haptic"))
# Controllers with a trigger, a squeezed grip and a stick.
_STICK: Final = (
    *_HELD,
    ("select", "/input/trigger/value"),
    ("grab", "/input/squeeze/value"),
    ("stick", "/input/thumbstick"),
)
# The lower face button jumps, the upper one opens the menu, on either hand: one hand is enough.
_LEFT_XY: Final = (("teleport", "/input/x/click"), ("menu", "/input/y/click"))
_RIGHT_AB: Final = (("teleport", "/input/a/click"), ("menu", "/input/b/click"))
_MENU: Final = ("menu", "/input/menu/click")
# Runtimes keep the right hand's menu button of these for themselves.
_LEFT_XY_MENU: Final = (*_LEFT_XY, _MENU)

PROFILES: Final = (
    Profile(
        "/interaction_profiles/khr/simple_controller",
        both=(*_HELD, ("select", "/input/select/click"), _MENU),
    ),
    Profile(
        "/interaction_profiles/oculus/touch_controller",
        both=_STICK,
        left=_LEFT_XY_MENU,
        right=_RIGHT_AB,
    ),
    Profile(
        "/interaction_profiles/meta/touch_controller_plus",
        both=_STICK,
        left=_LEFT_XY_MENU,
        right=_RIGHT_AB,
        extension=choices.TOUCH_PLUS,
    ),
    Profile(
        "/interaction_profiles/valve/index_controller",
        both=(
            *_HELD,
            ("select", "/input/trigger/value"),
            # A hand that merely holds the controller already squeezes by `value`.
            ("grab", "/input/squeeze/force"),
            ("stick", "/input/thumbstick"),
            ("teleport", "/input/a/click"),
            ("menu", "/input/b/click"),
        ),
    ),
    Profile(
        "/interaction_profiles/htc/vive_controller",
        both=(
            *_HELD,
            ("select", "/input/trigger/value"),
            ("grab", "/input/squeeze/click"),
            ("stick", "/input/trackpad"),
            ("teleport", "/input/trackpad/click"),
            _MENU,
        ),
        pad=True,
    ),
    Profile(
        "/interaction_profiles/microsoft/motion_controller",
        both=(
            *_HELD,
            ("select", "/input/trigger/value"),
            ("grab", "/input/squeeze/click"),
            ("stick", "/input/thumbstick"),
            ("teleport", "/input/trackpad/click"),
            _MENU,
        ),
    ),
    Profile(
        "/interaction_profiles/bytedance/pico_neo3_controller",
        both=_STICK,
        left=_LEFT_XY_MENU,
        right=_RIGHT_AB,
        extension=choices.PICO,
    ),
    Profile(
        "/interaction_profiles/bytedance/pico4_controller",
        both=_STICK,
        left=_LEFT_XY_MENU,
        right=_RIGHT_AB,
        extension=choices.PICO,
    ),
    Profile(
        "/interaction_profiles/hp/mixed_reality_controller",
        both=(*_STICK, _MENU),
        left=_LEFT_XY[:1],
        right=_RIGHT_AB[:1],
        extension=choices.HP,
    ),
    Profile(
        # Bare hands: a pinch selects, a fist grabs. They have neither stick nor motor, and no
        # gesture that could not be made by chance is left for jumping and the menu.
        "/interaction_profiles/ext/hand_interaction_ext",
        both=(*_POSES, ("select", "/input/pinch_ext/value"), ("grab", "/input/grasp_ext/value")),
        extension=choices.HAND_INTERACTION,
    ),
)
_PADS: Final = frozenset(profile.path for profile in PROFILES if profile.pad)


def usable_profiles(enabled: Iterable[str]) -> tuple[Profile, ...]:
    """The profiles that a runtime with these extensions enabled can be told of."""
    there = frozenset(enabled)
    return tuple(
        profile for profile in PROFILES if profile.extension is None or profile.extension in there
    )


def is_pad(profile_path: str) -> bool:
    """Whether the hand's stick is a pad, by the profile in use ("" where none is)."""
    return profile_path in _PADS


def pad_input(pad: tuple[float, float], pressed: bool) -> tuple[tuple[float, float], bool]:
    """What a pad under a thumb means: (stick, teleport).

    Pressed at its left or right it turns; pressed elsewhere it teleports; merely touched it means
    nothing, as a thumb always lies on it.
    """
    right, ahead = pad
    if not pressed:
        return (0.0, 0.0), False
    if abs(right) > max(0.5, abs(ahead)):
        return (right, 0.0), False
    return (0.0, 0.0), True
