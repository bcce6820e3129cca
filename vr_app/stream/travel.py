"""Where the eyes will be in a moment, from how they moved: what lies there can be loaded early.

Pure; frame time only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.stream.views import View

AHEAD_S: Final = 1.0
SMOOTH_S: Final = 0.3
SLOWEST: Final = 0.7  # metres a second: below that nothing new comes into view
JUMP_M: Final = 5.0  # in one frame: no way of travel, a teleport


class Travel:
    """The way of the first view."""

    def __init__(self) -> None:
        self._last: npt.NDArray[np.float64] | None = None
        self._velocity = np.zeros(3)

    def note(self, views: Sequence[View], seconds: float) -> None:
        """The views of a frame, `seconds` after the last."""
        if not views:
            return
        position = views[0].position
        last, self._last = self._last, position.copy()
        if last is None:
            return
        way = position - last
        if float(np.abs(way).max()) > JUMP_M:
            self._velocity = np.zeros(3)
            return
        if seconds <= 0.0:
            return
        self._velocity += (way / seconds - self._velocity) * min(seconds / SMOOTH_S, 1.0)

    def ahead(self, views: Sequence[View]) -> list[View]:
        """The views as they will be; none while nobody travels."""
        if float(np.linalg.norm(self._velocity)) < SLOWEST:
            return []
        way = self._velocity * AHEAD_S
        moved = []
        for view in views:
            planes = view.planes.copy()
            if len(planes):
                planes[:, 3] -= planes[:, :3] @ way
            moved.append(View(view.position + way, planes, view.pixels_per_radian, view.gaze))
        return moved
