"""Which tiles stay in memory: one budget for all layers and views; the least useful go first.

Pure bookkeeping: it loads and draws nothing. That what is needed fits is the selector's work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from vr_app.stream.branch import Branch

BUDGET_BYTES: Final = 768 * 1024 * 1024
FOR_THE_VIEW: Final = 0.8  # share for what is drawn; the rest is for what stands in and comes
SOON_S: Final = 2.0  # what is wanted again so soon should not have been forgotten


class Residency:
    """The tiles that are loaded, by measured bytes with the GPU's copies."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.budget = budget
        self.held: set[Branch] = set()
        self.held_bytes = 0
        self.pinned_bytes = 0
        self.forgotten = 0  # tiles, in all
        self.missed = 0  # of them wanted again within `SOON_S`
        self._tick = 0
        self._ticks: deque[tuple[float, int]] = deque()  # of the last `SOON_S`
        self._recent: deque[tuple[float, Branch]] = deque()
        self._recent_set: set[Branch] = set()

    @property
    def for_the_view(self) -> int:
        """Bytes that a choice may take beside the pinned tiles."""
        return max(int(self.budget * FOR_THE_VIEW) - self.pinned_bytes, 0)

    def add(self, branch: Branch) -> None:
        """A tile was loaded; `branch.size` says its bytes."""
        branch.used = self._tick
        self.held.add(branch)
        self.held_bytes += branch.size
        if branch.pinned:
            self.pinned_bytes += branch.size

    def pin(self, branch: Branch, wanted: bool) -> None:
        """Whether a tile stays whatever is short."""
        if branch.pinned != wanted:
            branch.pinned = wanted
            if branch in self.held:
                self.pinned_bytes += branch.size if wanted else -branch.size

    def use(self, *groups: Iterable[Branch]) -> None:
        """What is needed or shown from now on, until the next call."""
        self._tick += 1
        for group in groups:
            for branch in group:
                branch.used = self._tick

    def want(self, branches: Iterable[Branch], now: float) -> None:
        """What is asked for: counts those that were forgotten a moment ago."""
        recent = self._recent
        while recent and now - recent[0][0] > SOON_S:
            self._recent_set.discard(recent.popleft()[1])
        if self._recent_set:
            for branch in branches:
                if branch in self._recent_set:
                    self._recent_set.discard(branch)
                    self.missed += 1

    def forget(self, now: float) -> list[Branch]:
        """The tiles to give up so that the budget holds: least useful first, none that is used."""
        self._ticks.append((now, self._tick))
        while now - self._ticks[0][0] > SOON_S:
            self._ticks.popleft()
        if self.held_bytes <= self.budget:
            return []
        idle = [b for b in self.held if b.used < self._tick and not b.pinned]
        idle.sort(key=lambda b: (b.used, b.weight, -b.size, b.number))
        gone = []
        for branch in idle:
            if self.held_bytes <= self.budget:
                break
            self._drop(branch)
            self._recent.append((now, branch))
            self._recent_set.add(branch)
            gone.append(branch)
        self.forgotten += len(gone)
        return gone

    def _drop(self, branch: Branch) -> None:
        self.held.discard(branch)
        self.held_bytes -= branch.size
        if branch.pinned:
            self.pinned_bytes -= branch.size

    def room_for(self, size: int) -> bool:
        """Whether tiles that nobody waits for have room: nothing that is used, or was a moment
        ago, must go for them."""
        since = min(self._ticks[0][1] if self._ticks else self._tick, self._tick - 1)
        used = sum(b.size for b in self.held if b.pinned or b.used >= since)
        return used + size <= self.budget
