"""Writes the GLB of one tile: one primitive with position, colour or picture, normal, _MATERIAL.

With the codec at hand the buffers are EXT_meshopt_compression, positions on the one 2^-10 m grid;
without it they are plain. It never decides what belongs to a tile.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.column_bounds import column_bounds
from scenes.tiles import meshopt_views as codec
from scenes.tiles.glb import MODES, TileGeometry, TileImage, y_up_from_z_up
from scenes.tiles.pictures import encode_jpeg
from scenes.tiles.placements import Placements

GRID = 1024.0  # grid steps a metre
INSTANCING = "EXT_mesh_gpu_instancing"
LATTICE_M = 64.0  # tile translations are multiples of this, exact in float32

# Interleaved, 24 bytes a vertex: glTF wants attributes at multiples of four bytes.
_PLAIN_VERTEX = np.dtype(
    [
        ("position", "<f4", 3),
        ("normal", "i1", 4),
        ("colour", "u1", 4),
        ("material", "u1"),
        ("pad", "u1", 3),
    ]
)


def lattice_origin(positions: npt.NDArray[Any]) -> tuple[float, float, float]:
    """The place on the 64 m lattice that is nearest to the middle of positions (n, 3)."""
    low, high = column_bounds(positions)
    middle = (low + high) / 2
    x, y, z = (float(v) for v in np.rint(middle / LATTICE_M) * LATTICE_M)
    return x, y, z


class _Document:
    """The views and accessors of one GLB as they are added, and the bytes behind them."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.length = 0
        self.unpacked = 0  # length of the buffer that compressed views stand for
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def append(self, data: bytes) -> int:
        """Where in the buffer the bytes begin."""
        start = self.length
        padded = data + b"\0" * (-len(data) % 4)
        self.chunks.append(padded)
        self.length += len(padded)
        return start

    def plain(self, data: bytes, target: int, stride: int | None = None) -> int:
        """A plain view; returns its number."""
        view = {"buffer": 0, "byteOffset": self.append(data), "byteLength": len(data)}
        if stride is not None:
            view["byteStride"] = stride
        self.views.append(view | {"target": target})
        return len(self.views) - 1

    def packed(
        self, data: bytes, count: int, stride: int, mode: codec.Mode, named: codec.Filter = "NONE"
    ) -> int:
        """A compressed view; returns its number."""
        extension = {
            "buffer": 0,
            "byteOffset": self.append(data),
            "byteLength": len(data),
            "byteStride": stride,
            "count": count,
            "mode": mode,
        } | ({} if named == "NONE" else {"filter": named})
        view = {"buffer": 1, "byteOffset": self.unpacked, "byteLength": count * stride}
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        view["target"] = 34962 if mode == "ATTRIBUTES" else 34963
        self.unpacked += count * stride + (-count * stride % 4)
        self.views.append(view | {"extensions": {codec.EXTENSION: extension}})
        return len(self.views) - 1

    def floats(self, rows: npt.NDArray[Any]) -> int:
        """An accessor of float32 rows (n, 3 or 4) that is no attribute of vertices."""
        data = np.ascontiguousarray(rows, "<f4").tobytes()
        view = {"buffer": 0, "byteOffset": self.append(data), "byteLength": len(data)}
        self.views.append(view)
        return self.accessor(len(self.views) - 1, 5126, len(rows), f"VEC{rows.shape[1]}")

    def picture(self, data: bytes) -> int:
        """A view of a picture's file; returns its number."""
        view = {"buffer": 0, "byteOffset": self.append(data), "byteLength": len(data)}
        self.views.append(view)
        return len(self.views) - 1

    def accessor(
        self, view: int, component: int, count: int, kind: str, offset: int = 0, **more: Any
    ) -> int:
        """An accessor; returns its number."""
        self.accessors.append(
            {"bufferView": view, "componentType": component, "count": count, "type": kind}
            | ({"byteOffset": offset} if offset else {})
            | more
        )
        return len(self.accessors) - 1


def pack_glb(
    tile: TileGeometry, translation: tuple[float, float, float], compress: bool | None = None
) -> bytes:
    """The GLB of a tile. Positions are stored relative to `translation` (scene frame, metres).

    compress None: where the codec is at hand. Compressed triangles come in another order.
    """
    document = _Document()
    primitive = _primitive(document, tile, translation, compress)
    x, y, z = (float(value) for value in translation)
    nodes = [{"mesh": 0, "translation": [x, z, -y]}]
    return _assemble(document, [primitive], nodes, tile.normals is not None, tile.image)


def pack_instances(
    groups: list[tuple[TileGeometry, Placements]],
    translation: tuple[float, float, float],
    compress: bool | None = None,
) -> bytes:
    """The GLB of a tile of meshes, each in its own frame, and of where they stand; stored as
    EXT_mesh_gpu_instancing relative to `translation` (scene frame, metres)."""
    document = _Document()
    x, y, z = (float(value) for value in translation)
    primitives, nodes = [], []
    for number, (tile, places) in enumerate(groups):
        primitives.append(_primitive(document, tile, (0.0, 0.0, 0.0), compress))
        away = y_up_from_z_up(places.translations - np.asarray(translation))
        turns = np.concatenate(
            [y_up_from_z_up(places.rotations[:, :3]), places.rotations[:, 3:]], axis=1
        )
        attributes = {
            "TRANSLATION": document.floats(away),
            "ROTATION": document.floats(turns),
        }
        if (places.scales != 1.0).any():
            attributes["SCALE"] = document.floats(np.abs(y_up_from_z_up(places.scales)))
        extension = {INSTANCING: {"attributes": attributes}}
        nodes.append({"mesh": number, "translation": [x, z, -y], "extensions": extension})
    with_normals = any(tile.normals is not None for tile, _ in groups)
    return _assemble(document, primitives, nodes, with_normals, None, [INSTANCING])


def _primitive(
    document: _Document,
    tile: TileGeometry,
    translation: tuple[float, float, float],
    compress: bool | None,
) -> dict[str, Any]:
    local = y_up_from_z_up(tile.positions - np.asarray(translation, np.float32))
    steps = np.rint(local.astype(np.float64) * GRID)
    fits = len(steps) > 0 and float(np.abs(steps).max()) < codec.MANTISSA
    if fits and len(tile.indices) and (codec.available() if compress is None else compress):
        attributes, indices = _compressed(document, tile, steps.astype(np.int32))
    else:
        attributes, indices = _plain(document, tile, local)
    return {"attributes": attributes, "indices": indices, "mode": MODES[tile.primitive]}


def _span(local: npt.NDArray[Any]) -> dict[str, Any]:
    if not len(local):
        return {"min": [0, 0, 0], "max": [0, 0, 0]}
    low, high = column_bounds(local)
    return {"min": low.tolist(), "max": high.tolist()}


def _compressed(
    document: _Document, tile: TileGeometry, steps: npt.NDArray[np.int32]
) -> tuple[dict[str, int], int]:
    count = len(steps)
    flat = tile.indices
    order = np.arange(count)
    if tile.primitive == "triangles":
        flat, order = codec.in_drawing_order(flat, count)
        steps, count = steps[order], len(order)
    rows = codec.encode_attributes(codec.grid_rows(steps))
    view = document.packed(rows, count, 12, "ATTRIBUTES", "EXPONENTIAL")
    span = _span((steps / GRID).astype(np.float32))
    attributes = {"POSITION": document.accessor(view, 5126, count, "VEC3", **span)}
    if tile.texcoords is None:
        colours = np.full((count, 4), 255, np.uint8)
        colours[:, :3] = tile.colours[order]
        view = document.packed(codec.encode_attributes(colours), count, 4, "ATTRIBUTES")
        attributes["COLOR_0"] = document.accessor(view, 5121, count, "VEC4", normalized=True)
    else:  # colours would be multiplied with the picture
        rows = codec.encode_attributes(_texcoord_rows(tile.texcoords[order]))
        view = document.packed(rows, count, 4, "ATTRIBUTES")
        attributes["TEXCOORD_0"] = document.accessor(view, 5123, count, "VEC2", normalized=True)
    if tile.materials.any():
        materials = np.zeros((count, 4), np.uint8)
        materials[:, 0] = tile.materials[order]
        view = document.packed(codec.encode_attributes(materials), count, 4, "ATTRIBUTES")
        attributes["_MATERIAL"] = document.accessor(view, 5121, count, "SCALAR")
    if tile.field is not None:
        codes = np.zeros((count, 4), np.uint8)
        codes[:, 0] = tile.field[order]
        view = document.packed(codec.encode_attributes(codes), count, 4, "ATTRIBUTES")
        attributes["_FIELD"] = document.accessor(view, 5121, count, "SCALAR")
    if tile.normals is not None:
        rows = codec.encode_attributes(codec.octahedral_rows(y_up_from_z_up(tile.normals[order])))
        view = document.packed(rows, count, 4, "ATTRIBUTES", "OCTAHEDRAL")
        attributes["NORMAL"] = document.accessor(view, 5120, count, "VEC3", normalized=True)
    mode: codec.Mode = "TRIANGLES" if tile.primitive == "triangles" else "INDICES"
    size = 2 if count <= 0xFFFF else 4
    data = codec.encode_indices(flat, mode)
    view = document.packed(data, len(flat), size, mode)
    component = 5123 if size == 2 else 5125
    return attributes, document.accessor(view, component, len(flat), "SCALAR")


def _texcoord_rows(texcoords: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    return np.rint(np.clip(texcoords, 0, 1) * 65535).astype("<u2")


def _plain(
    document: _Document, tile: TileGeometry, local: npt.NDArray[np.float32]
) -> tuple[dict[str, int], int]:
    count = len(local)
    vertices = np.zeros(count, _PLAIN_VERTEX)
    vertices["position"] = local
    if tile.normals is not None:
        vertices["normal"][:, :3] = y_up_from_z_up(tile.normals)
    if tile.texcoords is None:
        vertices["colour"][:, :3] = tile.colours
        vertices["colour"][:, 3] = 255
    else:
        vertices["colour"] = _texcoord_rows(tile.texcoords).view(np.uint8)
    vertices["material"] = tile.materials
    view = document.plain(vertices.tobytes(), 34962, _PLAIN_VERTEX.itemsize)
    attributes = {
        "POSITION": document.accessor(view, 5126, count, "VEC3", **_span(local)),
        "_MATERIAL": document.accessor(view, 5121, count, "SCALAR", 20),
    }
    if tile.texcoords is None:
        attributes["COLOR_0"] = document.accessor(view, 5121, count, "VEC4", 16, normalized=True)
    else:
        attributes["TEXCOORD_0"] = document.accessor(view, 5123, count, "VEC2", 16, normalized=True)
    if tile.normals is not None:
        attributes["NORMAL"] = document.accessor(view, 5120, count, "VEC3", 12, normalized=True)
    if tile.field is not None:
        codes = np.zeros((count, 4), np.uint8)
        codes[:, 0] = tile.field
        view = document.plain(codes.tobytes(), 34962, 4)
        attributes["_FIELD"] = document.accessor(view, 5121, count, "SCALAR")
    kind, component = (np.uint16, 5123) if count <= 0xFFFF else (np.uint32, 5125)
    view = document.plain(tile.indices.astype(kind).tobytes(), 34963)
    return attributes, document.accessor(view, component, len(tile.indices), "SCALAR")


def _assemble(
    parts: _Document,
    primitives: list[dict[str, Any]],
    nodes: list[dict[str, Any]],
    with_normals: bool,
    image: TileImage | None,
    more: list[str] | None = None,
) -> bytes:
    """The GLB of one mesh for each primitive; `more` are extensions that a reader needs."""
    material: dict[str, Any] = {"metallicFactor": 0, "roughnessFactor": 0.9}
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Kenish"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "materials": [{"pbrMetallicRoughness": material}],
        "meshes": [{"primitives": [one | {"material": 0}]} for one in primitives],
        "accessors": parts.accessors,
        "bufferViews": parts.views,
        "buffers": [{"byteLength": parts.length}],
    }
    if image is not None:
        view = parts.picture(encode_jpeg(image.pixels))
        material["baseColorTexture"] = {"index": 0}
        wrap = 10497 if image.repeats else 33071
        document["textures"] = [{"source": 0, "sampler": 0}]
        document["images"] = [{"bufferView": view, "mimeType": "image/jpeg"}]
        document["samplers"] = [
            {"magFilter": 9729, "minFilter": 9987, "wrapS": wrap, "wrapT": wrap}
        ]
        document["buffers"][0]["byteLength"] = parts.length
    extensions = (["KHR_mesh_quantization"] if with_normals else []) + (more or [])
    if parts.unpacked:
        extensions.append(codec.EXTENSION)
        fallback = {
            "byteLength": parts.unpacked,
            "extensions": {codec.EXTENSION: {"fallback": True}},
        }
        document["buffers"].append(fallback)
    if extensions:
        document["extensionsUsed"] = document["extensionsRequired"] = extensions
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + parts.length
    head = struct.pack("<4sII", b"glTF", 2, total) + struct.pack("<I4s", len(text), b"JSON")
    return b"".join([head, text, struct.pack("<I4s", parts.length, b"BIN\0"), *parts.chunks])
