"""Loads tiles in worker threads and attaches them to the scene in slices of under a millisecond.

Workers fetch, parse and pack to numpy arrays; only the frame thread touches Panda3D. It never
blocks: a tile that is not there yet is simply not drawn.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from panda3d.core import CullBinManager, GeomNode, NodePath

from scenes.schema import Layer
from scenes.tiles.glb import TileGeometry, parse_glb
from scenes.tiles.tileset import Tile, read_tileset
from vr_app.stream.residency import BUDGET_BYTES, Residency
from vr_app.stream.selector import MAX_ERROR_PX, View, Wanted, select
from vr_app.stream.source import TwinSource
from vr_app.world.geom import PACKED_VERTEX, make_packed_geom

log = logging.getLogger("kenish.stream")

ATTACH_BUDGET_S = 0.001
WORKERS = 2
POINT_PX = 3  # points and lines have no size of their own
# Near walls first: what they hide is then never shaded, which is most of a mine.
NEAR_FIRST = "near first"
LOADS_IN_FLIGHT = 16
ON_GPU_TOO = 2  # a tile's arrays lie in memory and, copied, with the driver


@dataclass(slots=True)
class _Ready:
    """A packed primitive: vertices, indices, primitive kind, bounds (low, high)."""

    packed: npt.NDArray[Any]
    indices: npt.NDArray[np.uint32]
    primitive: str
    bounds: tuple[npt.NDArray[Any], npt.NDArray[Any]]

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return (self.packed.nbytes + self.indices.nbytes) * ON_GPU_TOO


@dataclass(slots=True)
class _LayerTree:
    layer: Layer
    root: Tile
    base: str
    node: NodePath
    tiles: int
    triangles: int
    coarsest: list[Tile]  # what stands in for everything else: loaded when there is time, and kept
    refined: set[int]


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """What is in the twin and on screen now; `error_factor` is above 1 where memory is short."""

    tiles_total: int
    tiles_loaded: int
    tiles_drawn: int
    triangles_total: int
    triangles_drawn: int
    pending: int
    bytes_loaded: int
    error_factor: float


def _pack(geometry: TileGeometry, tile: Tile) -> _Ready:
    packed = np.empty(len(geometry.positions), PACKED_VERTEX)
    packed["position"] = geometry.positions
    # A zero normal (128) asks the shader to shade by the face.
    packed["normal"] = 128
    if geometry.normals is not None:
        packed["normal"][:, :3] += geometry.normals.view(np.uint8)  # wraps: n + 128
    packed["colour"] = geometry.colours
    packed["material"] = geometry.materials
    return _Ready(packed, geometry.indices, geometry.primitive, (tile.low, tile.high))


def _coarsest(root: Tile) -> list[Tile]:
    """The uppermost tiles that finer ones replace."""
    if root.content is not None and root.refine == "REPLACE":
        return [root] if root.children else []
    return [tile for child in root.children for tile in _coarsest(child)]


def _look(node: NodePath, layer: Layer) -> None:
    """How a layer is drawn: clearly, through, or not at all."""
    clear = layer.opacity >= 1.0
    node.set_shader_input("opacity", layer.opacity)
    node.set_transparency(not clear)
    if clear:
        node.set_bin(NEAR_FIRST, 0)
        node.clear_depth_write()
    else:
        node.set_bin("transparent", 10)
        node.set_depth_write(False)
    (node.show if layer.visible else node.hide)()


class TileStreamer:
    """The tiles of all layers of one twin, under one scene node and one memory budget (bytes)."""

    def __init__(self, source: TwinSource, root: NodePath, budget: int = BUDGET_BYTES) -> None:
        self._source = source
        self._root = root
        CullBinManager.get_global_ptr().add_bin(NEAR_FIRST, CullBinManager.BT_front_to_back, 25)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="tiles")
        self._arrived: queue.SimpleQueue[tuple[Tile, str, list[_Ready] | None]] = (
            queue.SimpleQueue()
        )
        # A layer without a root is one whose tileset could not be read.
        self._new_layers: queue.SimpleQueue[tuple[Layer, Tile | None, str, int, int]] = (
            queue.SimpleQueue()
        )
        self._layers: list[_LayerTree] = []
        self._nodes: dict[int, NodePath] = {}  # id(tile) -> attached node
        self._triangles: dict[int, int] = {}
        self._residency = Residency(budget)
        self._in_flight: set[int] = set()
        self._in_advance: set[int] = set()  # of those in flight: nobody waits for them
        self._pinned: set[int] = set()
        self._failed: set[int] = set()
        self._owners: dict[int, _LayerTree] = {}  # id(tile) -> the layer that asked for it
        self._shown: set[int] = set()
        self._layers_wanted = 0
        self._chosen = False
        self._closing = threading.Event()
        self.problems: list[str] = []

    def add_layers(self, layers: Iterable[Layer]) -> None:
        """Start reading the tilesets of these layers."""
        for layer in layers:
            self._layers_wanted += 1
            self._in_flight.add(id(layer))
            self._pool.submit(self._read_layer, layer)

    def _read_layer(self, layer: Layer) -> None:
        try:
            path = layer.tileset_path
            root, extras = read_tileset(self._source.read(path), path)
            counts = extras.get("kenish", {})
            base = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
            self._new_layers.put(
                (layer, root, base, int(counts.get("tiles", 0)), int(counts.get("triangles", 0)))
            )
        except Exception as error:
            self.report(f"{layer.id}: {error}")
            self._new_layers.put((layer, None, "", 0, 0))

    def _read_tile(self, tile: Tile, path: str) -> None:
        if self._closing.is_set():
            return
        try:
            geometries = parse_glb(self._source.read(path), path)
            self._arrived.put(
                (tile, path, [_pack(one, tile) for one in geometries if len(one.indices)])
            )
        except Exception as error:
            self.report(f"{path}: {error}")
            self._arrived.put((tile, path, None))

    def report(self, problem: str) -> None:
        """Remember what could not be loaded, and say it once. Any thread."""
        self.problems.append(problem)
        if not self._closing.is_set():
            log.warning("%s", problem)

    def set_layer(self, layer_id: str, visible: bool, opacity: float) -> bool:
        """Show or hide a layer, more or less clearly; its tiles stay loaded. False while it is not
        there yet."""
        for tree in self._layers:
            if tree.layer.id == layer_id:
                update = {"visible": visible, "opacity": opacity}
                tree.layer = tree.layer.model_copy(update=update)
                _look(tree.node, tree.layer)
                return True
        return False

    def _adopt_layers(self) -> None:
        while not self._new_layers.empty():
            layer, root, base, tiles, triangles = self._new_layers.get()
            self._in_flight.discard(id(layer))
            if root is None:
                self._layers_wanted -= 1
                continue
            node = self._root.attach_new_node(f"layer {layer.id}")
            # Ground is always under the sky: the height raster is too coarse for its steep faces.
            node.set_shader_input("outdoors", 1.0 if layer.kind == "terrain" else 0.0)
            node.set_two_sided(layer.two_sided)
            node.set_render_mode_thickness(POINT_PX)
            _look(node, layer)
            coarsest = _coarsest(root)
            self._pinned.update(id(tile) for tile in coarsest)
            tree = _LayerTree(layer, root, base, node, tiles, triangles, coarsest, set())
            self._layers.append(tree)

    def _attach_arrived(self, budget_s: float) -> None:
        end = time.perf_counter() + budget_s
        while time.perf_counter() < end and not self._arrived.empty():
            tile, path, ready = self._arrived.get()
            self._in_flight.discard(id(tile))
            self._in_advance.discard(id(tile))
            if ready is None:
                self._failed.add(id(tile))
                continue
            node = GeomNode(path)
            triangles = 0
            for one in ready:
                node.add_geom(make_packed_geom(one.packed, one.indices, one.primitive, one.bounds))
                if one.primitive == "triangles":
                    triangles += len(one.indices) // 3
            owner = self._owners[id(tile)]
            self._nodes[id(tile)] = owner.node.attach_new_node(node)
            self._nodes[id(tile)].hide()
            self._triangles[id(tile)] = triangles
            size = sum(one.size for one in ready)
            self._residency.add(id(tile), size, id(tile) in self._pinned)

    def update(
        self,
        views: Iterable[View],
        budget_s: float = ATTACH_BUDGET_S,
        reach_m: float = float("inf"),
        max_error_px: float = MAX_ERROR_PX,
    ) -> None:
        """Once a frame: adopt what arrived, choose within reach, show and hide, ask for more."""
        self._adopt_layers()
        self._attach_arrived(budget_s)
        views = list(views)
        self._chosen = len(self._layers) >= self._layers_wanted
        show: set[int] = set()
        needed: list[int] = []
        wanted: list[tuple[Wanted, _LayerTree]] = []
        for tree in self._layers:
            if not tree.layer.visible:
                continue
            selection = select(
                [tree.root],
                views,
                lambda tile: id(tile) in self._nodes,
                max_error_px * self._residency.factor,
                reach_m,
                tree.refined,
                lambda tile: id(tile) in self._failed,
            )
            tree.refined = selection.refined
            show.update(id(tile) for tile in selection.show)
            needed += [id(tile) for tile in selection.needed]
            wanted += [(one, tree) for one in selection.wanted]
        for key in show - self._shown:
            self._nodes[key].show()
        for key in self._shown - show:
            self._nodes[key].hide()
        self._shown = show
        for key in self._residency.settle(needed, show):
            self._nodes.pop(key).remove_node()
            del self._triangles[key]
        if self._residency.factor > 1.0:
            self._request_coarsest()  # they stand in for what there is no room for
        wanted.sort(key=lambda one: (one[0].urgency, one[0].weight))
        for one, tree in wanted:
            self._request(tree, one.tile)
        if not self._in_flight:
            self._request_coarsest()

    def _request_coarsest(self) -> None:
        for tree in self._layers:
            for tile in tree.coarsest if tree.layer.visible else ():
                self._request(tree, tile, in_advance=True)

    def _request(self, tree: _LayerTree, tile: Tile, in_advance: bool = False) -> None:
        key = id(tile)
        if key in self._in_flight:
            if not in_advance:
                self._in_advance.discard(key)
            return
        if key in self._nodes or key in self._failed or tile.content is None:
            return
        under_way = len(self._in_flight)
        if under_way >= LOADS_IN_FLIGHT or not self._residency.room_for(under_way):
            return
        self._in_flight.add(key)
        if in_advance:
            self._in_advance.add(key)
        self._owners[key] = tree
        self._pool.submit(self._read_tile, tile, tree.base + tile.content)

    def counts(self) -> StreamCounts:
        """What is in the twin and on screen now."""
        return StreamCounts(
            tiles_total=sum(tree.tiles for tree in self._layers),
            tiles_loaded=len(self._nodes),
            tiles_drawn=len(self._shown),
            triangles_total=sum(tree.triangles for tree in self._layers),
            triangles_drawn=sum(self._triangles[key] for key in self._shown),
            pending=len(self._in_flight - self._in_advance),
            bytes_loaded=self._residency.held_bytes,
            error_factor=self._residency.factor,
        )

    @property
    def started(self) -> bool:
        """Whether tiles were chosen at least once since all tilesets are known."""
        return self._chosen

    @property
    def idle(self) -> bool:
        """Whether everything wanted so far has arrived and is attached."""
        return self._in_flight == self._in_advance and self._new_layers.empty()

    def close(self) -> None:
        """Stop the workers; loads in flight are dropped."""
        self._closing.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
