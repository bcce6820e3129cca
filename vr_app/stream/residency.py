"""Which tiles stay in memory: one budget for all layers and views that coarsens, never refuses.

Pure: sizes and needs in, tiles to forget and a factor for the error out. It loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BUDGET_BYTES = 768 * 1024 * 1024
COARSEN, RELAX = 1.15, 1.03  # a frame, at most
COARSEST = 4096.0  # times the error: what is left then are the coarsest tiles there are
ROOMY = 0.75  # share of the budget under which detail comes back


@dataclass(slots=True)
class _Held:
    size: int
    used: int  # the last frame that needed it
    pinned: bool


class Residency:
    """The tiles that are loaded, by key."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.budget = budget
        self.factor = 1.0  # the error on screen that is allowed, times this
        self.held_bytes = 0
        self._frame = 0
        self._held: dict[int, _Held] = {}
        self._sizes: dict[int, int] = {}  # of all tiles ever seen: they come back
        self._sizes_sum = 0

    def add(self, key: int, size: int, pinned: bool = False) -> None:
        """A tile was loaded: bytes in memory, copies on the GPU included."""
        self._sizes_sum += size - self._sizes.get(key, 0)
        self._sizes[key] = size
        self._held[key] = _Held(size, self._frame, pinned)
        self.held_bytes += size

    def size_of(self, key: int) -> int:
        """Bytes of a tile, or what tiles usually have."""
        if key in self._sizes:
            return self._sizes[key]
        return self._sizes_sum // len(self._sizes) if self._sizes else 0

    def settle(self, needed: Iterable[int], kept: Iterable[int]) -> list[int]:
        """Once a frame: `needed` is what the views ask for, `kept` what is on screen now.

        Adapts `factor` for the next frame and returns the keys to forget, least useful first: not
        needed for longest, then largest.
        """
        self._frame += 1
        total = 0
        typical = self.size_of(-1)
        for key in needed:
            total += self._sizes.get(key, typical)
            held = self._held.get(key)
            if held is not None:
                held.used = self._frame
        for key in kept:
            held = self._held.get(key)
            if held is not None:
                held.used = self._frame
        pinned = sum(held.size for held in self._held.values() if held.pinned)
        if total + pinned > self.budget:
            self.factor = min(self.factor * COARSEN, COARSEST)
        elif total + pinned < ROOMY * self.budget and self.factor > 1.0:
            self.factor = max(self.factor / RELAX, 1.0)
        return self._excess()

    def _excess(self) -> list[int]:
        if self.held_bytes <= self.budget:
            return []
        idle = [
            (held.used, -held.size, key)
            for key, held in self._held.items()
            if held.used < self._frame and not held.pinned
        ]
        gone = []
        for _, size, key in sorted(idle):
            if self.held_bytes <= self.budget:
                break
            self.held_bytes += size
            del self._held[key]
            gone.append(key)
        return gone

    def room_for(self, under_way: int) -> bool:
        """Whether one more tile may be asked for while `under_way` are on their way."""
        # One at a time always: what a tile is like shows only when it is there.
        coming = (under_way + 1) * self.size_of(-1)
        return under_way == 0 or self.held_bytes + coming <= self.budget * 1.25
