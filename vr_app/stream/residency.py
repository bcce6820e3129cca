"""Which tiles stay in memory: one budget for all layers and views; the least useful go first.

Pure bookkeeping: it loads and draws nothing. That what is needed fits is the selector's work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from vr_app.stream.branch import Branch

SizeOf = Callable[[Branch], int]

BUDGET_BYTES: Final = 768 * 1024 * 1024
FOR_THE_VIEW: Final = 0.8  # share for what is drawn; the rest is for what stands in and comes
SOON_S: Final = 2.0  # what is wanted again so soon should not have been forgotten
LATELY_S: Final = 2.5  # a tile that was used so lately goes for no other that can wait
# A head that looks about comes back to what it saw within this: it should all have room.
RETURNS_S: Final = 6.0


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
        # When each of the last `RETURNS_S` began: what has its number was used until the next did.
        self._ticks: deque[tuple[float, int]] = deque([(float("-inf"), 0)])
        self._spare: set[Branch] = set()
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

    def use(self, now: float, *groups: Iterable[Branch], spare: Iterable[Branch] = ()) -> None:
        """What is needed or shown from now on, until the next call; `spare`: what would be the
        next best for it."""
        self._spare = set(spare)
        for branch in self._spare:
            branch.used = self._tick
        self._tick += 1
        for group in groups:
            for branch in group:
                branch.used = self._tick
        self._ticks.append((now, self._tick))
        while now - self._ticks[1][0] > RETURNS_S:
            self._ticks.popleft()

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
        """The tiles to give up so that the budget holds: least useful first, none that is used.

        What was used lately goes last, after the next best for what is used now.
        """
        if self.held_bytes <= self.budget:
            return []
        lately = self._since(now - LATELY_S)
        idle = [b for b in self.held if b.used < self._tick and not b.pinned]
        idle.sort(key=lambda b: (self._rank(b, lately), b.used, b.weight, -b.size, b.number))
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

    def _rank(self, branch: Branch, lately: int) -> int:
        if branch in self._spare:
            return 1
        return 2 if branch.used >= lately else 0

    def _since(self, time: float) -> int:
        """The least number that a tile has which was used at that time or later."""
        since = self._tick
        for begun, tick in reversed(self._ticks):
            since = tick
            if begun <= time:
                break
        return since

    def _drop(self, branch: Branch) -> None:
        self.held.discard(branch)
        self.held_bytes -= branch.size
        if branch.pinned:
            self.pinned_bytes -= branch.size

    def in_use(self, now: float) -> int:
        """Bytes of what is used or was within `RETURNS_S`, and of what would be the next best."""
        since = self._since(now - RETURNS_S)
        return sum(b.size for b in self.held if b.pinned or b.used >= since or b in self._spare)

    def affordable(self, wanted: Iterable[Branch], size: SizeOf, now: float) -> list[Branch]:
        """Of what the picture waits for, most urgent first and of these sizes in bytes, what comes
        now: nothing that is used, or was lately, goes for it.

        What was used lately will be idle in a moment, so the others come then. Where even that
        would not make room for any, one comes at a time: what stands in for it goes when it is
        there.
        """
        coming = list(wanted)
        if not coming or self.held_bytes + sum(map(size, coming)) <= self.budget:
            return coming
        lately = self._since(now - LATELY_S)
        used = next_best = kept = 0
        for branch in self.held:
            if branch.pinned or branch.used == self._tick:
                used += branch.size
            elif branch in self._spare:
                next_best += branch.size
            elif branch.used >= lately:
                kept += branch.size
        room = self.budget - used - next_best - kept
        found = []
        for branch in coming:
            room -= size(branch)
            if room < 0:
                break
            found.append(branch)
        if not found and self.budget - used - next_best < size(coming[0]):
            return coming[:1]
        return found

    def room_for(self, size: int, now: float) -> bool:
        """Whether tiles that nobody waits for have room beside everything that is in use."""
        return self.in_use(now) + size <= self.budget
