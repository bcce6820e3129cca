"""A painted image as a card on the screen, placed in pixels, that answers to the pointer.

It takes finished images; where it is told to be is where it stays.
"""

from __future__ import annotations

from panda3d.core import CardMaker, NodePath

from vr_app.overlay.images import ImageTexture, PreparedImage, blend_premultiplied
from vr_app.world.lighting import load_shader

Corner = str  # "top left", "top", "top right", "left", "middle", "right", "bottom left" ...


class ScreenPanel:
    """One card under a root in pixel coordinates (x right, z = 0 at the top and down negative).

    `corner` says which part of the window it keeps to; `margin` (x, y) is the distance from
    there, in pixels. Frame thread only.
    """

    def __init__(
        self,
        root: NodePath,
        name: str,
        corner: Corner = "top left",
        margin: tuple[float, float] = (16, 16),
        sort: int = 0,
    ) -> None:
        maker = CardMaker(name)
        maker.set_frame(0, 1, -1, 0)
        self.node = root.attach_new_node(maker.generate())
        self.node.set_shader(load_shader("panel"))
        blend_premultiplied(self.node)
        self.node.set_depth_test(False)
        self.node.set_bin("fixed", sort)
        self.node.hide()
        self.corner, self.margin = corner, margin
        self._image = ImageTexture(name)
        self.node.set_shader_inputs(image=self._image.texture, strength=1.0)
        self._window = (1280, 720)
        self._place = (0.0, 0.0)
        self._wanted = False
        self._outdated = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; zeros before the first image."""
        return self._image.size

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return not self.node.is_hidden()

    def take(self, image: PreparedImage) -> None:
        """Show a finished image."""
        self._image.upload(image, mipmaps=False)
        self._lay_out()
        self._outdated = False
        self.show(self._wanted)

    def show(self, wanted: bool = True) -> None:
        """Show it (as soon as it has an image) or hide it."""
        self._wanted = wanted
        if wanted and self._image.size[0] and not self._outdated:
            self.node.show()
        else:
            self.node.hide()

    def expect(self) -> None:
        """Another image is on its way. One that is seen stays until then; a hidden panel does not
        come back with what it said last time."""
        self._outdated = self._outdated or not self.visible

    def resize(self, window: tuple[int, int]) -> None:
        """Follow the window's size in pixels."""
        if window != self._window:
            self._window = window
            self._lay_out()

    def move(self, margin: tuple[float, float]) -> None:
        """Change the distance from its corner."""
        if margin != self.margin:
            self.margin = margin
            self._lay_out()

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in window pixels."""
        left, top = self._place
        return left, top, left + self.size[0], top + self.size[1]

    def inside(self, x: float, y: float) -> tuple[float, float] | None:
        """A window pixel as a pixel of the image; None outside or while hidden."""
        left, top, right, bottom = self.rectangle
        if not self.visible or not (left <= x < right and top <= y < bottom):
            return None
        return x - left, y - top

    def hit(self, x: float, y: float) -> str | None:
        """Name of the part under a window pixel: one painted there, "" for the bare panel, None
        outside."""
        place = self.inside(x, y)
        if place is None:
            return None
        return next((h.name for h in reversed(self._image.hits) if h.holds(*place)), "")

    def _lay_out(self) -> None:
        width, height = self._image.size
        window_width, window_height = self._window
        words = self.corner.split()
        if "left" in words:
            x = self.margin[0]
        elif "right" in words:
            x = window_width - width - self.margin[0]
        else:
            x = (window_width - width) / 2 + self.margin[0]
        if "top" in words:
            y = self.margin[1]
        elif "bottom" in words:
            y = window_height - height - self.margin[1]
        else:
            y = (window_height - height) / 2 + self.margin[1]
        # Whole pixels, or the text is blurred.
        self._place = (float(round(x)), float(round(y)))
        self.node.set_pos(self._place[0], 0, -self._place[1])
        self.node.set_scale(max(width, 1), 1, max(height, 1))
