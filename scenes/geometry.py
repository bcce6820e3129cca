"""Plain arrays that importers and the synthetic mine hand to the bake.

All positions are float64 metres in the *survey* frame (east, north, elevation). Nothing here
computes; a part is only checked for shape when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
UInt32s = npt.NDArray[np.uint32]
UInt8s = npt.NDArray[np.uint8]

# Surface looks that the shaders know; the number is what a tile stores per vertex as _MATERIAL.
MATERIALS = (
    "plain",  # vertex colour alone
    "rock",
    "shotcrete",
    "concrete",
    "steel",
    "mesh",  # welded wire mesh, drawn as a pattern
    "soil",
    "gravel",
    "water",
    "lamp",  # gives light of its own
    "paint",
    "plastic",
    "ore",
    "paste",  # cemented backfill
    "grass",
    "mud",
)
MATERIAL: dict[str, int] = {name: number for number, name in enumerate(MATERIALS)}


@dataclass(frozen=True, slots=True)
class ImageSource:
    """Where a picture lies: a file, a stretch of one (offset and length in bytes), or `data`, a
    whole picture file in memory that is only called `path`. Nothing is opened here."""

    path: Path
    offset: int = 0
    length: int | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class MeshPart:
    """Triangles. What stands after them per vertex is optional.

    positions (n, 3) float64, triangles (m, 3) uint32, normals (n, 3) float32 unit vectors,
    colours (n, 3) uint8 sRGB, materials (n,) uint8 indices into MATERIALS. texcoords (n, 2)
    float32 from the top left of `image`, which repeats beyond 0..1; both or neither. values (n,)
    float64 of one scalar field, NaN where it has none.
    """

    positions: Float64s
    triangles: UInt32s
    normals: Float32s | None = None
    colours: UInt8s | None = None
    materials: UInt8s | None = None
    texcoords: Float32s | None = None
    image: ImageSource | None = None
    values: Float64s | None = None


@dataclass(frozen=True, slots=True)
class PointPart:
    """Points: positions (n, 3) float64, colours (n, 3) uint8 sRGB or None."""

    positions: Float64s
    colours: UInt8s | None = None


@dataclass(frozen=True, slots=True)
class LinePart:
    """Line segments: positions (n, 3) float64, segments (m, 2) uint32, colours (n, 3) uint8."""

    positions: Float64s
    segments: UInt32s
    colours: UInt8s | None = None


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A block model: centres (n, 3) float64, sizes (n, 3) float32 metres along the axes given as
    rows of `axes` (3, 3); scalar attributes (n,) by name."""

    centres: Float64s
    sizes: Float32s
    axes: Float64s
    attributes: dict[str, Float64s] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstancePart:
    """One mesh that stands in many places: transforms (k, 4, 4) float64 of column vectors, from
    the mesh's own frame to the survey frame. The mesh has no picture."""

    mesh: MeshPart
    transforms: Float64s


Part = MeshPart | PointPart | LinePart | BlockPart  # what importers make
BakePart = Part | InstancePart  # what can be baked
PartKind = Literal["mesh", "points", "lines", "blocks"]
