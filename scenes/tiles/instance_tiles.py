"""Where an i3dm tile draws its model: positions, turns and scales of its feature table.

Matrices only; it reads no model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.tiles.feature_table import Table


def octahedral(values: npt.NDArray[np.integer], most: int) -> npt.NDArray[np.float64]:
    """(n, 2) unsigned octahedral codes of 0..most as unit vectors (n, 3)."""
    xy = values.astype(np.float64) / most * 2 - 1
    z = 1 - np.abs(xy).sum(axis=1)
    folded = (1 - np.abs(xy[:, ::-1])) * np.where(xy >= 0, 1.0, -1.0)
    xy = np.where((z < 0)[:, None], folded, xy)
    vectors = np.column_stack([xy, z])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def quantized(table: Table, count: int) -> npt.NDArray[np.float64] | None:
    """POSITION_QUANTIZED (count, 3) in metres, None where the tile has none."""
    stored = table.array("POSITION_QUANTIZED", "<u2", count, 3)
    if stored is None:
        return None
    offset, scale = table.triple("QUANTIZED_VOLUME_OFFSET"), table.triple("QUANTIZED_VOLUME_SCALE")
    if offset is None or scale is None:
        raise ValueError("quantized positions without their volume")
    return np.asarray(stored / 65535.0 * scale + offset, np.float64)


def places(table: Table) -> npt.NDArray[np.float64]:
    """(k, 4, 4) of every instance, in the tile's frame. Raises ValueError where it has none."""
    count = int(table.values["INSTANCES_LENGTH"])
    stored = table.array("POSITION", "<f4", count, 3)
    positions = quantized(table, count) if stored is None else stored.astype(np.float64)
    if positions is None:
        raise ValueError("instances without positions")
    matrices = np.tile(np.eye(4), (count, 1, 1))
    matrices[:, :3, 3] = positions
    up, right = (
        table.array("NORMAL_UP", "<f4", count, 3),
        table.array("NORMAL_RIGHT", "<f4", count, 3),
    )
    if up is None and right is None:
        coded = [table.array(f"NORMAL_{side}_OCT32P", "<u2", count, 2) for side in ("UP", "RIGHT")]
        up, right = (None if one is None else octahedral(one, 65535) for one in coded)
    if up is not None and right is not None:
        # Columns are where the model's x, y and z go.
        forward = np.cross(right.astype(np.float64), up.astype(np.float64))
        matrices[:, :3, :3] = np.stack([right, up, forward], axis=2)
    elif table.values.get("EAST_NORTH_UP"):
        centre = table.triple("RTC_CENTER")
        matrices[:, :3, :3] = _east_north_up(positions + (0 if centre is None else centre))
    for name, width in (("SCALE", 1), ("SCALE_NON_UNIFORM", 3)):
        scale = table.array(name, "<f4", count, width)
        if scale is not None:
            matrices[:, :3, :3] *= scale.astype(np.float64)[:, None, :]
    return matrices


def _east_north_up(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(k, 3, 3) columns east, north, up at earth-centred places (k, 3), on the ellipsoid."""
    up = places / np.array([6_378_137.0**2, 6_378_137.0**2, 6_356_752.314245**2])
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-12)
    east = np.column_stack([-places[:, 1], places[:, 0], np.zeros(len(places))])
    east /= np.maximum(np.linalg.norm(east, axis=1, keepdims=True), 1e-12)
    return np.stack([east, np.cross(up, east), up], axis=2)
