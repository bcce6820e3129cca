"""Which files beside it a tile refers to: buffers, images, models. It decodes no geometry."""

from __future__ import annotations

import struct

from scenes.tiles.addresses import folder_of, resolved
from scenes.tiles.feature_table import read_table
from scenes.tiles.glb_container import open_container

MAX_INNER = 4  # cmpt within cmpt


def references(data: bytes, address: str) -> list[str]:
    """The addresses, resolved. Raises ValueError, struct.error and the like for damage."""
    return [resolved(folder_of(address), uri) for uri in _uris(data, 0)]


def _uris(data: bytes, depth: int) -> list[str]:
    magic = data[:4]
    if magic == b"cmpt" and depth < MAX_INNER:
        (count,) = struct.unpack_from("<I", data, 12)
        at, found = 16, []
        for _ in range(count):
            (length,) = struct.unpack_from("<I", data, at + 8)
            if length < 12:
                raise ValueError("an inner tile of no length")
            found += _uris(data[at : at + length], depth + 1)
            at += length
        return found
    if magic == b"pnts":
        return []
    if magic == b"b3dm":
        data = read_table(data, 28)[1]
    elif magic == b"i3dm":
        (kind,) = struct.unpack_from("<I", data, 28)
        data = read_table(data, 32)[1]
        if kind == 0:
            return [data.decode().rstrip(" \0")]
    document, _ = open_container(data)
    entries = [*document.get("buffers", []), *document.get("images", [])]
    uris = [str(entry["uri"]) for entry in entries if "uri" in entry]
    return [uri for uri in uris if not uri.startswith("data:")]
