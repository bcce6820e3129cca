"""Small tiles and tilesets as other programs write them, made by hand for tests."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

SQUARE = np.array([[0, 0, 0], [4, 0, 0], [4, 0, -2], [0, 0, -2]], "<f4")  # +Y up: 4 m east, 2 north
CORNERS = np.array([0, 1, 2, 0, 2, 3], "<u2")
IN_SCENE = np.array([[0, 0, 0], [4, 0, 0], [4, 2, 0], [0, 2, 0]], np.float32)


class Glb:
    """A glTF document that grows view by view; `data()` is its GLB."""

    def __init__(self, **more: Any) -> None:
        self.binary = b""
        self.document: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {}}]}],
            "accessors": [],
            "bufferViews": [],
            "buffers": [{"byteLength": 0}],
        } | more

    @property
    def primitive(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["meshes"][0]["primitives"][0]
        return found

    def view(self, data: bytes, **more: Any) -> int:
        self.binary += b"\0" * (-len(self.binary) % 4)
        entry = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)} | more
        self.document["bufferViews"].append(entry)
        self.binary += data
        return len(self.document["bufferViews"]) - 1

    def accessor(self, array: np.ndarray, **more: Any) -> int:
        kinds = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
        width = 1 if array.ndim == 1 else array.shape[1]
        entry = {
            "bufferView": self.view(array.tobytes()),
            "componentType": kinds[array.dtype.str[1:]],
            "count": len(array),
            "type": "SCALAR" if width == 1 else f"VEC{width}",
        }
        self.document["accessors"].append(entry | more)
        return len(self.document["accessors"]) - 1

    def data(self) -> bytes:
        self.document["buffers"][0]["byteLength"] = len(self.binary)
        text = json.dumps(self.document).encode()
        text += b" " * (-len(text) % 4)
        binary = self.binary + b"\0" * (-len(self.binary) % 4)
        head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
        chunk = struct.pack("<I4s", len(text), b"JSON") + text
        return head + chunk + struct.pack("<I4s", len(binary), b"BIN\0") + binary


def square(**more: Any) -> Glb:
    """Two triangles of 4 by 2 m."""
    glb = Glb(**more)
    glb.primitive["attributes"]["POSITION"] = glb.accessor(SQUARE)
    glb.primitive["indices"] = glb.accessor(CORNERS)
    return glb


def legacy(
    magic: bytes, table: dict[str, Any], binary: bytes, rest: bytes, more: bytes = b""
) -> bytes:
    """A b3dm, i3dm (`more`: its kind of glTF) or pnts tile."""
    text = json.dumps(table).encode()
    text += b" " * (-len(text) % 8)
    body = text + binary + rest
    length = 28 + len(more) + len(body)
    return struct.pack("<4sIIIIII", magic, 1, length, len(text), len(binary), 0, 0) + more + body


def tileset(root: dict[str, Any], **asset: Any) -> bytes:
    """A tileset.json."""
    document = {"asset": {"version": "1.1"} | asset, "geometricError": 100, "root": root}
    return json.dumps(document).encode()


def tile(content: str | None = None, **more: Any) -> dict[str, Any]:
    """A tile of a tileset.json around the square."""
    found: dict[str, Any] = {
        "boundingVolume": {"box": [2, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1]},
        "geometricError": 10,
    } | more
    return found if content is None else found | {"content": {"uri": content}}
