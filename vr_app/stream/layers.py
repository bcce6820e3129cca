"""A twin's layers as the streamer knows them: their trees of tiles, and how each is drawn.

Reads tilesets in workers; never loads or chooses a tile.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from panda3d.core import CullBinManager, NodePath

from scenes.schema import Layer
from scenes.tiles.placement import placement
from scenes.tiles.tileset import Tile, read_tileset
from vr_app.stream.branch import Branch, grow
from vr_app.stream.patient_read import read_patiently
from vr_app.stream.said import said
from vr_app.stream.source import TwinSource
from vr_app.world.blending import blend_not, blend_through

POINT_PX: Final = 3  # points and lines have no size of their own
# Near walls first: what they hide is then never shaded, which is most of a mine.
NEAR_FIRST: Final = "near first"
TOGETHER: Final = 8  # tilesets that are read at once
MAX_NESTED: Final = 16  # tilesets within tilesets
MAX_BRANCHES: Final = 4_000_000


@dataclass(slots=True)
class LayerTree:
    """One layer: its node, the root of its tiles, the counts it claims, `coarsest`: what stands in
    for everything else (loaded when there is time, and kept)."""

    layer: Layer
    root: Branch
    node: NodePath
    tiles: int
    triangles: int
    coarsest: list[Branch] = field(default_factory=list)
    branches: int = 0
    nested: dict[Branch, str] = field(default_factory=dict)  # the paths of tilesets within


@dataclass(frozen=True, slots=True)
class _Read:
    layer: Layer
    root: Branch | None = None
    branches: int = 0
    tiles: int = 0
    triangles: int = 0


def folder_of(path: str) -> str:
    """The folder of a path, with its slash; empty for none."""
    return path.rsplit("/", 1)[0] + "/" if "/" in path else ""


def _coarsest(root: Branch) -> list[Branch]:
    """The uppermost tiles that finer ones replace."""
    if root.address is not None and not root.adds:
        return [root] if root.children else []
    return [branch for child in root.children for branch in _coarsest(child)]


def show_layer(node: NodePath, layer: Layer) -> None:
    """How a layer is drawn: clearly, through, or not at all."""
    clear = layer.opacity >= 1.0
    node.set_shader_input("opacity", layer.opacity)
    node.set_transparency(not clear)
    if clear:
        node.set_bin(NEAR_FIRST, 0)
        node.clear_depth_write()
        blend_not(node)
    else:
        blend_through(node)
        node.set_bin("transparent", 10)
        node.set_depth_write(False)
    (node.show if layer.visible else node.hide)()


class Layers:
    """The layers that are there, and those that are being read."""

    def __init__(self, source: TwinSource, root: NodePath, report: Callable[[str], None]) -> None:
        self._source = source
        self._root = root
        self._report = report
        CullBinManager.get_global_ptr().add_bin(NEAR_FIRST, CullBinManager.BT_front_to_back, 25)
        self._read_ones: queue.SimpleQueue[_Read] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._numbers = 0
        self.expected = 0
        self.trees: list[LayerTree] = []

    @property
    def complete(self) -> bool:
        """Whether the tilesets of all layers are known, or known to be broken."""
        return len(self.trees) >= self.expected

    def read_all(self, layers: Sequence[Layer]) -> None:
        """Begin to read these layers' tilesets: together, as a long line wants it, and not in the
        threads that unpack tiles."""
        self.expected += len(layers)
        if layers:
            pool = ThreadPoolExecutor(min(len(layers), TOGETHER), "tilesets")
            for layer in layers:
                pool.submit(self._read, layer)
            pool.shutdown(wait=False)

    def close(self) -> None:
        """Wait for no server any longer."""
        self._closed.set()

    def _read(self, layer: Layer) -> None:
        """In a worker: the layer's tileset."""
        try:
            path = layer.tileset_path
            data = read_patiently(self._source, path, self._closed)
            tile, extras = read_tileset(data, path, placement(layer))
            counts = extras.get("kenish", {})
            root = grow(tile, folder_of(path))
            branches = sum(1 for _ in root.walk())
            self._read_ones.put(
                _Read(
                    layer,
                    root,
                    branches,
                    int(counts.get("tiles", 0)) or branches,
                    int(counts.get("triangles", 0)),
                )
            )
        except Exception as error:
            self._report(f"{layer.id}: {said(error)}")
            self._read_ones.put(_Read(layer))

    def adopt(self) -> bool:
        """Take what was read since the last call; whether there was anything."""
        changed = False
        while not self._read_ones.empty():
            changed = True
            one = self._read_ones.get()
            if one.root is None:
                self.expected -= 1
                continue
            self.trees.append(self._tree(one, one.root))
        return changed

    def _tree(self, read: _Read, root: Branch) -> LayerTree:
        layer = read.layer
        node = self._root.attach_new_node(f"layer {layer.id}")
        # Ground is always under the sky: the height raster is too coarse for its steep faces.
        node.set_shader_input("outdoors", 1.0 if layer.kind == "terrain" else 0.0)
        node.set_two_sided(layer.two_sided)
        node.set_render_mode_thickness(POINT_PX)
        show_layer(node, layer)
        tree = LayerTree(layer, root, node, read.tiles, read.triangles)
        self._own(tree, root, read.branches)
        tree.coarsest = _coarsest(root)
        for branch in tree.coarsest:
            branch.pinned = True
        return tree

    def _own(self, tree: LayerTree, root: Branch, count: int) -> None:
        tree.branches += count
        for branch in root.walk():
            branch.tree = tree
            branch.number += self._numbers
        self._numbers += count

    def graft(self, branch: Branch, tile: Tile) -> None:
        """A tileset that another one names as a content: its root becomes a child. Raises
        ValueError where tilesets are nested too deeply, as those in a circle are."""
        tree: LayerTree = branch.tree
        path = branch.address or ""
        around = [tree.layer.tileset_path]
        above = branch.parent
        while above is not None:
            if above in tree.nested:
                around.append(tree.nested[above])
            above = above.parent
        if path in around or len(around) > MAX_NESTED:
            raise ValueError("tilesets within one another, too deep or in a circle")
        twig = grow(tile, branch.base, 0, branch)
        count = sum(1 for _ in twig.walk())
        if tree.branches + count > MAX_BRANCHES:
            raise ValueError("more tiles than Kenish reads")
        tree.nested[branch] = path
        self._own(tree, twig, count)
        branch.address = None
        branch.children.append(twig)
