"""Both eyes' pictures: one camera and one cull, two regions side by side in one smooth buffer.

It is told poses and edges; it knows no OpenXR.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    Camera,
    ColorWriteAttrib,
    DepthTestAttrib,
    FrameBufferProperties,
    Geom,
    GeomNode,
    GeomTriangles,
    GeomVertexData,
    GeomVertexFormat,
    GeomVertexWriter,
    GraphicsOutput,
    GraphicsPipe,
    Lens,
    LMatrix4f,
    MatrixLens,
    NodePath,
    Texture,
    Vec4,
    WindowProperties,
)

from vr_app.display.headset.poses import EyeView, pose_matrix, projection, shared_view
from vr_app.errors import DisplayError
from vr_app.stream.views import View, frustum_planes
from vr_app.world.lighting import load_shader

SAMPLES: Final = 4
_CHANNELS: Final = (Lens.SC_left, Lens.SC_right)
_BEFORE_WINDOW: Final = -20


def panda_matrix(matrix: npt.NDArray[np.float64]) -> LMatrix4f:
    """Panda3D's form of a (4, 4) matrix for row vectors."""
    return LMatrix4f(*matrix.ravel().tolist())


def make_buffer(
    base: Any, name: str, size: tuple[int, int], *, samples: int, depth: bool, sort: int
) -> tuple[Any, Texture, Texture | None]:
    """(buffer, colour texture, depth texture or None) that draw in the window's context, cleared
    to nothing. Raises `DisplayError`."""
    wanted = FrameBufferProperties()
    wanted.set_rgba_bits(8, 8, 8, 8)
    wanted.set_depth_bits(32 if depth else 0)
    wanted.set_float_depth(depth)
    wanted.set_multisamples(samples)
    buffer = base.graphics_engine.make_output(
        base.pipe,
        name,
        sort,
        wanted,
        WindowProperties.size(*size),
        GraphicsPipe.BF_refuse_window | GraphicsPipe.BF_can_bind_every,
        base.win.get_gsg(),
        base.win,
    )
    if buffer is None:
        raise DisplayError("display-no-gl", reason=f"no buffer of {size[0]}x{size[1]}")
    colour = Texture(name)
    colour.set_minfilter(Texture.FT_linear)
    colour.set_wrap_u(Texture.WM_clamp)
    colour.set_wrap_v(Texture.WM_clamp)
    buffer.add_render_texture(colour, GraphicsOutput.RTM_bind_or_copy, GraphicsOutput.RTP_color)
    depths = None
    if depth:
        depths = Texture(f"{name} depth")
        # 32 bits of floating point: what runtimes list most often.
        depths.set_format(Texture.F_depth_component32)
        depths.set_component_type(Texture.T_float)
        buffer.add_render_texture(depths, GraphicsOutput.RTM_bind_or_copy, GraphicsOutput.RTP_depth)
    buffer.set_clear_color_active(True)
    buffer.set_clear_color(Vec4(0))
    buffer.set_clear_depth_active(depth)
    return buffer, colour, depths


class Eyes:
    """The pictures of two eyes of one size (width, height) each.

    `rig` is where the rig stands; what is under `scene` is seen.
    """

    def __init__(
        self,
        base: Any,
        scene: NodePath,
        size: tuple[int, int],
        near_far: tuple[float, float],
        *,
        depth: bool = False,
        samples: int = SAMPLES,
    ) -> None:
        self._base, self.size, self._near_far = base, size, near_far
        self.rig = scene.attach_new_node("rig")
        self._lens = MatrixLens()
        camera = Camera("eyes", self._lens)
        camera.set_scene(scene)
        self.camera = self.rig.attach_new_node(camera)
        self.buffer, self.colour, self.depth = make_buffer(
            base,
            "eyes",
            (2 * size[0], size[1]),
            samples=samples,
            depth=True,
            sort=_BEFORE_WINDOW,
        )
        if not depth and self.depth is not None:
            self.depth = None
        for number, channel in enumerate(_CHANNELS):
            region = self.buffer.make_mono_display_region(*self._share(number))
            region.set_stereo_channel(channel)
            region.set_camera(self.camera)
            region.set_sort(10)
            # A scissor left over from the last region would cut the smoothed copy down to it.
            region.set_scissor_enabled(False)
        self._masks: list[tuple[NodePath, MatrixLens, Any] | None] = [None, None]
        self.buffer.set_active(False)

    @staticmethod
    def _share(number: int) -> tuple[float, float, float, float]:
        return number / 2, (number + 1) / 2, 0.0, 1.0

    def part(self, number: int) -> tuple[int, int, int, int]:
        """Where an eye's picture lies in the texture: x0, y0, x1, y1 in pixels."""
        width, height = self.size
        return number * width, 0, (number + 1) * width, height

    def place_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """Where the rig's floor origin is (3,), and the azimuth of its y axis."""
        self.rig.set_pos(*(float(value) for value in floor))
        self.rig.set_hpr(-float(np.degrees(azimuth_rad)), 0.0, 0.0)

    def look(self, eyes: Sequence[EyeView]) -> None:
        """Where the two eyes are in the rig, and what they see. Raises ValueError for fields of
        view that no one frustum holds."""
        shared = shared_view(eyes, *self._near_far)
        self.camera.set_mat(panda_matrix(pose_matrix(shared.head)))
        self._lens.set_user_mat(panda_matrix(shared.cull))
        self._lens.set_left_eye_mat(panda_matrix(shared.eyes[0]))
        self._lens.set_right_eye_mat(panda_matrix(shared.eyes[-1]))
        for eye, mask in zip(eyes, self._masks, strict=False):
            if mask is not None:
                mask[1].set_user_mat(panda_matrix(projection(eye.fov, *self._near_far)))

    def views(self, eyes: Sequence[EyeView]) -> list[View]:
        """The eyes as tile selection wants them, in the scene's frame."""
        rig = np.array(self.rig.get_mat(), np.float64).reshape(4, 4)
        found = []
        for eye in eyes:
            scene_from_eye = pose_matrix(eye.pose) @ rig
            clip = np.linalg.inv(scene_from_eye) @ projection(eye.fov, *self._near_far)
            _, _, up, down = eye.fov.tangents()
            pixels = self.size[1] / (up - down)
            found.append(View(scene_from_eye[3, :3].copy(), frustum_planes(clip.T), pixels))
        return found

    def hide(self, number: int, corners: npt.NDArray[np.float64] | None) -> None:
        """What an eye's lens hides: (n, 2) corners of triangles as slopes right and up, or None."""
        old = self._masks[number]
        if old is not None:
            self.buffer.remove_display_region(old[2])
            old[0].remove_node()
            self._masks[number] = None
        if corners is None or not len(corners):
            return
        root = NodePath("hidden")
        root.attach_new_node(_triangles(corners, 1.01 * self._near_far[0]))
        root.set_shader(load_shader("hidden"))
        root.set_two_sided(True)
        root.set_attrib(ColorWriteAttrib.make(ColorWriteAttrib.C_off))
        root.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_always))
        lens = MatrixLens()
        region = self.buffer.make_mono_display_region(*self._share(number))
        region.set_camera(root.attach_new_node(Camera("hidden", lens)))
        region.set_sort(0)
        region.set_scissor_enabled(False)
        self._masks[number] = (root, lens, region)

    def show(self, wanted: bool) -> None:
        """Whether the next frames draw the eyes."""
        self.buffer.set_active(wanted)

    def close(self) -> None:
        """Give the buffer back."""
        for number in (0, 1):
            self.hide(number, None)
        self._base.graphics_engine.remove_window(self.buffer)
        self.colour.release_all()
        self.rig.remove_node()


def _triangles(corners: npt.NDArray[np.float64], distance: float) -> GeomNode:
    data = GeomVertexData("hidden", GeomVertexFormat.get_v3(), Geom.UH_static)
    writer = GeomVertexWriter(data, "vertex")
    for right, up in corners.tolist():
        writer.add_data3(right * distance, distance, up * distance)
    triangles = GeomTriangles(Geom.UH_static)
    triangles.add_next_vertices(len(corners) // 3 * 3)
    geom = Geom(data)
    geom.add_primitive(triangles)
    node = GeomNode("hidden")
    node.add_geom(geom)
    node.set_final(True)
    return node
