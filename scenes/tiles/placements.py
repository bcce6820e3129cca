"""Where the copies of a mesh stand: matrices taken apart into move, turn and scale.

What is sheared cannot be told so and is refused. It knows no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
_STRAIGHT = 1e-4  # of a scale: axes that stand less upright to each other are sheared


@dataclass(frozen=True, slots=True)
class Placements:
    """translations (k, 3) metres, rotations (k, 4) unit quaternions x, y, z, w, scales (k, 3) > 0;
    the frame is the scene's (+Z up)."""

    translations: Float64s
    rotations: Float64s
    scales: Float64s

    def of(self, chosen: npt.NDArray[Any]) -> Placements:
        """Some of them."""
        return Placements(self.translations[chosen], self.rotations[chosen], self.scales[chosen])


def taken_apart(transforms: Float64s) -> tuple[Placements, npt.NDArray[np.bool_]]:
    """(placements, which of them (k,) are whole) of matrices (k, 4, 4): one that shears, mirrors or
    flattens is not."""
    axes = transforms[:, :3, :3]
    scales = np.linalg.norm(axes, axis=1)
    turns = axes / np.maximum(scales, 1e-30)[:, None, :]
    upright = np.abs(np.einsum("kij,kil->kjl", turns, turns) - np.eye(3)).max(axis=(1, 2))
    whole = (upright < _STRAIGHT) & (np.linalg.det(turns) > 0) & (scales > 1e-9).all(axis=1)
    whole &= np.isfinite(transforms).all(axis=(1, 2))
    same = np.abs(scales - 1) < 1e-5  # what float32 makes of a turn alone
    return (
        Placements(transforms[:, :3, 3], quaternions(turns), np.where(same, 1.0, scales)),
        np.asarray(whole, bool),
    )


def quaternions(turns: Float64s) -> Float64s:
    """(k, 4) x, y, z, w of rotation matrices (k, 3, 3)."""
    xx, yy, zz = turns[:, 0, 0], turns[:, 1, 1], turns[:, 2, 2]
    # Four times the products of two components each; the row of the largest is best to divide by.
    products = np.empty((len(turns), 4, 4))
    for number, diagonal in enumerate(
        (1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz)
    ):
        products[:, number, number] = diagonal
    for a, b, value in (
        (0, 1, turns[:, 0, 1] + turns[:, 1, 0]),
        (0, 2, turns[:, 0, 2] + turns[:, 2, 0]),
        (1, 2, turns[:, 1, 2] + turns[:, 2, 1]),
        (0, 3, turns[:, 2, 1] - turns[:, 1, 2]),
        (1, 3, turns[:, 0, 2] - turns[:, 2, 0]),
        (2, 3, turns[:, 1, 0] - turns[:, 0, 1]),
    ):
        products[:, a, b] = products[:, b, a] = value
    largest = np.argmax(np.einsum("kii->ki", products), axis=1)
    rows = products[np.arange(len(turns)), largest]
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30))
