"""One primitive of a glTF mesh as geometry in the scene frame, with its colours and its texture.

Positions of our own tiles keep every bit. It never walks the scene: the caller says where the
primitive stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles import draco
from scenes.tiles.gltf_accessors import Accessors, unit
from scenes.tiles.gltf_images import Images, srgb_of_linear
from scenes.tiles.shape import Primitive, TileGeometry, TileImage, z_up_from_y_up

PLAIN = 200  # the grey of what has no colour
Attribute = Callable[[str], tuple[npt.NDArray[Any], bool] | None]
_SPECULAR = "KHR_materials_pbrSpecularGlossiness"


@dataclass(frozen=True, slots=True)
class GltfFile:
    """What primitives are read from; `ours`: colours are stored as sRGB, as Kenish writes them."""

    accessors: Accessors
    images: Images
    ours: bool


@dataclass(frozen=True, slots=True)
class Surface:
    """What a material says: linear factor (3,) of the colour, and a texture with its coordinates'
    set and (3, 3) transform."""

    factor: npt.NDArray[np.float64]
    texture: int | None = None
    texcoord: int = 0
    turned: npt.NDArray[np.float64] | None = None
    see_through: bool = False


def _matrix_of(extension: dict[str, Any]) -> npt.NDArray[np.float64]:
    """KHR_texture_transform as (3, 3) of columns (u, v, 1)."""
    angle = float(extension.get("rotation", 0.0))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    shift = np.eye(3)
    shift[:2, 2] = extension.get("offset", (0, 0))
    wide = np.diag([*(float(v) for v in extension.get("scale", (1, 1))), 1.0])
    return np.asarray(shift @ turn @ wide, np.float64)


def _surface(document: dict[str, Any], primitive: dict[str, Any]) -> Surface:
    if "material" not in primitive:
        return Surface(np.ones(3))
    material = document["materials"][primitive["material"]]
    old = material.get("extensions", {}).get(_SPECULAR)
    if old is not None:
        look, factor, texture = old, "diffuseFactor", "diffuseTexture"
    else:
        look, factor, texture = (
            material.get("pbrMetallicRoughness", {}), "baseColorFactor", "baseColorTexture",
        )  # fmt: skip
    tint = np.asarray(look.get(factor, (1, 1, 1, 1)), np.float64)[:3]
    if tint.shape != (3,) or not np.isfinite(tint).all():
        raise ValueError("a colour factor is not three finite numbers")
    see_through = material.get("alphaMode", "OPAQUE") != "OPAQUE"
    named = look.get(texture)
    if named is None:
        return Surface(tint)
    change = named.get("extensions", {}).get("KHR_texture_transform")
    texcoord = int(named.get("texCoord", 0))
    if change is None:
        return Surface(tint, int(named["index"]), texcoord, None, see_through)
    texcoord = int(change.get("texCoord", texcoord))
    return Surface(tint, int(named["index"]), texcoord, _matrix_of(change), see_through)


def _attributes(file: GltfFile, primitive: dict[str, Any]) -> tuple[Attribute, Any]:
    """(how to get an attribute, flat indices or None), compressed by Draco or not."""
    named = primitive["attributes"]
    packed = primitive.get("extensions", {}).get(draco.EXTENSION)
    if packed is None:

        def plain(name: str) -> tuple[npt.NDArray[Any], bool] | None:
            return file.accessors.read(named[name]) if name in named else None

        if "indices" not in primitive:
            return plain, None
        stored = file.accessors.read(primitive["indices"])[0]
        if stored.dtype.kind != "u":
            raise ValueError("indices are no whole numbers")
        return plain, stored[:, 0]
    accessors = file.accessors.document["accessors"]
    claimed = int(accessors[named["POSITION"]]["count"])
    corners = int(accessors[primitive["indices"]]["count"]) if "indices" in primitive else 0
    data = bytes(file.accessors.view(packed["bufferView"]))
    mesh = draco.decode(data, packed["attributes"], claimed, corners)

    def unpacked(name: str) -> tuple[npt.NDArray[Any], bool] | None:
        if name in mesh.attributes:
            normalized = bool(accessors[named[name]].get("normalized", False))
            return mesh.attributes[name], normalized
        return plain_or_none(name)

    def plain_or_none(name: str) -> tuple[npt.NDArray[Any], bool] | None:
        return file.accessors.read(named[name]) if name in named else None

    return unpacked, mesh.indices


def read_primitive(
    file: GltfFile,
    primitive: dict[str, Any],
    matrix: npt.NDArray[np.float64],
    frame: npt.NDArray[np.float64] | None,
) -> TileGeometry:
    """A primitive under a node's `matrix` (4, 4), both +Y up, in the scene frame; `frame` (4, 4)
    leads there from the file's frame, None: it is the scene frame turned +Y up.

    Raises ValueError, KeyError and the like where the file contradicts itself.
    """
    attribute, stored_indices = _attributes(file, primitive)
    positions, normals, mirrored = _placed(attribute, matrix, frame)
    count = len(positions)
    surface = _surface(file.accessors.document, primitive)
    texcoords, image = _texture(file, attribute, surface)
    colours = _colours(file, attribute, surface, count)
    materials = np.zeros(count, np.uint8)
    material = attribute("_MATERIAL")
    if material is not None:
        materials = material[0][:, 0].astype(np.uint8)
    codes = attribute("_FIELD")
    field = None if codes is None else codes[0][:, 0].astype(np.uint8)
    indices = (
        np.arange(count, dtype=np.uint32)
        if stored_indices is None
        else stored_indices.astype(np.uint32, copy=False)
    )
    if len(indices) and int(indices.max()) >= count:
        raise ValueError("an index points beyond the vertices")
    lengths = {count, len(colours), len(materials)}
    lengths |= {len(one) for one in (normals, texcoords, field) if one is not None}
    if not np.isfinite(positions).all() or len(lengths) > 1:
        raise ValueError("attributes are not finite or not of one length")
    kind, indices = _drawn(int(primitive.get("mode", 4)), indices)
    if mirrored and kind == "triangles":
        indices = indices.reshape(-1, 3)[:, ::-1].ravel()
    return TileGeometry(
        kind, positions, indices, normals, colours, materials, texcoords, image, field=field
    )


def _placed(
    attribute: Attribute,
    matrix: npt.NDArray[np.float64],
    frame: npt.NDArray[np.float64] | None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8] | None, bool]:
    """(positions, normals, whether the transform mirrors) in the scene frame."""
    found = attribute("POSITION")
    if found is None or found[0].shape[1] != 3:
        raise ValueError("no positions of three numbers")
    local = unit(*found)
    given = attribute("NORMAL")
    if frame is None and np.array_equal(matrix[:3, :3], np.eye(3)):
        # Float32 is kept exact: grid positions plus a whole-metre translation.
        # Column by column: reading our own tiles is timed.
        x, y, z = matrix[:3, 3].astype(np.float32)
        positions = np.empty((len(local), 3), np.float32)
        np.add(local[:, 0], x, out=positions[:, 0])
        np.add(local[:, 2], z, out=positions[:, 1])
        np.negative(positions[:, 1], out=positions[:, 1])
        np.add(local[:, 1], y, out=positions[:, 2])
        if given is not None and given[1] and given[0].dtype == np.int8:
            return positions, z_up_from_y_up(given[0]), False  # ours: nothing to compute
        whole = scene_from_gltf(None)
    else:
        whole = scene_from_gltf(frame) @ matrix
        positions = (local @ whole[:3, :3].T + whole[:3, 3]).astype(np.float32)
    normals: npt.NDArray[np.int8] | None = None
    if given is not None:
        # Scaled differently along its axes a normal turns the other way: the inverse transpose.
        vectors = unit(*given)[:, :3] @ np.linalg.pinv(whole[:3, :3])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
        normals = np.rint(np.nan_to_num(vectors) * 127).astype(np.int8)
    return positions, normals, bool(np.linalg.det(whole[:3, :3]) < 0)


def scene_from_gltf(frame: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
    """(4, 4) from a file's +Y up frame: `frame`, or the turn to +Z up alone."""
    if frame is not None:
        return frame
    return np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], np.float64)


def _texture(
    file: GltfFile, attribute: Attribute, surface: Surface
) -> tuple[npt.NDArray[np.float32] | None, TileImage | None]:
    if surface.texture is None:
        return None, None
    found = attribute(f"TEXCOORD_{surface.texcoord}")
    if found is None:
        return None, None  # a texture that nothing lays on the surface
    texcoords = unit(*found)
    if texcoords.shape[1] != 2 or not np.isfinite(texcoords).all():
        raise ValueError("texture coordinates are not two finite numbers")
    if surface.turned is not None:
        turned = texcoords @ surface.turned[:2, :2].T + surface.turned[:2, 2]
        texcoords = turned.astype(np.float32)
    return texcoords, file.images.texture(surface.texture, surface.factor, surface.see_through)


@cache
def _shades(dtype: str) -> npt.NDArray[np.uint8]:
    """sRGB of every value of an unsigned integer that stands for linear 0..1."""
    most = np.iinfo(dtype).max
    return srgb_of_linear(np.arange(most + 1) / most)


def _colours(
    file: GltfFile, attribute: Attribute, surface: Surface, count: int
) -> npt.NDArray[np.uint8]:
    found = attribute("COLOR_0")
    tinted = not np.array_equal(surface.factor, np.ones(3))
    if found is None:
        colour = srgb_of_linear(surface.factor) if tinted else PLAIN
        return np.full((count, 3), colour, np.uint8)
    array, normalized = found
    if array.shape[1] < 3:
        raise ValueError("a colour has three or four numbers")
    if file.ours:
        if normalized and array.dtype == np.uint8:
            return np.array(array[:, :3])
        return np.asarray(np.rint(np.clip(unit(array, normalized)[:, :3], 0, 1) * 255), np.uint8)
    if normalized and array.dtype.kind == "u" and array.dtype.itemsize <= 2 and not tinted:
        return _shades(array.dtype.name)[array[:, :3]]
    return srgb_of_linear(unit(array, normalized)[:, :3] * surface.factor)


def _drawn(mode: int, indices: npt.NDArray[np.uint32]) -> tuple[Primitive, npt.NDArray[np.uint32]]:
    """(kind, flat indices) with strips, loops and fans laid out; what is left of an incomplete
    primitive is not drawn."""
    if mode == 0:
        return "points", indices
    if mode in (1, 4):
        corners = 2 if mode == 1 else 3
        return ("lines" if mode == 1 else "triangles"), indices[: len(indices) // corners * corners]
    if mode in (2, 3):
        following = np.roll(indices, -1) if mode == 2 else indices[1:]
        return "lines", np.stack([indices[: len(following)], following], axis=1).ravel()
    if mode not in (5, 6):
        raise ValueError(f"unknown primitive mode {mode}")
    if len(indices) < 3:
        return "triangles", indices[:0]
    if mode == 6:
        first = np.full(len(indices) - 2, indices[0])
        return "triangles", np.stack([first, indices[1:-1], indices[2:]], axis=1).ravel()
    strip = np.stack([indices[:-2], indices[1:-1], indices[2:]], axis=1)
    strip[1::2] = strip[1::2, [1, 0, 2]]
    return "triangles", strip.ravel()
