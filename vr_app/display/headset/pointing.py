"""Which hand is the mouse on the panels, and what it presses: by its ray, or by touching them.

Pure: hands and the panels' plane in, a pixel and presses out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.display.headset.panel import Panel
from vr_app.display.tracking import RIGHT, HandInput

INDEX_TIP: Final = 10  # XR_HAND_JOINT_INDEX_TIP_EXT
NEAR_M: Final = 0.12  # a finger so close is meant for the panel: its ray no longer counts
THROUGH_M: Final = 0.10  # deeper than this it passed beside or came from behind
BACK_M: Final = 0.015  # and so far back before it can press again


@dataclass(frozen=True, slots=True)
class Pointed:
    """pixel: where the mouse is, or None; pressed: the hand that pressed there now, or ""."""

    pixel: tuple[float, float] | None = None
    pressed: str = ""


class Pointing:
    """Two hands before the panels."""

    def __init__(self) -> None:
        self._selecting: set[str] = set()
        self._hand = RIGHT  # that is the mouse
        self._armed: set[str] = set()  # fingers in front of the panel, ready to touch it

    def step(self, hands: Mapping[str, HandInput], panel: Panel, size: tuple[int, int]) -> Pointed:
        """One frame, `size` of the panels' picture in pixels. The hand that pressed last is the
        mouse, else the first that meets the panels; a finger comes before a ray."""
        selecting = {name for name, hand in hands.items() if hand.select}
        pressed, self._selecting = selecting - self._selecting, selecting
        if pressed:
            self._hand = sorted(pressed)[0]
        order = sorted(hands, key=lambda name: name != self._hand)
        touches = {name: self._touch(name, hands[name], panel, size) for name in order}
        for name in order:
            touch = touches[name]
            if touch.pixel is not None:
                if touch.pressed:
                    self._hand = name
                return touch
        for name in order:
            aim = hands[name].aim
            pixel = None if aim is None else panel.aimed(aim, size)
            if pixel is not None:
                return Pointed(pixel, name if name in pressed else "")
        return Pointed()

    def _touch(self, name: str, hand: HandInput, panel: Panel, size: tuple[int, int]) -> Pointed:
        tip = fingertip(hand)
        met = None if tip is None else panel.over(tip, size)
        if met is None:
            self._armed.discard(name)
            return Pointed()
        pixel, before_m = met
        if before_m > NEAR_M or before_m < -THROUGH_M:
            self._armed.discard(name)
            return Pointed()
        if before_m > BACK_M:
            self._armed.add(name)
        if before_m <= 0.0 and name in self._armed:
            self._armed.discard(name)
            return Pointed(pixel, name)
        return Pointed(pixel)


def fingertip(hand: HandInput) -> npt.NDArray[np.float64] | None:
    """What a hand touches with (3,): the tip of its index finger, else of its controller."""
    if hand.joints is not None and len(hand.joints) > INDEX_TIP:
        return np.asarray(hand.joints[INDEX_TIP], np.float64)
    return None if hand.aim is None else hand.aim.position
