"""Has wanted tiles fetched and unpacked in worker threads; what is no longer wanted is dropped.

Workers make numpy arrays only: the frame thread alone builds Panda3D geometry.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scenes.tiles.content import open_content
from scenes.tiles.glb import TileGeometry
from scenes.tiles.tileset import Tile
from scenes.tiles.unfold import unfolded
from vr_app.errors import SourceError
from vr_app.stream.branch import Branch
from vr_app.stream.fetch_queue import FetchQueue
from vr_app.stream.source import TwinSource
from vr_app.stream.tile_node import ReadyPrimitive, pack_primitive

UNPACKING: Final = 2  # threads
UNDER_WAY: Final = 16  # tiles fetched, unpacked or waiting to be attached
PART_TRIANGLES: Final = 40_000  # built in one piece on the frame thread: about a millisecond
_OF_VERTICES: Final = ("positions", "normals", "colours", "materials", "texcoords", "field")
_CORNERS: Final = {"points": 1, "lines": 2, "triangles": 3}


@dataclass(slots=True)
class Arrival:
    """A tile's parts, or the tileset that stands in its place, or why neither came."""

    branch: Branch
    parts: list[ReadyPrimitive]
    subtree: Tile | None = None
    error: Exception | None = None


def in_parts(geometry: TileGeometry) -> list[TileGeometry]:
    """A primitive cut into pieces of at most `PART_TRIANGLES`, each with its own vertices."""
    step = PART_TRIANGLES * _CORNERS[geometry.primitive]
    if len(geometry.indices) <= step:
        return [geometry]
    of_vertices = [name for name in _OF_VERTICES if getattr(geometry, name) is not None]
    parts = []
    for start in range(0, len(geometry.indices), step):
        used, indices = np.unique(geometry.indices[start : start + step], return_inverse=True)
        own = {name: getattr(geometry, name)[used] for name in of_vertices}
        parts.append(replace(geometry, indices=indices.astype(np.uint32).ravel(), **own))
    return parts


def unpack(data: bytes, branch: Branch, read: Callable[[str], bytes]) -> Arrival:
    """What a file holds, ready for the frame thread; `read` gives files that it refers to, by
    their paths in the twin. Any thread; whatever is wrong with it is in the arrival's `error`."""
    try:
        assert branch.tile is not None
        found = open_content(branch.tile, data, lambda address: read(branch.base + address))
        if isinstance(found, Tile):
            return Arrival(branch, [], found)
        parts = []
        for geometry in found:
            for one in in_parts(unfolded(geometry)):
                if len(one.indices):
                    bounds = one.positions.min(axis=0), one.positions.max(axis=0)
                    parts.append(pack_primitive(one, *bounds))
        return Arrival(branch, parts)
    except Exception as error:
        return Arrival(branch, [], None, error)


class Loader:
    """The wanted tiles of one source on their way to the frame thread."""

    def __init__(self, source: TwinSource) -> None:
        self._read = source.read
        self._fetching: FetchQueue[Branch] = FetchQueue(source, self._unpack)
        self._pool = ThreadPoolExecutor(UNPACKING, thread_name_prefix="tiles")
        self._lock = threading.Lock()
        self._unpacking: set[Branch] = set()  # until they are taken from `arrived`
        self._closing = False
        self.arrived: queue.SimpleQueue[Arrival] = queue.SimpleQueue()

    def want(self, branches: Sequence[Branch]) -> None:
        """The tiles to load, most urgent first; replaces what was wanted and is not begun."""
        with self._lock:
            new = [(b, b.address or "") for b in branches if b not in self._unpacking]
            room = max(UNDER_WAY - len(self._unpacking), 0)
        self._fetching.want(new[:room])

    def _unpack(self, branch: Branch, result: bytes | SourceError) -> None:
        with self._lock:
            if self._closing or branch in self._unpacking:
                return
            self._unpacking.add(branch)
        if isinstance(result, SourceError):
            self.arrived.put(Arrival(branch, [], None, result))
        else:
            self._pool.submit(lambda: self.arrived.put(unpack(result, branch, self._read)))

    @property
    def under_way(self) -> int:
        """Tiles that are wanted, read or unpacked and not yet taken from `arrived`."""
        return self._fetching.pending + len(self._unpacking)

    def taken(self, branch: Branch) -> None:
        """A tile is no longer the loader's."""
        with self._lock:
            self._unpacking.discard(branch)

    def close(self) -> None:
        """Begin nothing more; reads that are under way end with the source."""
        with self._lock:
            self._closing = True
        self._fetching.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
