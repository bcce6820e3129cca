"""What a tile's geometry is once it was read, whatever its file's format. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Primitive = Literal["triangles", "lines", "points"]
# Numbers of glTF's primitive modes.
MODES: dict[Primitive, int] = {"points": 0, "lines": 1, "triangles": 4}


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
    field (n,) uint8: codes of a scalar field (`scenes.bake.field`), 0 where there is no value.
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
    field: npt.NDArray[np.uint8] | None = None


def y_up_from_z_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Z up (ours) to +Y up (glTF): x, z, -y."""
    return np.stack([vectors[:, 0], vectors[:, 2], -vectors[:, 1]], axis=1)


def z_up_from_y_up(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(n, 3) vectors from +Y up (glTF) to +Z up (ours): x, -z, y."""
    return np.stack([vectors[:, 0], -vectors[:, 2], vectors[:, 1]], axis=1)
