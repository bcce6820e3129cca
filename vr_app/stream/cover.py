"""What of a choice can be drawn now, and what must be loaded for the rest.

Pure. Where a tile that is meant is not there, the nearest one above stands in for it, or finer
ones that are still there: nothing visible is left out and nothing is drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vr_app.stream.branch import Branch
from vr_app.stream.selector import Choice, measure
from vr_app.stream.views import Eye

HOLE, SWAP, NORMAL = 0, 1, 2
FINER: Final = 2  # levels below that may stand in


@dataclass(slots=True)
class Cover:
    """show: what to draw now; wanted: (urgency, -weight, branch), unsorted: `HOLE` where nothing
    stands in, `SWAP` where a coarser tile waits for the last of those that replace it; kept: tiles
    that are there and will be shown as soon as others have come."""

    show: list[Branch] = field(default_factory=list)
    kept: list[Branch] = field(default_factory=list)
    wanted: list[tuple[int, float, Branch]] = field(default_factory=list)

    def in_order(self) -> list[Branch]:
        """What to load, most urgent first."""
        self.wanted.sort()
        return [branch for _, _, branch in self.wanted]


def cover(roots: Iterable[Branch], choice: Choice, eyes: Sequence[Eye]) -> Cover:
    """The cover of a choice that was made for these eyes."""
    walk = _Walk(choice.number, eyes)
    for root in roots:
        if root.chosen == choice.number:
            walk.visit(root, False)
    return walk.result


@dataclass(slots=True)
class _Walk:
    """One walk over the trees."""

    number: int
    eyes: Sequence[Eye]
    result: Cover = field(default_factory=Cover)

    def visit(self, branch: Branch, covered: bool) -> bool:
        """Whether the tile is (or need not be) completely on screen; adds to the cover.

        covered: a coarser tile stands in for it until then.
        """
        show = self.result.show
        own = branch.address is not None and not branch.failed
        if branch.refined != self.number:
            if branch.ready:
                show.append(branch)
                return True
            if not own:
                return True
            stands = not covered and self._finer(branch, FINER)
            self._want(branch, covered or stands)
            return stands
        before, first_wanted = len(show), len(self.result.wanted)
        stands_in = covered or (branch.ready and not branch.adds)
        parts = missing = 0
        for child in branch.children:
            if child.chosen == self.number:
                parts += 1
                missing += not self.visit(child, stands_in)
        if branch.adds and own:
            if branch.ready:
                show.append(branch)
            else:
                self._want(branch, covered)
            return missing == 0 and branch.ready
        if not own or missing == 0:
            return missing == 0
        if branch.ready:
            self.result.kept += show[before:]
            del show[before:]
            show.append(branch)
            if missing < parts:
                self._hurry(branch, first_wanted)
            return True
        self._want(branch, covered)
        return False

    def _want(self, branch: Branch, covered: bool) -> None:
        self.result.wanted.append((NORMAL if covered else HOLE, -branch.weight, branch))

    def _hurry(self, parent: Branch, first: int) -> None:
        """Some of a tile's parts are there already: the others come before new ones."""
        wanted = self.result.wanted
        for place in range(first, len(wanted)):
            urgency, weight, branch = wanted[place]
            if branch.parent is parent and urgency == NORMAL:
                wanted[place] = (SWAP, weight, branch)

    def _finer(self, branch: Branch, levels: int) -> bool:
        """Add ready tiles below that together stand for a branch; False (and none) if there are
        not enough."""
        if levels == 0 or not branch.children or branch.adds:
            return False
        show = self.result.show
        before = len(show)
        for child in branch.children:
            if child.ready:
                show.append(child)
            elif child.failed or measure(child.box, 0.0, self.eyes, float("inf")) is None:
                continue
            elif not self._finer(child, levels - 1):
                del show[before:]
                return False
        return len(show) > before
