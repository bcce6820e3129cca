"""Draws flat triangles into texels: which triangle each texel belongs to, and where in it.

A texel belongs to a triangle that reaches within a texel of its middle, best to one around it. It
knows neither charts nor colours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

_CHUNK = 1 << 20  # candidates at a time: 100 MB
REACH = 1.0  # texels beyond a triangle's edge that still are its own
Key = Callable[[Int64s, Int64s, Float64s], npt.NDArray[np.float32]]


class Raster:
    """Texels of a picture, each with the triangle that has the lowest key there so far."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.owner = np.full(width * height, -1, np.int64)
        self.key = np.full(width * height, np.inf, np.float32)

    def draw(self, flat: Float64s, numbers: Int64s, key: Key, clip: npt.NDArray[np.int64]) -> None:
        """Draw triangles (m, 3, 2) in texels, called `numbers` (m,), inside clip (2, 2).

        key(texel (f,), which of the triangles (f,), weights of its corners (3, f)) is lowest for
        the triangle that a texel shall have; not finite: not this one.
        """
        low = np.maximum(np.ceil(flat.min(axis=1) - 0.5 - REACH).astype(np.int64), clip[0])
        high = np.minimum(np.floor(flat.max(axis=1) - 0.5 + REACH).astype(np.int64), clip[1] - 1)
        size = np.maximum(high - low + 1, 0)
        count = size[:, 0] * size[:, 1]
        weights = Weights(flat)
        ends = np.cumsum(count)
        start = 0
        while start < len(flat):
            done = int(ends[start - 1]) if start else 0
            stop = max(int(np.searchsorted(ends, done + _CHUNK, "right")), start + 1)
            own = np.repeat(np.arange(start, stop), count[start:stop])
            place = (
                np.arange(len(own))
                - np.repeat(ends[start:stop] - count[start:stop], count[start:stop])
                + done
            )
            x = low[own, 0] + place % size[own, 0]
            y = low[own, 1] + place // size[own, 0]
            found = weights.at(own, x + 0.5, y + 0.5)
            near = found[0] >= -weights.reach[0][own]
            near &= found[1] >= -weights.reach[1][own]
            near &= found[2] >= -weights.reach[2][own]
            own, texel, found = own[near], (y * self.width + x)[near], found[:, near]
            value = key(texel, own, found)
            np.minimum.at(self.key, texel, value)
            won = np.isfinite(value) & (value == self.key[texel])
            self.owner[texel[won]] = numbers[own[won]]
            start = stop


class Weights:
    """The weights of a triangle's corners at any place in its plane, for triangles (m, 3, 2)."""

    def __init__(self, flat: Float64s) -> None:
        a, b, c = flat[:, 0], flat[:, 1], flat[:, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        scale = np.where(np.abs(area) > 1e-12, 1.0 / np.where(area == 0, 1.0, area), 0.0)
        # By column: numpy is several times faster on them than on rows of three.
        self._origin = np.ascontiguousarray(a.T)
        # Gradients of the weights of the second and third corner.
        self._second = np.stack([(c - a)[:, 1], -(c - a)[:, 0]]) * scale
        self._third = np.stack([-(b - a)[:, 1], (b - a)[:, 0]]) * scale
        first = -self._second - self._third
        steep = [np.hypot(*gradient) for gradient in (first, self._second, self._third)]
        # A triangle without area has no inside, and nothing is near it.
        self.reach = np.where(scale != 0, REACH * np.stack(steep), -np.inf)

    def at(self, own: Int64s, x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Float64s:
        """(3, f) at places x, y (f,) of triangles own (f,)."""
        x, y = x - self._origin[0][own], y - self._origin[1][own]
        second = x * self._second[0][own] + y * self._second[1][own]
        third = x * self._third[0][own] + y * self._third[1][own]
        return np.stack([1.0 - second - third, second, third])


def blend(weights: Float64s, values: npt.NDArray[Any]) -> Float64s:
    """(f,) values (f, 3) of three corners, each by its weight (3, f)."""
    blended = weights[0] * values[:, 0]
    blended += weights[1] * values[:, 1]
    blended += weights[2] * values[:, 2]
    return np.asarray(blended, np.float64)


def within(weights: Float64s) -> Float64s:
    """Weights (3, f) of the nearest place inside the triangle, roughly."""
    inside = np.clip(weights, 0.0, 1.0)
    inside /= np.maximum(inside.sum(axis=0), 1e-9)
    return inside


def outside(found: Float64s) -> npt.NDArray[np.float32]:
    """(f,) 0 inside the triangle, more the farther away: a key that prefers the triangle around
    a texel."""
    least = np.minimum(np.minimum(found[0], found[1]), found[2])
    return np.asarray(np.maximum(-least, 0.0), np.float32)
