"""What the window shows while somebody wears the headset: the left eye's picture, filling it.

It crops, it never stretches; the panels stay on top of it.
"""

from __future__ import annotations

from typing import Any, Final

from panda3d.core import Camera, CardMaker, NodePath, OrthographicLens, Texture

from vr_app.world.lighting import load_shader

_UNDER_PANELS: Final = 10


def crop(eye: tuple[int, int], window: tuple[int, int]) -> tuple[float, float, float, float]:
    """left, right, bottom, top, as shares 0..1, of the middle of an eye's picture that has the
    window's form."""
    wide = window[0] / window[1] / (eye[0] / eye[1])
    across, up = (1.0, 1.0 / wide) if wide >= 1.0 else (wide, 1.0)
    return (1 - across) / 2, (1 + across) / 2, (1 - up) / 2, (1 + up) / 2


class Mirror:
    """A card over the window. `picture` holds the left eye in its left half."""

    def __init__(self, window: Any, picture: Texture, eye: tuple[int, int]) -> None:
        self._window, self._picture, self._eye = window, picture, eye
        self._root = NodePath("mirror")
        self._root.set_depth_test(False)
        self._root.set_depth_write(False)
        lens = OrthographicLens()
        lens.set_film_size(2, 2)
        lens.set_near_far(-1, 1)
        camera = self._root.attach_new_node(Camera("mirror", lens))
        self.region = window.make_display_region()
        self.region.set_sort(_UNDER_PANELS)
        self.region.set_camera(camera)
        self._card: NodePath | None = None
        self._size = (0, 0)
        self.show(False)

    def show(self, wanted: bool) -> None:
        """Show it, or what is under it."""
        self.region.set_active(wanted)

    def fit(self, size: tuple[int, int]) -> None:
        """Follow the window's size in pixels."""
        if size == self._size:
            return
        self._size = size
        if self._card is not None:
            self._card.remove_node()
        left, right, bottom, top = crop(self._eye, size)
        maker = CardMaker("mirror")
        maker.set_frame(-1, 1, -1, 1)
        maker.set_uv_range((left / 2, bottom), (right / 2, top))
        self._card = self._root.attach_new_node(maker.generate())
        self._card.set_shader(load_shader("panel"))
        self._card.set_shader_inputs(image=self._picture, strength=1.0)

    def close(self) -> None:
        """Take it off the window."""
        self._window.remove_display_region(self.region)
        self._root.remove_node()
