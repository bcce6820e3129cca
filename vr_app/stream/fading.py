"""Changes of level as a screen-door blend: one tile comes while another goes, pixel by pixel.

Sets the shader input `fade` of the nodes that change: 0..1 how much of a tile is there already, or
-1..0 for what goes while the one at 1 + `fade` comes. By frame time alone, so that all walls agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vr_app.stream.branch import Branch

FADE_S: Final = 0.25
AT_ONCE: Final = 32  # nodes; what would be more changes at once
LEAST: Final = 1e-4  # from 0 on a tile is coming


class Fading:
    """The tiles that are coming and going."""

    def __init__(self) -> None:
        self._share: dict[Branch, float] = {}  # of the change, 0..1
        self._going: set[Branch] = set()

    @property
    def going(self) -> set[Branch]:
        """Tiles that are drawn although no longer meant, until the blend is over."""
        return self._going

    @property
    def active(self) -> bool:
        """Whether anything is changing."""
        return bool(self._share)

    def change(self, come: Iterable[Branch], go: Iterable[Branch], blend: bool) -> None:
        """Show `come` and hide `go`; blended where one replaces the other and `blend` is set."""
        come, go = set(come), set(go)
        for branch in come & self._share.keys():
            self._end(branch)  # it was going and is wanted again
        pairs = self._pairs(come, go) if blend else {}
        for branch in come:
            branch.node.show()
        for branch in go:
            if branch not in pairs:
                self._end(branch)
                branch.node.hide()
        for branch, comes in pairs.items():
            self._share[branch] = 0.0
            if not comes:
                self._going.add(branch)
            self._set(branch, 0.0)

    def _pairs(self, come: set[Branch], go: set[Branch]) -> dict[Branch, bool]:
        """{branch: whether it comes} of what replaces one another, as far as there is room."""
        groups: dict[Branch, set[Branch]] = {}  # the coarser tile -> finer ones
        for finer, coarser in ((come, go), (go, come)):
            for branch in finer:
                above = branch.parent
                while above is not None and above not in coarser:
                    above = above.parent
                if above is not None:
                    groups.setdefault(above, set()).add(branch)
        pairs: dict[Branch, bool] = {}
        for coarse in sorted(groups):
            group = groups[coarse]
            if len(self._share) + len(pairs) + len(group) + 1 <= AT_ONCE:
                pairs[coarse] = coarse in come
                pairs.update((branch, branch in come) for branch in sorted(group))
        return pairs

    def advance(self, seconds: float) -> None:
        """`seconds` of the frame's time went by."""
        if not self._share:
            return
        step = seconds / FADE_S
        for branch in list(self._share):
            share = self._share[branch] + step
            if share < 1.0:
                self._share[branch] = share
                self._set(branch, share)
            else:
                going = branch in self._going
                self._end(branch)
                if going:
                    branch.node.hide()

    def forget(self, branch: Branch) -> None:
        """A tile leaves the scene."""
        if branch in self._share:
            self._end(branch)

    def _set(self, branch: Branch, share: float) -> None:
        going = branch in self._going
        branch.node.set_shader_input("fade", min(share - 1.0, -LEAST) if going else share)

    def _end(self, branch: Branch) -> None:
        if branch in self._share:
            del self._share[branch]
            self._going.discard(branch)
            branch.node.clear_shader_input("fade")
