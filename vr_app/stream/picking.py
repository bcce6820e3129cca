"""Lets rays meet what is on screen: the tiles that somebody points at, as they are drawn.

Only tiles that a ray enters are made ready for rays, in a worker, a few frames after; the frame
thread copies arrays at most. Until then the walk surface answers, or nothing does.
"""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Iterable, Set
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import Geom, GeomNode

from scenes.walk.ground import Ground
from scenes.walk.solids import Solid, entered, make_solid
from vr_app.stream.branch import Branch

KEPT: Final = 48  # solids in memory, about 3 MB each
NEAREST: Final = 2  # tiles along a ray that are asked for at a time
PAUSE_S: Final = 0.002  # between pieces: they hold the interpreter for as long

Vector = npt.NDArray[np.float64]
Mesh = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


class Picking:
    """Solids for the tiles on screen. The frame thread's, but for the worker."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._solids: OrderedDict[Branch, Solid | None] = OrderedDict()  # the last used at the end
        self._shown: Set[Branch] = frozenset()
        self._without: list[Branch] = []  # on screen, and no ray meets them yet
        self._boxes: npt.NDArray[np.float64] = np.zeros((0, 6))
        self._asked: set[Branch] = set()
        self._jobs: queue.SimpleQueue[tuple[Branch, list[Mesh]] | None] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[tuple[Branch, Solid | None]] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, name="picking", daemon=True)
        self._worker.start()

    def update(self, shown: Set[Branch]) -> None:
        """Once a frame: the tiles that are drawn."""
        changed = shown != self._shown
        while not self._made.empty():
            branch, solid = self._made.get()
            self._asked.discard(branch)
            if branch.ready:
                self._solids[branch] = solid
                changed = True
                if branch in shown and branch in self._shown:  # else `_follow` does it
                    self._show(branch, solid)
        if changed:
            self._follow(shown)

    def _follow(self, shown: Set[Branch]) -> None:
        for branch in self._shown - shown:
            self._ground.hide(id(branch))
        for branch in shown - self._shown:
            if branch in self._solids:
                self._show(branch, self._solids[branch])
        self._shown = frozenset(shown)
        gone = [branch for branch in self._solids if not branch.ready]
        old = [branch for branch in self._solids if branch.ready]
        for branch in gone + old[: max(len(old) - KEPT, 0)]:
            del self._solids[branch]
            self._ground.hide(id(branch))
        self._without = [branch for branch in shown if branch not in self._solids]
        boxes = [branch.box for branch in self._without]
        self._boxes = np.array(boxes, np.float64).reshape(-1, 6)

    def _show(self, branch: Branch, solid: Solid | None) -> None:
        if solid is not None:
            error_m = branch.error if branch.children else 0.0
            self._ground.show(id(branch), solid, branch.tree.layer.id, error_m)

    def aim(self, start: Vector, direction: Vector, reach_m: float) -> None:
        """Somebody points from start (3,) along direction (3,): make what lies there answer."""
        if self._asked or not len(self._boxes):
            return
        unit = direction / max(float(np.linalg.norm(direction)), 1e-12)
        along = entered(self._boxes[:, :3], self._boxes[:, 3:], start, unit, reach_m)
        for _, index in along[:NEAREST]:
            branch = self._without[index]
            if branch.ready and branch.node is not None:
                self._asked.add(branch)
                self._jobs.put((branch, list(_meshes(branch.node.node()))))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            branch, meshes = job
            self._made.put((branch, _solid(meshes)))

    def close(self) -> None:
        """Stop the worker."""
        self._jobs.put(None)


def _meshes(node: GeomNode) -> Iterable[Mesh]:
    """Copies of a node's triangles: positions (n, 3), corners (m, 3)."""
    for geom in node.get_geoms():
        if geom.get_primitive_type() != Geom.PT_polygons:
            continue
        data = geom.get_vertex_data()
        array = data.get_array(0)
        stride = array.get_array_format().get_stride()
        rows = np.frombuffer(memoryview(array).cast("B"), np.uint8).reshape(-1, stride)
        positions = rows[:, :12].copy().view(np.float32)
        for number in range(geom.get_num_primitives()):
            vertices = geom.get_primitive(number).get_vertices()
            wide = vertices.get_array_format().get_stride() == 4
            flat = np.frombuffer(memoryview(vertices).cast("B"), np.uint32 if wide else np.uint16)
            yield positions, flat.astype(np.int64).reshape(-1, 3)


def _solid(meshes: list[Mesh]) -> Solid | None:
    if not meshes:
        return None
    starts = np.cumsum([0, *(len(positions) for positions, _ in meshes[:-1])])
    positions = np.concatenate([positions for positions, _ in meshes])
    corners = [own + start for (_, own), start in zip(meshes, starts, strict=True)]
    return make_solid(positions, np.concatenate(corners), PAUSE_S)
