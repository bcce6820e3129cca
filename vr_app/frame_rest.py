"""Keeps Python's garbage collector and thread switches out of the frame's way.

What was made before the first frame is never looked at again, and young garbage is collected only
in the time that a frame has left over. It measures no frame.
"""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from typing import Final

SWITCH_S: Final = 0.0005  # a worker in pure Python costs the frame at most this
YOUNG: Final = 2_000  # new containers before the youngest are looked at
# Generations are looked at this many collections of the one before apart.
APART: Final = 20
LONGEST_S: Final = 60.0  # without a look at the whole: what has come since the freeze
AT_LATEST_S: Final = 600.0  # the whole, whatever time is left: or memory would only grow
MOST: Final = 50_000  # new containers, whatever time is left


@dataclass(slots=True)
class _Process:
    """What a process was like before the first of several who draw in it."""

    drawing: int = 0
    collected: bool = True
    switch_s: float = 0.005


_process = _Process()


class FrameRest:
    """Collects garbage between frames. `begin` before the first frame, `end` after the last.

    Several may be at it in one process: it is as it was before when the last has ended.
    """

    def __init__(self) -> None:
        self._running = False
        self._seconds = [0.0002, 0.001, 0.01]  # of the last collection of each generation
        self._since = [0, 0, 0]
        self._whole_at = 0.0

    def begin(self) -> None:
        """From here on nothing is collected but in `rest`."""
        if self._running:
            return
        self._running = True
        _process.drawing += 1
        if _process.drawing == 1:
            _process.collected, _process.switch_s = gc.isenabled(), sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_S)
            # Not the oldest: that takes a tenth of the time to the first picture.
            gc.collect(1)
            gc.freeze()
            gc.disable()
        self._whole_at = time.monotonic()

    def rest(self, spare_s: float) -> None:
        """`spare_s` are left of a frame: collect what fits into them."""
        if not self._running:
            return
        young = gc.get_count()[0]
        if young < YOUNG:
            return
        since_whole = time.monotonic() - self._whole_at
        generation = 0
        if self._since[0] >= APART:
            generation = 1
        if self._since[1] >= APART or since_whole > LONGEST_S:
            generation = 2
        if since_whole > AT_LATEST_S:
            spare_s = float("inf")
        while generation and self._seconds[generation] > spare_s:
            generation -= 1
        if self._seconds[generation] > spare_s and young < MOST:
            return
        begun = time.perf_counter()
        gc.collect(generation)
        self._seconds[generation] = time.perf_counter() - begun
        self._since[generation] += 1
        for younger in range(generation):
            self._since[younger] = 0
        if generation == 2:
            self._whole_at = time.monotonic()
            self._since[1] = 0

    def end(self) -> None:
        """As it was before."""
        if not self._running:
            return
        self._running = False
        _process.drawing -= 1
        if _process.drawing == 0:
            gc.unfreeze()
            sys.setswitchinterval(_process.switch_s)
            if _process.collected:
                gc.enable()
