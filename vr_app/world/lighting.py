"""The frame's light: headlamp, sun, the nearest mine lamps, smoke; handed to the shaders.

Knows which lamps are near and whether the eye is under the sky; never draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    NodePath,
    PTA_LVecBase4f,
    SamplerState,
    Shader,
    Texture,
    Vec3,
    Vec4,
)

from scenes.walk.store import WalkMap
from vr_app.world.noise import SIDE, noise_volume

SHADERS: Final = Path(__file__).parents[2] / "assets" / "shaders"
LAMPS: Final = 6
LAMP_REACH_M: Final = 60.0
WET_PLACES: Final = 4
WET_REACH_M: Final = 14.0  # how far standing water wets the rock around
NO_GROUND: Final = -1e9
SUN: Final = Vec3(-0.42, -0.55, 0.72)


@dataclass(slots=True)
class LightState:
    """What changes from frame to frame: eye and headlamp in the scene frame, seconds, smoke."""

    eye: npt.NDArray[np.float64]
    gaze: npt.NDArray[np.float64]
    time_s: float = 0.0
    headlamp: float = 1.0
    smoke: float = 0.0
    dust_per_m: float = 0.0  # share of the light lost to dust or haze in every metre


@cache
def load_shader(name: str, define: str = "") -> Shader:
    """A shader of `assets/shaders` by name; with a word defined it is a variant of itself."""
    sources = [
        (SHADERS / f"{name}.{stage}").read_text(encoding="utf-8") for stage in ("vert", "frag")
    ]
    if define:
        sources = [text.replace("\n", f"\n#define {define}\n", 1) for text in sources]
    return Shader.make(Shader.SL_GLSL, *sources)


def _noise_texture() -> Texture:
    texture = Texture("noise")
    texture.setup_3d_texture(SIDE, SIDE, SIDE, Texture.T_unsigned_byte, Texture.F_rgba)
    # Panda stores images as BGRA.
    texture.set_ram_image(np.ascontiguousarray(noise_volume()[..., [2, 1, 0, 3]]).tobytes())
    for set_wrap in (texture.set_wrap_u, texture.set_wrap_v, texture.set_wrap_w):
        set_wrap(SamplerState.WM_repeat)
    texture.set_minfilter(SamplerState.FT_linear)
    texture.set_magfilter(SamplerState.FT_linear)
    return texture


def _one_texel() -> Texture:
    """What stands in for a picture that no layer has."""
    texture = Texture("none")
    texture.setup_2d_texture(1, 1, Texture.T_unsigned_byte, Texture.F_rgb)
    texture.set_ram_image(bytes(3))
    return texture


def _height_texture(heights: npt.NDArray[np.float32]) -> Texture:
    texture = Texture("ground heights")
    rows, columns = heights.shape
    texture.setup_2d_texture(columns, rows, Texture.T_float, Texture.F_r32)
    texture.set_ram_image(np.ascontiguousarray(np.nan_to_num(heights, nan=NO_GROUND)).tobytes())
    # Linear filtering would blend real heights with the mark for "none".
    texture.set_minfilter(SamplerState.FT_nearest)
    texture.set_magfilter(SamplerState.FT_nearest)
    texture.set_wrap_u(SamplerState.WM_clamp)
    texture.set_wrap_v(SamplerState.WM_clamp)
    return texture


class Lighting:
    """Sets the shader inputs of everything under `root`."""

    def __init__(self, root: NodePath) -> None:
        self._root = root
        self._lamps: npt.NDArray[np.float32] = np.zeros((0, 3), np.float32)
        self._lamp_inputs = PTA_LVecBase4f.empty_array(LAMPS)
        self._wet_places: npt.NDArray[np.float32] = np.zeros((0, 3), np.float32)
        self._wet_inputs = PTA_LVecBase4f.empty_array(WET_PLACES)
        self._walk: WalkMap | None = None
        root.set_shader(load_shader("world"))
        root.set_shader_inputs(
            noise=_noise_texture(),
            ground_heights=_height_texture(np.full((1, 1), np.nan, np.float32)),
            raster=Vec4(0, 0, 1, 1),
            sun_direction=SUN.normalized(),
            open_default=1.0,
            lamps=self._lamp_inputs,
            opacity=1.0,
            outdoors=0.0,
            textured=0.0,
            fade=1.0,
            ambient=0.013,
            wetness=0.0,
            wet_places=self._wet_inputs,
            field_shown=0.0,
            field_shares=_one_texel(),
            field_colours=_one_texel(),
            plain_colour=Vec4(0),
            cut_tint=Vec4(0),
            highlight=0.0,
            pixel_rad=1 / 623,
        )
        self.update(LightState(np.zeros(3), np.array([0.0, 1.0, 0.0])), in_open=1.0)

    def set_walk(self, walk: WalkMap) -> None:
        """Take the ground surface, by which the shader tells the open from under ground."""
        self._walk = walk
        rows, columns = walk.heights.shape
        cell = walk.raster_cell_m
        has_ground = bool(np.isfinite(walk.heights).any())
        self._root.set_shader_inputs(
            ground_heights=_height_texture(walk.heights),
            raster=Vec4(*walk.raster_low, 1 / (columns * cell), 1 / (rows * cell)),
            # A twin without ground is looked at by a dim light from everywhere.
            open_default=0.0 if has_ground else 0.45,
        )

    def add_lamps(self, lamps: npt.NDArray[np.float32]) -> None:
        """Take (n, 3) lamp positions of a layer."""
        self._lamps = np.concatenate([self._lamps, lamps.astype(np.float32)])

    def set_wet_places(self, places: npt.NDArray[np.float64]) -> None:
        """Take (n, 3) places where water gathers: the rock around them is wet."""
        self._wet_places = places.astype(np.float32).reshape(-1, 3)

    def _update_wet(self, eye: npt.NDArray[np.float64]) -> None:
        if not len(self._wet_places):
            return
        away = np.linalg.norm(self._wet_places - eye.astype(np.float32), axis=1)
        for number, place in enumerate(np.argsort(away)[:WET_PLACES]):
            x, y, z = (float(value) for value in self._wet_places[place])
            self._wet_inputs.set_element(number, Vec4(x, y, z, WET_REACH_M))

    def update(self, state: LightState, in_open: float) -> None:
        """Once a frame."""
        eye, gaze = (Vec3(*(float(v) for v in vector)) for vector in (state.eye, state.gaze))
        self._root.set_shader_inputs(
            eye_position=eye,
            headlamp_position=eye + Vec3(0, 0, 0.12),
            headlamp_direction=gaze.normalized(),
            headlamp_strength=3.6 * state.headlamp * (1.0 - 0.8 * in_open),
            eye_in_open=in_open,
            time_s=state.time_s % 3600.0,
            smoke=state.smoke,
            dust=state.dust_per_m,
        )
        self._update_wet(state.eye)
        if not len(self._lamps):
            self._root.set_shader_input("lamp_count", 0)
            return
        distances = np.linalg.norm(self._lamps - state.eye.astype(np.float32), axis=1)
        nearest = np.argpartition(distances, min(LAMPS, len(distances)) - 1)[:LAMPS]
        shining = 0
        for lamp in nearest:
            # Fade by distance, so that a lamp joins and leaves the six without a jump.
            strength = 1.6 * float(np.clip(1.5 - 1.5 * distances[lamp] / LAMP_REACH_M, 0, 1))
            if strength <= 0:
                continue
            x, y, z = (float(v) for v in self._lamps[lamp])
            self._lamp_inputs.set_element(shining, Vec4(x, y, z - 0.15, strength))
            shining += 1
        self._root.set_shader_input("lamp_count", shining)
