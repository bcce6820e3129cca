"""Splits many triangles into groups that lie together: a tree with up to four branches a node.

Works on how many centroids lie in each cell of a grid, so that a pass over chunks is enough to
plan a mesh of any size. It never looks at a triangle itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.column_bounds import column_bounds

Int64s = npt.NDArray[np.int64]
CELLS = 1 << 20
FAN_OUT = 4

# A tree: the number of a group, or the trees of up to FAN_OUT branches.
Tree = int | list["Tree"]


@dataclass(frozen=True, slots=True)
class Cells:
    """A grid over a box in steps: cell (n,) = (step - low) // size, along x, then y, then z."""

    low: Int64s
    size: int
    shape: tuple[int, int, int]

    @staticmethod
    def over(low: npt.NDArray[Any], high: npt.NDArray[Any]) -> Cells:
        """A grid of at most about CELLS cells over a box (3,), (3,) in steps."""
        spans = np.maximum(np.asarray(high, np.float64) - low, 1.0)
        size = 1.0
        while np.prod(np.floor(spans / size) + 1) > CELLS:
            size *= 1.25
        shape = tuple(int(v) for v in np.floor(spans / int(np.ceil(size))) + 1)
        return Cells(np.asarray(low, np.int64), int(np.ceil(size)), shape)  # type: ignore[arg-type]

    def of(self, steps: npt.NDArray[Any]) -> Int64s:
        """The cell of each place (n, 3), which must lie in the box."""
        x, y, z = ((steps[:, axis] - self.low[axis]) // self.size for axis in range(3))
        return np.asarray((x * self.shape[1] + y) * self.shape[2] + z, np.int64)

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self.shape[0] * self.shape[1] * self.shape[2]


@dataclass(frozen=True, slots=True)
class Split:
    """group_of_cell (cells,) int32 (-1: nothing lies there), the tree of groups, counts (groups,),
    and the box of each group (groups, 2, 3) in steps; outer sides are infinite."""

    group_of_cell: npt.NDArray[np.int32]
    tree: Tree
    counts: Int64s
    boxes: npt.NDArray[np.float64]


def split(cells: Cells, histogram: Int64s, target: int) -> Split:
    """Groups of about `target`, each in a box of its own; a single cell is never divided."""
    occupied = np.flatnonzero(histogram)
    coordinates = np.stack(np.unravel_index(occupied, cells.shape), axis=1)
    weights = histogram[occupied].astype(np.int64)
    group_of_cell = np.full(cells.count, -1, np.int32)
    counts: list[int] = []
    boxes: list[npt.NDArray[np.float64]] = []

    def leaf(members: Int64s, box: npt.NDArray[np.float64]) -> Tree:
        group_of_cell[occupied[members]] = len(counts)
        counts.append(int(weights[members].sum()))
        boxes.append(box)
        return len(counts) - 1

    def halves(
        members: Int64s, box: npt.NDArray[np.float64], groups: int
    ) -> list[tuple[Int64s, npt.NDArray[np.float64], int]]:
        own = coordinates[members]
        if groups < 2 or len(members) < 2:
            return [(members, box, groups)]
        axis = int(np.argmax(own.max(axis=0) - own.min(axis=0)))
        along = np.bincount(own[:, axis] - own[:, axis].min(), weights[members])
        below = np.cumsum(along)[:-1]
        left = groups // 2
        at = int(np.argmin(np.abs(below / below_total(along) - left / groups)))
        border = own[:, axis].min() + at + 1
        share = below[at] / below_total(along)
        left = int(np.clip(round(groups * share), 1, groups - 1))
        first, second = box.copy(), box.copy()
        first[1, axis] = second[0, axis] = cells.low[axis] + border * cells.size
        low = own[:, axis] < border
        return [(members[low], first, left), (members[~low], second, groups - left)]

    def grow(members: Int64s, box: npt.NDArray[np.float64], groups: int) -> Tree:
        if groups < 2 or len(members) < 2:
            return leaf(members, box)
        branches = [quarter for half in halves(members, box, groups) for quarter in halves(*half)]
        return [grow(*branch) for branch in branches]

    everywhere = np.array([[-np.inf] * 3, [np.inf] * 3])
    groups = max(-(-int(weights.sum()) // target), 1)
    tree = grow(np.arange(len(occupied)), everywhere, groups)
    return Split(group_of_cell, tree, np.array(counts, np.int64), np.array(boxes))


def below_total(along: npt.NDArray[Any]) -> float:
    """The sum of weights, never zero."""
    return float(max(along.sum(), 1))


def split_places(places: npt.NDArray[Any], target: int) -> tuple[Int64s, Tree, int]:
    """(group of each place (n, 3) in steps, tree, number of groups), as `split`; where one cell
    holds far too much it is split by a grid of its own."""
    low, high = column_bounds(places)
    cells = Cells.over(low, high)
    cell = cells.of(places)
    found = split(cells, np.bincount(cell, minlength=cells.count), target)
    group = found.group_of_cell[cell].astype(np.int64)
    crowded = np.flatnonzero(found.counts > 2 * target)
    if not len(crowded):
        return group, found.tree, len(found.counts)
    trees: dict[int, Tree] = {}
    numbers = np.empty(len(found.counts), np.int64)
    result = np.empty(len(group), np.int64)
    count = 0
    for old in range(len(found.counts)):
        members = np.flatnonzero(group == old)
        numbers[old] = count
        if (
            old in crowded
            and (places[members] != places[members[0]]).any()
            and len(found.counts) > 1
        ):
            inner, tree, groups = split_places(places[members], target)
        elif old in crowded:  # all in one place: there is no telling them apart
            inner = np.arange(len(members)) // target
            groups = int(inner.max()) + 1
            tree = _balanced(0, groups)
        else:
            inner, tree, groups = np.zeros(len(members), np.int64), 0, 1
        result[members] = inner + count
        trees[old] = _shifted(tree, count)
        count += groups
    return result, _replaced(found.tree, trees), count


def _balanced(first: int, count: int) -> Tree:
    if count == 1:
        return first
    sizes = [(count + k) // FAN_OUT for k in range(FAN_OUT)]
    starts = np.cumsum([first, *sizes[:-1]])
    return [_balanced(int(s), n) for s, n in zip(starts, sizes, strict=True) if n]


def _shifted(tree: Tree, by: int) -> Tree:
    return tree + by if isinstance(tree, int) else [_shifted(branch, by) for branch in tree]


def _replaced(tree: Tree, by: dict[int, Tree]) -> Tree:
    return by[tree] if isinstance(tree, int) else [_replaced(branch, by) for branch in tree]
