"""Takes parts as they come and lays them down as files, then divides them into buckets.

Chunk by chunk: whatever a layer's size, only a chunk is in memory. It bakes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scenes.bake.split import Cells, Split, Tree, split
from scenes.bake.tile_jobs import CORNERS, Work
from scenes.bake.vertices import VERTEX, Int64s, Vertices
from scenes.column_bounds import column_bounds

CHUNK = 1 << 20  # primitives at a time


@dataclass(frozen=True, slots=True)
class Buckets:
    """How a layer is divided: the tree of buckets, primitives in each, their boxes (2, 3) in
    steps, and how far a place may lie from the middle of its primitive."""

    tree: Tree
    counts: list[int]
    boxes: list[list[list[float]]]
    margin: float


class Spool:
    """The primitives of one kind, on disk. Use `add` for every part, then `divide` once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.count = 0
        self._vertices = 0
        self._low = np.full(3, np.iinfo(np.int64).max)
        self._high = np.full(3, np.iinfo(np.int64).min)
        self._corners = work.path("corners.bin")
        for file in Path(work.folder).glob(work.bucket_pattern):
            file.unlink()  # of a bake that was stopped; they are appended to
        self._files = work.vertices.open("wb"), self._corners.open("wb")
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, vertices: Vertices, corners: Int64s) -> None:
        """Append a part: VERTEX (n,), corners (m, k) into it."""
        if not len(corners) or not len(vertices):
            return
        if self._vertices + len(vertices) > 0xFFFF_FFFF:
            raise ValueError("more than 2^32 vertices in one layer")
        numbered = (corners + self._vertices).astype("<u4")
        for file, data in zip(self._files, (vertices, numbered), strict=True):
            raw = np.ascontiguousarray(data).data.cast("B")
            self._digest.update(raw)
            file.write(raw)
        steps = vertices["steps"]
        low, high = column_bounds(steps)
        self._low = np.minimum(self._low, low)
        self._high = np.maximum(self._high, high)
        self._vertices += len(vertices)
        self.count += len(corners)

    def close(self) -> None:
        """No more parts will come."""
        for file in self._files:
            file.close()

    @property
    def digest(self) -> str:
        """What tells these parts from others."""
        return self._digest.hexdigest()

    def divide(self, target: int) -> Buckets:
        """Write the corners of each bucket of about `target` primitives."""
        if self.count <= target:
            self._corners.replace(self.work.bucket(0))
            everywhere = [[-np.inf] * 3, [np.inf] * 3]
            return Buckets(0, [self.count], [everywhere], 0.0)
        cells = Cells.over(self._low, self._high)
        histogram = np.zeros(cells.count, np.int64)
        margin = 0.0
        placed = self.work.path("cells.bin")
        with placed.open("wb") as file:
            for corners in self._chunks():
                cell, reach = self._placed(corners, cells)
                file.write(cell.astype("<u4").data.cast("B"))
                histogram += np.bincount(cell, minlength=cells.count)
                margin = max(margin, reach)
        found = split(cells, histogram, target)
        self._distribute(placed, found)
        self._corners.unlink()
        placed.unlink()
        boxes = [box.tolist() for box in found.boxes]
        return Buckets(found.tree, found.counts.tolist(), boxes, margin)

    def _chunks(self) -> Iterator[npt.NDArray[np.uint32]]:
        """The corners, CHUNK primitives at a time: read, as what is mapped counts as memory."""
        width = CORNERS[self.work.primitive]
        for start in range(0, self.count, CHUNK):
            count = min(CHUNK, self.count - start) * width
            yield np.fromfile(self._corners, "<u4", count, offset=4 * width * start).reshape(
                -1, width
            )

    def _placed(self, corners: npt.NDArray[np.uint32], cells: Cells) -> tuple[Int64s, float]:
        """(cell of each primitive's middle, the farthest that one of its places lies away)."""
        steps = np.memmap(self.work.vertices, VERTEX, "r")["steps"]
        width = corners.shape[1]
        # By column: numpy is several times faster on them than on rows of three.
        low, high = int(corners.min()), int(corners.max()) + 1
        columns = np.ascontiguousarray(steps[low:high].T).astype(np.int64)
        corners = corners - np.uint32(low)
        middle = np.empty((len(corners), 3), np.int64)
        reach = 0.0
        for axis in range(3):
            places = [columns[axis][corners[:, k]] for k in range(width)]
            middle[:, axis] = sum(places[1:], places[0]) // width
            reach = max(reach, *(float(np.abs(one - middle[:, axis]).max()) for one in places))
        return cells.of(middle), reach

    def _distribute(self, placed: Path, found: Split) -> None:
        count = len(found.counts)
        start = 0
        for corners in self._chunks():
            cell = np.fromfile(placed, "<u4", len(corners), offset=4 * start)
            start += len(corners)
            bucket = found.group_of_cell[cell]
            order = np.argsort(bucket.astype(np.uint16), kind="stable")
            ends = np.cumsum(np.bincount(bucket, minlength=count))
            for number in np.flatnonzero(np.diff(ends, prepend=0)):
                members = order[ends[number - 1] if number else 0 : ends[number]]
                with self.work.bucket(int(number)).open("ab") as file:
                    file.write(np.ascontiguousarray(corners[members]).tobytes())
