"""Turns the geometry of one tile into arrays ready to draw, and those into a node of the scene.

`pack_primitive` runs in any thread and knows numpy only; `make_tile_node` runs on the frame thread
only. Neither decides which tile is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    GeomNode,
    RenderState,
    SamplerState,
    ShaderAttrib,
    Texture,
    TextureAttrib,
)

from scenes.tiles.glb import TileGeometry, TileImage
from scenes.tiles.unfold import unfolded
from vr_app.world.geom import PACKED_VERTEX, TEXTURED_VERTEX, make_packed_geom

ANISOTROPY = 4
# A tile's arrays lie in memory and, copied, with the driver; pictures with the driver alone.
ON_GPU_TOO = 2

UInt8s = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """A texture with all its smaller levels: each (height, width, 4) uint8, blue first as Panda3D
    stores them; `repeats` beyond 0..1."""

    levels: list[UInt8s]
    repeats: bool

    @property
    def size(self) -> int:
        """Bytes of all levels."""
        return sum(level.nbytes for level in self.levels)


@dataclass(frozen=True, slots=True)
class ReadyPrimitive:
    """A packed primitive: vertices (PACKED_VERTEX, or TEXTURED_VERTEX with a picture), flat
    indices, primitive kind, bounds (low, high) in the scene frame."""

    packed: npt.NDArray[Any]
    indices: npt.NDArray[np.uint32]
    primitive: str
    bounds: tuple[npt.NDArray[Any], npt.NDArray[Any]]
    picture: Picture | None = None

    @property
    def size(self) -> int:
        """Bytes in memory and with the driver."""
        picture = 0 if self.picture is None else self.picture.size
        return (self.packed.nbytes + self.indices.nbytes) * ON_GPU_TOO + picture


def pack_primitive(
    geometry: TileGeometry, low: npt.NDArray[Any], high: npt.NDArray[Any]
) -> ReadyPrimitive:
    """Everything of a primitive that can be made off the frame thread; `low` and `high` (3,) are
    the tile's box. Raises ValueError where its instances come to more than Kenish draws."""
    if geometry.instances is not None:
        geometry = unfolded(geometry)
        low, high = geometry.positions.min(axis=0), geometry.positions.max(axis=0)
    textured = geometry.texcoords is not None and geometry.image is not None
    packed = np.empty(len(geometry.positions), TEXTURED_VERTEX if textured else PACKED_VERTEX)
    packed["position"] = geometry.positions
    # A zero normal (128) asks the shader to shade by the face.
    packed["normal"] = 128
    if geometry.normals is not None:
        packed["normal"][:, :3] += geometry.normals.view(np.uint8)  # wraps: n + 128
    packed["normal"][:, 3] = 0 if geometry.field is None else geometry.field
    packed["colour"] = geometry.colours
    packed["material"] = geometry.materials
    picture = None
    if geometry.texcoords is not None and geometry.image is not None:
        packed["texcoord"] = geometry.texcoords
        picture = make_picture(geometry.image)
    return ReadyPrimitive(packed, geometry.indices, geometry.primitive, (low, high), picture)


def make_picture(image: TileImage) -> Picture:
    """All levels of a texture down to one texel, each the mean of four texels of the one before."""
    height, width, channels = image.pixels.shape
    level = np.full((height, width, 4), 255, np.uint8)
    level[..., 2::-1] = image.pixels[..., :3]
    if channels == 4:
        level[..., 3] = image.pixels[..., 3]
    levels = [level]
    while level.shape[0] > 1 or level.shape[1] > 1:
        levels.append(level := _halved(level))
    return Picture(levels, image.repeats)


def _halved(level: UInt8s) -> UInt8s:
    """The next level; an odd last row or column is left out, as OpenGL's sizes do."""
    for axis in (0, 1):
        count = level.shape[axis] // 2
        if count:
            first = level[0 : 2 * count : 2] if axis == 0 else level[:, 0 : 2 * count : 2]
            second = level[1 : 2 * count : 2] if axis == 0 else level[:, 1 : 2 * count : 2]
            level = ((first.astype(np.uint16) + second + 1) >> 1).astype(np.uint8)
    return level


def make_tile_node(name: str, ready: Sequence[ReadyPrimitive]) -> GeomNode:
    """The node of a tile, a Geom for each primitive. Frame thread only.

    A textured primitive has its picture as `p3d_Texture0` and the shader input `textured` 1.0.
    """
    node = GeomNode(name)
    for one in ready:
        geom = make_packed_geom(one.packed, one.indices, one.primitive, one.bounds)
        if one.picture is None:
            node.add_geom(geom)
        else:
            node.add_geom(geom, _textured_state(name, one.picture))
    return node


def _textured_state(name: str, picture: Picture) -> RenderState:
    inputs = ShaderAttrib.make().set_shader_input("textured", 1.0)
    return RenderState.make(TextureAttrib.make(_texture(name, picture)), inputs)


def _texture(name: str, picture: Picture) -> Texture:
    height, width, _ = picture.levels[0].shape
    texture = Texture(name)
    texture.setup_2d_texture(width, height, Texture.T_unsigned_byte, Texture.F_srgb_alpha)
    for number, level in enumerate(picture.levels):
        stored = memoryview(texture.make_ram_mipmap_image(number)).cast("B")
        stored[:] = np.ascontiguousarray(level).reshape(-1).data
    texture.set_compression(Texture.CM_off)
    texture.set_keep_ram_image(False)  # the driver has it
    texture.set_minfilter(SamplerState.FT_linear_mipmap_linear)
    texture.set_magfilter(SamplerState.FT_linear)
    texture.set_anisotropic_degree(ANISOTROPY)
    wrap = SamplerState.WM_repeat if picture.repeats else SamplerState.WM_clamp
    texture.set_wrap_u(wrap)
    texture.set_wrap_v(wrap)
    return texture
