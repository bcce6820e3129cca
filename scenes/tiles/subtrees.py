"""Reads .subtree files: which tiles of an implicit quadtree or octree there are.

What a file claims is bounded before tiles are made. It fetches nothing by itself.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles import volumes
from scenes.tiles.tileset import (
    ALWAYS_OPEN,
    Implicit,
    Tile,
    filled,
    subtree_address,
)

MAX_SUBTREE_TILES = 100_000
_MAX_BITS = 1 << 26
Bits = npt.NDArray[np.bool_]


class _Subtree:
    """One file's JSON and the bitstreams that it names."""

    def __init__(self, data: bytes, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._inner = b""
        text = data
        if data[:4] == b"subt":
            _, version, length, rest = struct.unpack_from("<IIQQ", data)
            if version != 1 or 24 + length + rest > len(data):
                raise ValueError("not a whole subtree file")
            text, self._inner = data[24 : 24 + length], data[24 + length : 24 + length + rest]
        self.document: dict[str, Any] = json.loads(text)

    def availability(self, entry: dict[str, Any], count: int) -> Bits:
        """(count,) of what is there."""
        if count > _MAX_BITS:
            raise ValueError("a subtree claims more than Kenish reads")
        if "constant" in entry:
            return np.full(count, bool(entry["constant"]))
        number = entry["bitstream"] if "bitstream" in entry else entry["bufferView"]
        view = self.document["bufferViews"][int(number)]
        buffer = self.document["buffers"][int(view["buffer"])]
        data = self._read(str(buffer["uri"])) if "uri" in buffer else self._inner
        start, length = int(view.get("byteOffset", 0)), int(view["byteLength"])
        if start < 0 or start + length > len(data) or length * 8 < count:
            raise ValueError("a bitstream is shorter than its tree")
        packed = np.frombuffer(data, np.uint8, length, start)
        return np.unpackbits(packed, bitorder="little")[:count].astype(bool)


def _place(morton: int, axes: int) -> tuple[int, ...]:
    """A Morton number's bits apart: x, y and maybe z."""
    place = [0] * axes
    bit = 0
    while morton:
        for axis in range(axes):
            place[axis] |= (morton & 1) << bit
            morton >>= 1
        bit += 1
    return tuple(place)


def read_subtree(data: bytes, tile: Tile, read: Callable[[str], bytes]) -> Tile:
    """The tile that takes `tile`'s place, with all that its subtree holds below it; `read`
    gives the bytes of a file beside it.

    Raises ValueError, KeyError and the like where the file contradicts itself.
    """
    implicit = tile.implicit
    assert implicit is not None
    subtree = _Subtree(data, read)
    fan = 2**implicit.axes
    levels = min(implicit.subtree_levels, implicit.levels - implicit.level)
    whole = (fan**implicit.subtree_levels - 1) // (fan - 1)
    there = subtree.availability(subtree.document["tileAvailability"], whole)
    given = subtree.document.get("contentAvailability", [])
    given = given if isinstance(given, list) else [given]
    contents = [subtree.availability(entry, whole) for entry in given[: len(implicit.contents)]]
    if int(there.sum()) > MAX_SUBTREE_TILES:
        raise ValueError(f"more than {MAX_SUBTREE_TILES:,} tiles in a subtree")
    made: dict[int, Tile] = {}
    start = 0
    above: dict[int, Tile] = {}
    for level in range(levels):
        made = {}
        for morton in np.flatnonzero(there[start : start + fan**level]).tolist():
            at = start + morton
            own = [
                template
                for template, bits in zip(implicit.contents, contents, strict=False)
                if bits[at]
            ]
            one = _tile(tile, implicit, level, morton, own)
            made[morton] = one
            if level:
                parent = above.get(morton // fan)
                if parent is None:
                    raise ValueError("a subtree has a tile without a parent")
                parent.children.append(one)
            else:
                root = one
        if level == 0 and not made:
            raise ValueError("a subtree without its root")
        start += fan**level
        above = made
    if implicit.level + implicit.subtree_levels < implicit.levels:
        _add_subtrees(subtree, tile, implicit, above)
    return root


def _deeper(implicit: Implicit, level: int, morton: int) -> tuple[int, tuple[int, ...]]:
    """(level, place) in the whole tree of a tile of this subtree."""
    inner = _place(morton, implicit.axes)
    place = tuple((a << level) + b for a, b in zip(implicit.place, inner, strict=True))
    return implicit.level + level, place


def _tile(tile: Tile, implicit: Implicit, level: int, morton: int, own: list[str]) -> Tile:
    deep, place = _deeper(implicit, level, morton)
    frame = None if tile.home is None else tile.home.frame
    volume = volumes.child_volume(implicit.volume, deep, place)
    low, high = volumes.bounds(volume, tile.transform, frame)
    error = implicit.error / 2.0**deep
    if tile.transform is not None:
        error *= float(np.linalg.norm(tile.transform[:3, :3], axis=0).max())
    addresses = [filled(template, deep, place) for template in own]
    first, more = (addresses[0], tuple(addresses[1:])) if addresses else (None, ())
    return Tile(low, high, error, first, tile.refine, [], tile.transform, more, tile.home)


def _add_subtrees(subtree: _Subtree, tile: Tile, implicit: Implicit, last: dict[int, Tile]) -> None:
    fan = 2**implicit.axes
    entry = subtree.document["childSubtreeAvailability"]
    there = np.flatnonzero(subtree.availability(entry, fan**implicit.subtree_levels))
    if len(there) > MAX_SUBTREE_TILES:
        raise ValueError(f"more than {MAX_SUBTREE_TILES:,} subtrees in a subtree")
    for morton in there.tolist():
        parent = last.get(morton // fan)
        if parent is None:
            raise ValueError("a subtree has a subtree without a parent")
        child = _tile(tile, implicit, implicit.subtree_levels, morton, [])
        level, place = _deeper(implicit, implicit.subtree_levels, morton)
        child.implicit = replace(implicit, level=level, place=place)
        child.content = subtree_address(child.implicit)
        child.geometric_error = ALWAYS_OPEN
        parent.children.append(child)
