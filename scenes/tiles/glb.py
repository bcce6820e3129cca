"""Reads the GLB of one tile: plain or EXT_meshopt_compression, ours or made elsewhere.

What a file claims is bounded by its own length; external data and other compressions are refused
by name. It never writes (`scenes.tiles.glb_writer`).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.tiles import meshopt_views as codec

Primitive = Literal["triangles", "lines", "points"]
MODES: dict[Primitive, int] = {"points": 0, "lines": 1, "triangles": 4}
_CORNERS: dict[Primitive, int] = {"points": 1, "lines": 2, "triangles": 3}
_KNOWN_EXTENSIONS = {"KHR_mesh_quantization", "KHR_materials_unlit", codec.EXTENSION}
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


@dataclass(frozen=True, slots=True, eq=False)
class TileImage:
    """A decoded texture: pixels (height, width, 3 or 4) uint8 sRGB, the first row on top."""

    pixels: npt.NDArray[np.uint8]
    repeats: bool = False  # beyond 0..1: again from the start, or the border's colour


@dataclass(frozen=True, slots=True)
class TileGeometry:
    """One tile's geometry in the scene frame (metres, +Z up).

    positions (n, 3) float32, indices flat uint32, normals (n, 3) int8 (n * 127) or None,
    colours (n, 3) uint8 sRGB, materials (n,) uint8 (`scenes.geometry.MATERIALS`).
    texcoords (n, 2) float32 from the image's top left, with `image`; both or neither.
    instances (k, 4, 4) float32 column-vector transforms in the scene frame, to draw it k times.
    """

    primitive: Primitive
    positions: npt.NDArray[np.float32]
    indices: npt.NDArray[np.uint32]
    normals: npt.NDArray[np.int8] | None
    colours: npt.NDArray[np.uint8]
    materials: npt.NDArray[np.uint8]
    texcoords: npt.NDArray[np.float32] | None = None
    image: TileImage | None = None
    instances: npt.NDArray[np.float32] | None = None


def y_up_from_z_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Z up (ours) to +Y up (glTF): x, z, -y."""
    return np.stack([vectors[:, 0], vectors[:, 2], -vectors[:, 1]], axis=1)


def z_up_from_y_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Y up (glTF) to +Z up (ours): x, -z, y."""
    return np.stack([vectors[:, 0], -vectors[:, 2], vectors[:, 1]], axis=1)


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


class _Buffers:
    """The accessors of one file; compressed views are unpacked once each, in bounds."""

    def __init__(self, document: dict[str, Any], binary: memoryview) -> None:
        self._document = document
        self._binary = binary
        self._unpacked: dict[int, memoryview] = {}
        self._unpacked_bytes = 0

    def _view(self, number: int) -> tuple[memoryview, int, int]:
        """(buffer, where the view begins in it, its stride or 0)."""
        view = self._document["bufferViews"][number]
        stride = int(view.get("byteStride", 0))
        packed = view.get("extensions", {}).get(codec.EXTENSION)
        if (view if packed is None else packed).get("buffer", 0) != 0:
            raise ValueError("external buffers are not supported")
        if packed is None:
            return self._binary, int(view.get("byteOffset", 0)), stride
        if number not in self._unpacked:
            # Many views may name the same few bytes: the file's length bounds nothing.
            self._unpacked_bytes += int(packed["count"]) * int(packed["byteStride"])
            if self._unpacked_bytes > codec.MAX_DECODED_BYTES:
                raise ValueError("compressed views claim more than Kenish reads")
            self._unpacked[number] = codec.decode(packed, self._binary)
        return self._unpacked[number], 0, stride

    def accessor(self, number: int) -> tuple[npt.NDArray[Any], bool]:
        """(values (n, width), whether they are normalized integers)."""
        accessor = self._document["accessors"][number]
        if "sparse" in accessor:
            raise ValueError("sparse accessors are not supported")
        buffer, base, stride = self._view(accessor["bufferView"])
        dtype = np.dtype(_COMPONENTS[accessor["componentType"]]).newbyteorder("<")
        width = _WIDTHS[accessor["type"]]
        count = int(accessor["count"])
        stride = stride or dtype.itemsize * width
        start = base + int(accessor.get("byteOffset", 0))
        end = start + stride * (count - 1) + dtype.itemsize * width if count else start
        if count < 0 or start < 0 or stride < 0 or end > len(buffer):
            raise ValueError("an accessor reaches beyond the buffer")
        array: npt.NDArray[Any] = np.ndarray(
            (count, width), dtype, buffer, start, (stride, dtype.itemsize)
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
    buffers = _Buffers(document, binary)
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
                found.append(_read_primitive(buffers, primitive, matrix))
                # Nodes may draw one mesh again and again: the file's length bounds nothing.
                corners += len(found[-1].positions) + len(found[-1].indices)
                if corners > MAX_CORNERS:
                    raise ValueError(f"more than {MAX_CORNERS:,} vertices and corners")
    return found


def _read_primitive(
    buffers: _Buffers,
    primitive: dict[str, Any],
    matrix: npt.NDArray[np.float64],
) -> TileGeometry:
    modes: dict[int, Primitive] = {number: kind for kind, number in MODES.items()}
    attributes = primitive["attributes"]
    stored, normalized = buffers.accessor(attributes["POSITION"])
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
        array, is_normalized = buffers.accessor(attributes["NORMAL"])
        if unturned and is_normalized and array.dtype == np.int8:
            normals = z_up_from_y_up(array)  # our own tiles: nothing to compute
        else:
            unit = _unit(array, is_normalized) @ matrix[:3, :3].T
            unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
            normals = np.rint(z_up_from_y_up(unit) * 127).astype(np.int8)
    colours = np.full((count, 3), 200, np.uint8)
    if "COLOR_0" in attributes:
        array, is_normalized = buffers.accessor(attributes["COLOR_0"])
        if is_normalized and array.dtype == np.uint8:
            colours = array[:, :3].copy()
        else:
            colours = np.rint(_unit(array, is_normalized)[:, :3] * 255).astype(np.uint8)
    materials = np.zeros(count, np.uint8)
    if "_MATERIAL" in attributes:
        materials = buffers.accessor(attributes["_MATERIAL"])[0][:, 0].astype(np.uint8)
    if "indices" in primitive:
        indices = buffers.accessor(primitive["indices"])[0][:, 0].astype(np.uint32)
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
