"""How a layer is drawn: its own light, how wet it is, its colour where it is cut, glass, its field.

Sets shader inputs and draw order of a layer's node; which layers there are is the streamer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath, SamplerState, Texture, TransparencyAttrib, Vec4

from scenes.schema import Layer
from vr_app.world.blending import blend_through
from vr_app.world.colour_maps import CODES
from vr_app.world.lighting import load_shader

# What is rock, or the skin of it, becomes glass where a person looks through rock.
ROCK_KINDS: Final = frozenset({"terrain", "drift", "stope", "geology"})
XRAY_LIGHT: Final = 0.28
# kind -> light of its own, wetness
_LIGHT: Final[dict[str, float]] = {"ore": 0.22, "geology": 0.22, "plan": 0.4, "survey": 0.3}
_DARK: Final = 0.013  # as an eye that is used to the dark sees by what is scattered
_WET: Final[dict[str, float]] = {"drift": 0.3, "stope": 0.25}
# Linear colours of what a section cuts. Air in rock is cut as the rock around it.
ROCK_TINT: Final = (0.115, 0.085, 0.062)
_TINTS: Final[dict[str, tuple[float, float, float]]] = {
    "ore": (0.62, 0.22, 0.05),
    "geology": (0.20, 0.30, 0.12),
    "water": (0.05, 0.17, 0.38),
    "equipment": (0.45, 0.30, 0.02),
    "structure": (0.22, 0.22, 0.24),
    "other": (0.20, 0.16, 0.24),
}
_PLAIN: Final = Vec4(0.66, 0.62, 0.58, 1.0)  # of blocks, whose own colours are a field's


@dataclass(frozen=True, slots=True, eq=False)
class FieldColours:
    """shares (CODES,) float32 of the range by code, and the colour map (CODES, 3) uint8 sRGB."""

    shares: npt.NDArray[np.float32]
    colour_map: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What is asked of a layer besides visibility and opacity: glass, x-ray of everything, and
    the colours of its field or None."""

    glass: bool = False
    xray: bool = False
    field: FieldColours | None = None


def ambient_of(layer: Layer) -> float:
    """Light that a layer has of its own accord, 0 to 1."""
    return layer.ambient if layer.ambient is not None else _LIGHT.get(layer.kind, _DARK)


def wetness_of(layer: Layer) -> float:
    """How wet a layer's rock is, 0 to 1."""
    return layer.wetness if layer.wetness is not None else _WET.get(layer.kind, 0.0)


def apply_look(node: NodePath, layer: Layer, shown: Shown) -> None:
    """Draw a layer's node as asked. Call it after whoever sets opacity and order has."""
    ambient = ambient_of(layer)
    node.set_shader_inputs(
        ambient=max(ambient, XRAY_LIGHT) if shown.xray else ambient,
        wetness=wetness_of(layer),
        cut_tint=Vec4(*_TINTS.get(layer.kind, ROCK_TINT), 0.0 if layer.two_sided else 1.0),
        # Blocks are baked in their field's colours, for other viewers.
        plain_colour=_PLAIN if layer.content == "blocks" and layer.field else Vec4(0),
        field_shown=0.0 if shown.field is None else 1.0,
    )
    if shown.field is not None:
        node.set_shader_inputs(
            field_shares=share_texture(shown.field.shares),
            field_colours=colour_texture(shown.field.colour_map),
        )
    glass = shown.glass or (shown.xray and layer.kind in ROCK_KINDS)
    if glass:
        node.set_shader(load_shader("world", "GLASS"))
        node.set_transparency(TransparencyAttrib.M_alpha)
        blend_through(node)
        node.set_bin("transparent", 5)
        node.set_depth_write(False)
        node.set_two_sided(True)
    else:
        node.clear_shader()
        node.set_two_sided(layer.two_sided)


def share_texture(shares: npt.NDArray[np.float32]) -> Texture:
    """A row of texels from (CODES,) float32."""
    texture = Texture("field shares")
    texture.setup_2d_texture(CODES, 1, Texture.T_float, Texture.F_r32)
    texture.set_ram_image(np.ascontiguousarray(shares, np.float32).tobytes())
    texture.set_minfilter(SamplerState.FT_nearest)
    texture.set_magfilter(SamplerState.FT_nearest)
    return texture


def colour_texture(colours: npt.NDArray[np.uint8]) -> Texture:
    """A row of texels from (CODES, 3) sRGB."""
    texture = Texture("field colours")
    texture.setup_2d_texture(CODES, 1, Texture.T_unsigned_byte, Texture.F_rgb)
    texture.set_ram_image(np.ascontiguousarray(colours[:, ::-1]).tobytes())  # Panda stores BGR
    texture.set_minfilter(SamplerState.FT_linear)
    texture.set_magfilter(SamplerState.FT_linear)
    texture.set_wrap_u(SamplerState.WM_clamp)
    return texture
