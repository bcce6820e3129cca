"""Smooth random fields over space, the same for the same seed and the same position.

Sampling depends on world positions only, so neighbouring pieces of a mesh always agree. It never
keeps state between calls.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.geometry import Float64s

_SIZE = 64  # lattice points an axis; the field repeats after _SIZE wavelengths


class Noise:
    """Value noise on a periodic lattice, smoothly interpolated."""

    def __init__(self, seed: int) -> None:
        generator = np.random.default_rng((seed, 0x6E6F6973))
        self._table: npt.NDArray[np.float32] = generator.uniform(-1.0, 1.0, _SIZE**3).astype(
            np.float32
        )

    def sample(self, points: Float64s, wavelength: float | tuple[float, float, float]) -> Float64s:
        """Values in about -1 ... 1 at `points` (n, 3) metres; `wavelength` metres, one or per axis.

        Returns (n,) float64.
        """
        scaled = points / np.asarray(wavelength, dtype=np.float64) + 17.37
        cell = np.floor(scaled)
        fraction = (scaled - cell).astype(np.float32)
        fraction *= fraction * (3.0 - 2.0 * fraction)
        low = cell.astype(np.int64) & (_SIZE - 1)
        high = (low + 1) & (_SIZE - 1)
        x0, x1 = low[:, 0] * (_SIZE * _SIZE), high[:, 0] * (_SIZE * _SIZE)
        y0, y1 = low[:, 1] * _SIZE, high[:, 1] * _SIZE
        z0, z1 = low[:, 2], high[:, 2]
        fx, fy, fz = fraction[:, 0], fraction[:, 1], fraction[:, 2]
        table = self._table
        y0z0, y0z1, y1z0, y1z1 = y0 + z0, y0 + z1, y1 + z0, y1 + z1

        def along_x(rest: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
            near = table[x0 + rest]
            mixed: npt.NDArray[np.float32] = near + fx * (table[x1 + rest] - near)
            return mixed

        front = along_x(y0z0)
        front += fy * (along_x(y1z0) - front)
        back = along_x(y0z1)
        back += fy * (along_x(y1z1) - back)
        front += fz * (back - front)
        return front.astype(np.float64)

    def ridged(self, points: Float64s, wavelength: float) -> Float64s:
        """Sharp-edged variant in -1 ... 1: what blasting leaves rather than what water rounds."""
        return 1.0 - 2.0 * np.abs(self.sample(points, wavelength)) ** 0.8

    def rock(self, points: Float64s, finest: float) -> Float64s:
        """Blasted rock, about -1 ... 1; waves shorter than `finest` metres are left out."""
        total = 0.5 * self.sample(points, 3.1)
        for wavelength, weight in ((1.9, 0.42), (0.83, 0.24), (0.37, 0.11), (0.15, 0.05)):
            if wavelength < finest:
                break
            total += weight * self.ridged(points, wavelength)
        return total


def smoothstep(low: float, high: float, value: Float64s) -> Float64s:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    result: Float64s = t * t * (3.0 - 2.0 * t)
    return result
