"""What the window and the off-screen buffer share: one ShowBase, camera, pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from direct.showbase.ShowBase import ShowBase
from panda3d.core import (
    Camera,
    NodePath,
    OrthographicLens,
    PerspectiveLens,
    load_prc_file_data,
)

from vr_app.display.preferences import Preferences
from vr_app.errors import DisplayError
from vr_app.stream.views import View, frustum_planes

VERTICAL_FOV_DEG = 60.0
NEAR_M, FAR_M = 0.08, 12_000.0

# threading-model stays empty: draw callbacks and tile building belong on the one frame thread.
_SETTINGS = """
gl-version 3 3
threading-model
audio-library-name null
textures-power-2 none
model-cache-dir
notify-level error
notify-level-device fatal
print-pipe-types 0
default-directnotify-level error
garbage-collect-states 1
sync-video 1
window-title {title}
win-size {width} {height}
"""


class PandaDisplay:
    """Base of the displays that draw one eye with a ShowBase."""

    name = "panda"

    def __init__(self, kind: str, size: tuple[int, int], title: str, settings: str = "") -> None:
        text = _SETTINGS.format(title=title, width=size[0], height=size[1]) + settings
        load_prc_file_data("kenish", text)
        try:
            self.base = ShowBase(windowType=kind)
        except Exception as error:
            raise DisplayError("display-no-gl", reason=str(error)) from error
        base: Any = self.base
        if base.win is None:
            raise DisplayError("display-no-gl", reason="no window")
        base.disable_mouse()
        base.set_background_color(0.0, 0.0, 0.0)
        self.scene_root: NodePath = base.render
        lens = PerspectiveLens()
        lens.set_near_far(NEAR_M, FAR_M)
        base.cam.node().set_lens(lens)
        self._lens = lens
        self._eye = np.zeros(3)
        self.screen_root = self._make_screen()
        self.size = size
        self.closed = False
        self._destroyed = False
        self.look_scale = 1.0
        self.resize(base.win.get_x_size(), base.win.get_y_size())

    def _make_screen(self) -> NodePath:
        """A 2D scene in pixels over the picture."""
        base: Any = self.base
        root = NodePath("screen")
        root.set_depth_test(False)
        root.set_depth_write(False)
        self._screen_lens = OrthographicLens()
        self._screen_lens.set_near_far(-1000, 1000)
        camera = Camera("screen camera", self._screen_lens)
        region = base.win.make_display_region()
        region.set_sort(20)
        region.set_clear_depth_active(True)
        region.set_camera(root.attach_new_node(camera))
        return root

    def resize(self, width: int, height: int) -> None:
        """Follow the window's size in pixels."""
        width, height = max(width, 1), max(height, 1)
        vertical = math.radians(VERTICAL_FOV_DEG)
        horizontal = 2 * math.atan(math.tan(vertical / 2) * width / height)
        self._lens.set_fov(math.degrees(horizontal), VERTICAL_FOV_DEG)
        self._fit_screen(width, height)

    def _fit_screen(self, width: int, height: int) -> None:
        """Lay the 2D scene out for so many pixels."""
        self.size = (width, height)
        # Pixels from the top left; z points down in screen_root, so its children flip it once.
        self._screen_lens.set_film_size(width, height)
        self._screen_lens.set_film_offset(width / 2, -height / 2)

    def set_eye(self, eye: npt.NDArray[np.float64], azimuth_rad: float, pitch_rad: float) -> None:
        """See `Display.set_eye`."""
        camera = self.base.camera
        self._eye = np.asarray(eye, np.float64)
        camera.set_pos(*(float(value) for value in eye))
        camera.set_hpr(-math.degrees(azimuth_rad), math.degrees(pitch_rad), 0.0)

    def set_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """Nobody is tracked here."""

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """There is no motor here."""

    def prefer(self, preferences: Preferences) -> None:
        """Nothing here depends on it."""

    @property
    def surroundings(self) -> bool:
        """See `Display.surroundings`."""
        return False

    def take_notices(self) -> list[tuple[str, dict[str, str]]]:
        """See `Display.take_notices`: nothing happens here that a person must be told."""
        return []

    def views(self) -> list[View]:
        """See `Display.views`."""
        base: Any = self.base
        view = base.render.get_mat(base.cam) * self._lens.get_projection_mat()
        # Panda's matrices act on row vectors.
        matrix = np.array([[view.get_cell(r, c) for c in range(4)] for r in range(4)]).T
        pixels = self.size[1] / (2 * math.tan(math.radians(VERTICAL_FOV_DEG) / 2))
        return [View(self._eye, frustum_planes(matrix), pixels)]

    def draw(self) -> None:
        """See `Display.draw`."""
        self.base.graphics_engine.render_frame()

    def picture(self) -> npt.NDArray[np.uint8]:
        """See `Display.picture`."""
        base: Any = self.base
        texture = base.win.get_screenshot()
        if texture is None:
            raise DisplayError("display-no-picture")
        width, height = texture.get_x_size(), texture.get_y_size()
        flat = np.frombuffer(texture.get_ram_image_as("RGB").get_data(), np.uint8)
        return np.ascontiguousarray(flat.reshape(height, width, 3)[::-1])

    def still(self) -> npt.NDArray[np.uint8]:
        """See `Display.still`: drawn twice as large in a buffer of its own, then averaged."""
        base: Any = self.base
        width, height = self.size
        buffer = base.win.make_texture_buffer("still", 2 * width, 2 * height, to_ram=True)
        if buffer is None:
            return self.picture()
        try:
            for region in base.win.get_display_regions():
                if region.get_camera().is_empty() or not region.is_active():
                    continue
                copy = buffer.make_display_region()
                copy.set_camera(region.get_camera())
                copy.set_sort(region.get_sort())
                if region.get_clear_depth_active():
                    copy.set_clear_depth_active(True)
            base.graphics_engine.render_frame()
            data = buffer.get_texture().get_ram_image_as("RGB").get_data()
        finally:
            base.graphics_engine.remove_window(buffer)
        large = np.frombuffer(data, np.uint8).reshape(height, 2, width, 2, 3)[::-1, ::-1]
        smooth: npt.NDArray[np.uint8] = np.rint(large.mean(axis=(1, 3), dtype=np.float32)).astype(
            np.uint8
        )
        return smooth

    def renderer(self) -> str:
        """See `Display.renderer`."""
        gsg = self.base.win.get_gsg()
        return f"{gsg.get_driver_renderer()} ({gsg.get_driver_version()})"

    def close(self) -> None:
        """See `Display.close`."""
        self.closed = True  # it is already where a person closed the window
        if not self._destroyed:
            self._destroyed = True
            self.base.destroy()
