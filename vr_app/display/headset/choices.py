"""What we take of what a runtime offers: extensions, formats, origin, blend mode, refresh rate.

Pure: it speaks in OpenXR's and OpenGL's own numbers and names, and calls neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

# The instance is made for OpenXR 1.0: runtimes of 1.1 serve it, those of 1.0 refuse 1.1, and what
# we use of 1.1 (LOCAL_FLOOR, Touch Plus, Pico) each has an extension.
API_VERSION: Final = (1, 0, 0)

OPENGL: Final = "XR_KHR_opengl_enable"
DEPTH: Final = "XR_KHR_composition_layer_depth"
VISIBILITY_MASK: Final = "XR_KHR_visibility_mask"
REFRESH_RATE: Final = "XR_FB_display_refresh_rate"
LOCAL_FLOOR: Final = "XR_EXT_local_floor"
HAND_TRACKING: Final = "XR_EXT_hand_tracking"
HAND_INTERACTION: Final = "XR_EXT_hand_interaction"
TOUCH_PLUS: Final = "XR_META_touch_controller_plus"
PICO: Final = "XR_BD_controller_interaction"
HP: Final = "XR_EXT_hp_mixed_reality_controller"

REQUIRED: Final = (OPENGL,)
WANTED: Final = (
    DEPTH,
    VISIBILITY_MASK,
    REFRESH_RATE,
    LOCAL_FLOOR,
    HAND_TRACKING,
    HAND_INTERACTION,
    TOUCH_PLUS,
    PICO,
    HP,
)

# OpenGL's numbers of texture formats.
SRGB8_ALPHA8: Final = 0x8C43
SRGB8: Final = 0x8C41
RGBA16F: Final = 0x881A
RGBA8: Final = 0x8058
DEPTH32F: Final = 0x8CAC
DEPTH24_STENCIL8: Final = 0x88F0
DEPTH24: Final = 0x81A6
DEPTH32F_STENCIL8: Final = 0x8CAD
DEPTH16: Final = 0x81A5
FORMAT_NAMES: Final = {
    SRGB8_ALPHA8: "SRGB8_ALPHA8",
    SRGB8: "SRGB8",
    RGBA16F: "RGBA16F",
    RGBA8: "RGBA8",
    0x881B: "RGB16F",
    0x8814: "RGBA32F",
    0x8059: "RGB10_A2",
    0x805B: "RGBA16",
    0x8C3A: "R11F_G11F_B10F",
    DEPTH32F: "DEPTH_COMPONENT32F",
    DEPTH24_STENCIL8: "DEPTH24_STENCIL8",
    DEPTH24: "DEPTH_COMPONENT24",
    DEPTH32F_STENCIL8: "DEPTH32F_STENCIL8",
    DEPTH16: "DEPTH_COMPONENT16",
}


@dataclass(frozen=True, slots=True)
class Features:
    """What an instance is made with. enable: the extensions to ask for; missing: required ones
    that the runtime lacks (no session is possible then); the rest says what may be used."""

    enable: tuple[str, ...]
    missing: tuple[str, ...]

    def has(self, extension: str) -> bool:
        """Whether an extension (one of this module's names) is enabled."""
        return extension in self.enable


def choose_extensions(offered: Iterable[str]) -> Features:
    """The extensions to enable of those that a runtime offers."""
    there = frozenset(offered)
    return Features(
        enable=tuple(name for name in (*REQUIRED, *WANTED) if name in there),
        missing=tuple(name for name in REQUIRED if name not in there),
    )


@dataclass(frozen=True, slots=True)
class ColourFormat:
    """A swapchain's colour format.

    number: OpenGL's; encoded: the runtime reads the stored values as sRGB-encoded (True), or as
    linear light (False), in which case a picture that is already encoded must be decoded into it;
    alpha: whether it can carry transparency.
    """

    number: int
    encoded: bool
    alpha: bool


_COLOURS: Final = (
    ColourFormat(SRGB8_ALPHA8, encoded=True, alpha=True),
    ColourFormat(SRGB8, encoded=True, alpha=False),
    ColourFormat(RGBA16F, encoded=False, alpha=True),
    ColourFormat(RGBA8, encoded=False, alpha=True),  # linear light in 8 bits: bands in the dark
)


def choose_colour(listed: Iterable[int], *, need_alpha: bool = False) -> ColourFormat | None:
    """The best colour format that a runtime lists, None where there is none that we can fill.

    need_alpha: the blend mode shows the surroundings through our picture's transparency; a format
    without it is then only taken where there is no other.
    """
    there = frozenset(listed)
    usable = [colour for colour in _COLOURS if colour.number in there]
    fitting = [colour for colour in usable if colour.alpha or not need_alpha]
    return next(iter(fitting or usable), None)


def choose_depth(listed: Iterable[int], drawn: int | None = None) -> int | None:
    """The depth format for XR_KHR_composition_layer_depth, None where there is none.

    drawn: the format in which our own depth is drawn: OpenGL copies depth only between buffers of
    the same format, so nothing else serves a caller that copies.
    """
    there = frozenset(listed)
    if drawn is not None:
        return drawn if drawn in there else None
    order = (DEPTH32F, DEPTH24_STENCIL8, DEPTH24, DEPTH32F_STENCIL8, DEPTH16)
    return next((number for number in order if number in there), None)


class BlendMode(IntEnum):
    """How the runtime mixes our picture with the surroundings; XrEnvironmentBlendMode's numbers."""

    OPAQUE = 1
    ADDITIVE = 2
    ALPHA_BLEND = 3


@dataclass(frozen=True, slots=True)
class Blend:
    """mode: what to end frames with; surroundings: whether a wearer sees the room around them;
    granted: whether this is what was wanted."""

    mode: BlendMode
    surroundings: bool
    granted: bool


def choose_blend(listed: Sequence[int], *, surroundings_wanted: bool = False) -> Blend:
    """The blend mode: OPAQUE unless the person wants to see the surroundings (a twin on a table).

    Glasses that list only ADDITIVE always show them. A runtime that lists nothing that we know is
    given OPAQUE, which all must accept that draw at all.
    """
    there = frozenset(listed)
    order = (
        (BlendMode.ALPHA_BLEND, BlendMode.ADDITIVE, BlendMode.OPAQUE)
        if surroundings_wanted
        else (BlendMode.OPAQUE, BlendMode.ALPHA_BLEND, BlendMode.ADDITIVE)
    )
    mode = next((mode for mode in order if mode in there), BlendMode.OPAQUE)
    # ALPHA_BLEND with an opaque picture hides everything around.
    shown = mode is BlendMode.ADDITIVE or (mode is BlendMode.ALPHA_BLEND and surroundings_wanted)
    return Blend(mode, shown, granted=shown == surroundings_wanted)


class Origin(IntEnum):
    """A reference space's kind; XrReferenceSpaceType's numbers."""

    LOCAL = 2
    STAGE = 3
    LOCAL_FLOOR = 1000426000


@dataclass(frozen=True, slots=True)
class OriginChoice:
    """kind: the reference space to make; down_m: how far below its origin the floor lies (the
    space's own pose is (0, -down_m, 0) in OpenXR's axes)."""

    kind: Origin
    down_m: float


def choose_origin(listed: Iterable[int], height_m: float) -> OriginChoice:
    """Where the rig's floor is: LOCAL_FLOOR, else STAGE, else LOCAL lowered by the person's height.

    height_m: of the eyes above the floor, as set by the person. Every runtime must have LOCAL.
    """
    there = frozenset(listed)
    if Origin.LOCAL_FLOOR in there:
        return OriginChoice(Origin.LOCAL_FLOOR, 0.0)
    if Origin.STAGE in there:
        return OriginChoice(Origin.STAGE, 0.0)
    return OriginChoice(Origin.LOCAL, height_m)


class Rate(Enum):
    """What a person may want of the refresh rate besides a number."""

    RUNTIME = "runtime"  # leave it alone
    HIGHEST = "highest"


def choose_rate(listed: Iterable[float], wanted: float | Rate) -> float | None:
    """The refresh rate (Hz) to ask for, None to leave it as it is.

    A number takes the nearest that is listed, the lower of two equally near ones.
    """
    usable = sorted(rate for rate in listed if math.isfinite(rate) and rate > 0)
    if not usable or wanted is Rate.RUNTIME:
        return None
    if isinstance(wanted, Rate):
        return usable[-1]
    return min(usable, key=lambda rate: (abs(rate - wanted), rate))


def choose_samples(wanted: int, most: int) -> int:
    """Samples per pixel for our own buffers: the largest power of two within both, at least 1.

    most: what the driver can do (GL_MAX_SAMPLES).
    """
    limit = max(1, min(wanted, most))
    return 1 << (limit.bit_length() - 1)


def choose_size(
    recommended: tuple[int, int], largest: tuple[int, int], scale: float = 1.0
) -> tuple[int, int]:
    """An eye's picture in pixels (width, height): what is recommended times `scale`, even numbers,
    within what the runtime allows, at least 2."""

    def side(recommended_px: int, largest_px: int) -> int:
        return max(2, min(round(recommended_px * scale), largest_px) // 2 * 2)

    return side(recommended[0], largest[0]), side(recommended[1], largest[1])
