"""Puts tiles that arrived into the scene and takes forgotten ones out, in slices of a frame.

Frame thread only; a large tile comes in parts over several frames. It decides nothing about which
tiles are shown.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from panda3d.core import GeomNode, GraphicsEngine, NodePath

from vr_app.stream.branch import Branch
from vr_app.stream.loader import Arrival
from vr_app.stream.tile_node import ReadyPrimitive, make_tile_node

BYTES_PER_S: Final = 1.5e9  # of attaching, before it was measured
DETACHED_AT_ONCE: Final = 6
LEARNS: Final = 0.2
UPLOAD_SHARE: Final = 0.6  # of the time to build it


def _upload(path: NodePath) -> None:
    """Have the driver take a tile with the next frame, not when it is first drawn: many may be
    shown at once."""
    engine = GraphicsEngine.get_global_ptr()
    if engine.get_num_windows():
        gsg = engine.get_window(0).get_gsg()
        if gsg is not None:
            path.prepare_scene(gsg)


class Attaching:
    """What arrived and is not in the scene yet."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Arrival, NodePath]] = deque()
        self._node: GeomNode | None = None  # of the first waiting tile, while it grows
        self._parts = 0
        self._leaving: deque[NodePath] = deque()
        self._seconds_per_byte = 1.0 / BYTES_PER_S

    @property
    def waiting(self) -> int:
        """Tiles that are not in the scene yet."""
        return len(self._waiting)

    def take(self, arrival: Arrival, parent: NodePath) -> None:
        """One more tile, to hang under `parent`."""
        self._waiting.append((arrival, parent))

    def attach(self, budget_s: float) -> list[Branch]:
        """Build for about `budget_s`, at least one part; the tiles that are whole now, hidden.

        A tile that was built is handed to the driver with the next slice.
        """
        done: list[Branch] = []
        begun, worked = time.perf_counter(), False
        while self._waiting:
            arrival, parent = self._waiting[0]
            part = arrival.parts[self._parts] if self._parts < len(arrival.parts) else None
            if part is None:
                likely = UPLOAD_SHARE * arrival.branch.size * self._seconds_per_byte
            else:
                likely = part.size * self._seconds_per_byte
            now = time.perf_counter()
            if worked and now - begun + likely > budget_s:
                break
            if part is None:
                done.append(self._finish(arrival, parent))
            else:
                self._build(arrival.branch, part)
                took = (time.perf_counter() - now) / max(part.size, 1)
                self._seconds_per_byte += (took - self._seconds_per_byte) * LEARNS
            worked = True
        return done

    def _build(self, branch: Branch, part: ReadyPrimitive) -> None:
        built = make_tile_node(branch.address or "", [part])
        if self._node is None:
            self._node = built
        else:
            self._node.add_geoms_from(built)
        self._parts += 1
        if part.primitive == "triangles":
            branch.triangles += len(part.indices) // 3
        elif part.primitive == "points":
            branch.points += len(part.indices)

    def _finish(self, arrival: Arrival, parent: NodePath) -> Branch:
        branch = arrival.branch
        path = parent.attach_new_node(self._node or GeomNode(branch.address or ""))
        path.hide()
        _upload(path)
        branch.node, branch.ready = path, True
        self._node, self._parts = None, 0
        self._waiting.popleft()
        return branch

    def leave(self, branch: Branch) -> None:
        """A tile that was forgotten: out of sight at once, freed when there is time."""
        branch.node.hide()
        self._leaving.append(branch.node)
        branch.node, branch.ready = None, False
        branch.triangles = branch.points = 0

    def detach(self) -> None:
        """Free some of what left."""
        for _ in range(min(DETACHED_AT_ONCE, len(self._leaving))):
            self._leaving.popleft().remove_node()
