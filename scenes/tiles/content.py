"""What a tile's content turns out to be: geometry in the scene frame, or more tiles.

One entry for every kind, told apart by first bytes. Runs in worker threads; it fetches only
through the reader that it is handed, and only what lies below the tileset's folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.tiles import legacy_tiles
from scenes.tiles.addresses import folder_of, is_inside, resolved
from scenes.tiles.glb import DAMAGE, MAX_CORNERS, parse_glb, refusal
from scenes.tiles.shape import TileGeometry
from scenes.tiles.subtrees import read_subtree
from scenes.tiles.tileset import Tile, UpAxis, read_tileset

Reader = Callable[[str], bytes]  # an address below the outermost tileset's folder, to bytes
MAX_NESTED = 16  # tilesets within tilesets

# From a glTF file's axes to the tile's, by what the tileset says is up in its contents.
_TURNS: dict[UpAxis, npt.NDArray[np.float64]] = {
    "X": np.array([[0, 0, -1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64),
    "Y": np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], np.float64),
    "Z": np.eye(4),
}


def is_branch(tile: Tile) -> bool:
    """Whether a tile's content is more tiles, as far as its address tells."""
    return tile.implicit is not None or (tile.content or "").lower().endswith(".json")


def open_content(tile: Tile, data: bytes, read: Reader) -> list[TileGeometry] | Tile:
    """What `data`, the bytes of `tile.content`, hold, with the tile's further contents: geometry in
    the scene frame, or the tile that takes this one's place.

    Raises `Refused` naming the address that cannot be read, or what `read` raises.
    """
    name = tile.content or "tile"
    companion = _companion(name, read)
    if tile.implicit is not None:
        try:
            return read_subtree(data, tile, companion)
        except DAMAGE as error:
            raise refusal(error, name) from error
    if _is_tileset(data, name):
        if tile.home is not None and tile.home.depth >= MAX_NESTED:
            reason = f"more than {MAX_NESTED} tilesets within one another, or in a circle"
            raise Refused("tileset-broken", file=name, reason=reason)
        return read_tileset(data, name, under=tile)[0]
    found = _geometry(tile, data, name, companion)
    for address in tile.more:
        if not is_inside(address):
            raise Refused("tile-broken", file=address[:200], reason="outside of the tileset")
        found += _geometry(tile, read(address), address, _companion(address, read))
        if sum(len(one.positions) + len(one.indices) for one in found) > MAX_CORNERS:
            reason = f"more than {MAX_CORNERS:,} vertices and corners"
            raise Refused("tile-broken", file=name, reason=reason)
    return found


def _is_tileset(data: bytes, name: str) -> bool:
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    if name.lower().endswith(".gltf"):
        return False
    try:
        return "root" in json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused("tile-broken", file=name, reason=str(error)[:200]) from error


def _companion(address: str, read: Reader) -> Reader:
    """Reads what a file refers to, below the tileset's folder only."""
    folder = folder_of(address)

    def companion(uri: str) -> bytes:
        beside = resolved(folder, uri)
        if not is_inside(beside):
            raise ValueError(f"{uri[:80]} lies outside of the tileset")
        return read(beside)

    return companion


def _geometry(tile: Tile, data: bytes, name: str, companion: Reader) -> list[TileGeometry]:
    up: UpAxis = "Y" if tile.home is None else tile.home.up
    if data[:4] in legacy_tiles.MAGICS:
        try:
            with np.errstate(all="ignore"):
                return legacy_tiles.read(data, name, tile.transform, _TURNS[up], companion)
        except DAMAGE as error:
            raise refusal(error, name) from error
    if tile.transform is None and up == "Y":
        return parse_glb(data, name, None, companion)
    frame = np.eye(4) if tile.transform is None else tile.transform
    return parse_glb(data, name, frame @ _TURNS[up], companion)
