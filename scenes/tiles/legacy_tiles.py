"""The tile formats of 3D Tiles 1.0: b3dm, i3dm, pnts, and cmpt that holds several of them.

Batch tables are not read: Kenish shows shapes. Lengths that a file claims are checked first.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scenes.tiles.feature_table import read_table
from scenes.tiles.glb import MAX_CORNERS, parse_glb
from scenes.tiles.gltf_accessors import Companion
from scenes.tiles.instance_tiles import places
from scenes.tiles.point_tiles import read_points
from scenes.tiles.shape import TileGeometry

MAGICS = (b"b3dm", b"i3dm", b"pnts", b"cmpt")
MAX_NESTED = 4  # cmpt within cmpt
Matrix = npt.NDArray[np.float64]


def _whole(data: bytes, magic: bytes) -> bytes:
    found, version, length = struct.unpack_from("<4sII", data)
    if found != magic or version != 1 or not 12 <= length <= len(data):
        raise ValueError(f"not a whole {magic.decode()} tile")
    return data[:length]


def read(
    data: bytes,
    name: str,
    transform: Matrix | None,
    turn: Matrix,
    companion: Companion,
    depth: int = 0,
) -> list[TileGeometry]:
    """Geometry in the scene frame. `transform` (4, 4) leads there from the tile's frame, `turn`
    from an inner glTF's axes to the tile's.

    Raises ValueError and the like for damage, `Refused` for an inner glTF that is refused.
    """
    frame = np.eye(4) if transform is None else transform
    magic = bytes(data[:4])
    data = _whole(data, magic)
    if magic == b"cmpt":
        return _several(data, name, transform, turn, companion, depth)
    if magic == b"pnts":
        return read_points(read_table(data, 28)[0], frame)
    table, rest = read_table(data, 32 if magic == b"i3dm" else 28)
    centre = table.triple("RTC_CENTER")
    if centre is not None:
        frame = frame @ _shift(centre)
    if magic == b"b3dm":
        return parse_glb(rest, name, frame @ turn, companion)
    (kind,) = struct.unpack_from("<I", data, 28)
    inner = rest if kind == 1 else companion(rest.decode().rstrip(" \0"))
    # The model in its own frame, turned +Z up; the places say where it is drawn.
    models = parse_glb(inner, name, turn, companion)
    return _drawn_again(models, frame, places(table))


def _several(
    data: bytes,
    name: str,
    transform: Matrix | None,
    turn: Matrix,
    companion: Callable[[str], bytes],
    depth: int,
) -> list[TileGeometry]:
    if depth >= MAX_NESTED:
        raise ValueError("tiles within tiles, too deep")
    (count,) = struct.unpack_from("<I", data, 12)
    at = 16
    found: list[TileGeometry] = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, at + 8)
        if length < 12:
            raise ValueError("an inner tile of no length")
        found += read(data[at : at + length], name, transform, turn, companion, depth + 1)
        if sum(len(one.positions) + len(one.indices) for one in found) > MAX_CORNERS:
            raise ValueError(f"more than {MAX_CORNERS:,} vertices and corners")
        at += length
    return found


def _shift(offset: npt.NDArray[np.float64]) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _drawn_again(
    models: list[TileGeometry], frame: Matrix, placed: npt.NDArray[np.float64]
) -> list[TileGeometry]:
    result = []
    corners = 0
    for model in models:
        inner = np.eye(4)[None] if model.instances is None else model.instances.astype(np.float64)
        corners += len(placed) * len(inner) * len(model.indices)
        if corners > MAX_CORNERS or len(placed) * len(inner) > MAX_CORNERS // 100:
            raise ValueError("more instances than Kenish draws")
        whole = (frame @ placed)[:, None] @ inner[None]
        if not np.isfinite(whole).all():
            raise ValueError("an instance's place is not finite")
        result.append(replace(model, instances=whole.reshape(-1, 4, 4).astype(np.float32)))
    return result
