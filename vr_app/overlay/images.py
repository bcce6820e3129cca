"""Painted images on their way to the GPU: prepared in a worker, uploaded on the frame thread.

`prepare` is pure; only `ImageTexture` touches Panda3D.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from panda3d.core import ColorBlendAttrib, NodePath, SamplerState, Texture

from vr_app.ui.canvas import Hit, Painted


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """Pixels as Panda3D stores them: bottom row first, blue green red alpha, premultiplied."""

    width: int
    height: int
    data: bytes
    hits: tuple[Hit, ...] = ()


def prepare(painted: Painted) -> PreparedImage:
    """Premultiply, flip and reorder. Premultiplied alpha keeps edges free of dark fringes when
    the GPU shrinks the image."""
    rgba = painted.rgba
    alpha = rgba[..., 3:].astype(np.uint16)
    bgra = np.empty_like(rgba)
    bgra[..., :3] = (rgba[..., 2::-1] * alpha + 127) // 255
    bgra[..., 3] = rgba[..., 3]
    width, height = painted.size
    return PreparedImage(width, height, bgra[::-1].tobytes(), painted.hits)


class ImageTexture:
    """A texture whose picture may be replaced. Frame thread only."""

    def __init__(self, name: str) -> None:
        self.texture = Texture(name)
        self.size = (0, 0)
        self.hits: tuple[Hit, ...] = ()
        for set_wrap in (self.texture.set_wrap_u, self.texture.set_wrap_v):
            set_wrap(SamplerState.WM_clamp)
        self.texture.set_magfilter(SamplerState.FT_linear)

    def upload(self, image: PreparedImage, mipmaps: bool = True) -> bool:
        """Take a new picture. True if its size differs from the last one's."""
        size = (image.width, image.height)
        changed = size != self.size
        if changed:
            self.texture.setup_2d_texture(*size, Texture.T_unsigned_byte, Texture.F_rgba)
            self.texture.set_minfilter(
                SamplerState.FT_linear_mipmap_linear if mipmaps else SamplerState.FT_linear
            )
            self.texture.set_anisotropic_degree(4 if mipmaps else 1)
        self.texture.set_ram_image(image.data)
        self.size, self.hits = size, image.hits
        return changed


def blend_premultiplied(node: NodePath) -> None:
    """Draw the node over what is there, by its premultiplied alpha, without writing depth."""
    node.set_attrib(
        ColorBlendAttrib.make(
            ColorBlendAttrib.M_add,
            ColorBlendAttrib.O_one,
            ColorBlendAttrib.O_one_minus_incoming_alpha,
        )
    )
    node.set_depth_write(False)
    node.set_two_sided(True)
