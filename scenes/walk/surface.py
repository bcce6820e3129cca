"""Which tiles of a layer make its walk surface: a cut of the tree at one resolution.

Pure: a tree in, tiles out. The same cut for everybody, however much detail they see.
"""

from __future__ import annotations

from collections.abc import Iterator

from scenes.tiles.tileset import Tile

WALK_ERROR_M = 0.05  # of the walk surface, at most: less than a person's step feels


def is_walked(error_m: float, adds: bool, children: bool) -> bool:
    """Whether people walk on a tile itself: it is the coarsest that is fine enough, or the finest
    there is, or its children only add to it."""
    return adds or goes_no_deeper(error_m, adds, children)


def goes_no_deeper(error_m: float, adds: bool, children: bool) -> bool:
    """Whether what lies below a tile is not walked on."""
    return not children or (error_m <= WALK_ERROR_M and not adds)


def walk_cut(root: Tile) -> Iterator[Tile]:
    """The tiles with content that make the walk surface of a tree."""
    pending = [root]
    while pending:
        tile = pending.pop()
        told = tile.geometric_error, tile.refine == "ADD", bool(tile.children)
        if tile.content is not None and is_walked(*told):
            yield tile
        if tile.content is None or not goes_no_deeper(*told):
            pending += reversed(tile.children)
