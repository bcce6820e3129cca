"""A tiling 3D noise volume for surface detail: gradient in rgb, value in alpha. Pure numpy."""

from __future__ import annotations

import threading
from functools import lru_cache

import numpy as np
import numpy.typing as npt

SIDE = 64
SEED = 20260712


def prepare_noise() -> None:
    """Compute the volume in a thread, to be ready when the window is."""
    threading.Thread(target=noise_volume, name="noise", daemon=True).start()


@lru_cache(maxsize=1)
def noise_volume() -> npt.NDArray[np.uint8]:
    """(SIDE, SIDE, SIDE, 4) uint8, periodic in every axis, 128 is zero.

    White noise shaped in the frequency domain to an amplitude of 1/f^1.7, which rock faces show
    over decimetres to metres.
    """
    generator = np.random.default_rng(SEED)
    spectrum = np.fft.rfftn(generator.standard_normal((SIDE, SIDE, SIDE)))
    full, half = np.fft.fftfreq(SIDE) * SIDE, np.fft.rfftfreq(SIDE) * SIDE
    radius = np.sqrt(full[:, None, None] ** 2 + full[None, :, None] ** 2 + half[None, None] ** 2)
    radius[0, 0, 0] = 1.0
    shaped = spectrum * radius**-1.7
    shaped[0, 0, 0] = 0.0
    value = np.fft.irfftn(shaped, s=(SIDE, SIDE, SIDE), axes=(0, 1, 2))
    value /= value.std() * 2.5
    slopes = [np.roll(value, -1, axis) - np.roll(value, 1, axis) for axis in range(3)]
    # The volume is stored as [z, y, x]; rgb are the slopes along x, y, z.
    gradient = np.stack([slopes[2], slopes[1], slopes[0]], axis=-1)
    gradient /= gradient.std() * 2.5
    packed = np.concatenate([gradient, value[..., None]], axis=-1)
    volume: npt.NDArray[np.uint8] = np.clip(np.rint(packed * 127 + 128), 0, 255).astype(np.uint8)
    return volume
