"""One tile as the streamer knows it: where it stands in its tree and what became of it.

Plain data with slots, because selection touches hundreds of them in every frame; it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scenes.tiles.tileset import Tile

Box = tuple[float, float, float, float, float, float]


@dataclass(slots=True, eq=False)
class Branch:
    """A tile of one layer's tree.

    number: place in the order of a walk from the root (breaks ties, so that choices repeat);
    address: its content's path in the twin, None where it has none; size: bytes in memory with
    the GPU's copy, 0 until it was loaded once; `chosen`, `refined`: numbers of the last choices
    that meant it and its children.
    """

    number: int
    box: Box
    error: float
    address: str | None
    adds: bool  # drawn together with its children, not replaced by them
    level: int
    parent: Branch | None
    tile: Tile | None = None  # as its tileset says it is, for whoever opens its content
    base: str = ""  # the folder of the outermost tileset, "" or "a/b/": contents are below it
    children: list[Branch] = field(default_factory=list)
    tree: Any = None  # the layer's tree, for whoever attaches it
    size: int = 0
    triangles: int = 0
    points: int = 0
    ready: bool = False  # attached: could be shown now
    failed: bool = False  # for good
    tried: int = 0  # times that the network failed it
    retry_at: float = 0.0
    pinned: bool = False
    chosen: int = -1
    refined: int = -1
    weight: float = 0.0  # how much it matters now: the larger the sooner it is loaded
    used: int = -1  # the last frame that needed or showed it
    node: Any = None

    def __lt__(self, other: Branch) -> bool:
        return self.number < other.number

    def walk(self) -> Iterator[Branch]:
        """This one and all below."""
        pending = [self]
        while pending:
            branch = pending.pop()
            yield branch
            pending += branch.children


def grow(tile: Tile, base: str, number: int = 0, parent: Branch | None = None) -> Branch:
    """The branches of a tile's tree; `base` is the folder ("" or "a/b/") of the outermost tileset,
    `number` the first one's. Not recursive: foreign trees may be deep."""
    root = _branch(tile, base, number, parent)
    pending = [(tile, root)]
    while pending:
        one, branch = pending.pop()
        for child in one.children:
            number += 1
            twig = _branch(child, base, number, branch)
            branch.children.append(twig)
            pending.append((child, twig))
    return root


def _branch(tile: Tile, base: str, number: int, parent: Branch | None) -> Branch:
    address = None if tile.content is None else base + tile.content
    level = 0 if parent is None else parent.level + 1
    return Branch(
        number,
        tile.box,
        tile.geometric_error,
        address,
        tile.refine == "ADD",
        level,
        parent,
        tile,
        base,
    )
