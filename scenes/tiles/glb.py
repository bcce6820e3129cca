"""Writes and reads the GLB of one tile.

A tile holds one primitive (triangles, lines or points) with position, normal, colour and the
private attribute _MATERIAL. Reading takes any plain GLB (also ones made elsewhere), bounded by
its own length; compressed or external data is refused by name.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused

Primitive = Literal["triangles", "lines", "points"]
_MODES: dict[Primitive, int] = {"points": 0, "lines": 1, "triangles": 4}
_CORNERS: dict[Primitive, int] = {"points": 1, "lines": 2, "triangles": 3}
_KNOWN_EXTENSIONS = {"KHR_mesh_quantization", "KHR_materials_unlit"}
_COMPONENTS: dict[int, type[np.generic]] = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
MAX_CORNERS = 50_000_000  # vertices and indices of one tile, after its nodes are unfolded
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
# Interleaved, 24 bytes a vertex: glTF wants attributes at multiples of four bytes.
_VERTEX = np.dtype(
    [
        ("position", "<f4", 3),
        ("normal", "i1", 4),
        ("colour", "u1", 4),
        ("material", "u1"),
        ("pad", "u1", 3),
    ]
)


@dataclass(frozen=True, slots=True)
class TileGeometry:
    """One tile's geometry in the scene frame (metres, +Z up).

    positions (n, 3) float32, indices flat uint32, normals (n, 3) int8 (n * 127) or None,
    colours (n, 3) uint8 sRGB, materials (n,) uint8 (`scenes.geometry.MATERIALS`).
    """

    primitive: Primitive
    positions: npt.NDArray[np.float32]
    indices: npt.NDArray[np.uint32]
    normals: npt.NDArray[np.int8] | None
    colours: npt.NDArray[np.uint8]
    materials: npt.NDArray[np.uint8]


def y_up_from_z_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Z up (ours) to +Y up (glTF): x, z, -y."""
    return np.stack([vectors[:, 0], vectors[:, 2], -vectors[:, 1]], axis=1)


def z_up_from_y_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Y up (glTF) to +Z up (ours): x, -z, y."""
    return np.stack([vectors[:, 0], -vectors[:, 2], vectors[:, 1]], axis=1)


def pack_glb(tile: TileGeometry, translation: tuple[float, float, float]) -> bytes:
    """The GLB of a tile. Positions are stored relative to `translation` (scene frame, metres)."""
    count = len(tile.positions)
    vertices = np.zeros(count, _VERTEX)
    offset = np.asarray(translation, np.float32)
    vertices["position"] = y_up_from_z_up(tile.positions - offset)
    if tile.normals is not None:
        vertices["normal"][:, :3] = y_up_from_z_up(tile.normals)
    vertices["colour"][:, :3] = tile.colours
    vertices["colour"][:, 3] = 255
    vertices["material"] = tile.materials
    index_type = np.uint16 if count <= 0xFFFF else np.uint32
    indices = tile.indices.astype(index_type)
    index_bytes = indices.tobytes()
    index_bytes += b"\0" * (-len(index_bytes) % 4)
    vertex_bytes = vertices.tobytes()
    low = vertices["position"].min(axis=0) if count else np.zeros(3)
    high = vertices["position"].max(axis=0) if count else np.zeros(3)

    def accessor(offset_in: int, component: int, kind: str, **more: Any) -> dict[str, Any]:
        return {
            "bufferView": 0,
            "byteOffset": offset_in,
            "componentType": component,
            "count": count,
            "type": kind,
            **more,
        }

    accessors = [
        accessor(0, 5126, "VEC3", min=low.tolist(), max=high.tolist()),
        accessor(16, 5121, "VEC4", normalized=True),
        accessor(20, 5121, "SCALAR"),
        {
            "bufferView": 1,
            "componentType": 5123 if index_type is np.uint16 else 5125,
            "count": len(indices),
            "type": "SCALAR",
        },
    ]
    attributes = {"POSITION": 0, "COLOR_0": 1, "_MATERIAL": 2}
    if tile.normals is not None:
        attributes["NORMAL"] = len(accessors)
        accessors.append(accessor(12, 5120, "VEC3", normalized=True))
    x, y, z = (float(value) for value in translation)
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Kenish"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "translation": [x, z, -y]}],
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.9}}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": attributes,
                        "indices": 3,
                        "mode": _MODES[tile.primitive],
                        "material": 0,
                    }
                ]
            }
        ],
        "accessors": accessors,
        "bufferViews": [
            {
                "buffer": 0,
                "byteOffset": 0,
                "byteLength": len(vertex_bytes),
                "byteStride": _VERTEX.itemsize,
                "target": 34962,
            },
            {
                "buffer": 0,
                "byteOffset": len(vertex_bytes),
                "byteLength": indices.nbytes,
                "target": 34963,
            },
        ],
        "buffers": [{"byteLength": len(vertex_bytes) + len(index_bytes)}],
    }
    if tile.normals is not None:
        document["extensionsUsed"] = ["KHR_mesh_quantization"]
        document["extensionsRequired"] = ["KHR_mesh_quantization"]
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(vertex_bytes) + len(index_bytes)
    return b"".join(
        [
            struct.pack("<4sII", b"glTF", 2, total),
            struct.pack("<I4s", len(text), b"JSON"),
            text,
            struct.pack("<I4s", len(vertex_bytes) + len(index_bytes), b"BIN\0"),
            vertex_bytes,
            index_bytes,
        ]
    )


def parse_glb(data: bytes, name: str) -> list[TileGeometry]:
    """Every primitive of a GLB in the scene frame (+Z up). Raises `Refused` naming `name`."""
    try:
        return _parse(data, name)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
        struct.error,
        AttributeError,
    ) as error:
        reason = f"{type(error).__name__}: {error}"
        raise Refused("tile-broken", file=name, reason=reason) from error


def _chunks(data: bytes, name: str) -> tuple[dict[str, Any], memoryview]:
    magic, version, total = struct.unpack_from("<4sII", data)
    if magic != b"glTF" or version != 2 or total > len(data):
        raise Refused("tile-broken", file=name, reason="not a whole GLB 2 file")
    length, kind = struct.unpack_from("<I4s", data, 12)
    if kind != b"JSON" or 20 + length > total:
        raise Refused("tile-broken", file=name, reason="no JSON chunk")
    document = json.loads(data[20 : 20 + length])
    binary = memoryview(b"")
    at = 20 + length
    if at + 8 <= total:
        size, kind = struct.unpack_from("<I4s", data, at)
        if kind == b"BIN\0" and at + 8 + size <= total:
            binary = memoryview(data)[at + 8 : at + 8 + size]
    return document, binary


def _read_accessor(
    document: dict[str, Any], binary: memoryview, number: int
) -> tuple[npt.NDArray[Any], bool]:
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    if view.get("buffer", 0) != 0 or "extensions" in view:
        raise ValueError("compressed or external buffers are not supported")
    dtype = np.dtype(_COMPONENTS[accessor["componentType"]]).newbyteorder("<")
    width = _WIDTHS[accessor["type"]]
    count = int(accessor["count"])
    stride = int(view.get("byteStride", 0)) or dtype.itemsize * width
    start = int(view.get("byteOffset", 0)) + int(accessor.get("byteOffset", 0))
    end = start + stride * (count - 1) + dtype.itemsize * width if count else start
    if count < 0 or start < 0 or end > len(binary):
        raise ValueError("an accessor reaches beyond the buffer")
    array: npt.NDArray[Any] = np.ndarray(
        (count, width), dtype, binary, start, (stride, dtype.itemsize)
    )
    return array, bool(accessor.get("normalized", False))


def _unit(array: npt.NDArray[Any], normalized: bool) -> npt.NDArray[np.float32]:
    values = array.astype(np.float32)
    if normalized and array.dtype.kind in "iu":
        return np.clip(values / np.iinfo(array.dtype).max, -1.0, 1.0)
    return values


def _node_matrix(node: dict[str, Any]) -> npt.NDArray[np.float64]:
    if "matrix" in node:
        return np.asarray(node["matrix"], np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = (float(v) for v in node.get("rotation", (0, 0, 0, 1)))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = rotation * np.asarray(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _parse(data: bytes, name: str) -> list[TileGeometry]:
    document, binary = _chunks(data, name)
    unknown = set(document.get("extensionsRequired", [])) - _KNOWN_EXTENSIONS
    if unknown:
        raise Refused("tile-extension", file=name, extensions=", ".join(sorted(unknown)))
    nodes = document.get("nodes", [])
    scene = document["scenes"][document.get("scene", 0)]
    found: list[TileGeometry] = []
    pending = [(int(number), np.eye(4)) for number in scene.get("nodes", [])]
    visited = corners = 0
    while pending:
        number, parent = pending.pop()
        visited += 1
        if visited > 10_000:
            raise ValueError("more than 10,000 nodes, or nodes in a circle")
        node = nodes[number]
        matrix = parent @ _node_matrix(node)
        pending += [(int(child), matrix) for child in node.get("children", [])]
        if "mesh" in node:
            for primitive in document["meshes"][node["mesh"]]["primitives"]:
                found.append(_read_primitive(document, binary, primitive, matrix))
                # Nodes may draw one mesh again and again: the file's length bounds nothing.
                corners += len(found[-1].positions) + len(found[-1].indices)
                if corners > MAX_CORNERS:
                    raise ValueError(f"more than {MAX_CORNERS:,} vertices and corners")
    return found


def _read_primitive(
    document: dict[str, Any],
    binary: memoryview,
    primitive: dict[str, Any],
    matrix: npt.NDArray[np.float64],
) -> TileGeometry:
    modes: dict[int, Primitive] = {number: kind for kind, number in _MODES.items()}
    attributes = primitive["attributes"]
    stored, normalized = _read_accessor(document, binary, attributes["POSITION"])
    local = _unit(stored, normalized)
    unturned = np.array_equal(matrix[:3, :3], np.eye(3))
    if unturned:
        # Float32 is kept exact: grid positions plus a whole-metre translation.
        moved = local + matrix[:3, 3].astype(np.float32)
    else:
        moved = (local @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
    count = len(moved)
    normals: npt.NDArray[np.int8] | None = None
    if "NORMAL" in attributes:
        array, is_normalized = _read_accessor(document, binary, attributes["NORMAL"])
        if unturned and is_normalized and array.dtype == np.int8:
            normals = z_up_from_y_up(array)  # our own tiles: nothing to compute
        else:
            unit = _unit(array, is_normalized) @ matrix[:3, :3].T
            unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
            normals = np.rint(z_up_from_y_up(unit) * 127).astype(np.int8)
    colours = np.full((count, 3), 200, np.uint8)
    if "COLOR_0" in attributes:
        array, is_normalized = _read_accessor(document, binary, attributes["COLOR_0"])
        if is_normalized and array.dtype == np.uint8:
            colours = array[:, :3].copy()
        else:
            colours = np.rint(_unit(array, is_normalized)[:, :3] * 255).astype(np.uint8)
    materials = np.zeros(count, np.uint8)
    if "_MATERIAL" in attributes:
        materials = _read_accessor(document, binary, attributes["_MATERIAL"])[0][:, 0].astype(
            np.uint8
        )
    if "indices" in primitive:
        indices = _read_accessor(document, binary, primitive["indices"])[0][:, 0].astype(np.uint32)
    else:
        indices = np.arange(count, dtype=np.uint32)
    if len(indices) and int(indices.max()) >= count:
        raise ValueError("an index points beyond the vertices")
    lengths = {count, len(colours), len(materials), count if normals is None else len(normals)}
    if not np.isfinite(moved).all() or len(lengths) > 1:
        raise ValueError("attributes are not finite or not of one length")
    kind = modes[primitive.get("mode", 4)]
    whole = len(indices) - len(indices) % _CORNERS[kind]
    indices = indices[:whole]  # glTF: what is left of an incomplete primitive is not drawn
    return TileGeometry(kind, z_up_from_y_up(moved), indices, normals, colours, materials)
