"""Turns a block model into the faces that can be seen: those that no equal block covers.

Colours blocks by their first attribute. Never decides which blocks are ore.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.geometry import BlockPart, Float64s, MeshPart, UInt8s
from scenes.unique_rows import unique_rows

_STEP_M = 0.001  # block corners closer than this are one corner
# Low to high: a colour-blind safe ramp (dark blue, teal, green, yellow), sRGB.
_RAMP = np.array(
    [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], np.float64
)
_PLAIN = (170, 160, 150)


def exposed_mask(block: BlockPart) -> npt.NDArray[np.bool_]:
    """(n, 6) whether each face is seen: low and high along u, then v, then w.

    A face is hidden where another block has the same rectangle on its other side.
    """
    local = block.centres @ block.axes.T
    half = block.sizes.astype(np.float64) / 2
    low = np.round((local - half) / _STEP_M).astype(np.int64)
    high = np.round((local + half) / _STEP_M).astype(np.int64)
    count = len(local)
    seen = np.ones((count, 6), bool)
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        sides = np.concatenate([low[:, others], high[:, others]], axis=1)
        rows = np.concatenate(
            [
                np.concatenate([low[:, [axis]], sides], axis=1),
                np.concatenate([high[:, [axis]], sides], axis=1),
            ]
        )
        _, group = unique_rows(rows)
        groups = int(group.max(initial=-1)) + 1
        is_low = np.bincount(group[:count], minlength=groups) > 0
        is_high = np.bincount(group[count:], minlength=groups) > 0
        seen[:, 2 * axis] = ~is_high[group[:count]]
        seen[:, 2 * axis + 1] = ~is_low[group[count:]]
    return seen


def block_colours(block: BlockPart) -> UInt8s:
    """(n, 3) sRGB by the first attribute, between its 2nd and 98th percentile; plain without."""
    count = len(block.centres)
    values = next(iter(block.attributes.values()), None)
    if values is None or not np.isfinite(values).any():
        return np.tile(np.array(_PLAIN, np.uint8), (count, 1))
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [2, 98])
    if high <= low:
        low, high = float(finite.min()), float(finite.max())
    share = (np.where(np.isfinite(values), values, low) - low) / ((high - low) or 1.0)
    stops = np.clip(share, 0, 1) * (len(_RAMP) - 1)
    channels = [np.interp(stops, np.arange(len(_RAMP)), _RAMP[:, i]) for i in range(3)]
    colours = np.stack(channels, axis=1).astype(np.uint8)
    colours[~np.isfinite(values)] = _PLAIN
    return colours


def exposed_faces(block: BlockPart) -> MeshPart:
    """The seen faces as triangles: four vertices and two triangles a face, with flat normals."""
    seen = exposed_mask(block)
    local: Float64s = block.centres @ block.axes.T
    half = block.sizes.astype(np.float64) / 2
    shades = block_colours(block)
    data = next(iter(block.attributes.values()), None)
    positions, normals, colours, values = [], [], [], []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        for side, sign in ((0, -1.0), (1, 1.0)):
            chosen = np.flatnonzero(seen[:, 2 * axis + side])
            corners = np.repeat(local[chosen][:, None], 4, axis=1)
            corners[:, :, axis] += sign * half[chosen, axis][:, None]
            # Counter-clockwise seen from outside: the low side turns the other way.
            for corner, (a, b) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
                corners[:, corner, first] += sign * a * half[chosen, first]
                corners[:, corner, second] += b * half[chosen, second]
            positions.append(corners.reshape(-1, 3) @ block.axes)
            normals.append(np.repeat((sign * block.axes[axis])[None], 4 * len(chosen), axis=0))
            colours.append(np.repeat(shades[chosen], 4, axis=0))
            if data is not None:
                values.append(np.repeat(data[chosen], 4))
    quads = np.arange(sum(len(p) for p in positions)).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    if np.linalg.det(block.axes) < 0:  # left-handed axes turn every face inside out
        triangles = triangles[:, ::-1]
    return MeshPart(
        np.concatenate(positions),
        triangles.astype(np.uint32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(colours),
        values=np.concatenate(values) if values else None,
    )
