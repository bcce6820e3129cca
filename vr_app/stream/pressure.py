"""How much coarser the picture must be so that what the eyes come back to stays in memory.

Pure: bytes and seconds in, a factor for the error out; it forgets and loads nothing.
"""

from __future__ import annotations

import math
from typing import Final

HIGH: Final = 0.9  # share of the budget from which on the picture becomes coarser
LOW: Final = 0.7  # and below which it may become finer; between them nothing changes
RISES: Final = 0.2  # a second, for each e-fold that is too much
FALLS: Final = 0.1  # slowly: what was too much a moment ago will be again
LARGEST: Final = 16.0
STEPS: Final = 4  # to twice the error: each is a new choice, so they are few


class Pressure:
    """A factor of 1 or more on the error that tiles may have on the screen."""

    def __init__(self) -> None:
        self._log = 0.0

    def note(self, wanted: int, budget: int, seconds: float) -> None:
        """`wanted` bytes are in use, were a moment ago or are on their way, `seconds` after the
        last time this was said."""
        share = math.log(max(wanted, 1) / max(budget, 1))
        high, low = math.log(HIGH), math.log(LOW)
        if share > high:
            self._log += (share - high) * RISES * seconds
        elif share < low:
            self._log += max(share - low, -1.0) * FALLS * seconds
        self._log = min(max(self._log, 0.0), math.log(LARGEST))

    @property
    def factor(self) -> float:
        """In steps, so that it rests when little changes."""
        return float(2.0 ** (math.ceil(self._log / math.log(2.0) * STEPS - 1e-9) / STEPS))
