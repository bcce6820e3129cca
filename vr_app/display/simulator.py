"""A headset without a headset: head and hands by keyboard and mouse, or by a script.

The same input as a real one gives, on the desktop's window or without a screen, so that everything
that tracked people do can be tried on any machine. It draws one eye, as the desktop does.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.display.desktop import DesktopDisplay
from vr_app.display.input import InputFrame
from vr_app.display.offscreen import OffscreenDisplay
from vr_app.display.tracking import LEFT, RIGHT, HandInput, RigPose, TrackedInput, turned

EYES_M: Final = 1.65
LOWEST_M, HIGHEST_M = 0.6, 2.1
RISE_M_S: Final = 0.8
STEEPEST_RAD: Final = math.radians(88)
# Of the hands from the head, in the head's own axes turned level: right, ahead, up, in metres.
HAND: Final = (0.22, 0.38, -0.35)
# Keys that are the hands': they are taken out of what the desktop would make of them.
STICK_KEYS: Final = frozenset({"arrow_up", "arrow_down", "arrow_left", "arrow_right"})
HAND_KEYS: Final = frozenset({"space", "b", "u", "r", "y", "mouse1", "mouse3"})


def orientation(azimuth_rad: float, pitch_rad: float) -> npt.NDArray[np.float64]:
    """Quaternion w, x, y, z of a body that looks there: azimuth clockwise from y, pitch upwards."""
    turn, nod = -azimuth_rad / 2, pitch_rad / 2
    a, d = math.cos(turn), math.sin(turn)
    b, c = math.cos(nod), math.sin(nod)
    return np.array([a * b, a * c, d * c, d * b])


class Pilot:
    """Whoever moves the head and hands: a person's keys, or a script that sets `script`."""

    def __init__(self) -> None:
        self.azimuth_rad = self.pitch_rad = 0.0
        self.height_m = EYES_M
        self.script: TrackedInput | None = None
        self.pointer: tuple[float, float] | None = None  # of a script, on the panels
        self.pressed: list[str] = []  # keys of a script, for one frame
        self.pulses: list[tuple[str, float, float]] = []  # hand, seconds, strength

    def tracked(self, frame: InputFrame, seconds: float, captured: bool) -> TrackedInput:
        """The head and hands of a frame; what was used for them is taken out of the frame."""
        if self.script is not None:
            frame.pointer = self.pointer
            frame.pressed, self.pressed = frame.pressed + self.pressed, []
            return replace(self.script)
        rise = float("y" in frame.held) - float("r" in frame.held)
        self.height_m = min(max(self.height_m + rise * RISE_M_S * seconds, LOWEST_M), HIGHEST_M)
        self.azimuth_rad = (self.azimuth_rad + frame.look[0]) % math.tau
        pitch = self.pitch_rad + frame.look[1]
        self.pitch_rad = max(-STEEPEST_RAD, min(STEEPEST_RAD, pitch))
        held = frame.held
        stick = (
            float("arrow_right" in held) - float("arrow_left" in held),
            float("arrow_up" in held) - float("arrow_down" in held),
        )
        head = RigPose(
            np.array([0.0, 0.0, self.height_m]), orientation(self.azimuth_rad, self.pitch_rad)
        )
        press = "space" in held or (captured and "mouse1" in held)
        right = self._hand(head, 1.0)
        right.select, right.stick = press, stick
        right.teleport = captured and "mouse3" in held
        right.grab, right.menu = "b" in held, "u" in held
        taken = STICK_KEYS | (HAND_KEYS if captured else HAND_KEYS - {"mouse1", "mouse3"})
        frame.held = held - taken
        frame.pressed = [key for key in frame.pressed if key not in taken]
        frame.look = (0.0, 0.0)
        return TrackedInput(head, {LEFT: self._hand(head, -1.0), RIGHT: right})

    def _hand(self, head: RigPose, side: float) -> HandInput:
        level = orientation(self.azimuth_rad, 0.0)
        place = head.position + turned(level, np.array([side * HAND[0], HAND[1], HAND[2]]))
        # It aims at what the eyes look at ten metres ahead.
        spot = head.position + 10.0 * turned(head.orientation, np.array([0.0, 1.0, 0.0]))
        x, y, z = spot - place
        aim = RigPose(place, orientation(math.atan2(x, y), math.atan2(z, math.hypot(x, y))))
        return HandInput(aim, RigPose(place.copy(), aim.orientation.copy()))


class SimulatorDisplay(DesktopDisplay):
    """A window whose keyboard and mouse are a head and two hands."""

    name = "simulator"

    def __init__(self, size: tuple[int, int], title: str) -> None:
        super().__init__(size, title)
        self.pilot = Pilot()
        self._head = RigPose(np.array([0.0, 0.0, EYES_M]))
        self._last = time.monotonic()

    def take_input(self) -> InputFrame:
        """See `Display.take_input`."""
        frame = super().take_input()
        now = time.monotonic()
        seconds, self._last = min(now - self._last, 0.25), now
        frame.tracked = self.pilot.tracked(frame, seconds, self.pointer_captured)
        self._head = frame.tracked.head
        return frame

    def set_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """See `Display.set_rig`."""
        self.set_eye(*seen_from(floor, azimuth_rad, self._head))

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """See `Display.vibrate`: remembered for who asks."""
        self.pilot.pulses.append((hand, seconds, strength))


class OffscreenSimulator(OffscreenDisplay):
    """A simulator without a screen, for scripts."""

    name = "simulator"

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size)
        self.pilot = Pilot()
        self._head = RigPose(np.array([0.0, 0.0, EYES_M]))

    def take_input(self) -> InputFrame:
        """What the script wants."""
        frame = super().take_input()
        frame.tracked = self.pilot.tracked(frame, 0.0, True)
        self._head = frame.tracked.head
        return frame

    def set_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """See `Display.set_rig`."""
        self.set_eye(*seen_from(floor, azimuth_rad, self._head))

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """See `Display.vibrate`: remembered for who asks."""
        self.pilot.pulses.append((hand, seconds, strength))


def seen_from(
    floor: npt.NDArray[np.float64], azimuth_rad: float, head: RigPose
) -> tuple[npt.NDArray[np.float64], float, float]:
    """(eye (3,), azimuth, pitch) in the scene of a head in a rig that stands there."""
    rig = np.array([math.cos(azimuth_rad / 2), 0.0, 0.0, -math.sin(azimuth_rad / 2)])
    eye = np.asarray(floor, np.float64) + turned(rig, head.position)
    ahead = turned(rig, turned(head.orientation, np.array([0.0, 1.0, 0.0])))
    pitch = math.asin(max(-1.0, min(1.0, float(ahead[2]))))
    return eye, math.atan2(float(ahead[0]), float(ahead[1])), pitch
