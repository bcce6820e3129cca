"""What a tracked person's head and hands did in one frame: plain data in the rig's frame.

The rig is the floor of the tracked space: metres, x right, y forward, z up, origin on the floor.
Where the rig stands in the mine is the application's affair, never the display's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

LEFT: Final = "left"
RIGHT: Final = "right"


def _no_turn() -> npt.NDArray[np.float64]:
    return np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(slots=True)
class RigPose:
    """A place and a direction in the rig's frame.

    position: (3,) float64, metres; orientation: (4,) float64 unit quaternion w, x, y, z that turns
    the body's own axes (x right, y ahead, z up) into the rig's.
    """

    position: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    orientation: npt.NDArray[np.float64] = field(default_factory=_no_turn)


def turned(
    orientation: npt.NDArray[np.float64], vector: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(..., 3): vectors turned by a unit quaternion w, x, y, z."""
    w, axis = orientation[0], orientation[1:]
    across = 2.0 * np.cross(axis, vector)
    result: npt.NDArray[np.float64] = vector + w * across + np.cross(axis, across)
    return result


@dataclass(slots=True)
class HandInput:
    """One hand or controller. aim: where its laser starts and points (along y); grip: where the
    hand is; None where the runtime does not know at the moment. Buttons are held states;
    `stick` is (right, ahead) in [-1, 1]. joints: (26, 3) float64 metres in the order of
    XR_EXT_hand_tracking, or None."""

    aim: RigPose | None = None
    grip: RigPose | None = None
    select: bool = False
    grab: bool = False
    teleport: bool = False
    menu: bool = False
    stick: tuple[float, float] = (0.0, 0.0)
    joints: npt.NDArray[np.float64] | None = None


@dataclass(slots=True)
class TrackedInput:
    """A tracked person in one frame, predicted for the time of display.

    head: between the eyes; hands: by LEFT and RIGHT, absent where there is none; recentred: the
    runtime moved its origin since the last frame; worn: whether the headset is on a head and
    its frames are seen (`False`: frames are not drawn, nothing else stops).
    """

    head: RigPose = field(default_factory=RigPose)
    hands: dict[str, HandInput] = field(default_factory=dict)
    recentred: bool = False
    worn: bool = True
