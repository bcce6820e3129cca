"""EXT_ and KHR_meshopt_compression: buffer views to compressed bytes and back, by `meshopt`.

Claims of a file are bounded by its own length before anything is allocated. It never reads glTF:
the caller says what a view holds.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scenes.tiles.accelerator import in_cache_order
from scenes.tiles.packages import NeedsPackage

EXTENSION = "EXT_meshopt_compression"
EXTENSIONS = ("KHR_meshopt_compression", EXTENSION)  # as both are read, the newer first
Mode = Literal["ATTRIBUTES", "TRIANGLES", "INDICES"]
Filter = Literal["NONE", "OCTAHEDRAL", "QUATERNION", "EXPONENTIAL", "COLOR"]

GRID_EXPONENT = -10  # one grid for all tiles: 2^-10 m
MANTISSA = 1 << 23  # what a position may be in grid steps, on either side of the tile's origin
# The most that a codec can make of one byte: a block of 256 vertices whose bytes never change
# takes two bits for each of their channels; a triangle or an index takes a byte.
_ROWS_PER_BYTE = 1024
MAX_DECODED_BYTES = 1 << 30


@cache
def available() -> bool:
    """Whether this machine has the codec. Without it tiles are written plain and only plain ones
    can be read."""
    return importlib.util.find_spec("meshopt") is not None


def encode_attributes(rows: npt.NDArray[Any]) -> bytes:
    """Rows (n, k) of any dtype, each a multiple of four bytes."""
    import meshopt

    return bytes(meshopt.encode_gltf_buffer(rows, "ATTRIBUTES"))


def encode_indices(indices: npt.NDArray[np.uint32], mode: Mode) -> bytes:
    """Flat indices; TRIANGLES keeps the order of triangles but may turn each of them."""
    import meshopt

    return bytes(meshopt.encode_gltf_buffer(indices, mode))


def grid_rows(steps: npt.NDArray[np.integer]) -> npt.NDArray[np.uint32]:
    """EXPONENTIAL rows (n, 3) of positions in steps of the one grid; |steps| < MANTISSA."""
    words = steps.astype(np.int32).view(np.uint32) & np.uint32(0xFFFFFF)
    return words | np.uint32((GRID_EXPONENT & 0xFF) << 24)


def octahedral_rows(normals: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """OCTAHEDRAL rows (n, 4) of normals (n, 3) int8 (n * 127)."""
    import meshopt

    unit = np.zeros((len(normals), 4), np.float32)
    unit[:, :3] = normals
    unit[:, :3] /= np.maximum(np.linalg.norm(unit[:, :3], axis=1, keepdims=True), 1e-9)
    rows: npt.NDArray[np.uint8] = meshopt.encode_filter_oct(unit, 4, 8)
    return rows


def in_drawing_order(
    triangles: npt.NDArray[np.uint32], count: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """(flat triangles in an order that compresses and draws well, which vertex comes at each
    place) of flat triangles over `count` vertices; vertices that no triangle uses fall away."""
    import meshopt

    ordered = in_cache_order(triangles, count)
    flat, place, used = meshopt.reorder_mesh(
        triangles if ordered is None else ordered, triangles=ordered is None, optsize=False
    )
    place = np.asarray(place)[:count]
    kept = np.flatnonzero(place < used)
    order = np.empty(used, np.int64)
    order[place[kept]] = kept
    return np.asarray(flat, np.uint32), order


def packed_view(extensions: dict[str, Any]) -> dict[str, Any] | None:
    """What a buffer view's extensions say of its compressed bytes, None where it has none."""
    for name in EXTENSIONS:
        if name in extensions:
            found: dict[str, Any] = extensions[name]
            return found
    return None


def decode(view: dict[str, Any], binary: memoryview) -> memoryview:
    """The plain bytes of a compressed view: `view` is the extension's JSON, `binary` its buffer.

    Raises ValueError where the codec is missing, or the claims are not possible for the bytes.
    """
    if not available():
        raise NeedsPackage("compressed tiles", "meshopt")
    import meshopt

    start, length = int(view.get("byteOffset", 0)), int(view["byteLength"])
    count, stride = int(view["count"]), int(view["byteStride"])
    mode, named = str(view["mode"]), str(view.get("filter", "NONE"))
    if start < 0 or length < 1 or start + length > len(binary):
        raise ValueError("a compressed view reaches beyond the buffer")
    if mode == "ATTRIBUTES":
        possible = _ROWS_PER_BYTE * length
    elif mode in ("TRIANGLES", "INDICES") and stride in (2, 4):
        possible = 3 * length
    else:
        raise ValueError(f"unknown mode {mode} with stride {stride}")
    if not (0 < count <= possible and 0 < stride <= 256 and count * stride <= MAX_DECODED_BYTES):
        raise ValueError("a compressed view claims more than its bytes can hold")
    # The wheel turns normals with a reciprocal root that is exact to 12 bits only: one in a hundred
    # would be off by one from what every other decoder makes.
    exact = named == "OCTAHEDRAL" and stride == 4 and mode == "ATTRIBUTES"
    known = None if exact or named == "NONE" else named
    try:
        decoded = meshopt.decode_gltf_buffer(
            binary[start : start + length], count, stride, mode, known
        )
    except (RuntimeError, MemoryError) as error:
        raise ValueError(f"a compressed view is damaged: {error}") from error
    if exact:
        decoded = _normals(np.asarray(decoded).view(np.int8).reshape(-1, 4))
    return np.ascontiguousarray(decoded).reshape(-1).view(np.uint8).data


def _normals(rows: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """(n, 4) octahedral rows of eight bits as normals (n * 127), rounded as JavaScript's decoder
    rounds them; the fourth column stays."""
    x, y, one = (rows[:, k].astype(np.float32) for k in range(3))
    z = one - np.abs(x) - np.abs(y)
    below = np.minimum(z, np.float32(0))
    x += np.where(x >= 0, below, -below)
    y += np.where(y >= 0, below, -below)
    scale = np.float32(127) / np.sqrt(np.maximum(x * x + y * y + z * z, np.float32(1e-30)))
    result = rows.copy()
    for k, value in enumerate((x, y, z)):
        result[:, k] = np.clip(np.rint(value * scale), -127, 127)
    return result
