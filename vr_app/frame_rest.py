"""Keeps Python's garbage collector and thread switches out of the frame's way.

What was made before the first frame is never looked at again, and young garbage is collected only
in the time that a frame has left over. It measures no frame.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import Final

SWITCH_S: Final = 0.0005  # a worker in pure Python costs the frame at most this
YOUNG: Final = 2_000  # new containers before the youngest are looked at
# Generations are looked at this many collections of the one before apart.
APART: Final = 20
LONGEST_S: Final = 60.0  # without a look at the whole: what has come since the freeze
MOST: Final = 50_000  # new containers, whatever time is left


class FrameRest:
    """Collects garbage between frames. `begin` before the first frame, `end` after the last."""

    def __init__(self) -> None:
        self._running = False
        self._switch_s = sys.getswitchinterval()
        self._seconds = [0.0002, 0.001, 0.01]  # of the last collection of each generation
        self._since = [0, 0, 0]
        self._whole_at = 0.0

    def begin(self) -> None:
        """From here on nothing is collected but in `rest`."""
        if self._running:
            return
        self._running = True
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
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
        generation = 0
        if self._since[0] >= APART:
            generation = 1
        if self._since[1] >= APART or time.monotonic() - self._whole_at > LONGEST_S:
            generation = 2
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
        if self._running:
            self._running = False
            gc.enable()
            gc.unfreeze()
            sys.setswitchinterval(self._switch_s)
