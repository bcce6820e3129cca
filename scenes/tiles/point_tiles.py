"""Points of a pnts tile: positions, colours and normals of its feature table.

Points compressed by Draco are refused by name.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.tiles.feature_table import Table
from scenes.tiles.instance_tiles import octahedral, quantized
from scenes.tiles.shape import TileGeometry

_DRACO = "3DTILES_draco_point_compression"
PLAIN = 200  # the grey of points without colours


def read_points(table: Table, frame: npt.NDArray[np.float64]) -> list[TileGeometry]:
    """The tile's points in the scene frame, where `frame` (4, 4) leads."""
    if _DRACO in table.values.get("extensions", {}):
        raise ValueError(f"{_DRACO} is not read")
    count = int(table.values["POINTS_LENGTH"])
    stored = table.array("POSITION", "<f4", count, 3)
    local = quantized(table, count) if stored is None else stored.astype(np.float64)
    if local is None:
        raise ValueError("points without positions")
    centre = table.triple("RTC_CENTER")
    if centre is not None:
        local = local + centre
    positions = (local @ frame[:3, :3].T + frame[:3, 3]).astype(np.float32)
    if not np.isfinite(positions).all():
        raise ValueError("a position is not finite")
    return [
        TileGeometry(
            "points",
            positions,
            np.arange(count, dtype=np.uint32),
            _normals(table, count, frame),
            _colours(table, count),
            np.zeros(count, np.uint8),
        )
    ]


def _normals(
    table: Table, count: int, frame: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8] | None:
    given = table.array("NORMAL", "<f4", count, 3)
    if given is None:
        coded = table.array("NORMAL_OCT16P", "<u1", count, 2)
        given = None if coded is None else octahedral(coded, 255)
    if given is None:
        return None
    vectors = given.astype(np.float64) @ np.linalg.pinv(frame[:3, :3])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(np.rint(np.nan_to_num(vectors) * 127), np.int8)


def _colours(table: Table, count: int) -> npt.NDArray[np.uint8]:
    for name, width in (("RGB", 3), ("RGBA", 4)):
        stored = table.array(name, "<u1", count, width)
        if stored is not None:
            return np.array(stored[:, :3])
    packed = table.array("RGB565", "<u2", count, 1)
    if packed is not None:
        value = packed[:, 0].astype(np.uint32)
        parts = [(value >> 11) * 255 // 31, (value >> 5 & 63) * 255 // 63, (value & 31) * 255 // 31]
        return np.stack(parts, axis=1).astype(np.uint8)
    constant = table.values.get("CONSTANT_RGBA")
    colour = PLAIN if constant is None else np.asarray(constant, np.uint8)[:3]
    return np.full((count, 3), colour, np.uint8)
