"""Keeps the walk surface around the person in memory, from the tiles that make it.

A worker reads and builds, the frame thread only adopts. What is drawn does not matter here: feet
stand on the same floor whatever detail is seen.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.tiles.glb import parse_glb
from scenes.tiles.unfold import unfolded
from scenes.walk.ground import Ground
from scenes.walk.solids import Solid, make_solid
from scenes.walk.surface import goes_no_deeper, is_walked
from vr_app.errors import SourceError
from vr_app.stream.branch import Branch
from vr_app.stream.fetch_queue import FetchQueue
from vr_app.stream.layers import LayerTree
from vr_app.stream.said import said
from vr_app.stream.source import TwinSource

log = logging.getLogger("kenish.stream")

FIRM_M: Final = 15.0  # who has so much floor around may begin to walk
CONNECTIONS: Final = 4  # of a slow line: the picture has its own
REACH_M: Final = 60.0  # farther than anybody teleports by pointing
ALL_REGIONS: Final = 96  # a twin with no more is in memory whole
MOST_TRIANGLES: Final = 1_000_000  # in memory (230 bytes each), beyond what lies within reach
MOVED_M: Final = 4.0  # only then is it worth asking again what is near
AGAIN_S: Final = 3.0  # after a line that was lost
PAUSE_S: Final = 0.002  # between pieces: they hold the interpreter for as long

Vector = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Region:
    path: str
    layer: str
    low: Vector
    high: Vector
    triangles: int = 0


def walk_cut(root: Branch) -> Iterator[Branch]:
    """The tiles that make the walk surface of a tree, those of nested tilesets once they are
    known."""
    pending = [root]
    while pending:
        branch = pending.pop()
        told = branch.error, branch.adds, bool(branch.children)
        mesh = branch.address is not None and not branch.address.endswith(".json")
        if mesh and is_walked(*told):
            yield branch
        if not mesh or not goes_no_deeper(*told):
            pending += reversed(branch.children)


class WalkSurface:
    """The regions of one twin's walk surface. All but the worker runs on the frame thread."""

    def __init__(self, source: TwinSource, ground: Ground) -> None:
        self._source, self._ground = source, ground
        self._regions: list[_Region] = []
        self._cut: dict[str, int] = {}  # layers whose regions are known, with how many tiles then
        self._known: set[Branch] = set()
        self._boxes: npt.NDArray[np.float64] = np.zeros((0, 2, 3))
        self._learned = False  # the regions of all layers that were given
        self._here: set[int] = set()
        self._triangles = 0
        self._asked_at: Vector | None = None
        self._wanted: set[int] = set()  # asked for, and not adopted yet
        self._building: set[int] = set()
        self._lock = threading.Lock()  # of `_building`
        self._finished: queue.SimpleQueue[tuple[int, Solid | None, Exception | None]] = (
            queue.SimpleQueue()
        )
        self._again_at = 0.0
        self.problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="walk surface")
        self._fetching: FetchQueue[int] = FetchQueue(source, self._fetched, CONNECTIONS)

    def _learn(self, trees: Sequence[LayerTree]) -> None:
        """The regions of one layer that is new, or whose tree grew: one a frame is enough."""
        self._learned = False
        for tree in trees:
            layer = tree.layer
            if self._cut.get(layer.id) == tree.branches:
                continue
            self._cut[layer.id] = tree.branches
            if not layer.walkable or layer.content != "mesh":
                continue
            for branch in walk_cut(tree.root):
                if branch not in self._known:
                    self._known.add(branch)
                    self._expect(branch, layer.id)
            boxes = [(one.low, one.high) for one in self._regions]
            self._boxes = np.array(boxes, np.float64).reshape(-1, 2, 3)
            self._asked_at = None
            return
        self._learned = True

    def _expect(self, branch: Branch, layer: str) -> None:
        low, high = np.array(branch.box[:3]), np.array(branch.box[3:])
        error_m = branch.error if branch.children else 0.0
        self._ground.expect(len(self._regions), low, high, layer, error_m)
        self._regions.append(_Region(branch.address or "", layer, low, high))

    def update(self, eye: Vector, trees: Sequence[LayerTree]) -> None:
        """Once a frame: learn of new layers, adopt what is there, ask for what is near the eye
        (3,), let go what is far."""
        self._learn(trees)
        while not self._finished.empty():
            self._adopt(*self._finished.get())
        moved = self._asked_at is None or float(np.abs(eye - self._asked_at).max()) > MOVED_M
        if moved or (self._again_at and time.monotonic() > self._again_at):
            self._asked_at, self._again_at = np.array(eye, np.float64), 0.0
            self._ask(self._asked_at)

    @property
    def regions(self) -> int:
        """How many regions the walk surface has, as far as is known."""
        return len(self._regions)

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is there."""
        return self._learned and not self._wanted

    def firm(self, eye: Vector) -> bool:
        """Whether the floor right around the eye (3,) is there."""
        if not self._learned:
            return False
        near = np.flatnonzero(self._distances(eye) <= FIRM_M)
        return all(int(key) in self._here for key in near)

    def _distances(self, eye: Vector) -> npt.NDArray[np.float64]:
        aside = np.maximum(np.maximum(self._boxes[:, 0] - eye, eye - self._boxes[:, 1]), 0.0)
        return np.asarray(np.linalg.norm(aside, axis=1), np.float64)

    def _ask(self, eye: Vector) -> None:
        if not len(self._boxes):
            return
        distances = self._distances(eye)
        reach_m = np.inf if len(self._regions) <= ALL_REGIONS else REACH_M
        order = [int(key) for key in np.argsort(distances)]
        near = [key for key in order if distances[key] <= reach_m and key not in self._here]
        self._wanted = set(near)
        with self._lock:
            wanted = [key for key in near if key not in self._building]
        self._fetching.want((key, self._regions[key].path) for key in wanted)
        for key in reversed(order):
            if self._triangles <= MOST_TRIANGLES or distances[key] <= 2 * REACH_M:
                break
            if key in self._here:
                self._leave(key)

    def _leave(self, key: int) -> None:
        region = self._regions[key]
        self._here.discard(key)
        self._triangles -= region.triangles
        self._ground.leave(key, region.low, region.high)

    def _adopt(self, key: int, solid: Solid | None, error: Exception | None) -> None:
        if error is not None and isinstance(error, SourceError) and error.retryable:
            self._again_at = time.monotonic() + AGAIN_S  # its place stays closed until then
            return
        if key in self._here:
            return  # it was asked for twice
        if error is not None and not getattr(error, "told", False):
            self.problems.put(f"{self._regions[key].path}: {said(error)}")
        self._wanted.discard(key)
        self._here.add(key)  # one that never comes is a hole: there is nothing to wait for
        self._regions[key].triangles = 0 if solid is None else solid.triangles
        self._triangles += self._regions[key].triangles
        self._ground.arrive(key, solid)

    def _fetched(self, key: int, result: bytes | SourceError) -> None:
        """On a thread of the queue."""
        if isinstance(result, SourceError):
            self._finished.put((key, None, result))
            return
        with self._lock:
            if key in self._building:
                return
            self._building.add(key)
        with contextlib.suppress(RuntimeError):  # closed meanwhile
            self._builder.submit(self._build, key, result)

    def _build(self, key: int, data: bytes) -> None:
        solid, problem = None, None
        try:
            solid = _solid(data, self._regions[key].path)
        except Exception as error:
            problem = error
        with self._lock:
            self._building.discard(key)
        self._finished.put((key, solid, problem))

    def close(self) -> None:
        """Begin nothing more."""
        self._fetching.close()
        self._builder.shutdown(wait=False, cancel_futures=True)


def _solid(data: bytes, path: str) -> Solid | None:
    """A tile's triangles, those of its instances too."""
    geometries = [unfolded(one) for one in parse_glb(data, path) if one.primitive == "triangles"]
    if not geometries:
        return None
    ends = itertools.accumulate((len(one.positions) for one in geometries), initial=0)
    corners = [
        one.indices.reshape(-1, 3).astype(np.int64) + first
        for one, first in zip(geometries, ends, strict=False)
    ]
    positions = np.concatenate([one.positions for one in geometries])
    return make_solid(positions, np.concatenate(corners), PAUSE_S)
