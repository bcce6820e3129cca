"""What every display offers, and the choice of one by name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from vr_app.display.input import InputFrame
from vr_app.display.preferences import Preferences
from vr_app.display.screen import window_possible
from vr_app.errors import DisplayError
from vr_app.stream.views import View
from vr_app.world.noise import prepare_noise


class Display(Protocol):
    """A place where the scene is seen. Used on the frame thread only."""

    name: str
    scene_root: NodePath
    screen_root: NodePath  # pixel coordinates: x right, z down from the top left
    size: tuple[int, int]
    closed: bool
    look_scale: float  # multiplies the mouse's own sensitivity

    def set_eye(self, eye: npt.NDArray[np.float64], azimuth_rad: float, pitch_rad: float) -> None:
        """Where the person's head is: (3,) scene frame."""
        ...

    def set_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """Where a tracked person's rig stands: its floor origin (3,) scene frame, and the azimuth
        of its y axis. Called instead of `set_eye` in frames whose input is tracked; displays
        without tracking ignore it."""
        ...

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """A short pulse in a hand (`tracking.LEFT`, `RIGHT`), strength 0..1; nothing where there
        is no motor."""
        ...

    def prefer(self, preferences: Preferences) -> None:
        """What a person wants of it from now on."""
        ...

    @property
    def surroundings(self) -> bool:
        """Whether a wearer sees the room around them where nothing is drawn."""
        ...

    def views(self) -> list[View]:
        """The eyes that will be drawn, for tile selection."""
        ...

    def draw(self) -> None:
        """Draw one frame."""
        ...

    def take_input(self) -> InputFrame:
        """What a person did since the last call."""
        ...

    def take_notices(self) -> list[tuple[str, dict[str, str]]]:
        """(message id, arguments) of what a person should be told of the display since the last
        call: a headset that is missing, lost, or back."""
        ...

    def capture_pointer(self, wanted: bool) -> None:
        """Take the mouse for looking around, or give it back."""
        ...

    @property
    def pointer_captured(self) -> bool:
        """Whether the mouse looks around."""
        ...

    def picture(self) -> npt.NDArray[np.uint8]:
        """The last frame, (height, width, 3) uint8 RGB, first row on top."""
        ...

    def still(self) -> npt.NDArray[np.uint8]:
        """The present scene drawn anew with smooth edges; same size and form as `picture`."""
        ...

    def renderer(self) -> str:
        """The graphics driver's own name."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def has_screen() -> bool:
    """Whether a window can be hoped for."""
    return window_possible(sys.platform, os.environ)


def open_display(
    name: str,
    size: tuple[int, int] = (1280, 720),
    title: str = "Kenish",
    text: Callable[[str], str] | None = None,
    validate: bool = False,
) -> Display:
    """Open a display by name: auto, desktop, offscreen, headset or simulator. Raises
    `DisplayError`.

    auto: a headset if a runtime with one answers, else the desktop, else no screen at all. Where
    no runtime is registered nothing of OpenXR is loaded. text: messages in the person's language,
    for the names that a headset's runtime shows of what hands can do. validate: OpenXR's own layer
    checks every call to the runtime, slowly, and says on stderr what is wrong.
    """
    prepare_noise()
    if name == "auto":
        name = _best_display()
    if name == "desktop":
        from vr_app.display.desktop import DesktopDisplay

        return DesktopDisplay(size, title)
    if name == "offscreen":
        from vr_app.display.offscreen import OffscreenDisplay

        return OffscreenDisplay(size)
    if name in ("headset", "headset if any"):
        from vr_app.display.headset.display import HeadsetDisplay

        quietly = name != "headset"
        return HeadsetDisplay(size, title, quietly=quietly, validate=validate, text=text)
    if name in ("simulator", "offscreen simulator"):
        from vr_app.display.simulator import OffscreenSimulator, SimulatorDisplay

        window = name == "simulator" and has_screen()
        return SimulatorDisplay(size, title) if window else OffscreenSimulator(size)
    known = "auto, desktop, offscreen, headset, simulator"
    raise DisplayError("display-unknown", name=name, known=known)


def _best_display() -> str:
    if not has_screen():
        return "offscreen"
    from vr_app.display.headset.runtime import runtime_registered

    return "headset if any" if runtime_registered() else "desktop"
