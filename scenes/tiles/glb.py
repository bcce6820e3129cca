"""Reads one glTF tile, ours or made elsewhere: every primitive of its scene in the scene frame.

What a file claims is bounded by its own length; what Kenish cannot read is refused by name. It
never writes (`scenes.tiles.glb_writer`).
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.tiles import draco, gltf_instances
from scenes.tiles import meshopt_views as codec
from scenes.tiles.glb_container import open_container
from scenes.tiles.gltf_accessors import Accessors, Companion, no_companion
from scenes.tiles.gltf_images import Images, UnknownImage
from scenes.tiles.gltf_primitive import GltfFile, read_primitive, scene_from_gltf
from scenes.tiles.packages import NeedsPackage
from scenes.tiles.shape import (
    MODES,
    Primitive,
    TileGeometry,
    TileImage,
    y_up_from_z_up,
    z_up_from_y_up,
)

__all__ = [
    "MODES", "Primitive", "TileGeometry", "TileImage", "parse_glb", "y_up_from_z_up",
    "z_up_from_y_up",
]  # fmt: skip

MAX_CORNERS = 50_000_000  # vertices and indices of one tile, after its nodes are unfolded
GENERATOR = "Kenish"  # what `asset.generator` begins with in tiles of ours
_READ = {
    *codec.EXTENSIONS,
    draco.EXTENSION,
    gltf_instances.EXTENSION,
    "KHR_mesh_quantization",
    "KHR_texture_transform",
    "EXT_texture_webp",
}
# They say how light plays on a surface or what a feature is called: the shape stays the same.
_HARMLESS = ("KHR_materials_", "KHR_lights_", "EXT_mesh_features", "EXT_structural_metadata",
             "EXT_instance_features", "EXT_feature_metadata", "KHR_xmp")  # fmt: skip
# What a damaged file may raise on its way through json, struct and numpy.
DAMAGE = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    OverflowError,
    RecursionError,
    struct.error,
    AttributeError,
    np.linalg.LinAlgError,
    MemoryError,
)


def parse_glb(
    data: bytes,
    name: str,
    frame: npt.NDArray[np.float64] | None = None,
    companion: Companion = no_companion,
) -> list[TileGeometry]:
    """Every primitive of a GLB (or of glTF's JSON) in the scene frame (+Z up).

    `frame` (4, 4) leads from the file's own frame to the scene's, None: the file is the scene +Y
    up. `companion` gives the bytes of files beside it. Raises `Refused` naming `name`.
    """
    try:
        with np.errstate(all="ignore"):  # numbers that are none are found, not printed
            return _parse(data, name, frame, companion)
    except DAMAGE as error:
        raise refusal(error, name) from error


def refusal(error: BaseException, name: str) -> Refused:
    """Why the tile `name` is not read, in words of a message."""
    reason = f"{type(error).__name__}: {error}"[:200]
    if isinstance(error, NeedsPackage):
        return Refused("tile-package", file=name, package=error.package, reason=reason)
    if isinstance(error, UnknownImage):
        return Refused("tile-extension", file=name, extensions=error.extension)
    return Refused("tile-broken", file=name, reason=reason)


def _parse(
    data: bytes, name: str, frame: npt.NDArray[np.float64] | None, companion: Companion
) -> list[TileGeometry]:
    document, binary = open_container(data)
    required = {str(one) for one in document.get("extensionsRequired", [])}
    unknown = {one for one in required - _READ if not one.startswith(_HARMLESS)}
    if unknown:
        raise Refused("tile-extension", file=name, extensions=", ".join(sorted(unknown)))
    accessors = Accessors(document, binary, companion)
    ours = str(document.get("asset", {}).get("generator", "")).startswith(GENERATOR)
    file = GltfFile(accessors, Images(accessors), ours)
    found: list[TileGeometry] = []
    corners = 0
    for node, matrix in gltf_instances.placed_meshes(document):
        again = gltf_instances.instances(accessors, node)
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            one = _placed(file, primitive, matrix, frame, again)
            found.append(one)
            # Nodes may draw one mesh again and again: the file's length bounds nothing.
            corners += len(one.positions) + len(one.indices) * (1 if again is None else len(again))
            if corners > MAX_CORNERS:
                raise ValueError(f"more than {MAX_CORNERS:,} vertices and corners")
    return found


def _placed(
    file: GltfFile,
    primitive: dict[str, Any],
    matrix: npt.NDArray[np.float64],
    frame: npt.NDArray[np.float64] | None,
    again: npt.NDArray[np.float64] | None,
) -> TileGeometry:
    if again is None:
        return read_primitive(file, primitive, matrix, frame)
    # Drawn again and again: the shape in its own frame, turned +Z up, and where that is put.
    up = scene_from_gltf(None)
    whole = scene_from_gltf(frame) @ matrix @ again @ up.T
    geometry = read_primitive(file, primitive, np.eye(4), None)
    return replace(geometry, instances=whole.astype(np.float32))
