"""A painted image that stands in the world, faces every eye and is tied to its point by a stem.

The shader places it for each eye, so that stereo and walls need nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panda3d.core import (
    BoundingSphere,
    Geom,
    GeomNode,
    GeomTriangles,
    GeomVertexData,
    GeomVertexFormat,
    GeomVertexWriter,
    LPoint3,
    NodePath,
    Vec4,
)

from vr_app.overlay.images import ImageTexture, PreparedImage, blend_premultiplied
from vr_app.ui.theme import TEXT, Colour
from vr_app.world.lighting import load_shader


@dataclass(frozen=True, slots=True)
class LabelSize:
    """How large a label looks. It keeps its size on the retina between `near_m` and `far_m`;
    nearer it grows, farther it shrinks. `pixel_rad` is the angle of one image pixel; 1/623 shows
    pixels one to one at 60 degrees and 720 lines. Up to `over_m` it lies over everything; beyond, a
    wall up to `pull_m` in front of its point does not hide it."""

    near_m: float = 1.5
    far_m: float = 9.0
    pixel_rad: float = 0.5 / 623
    pull_m: float = 1.6
    over_m: float = 14.0


LABEL = LabelSize()
MARKER = LabelSize(near_m=2.0, far_m=2000.0, pixel_rad=0.5 / 623)


def make_label_root(root: NodePath, name: str) -> NodePath:
    """A node under which world labels are drawn: their shader and blending, set once.

    Call `set_shader_input("time_s", ...)` on it every frame if labels flash.
    """
    node = root.attach_new_node(name)
    node.set_shader(load_shader("label"), 10)
    node.set_shader_inputs(time_s=0.0, strength=1.0, flash=0.0)
    blend_premultiplied(node)
    # Back to front among themselves and after everything solid.
    node.set_bin("transparent", 20)
    return node


class WorldLabel:
    """One label. Frame thread only. Give it a node made by `make_label_root` as its root."""

    def __init__(
        self,
        root: NodePath,
        name: str,
        position: Sequence[float],
        size: LabelSize = LABEL,
        stem: float = 36.0,
        dot: bool = True,
    ) -> None:
        self._geometry = GeomNode(name)
        self.node = root.attach_new_node(self._geometry)
        self._size, self._stem, self._dot = size, stem, dot
        self._image = ImageTexture(name)
        self.node.set_shader_inputs(
            image=self._image.texture,
            near_m=size.near_m,
            far_m=size.far_m,
            metres_per_pixel=size.pixel_rad,
            pull_m=size.pull_m,
            over_m=size.over_m,
        )
        self.set_colour(TEXT)
        self.move(position)
        self._wanted, self._removed = True, False
        self.node.hide()

    def take(self, image: PreparedImage) -> None:
        """Show a finished image; one that comes after `remove` is dropped."""
        if self._removed:
            return
        if self._image.upload(image):
            self._build(image.width, image.height)
        self.show(self._wanted)

    @property
    def has_image(self) -> bool:
        """Whether there is anything to show yet."""
        return self._image.size[0] > 0

    def show(self, wanted: bool) -> None:
        """Show it (as soon as it has an image) or hide it."""
        self._wanted = wanted
        if wanted and self.has_image:
            self.node.show()
        else:
            self.node.hide()

    def move(self, position: Sequence[float]) -> None:
        """Stand elsewhere: the anchor in the root's frame, metres."""
        x, y, z = (float(value) for value in position)
        self.node.set_pos(x, y, z)

    def set_colour(self, colour: Colour, flash: bool = False) -> None:
        """Colour of stem and dot; `flash` makes the image breathe."""
        red, green, blue, _ = (value / 255 for value in colour)
        self.node.set_shader_inputs(
            stem_colour=Vec4(red, green, blue, 1.0), flash=1.0 if flash else 0.0
        )

    def remove(self) -> None:
        """Take it out of the world."""
        self._removed = True
        self.node.remove_node()

    def _build(self, width: int, height: int) -> None:
        """Quads in pixels: the dot, the stem from the anchor up, the image on its top."""
        stem = self._stem
        quads = [((-width / 2, stem, width / 2, stem + height), (0.0, 0.0, 1.0, 1.0))]
        if stem > 0:
            quads.insert(0, ((-2.5, 0.0, 2.5, stem), (-3.0, 0.0, -1.0, 1.0)))
        if self._dot:
            quads.insert(1, ((-8.0, -8.0, 8.0, 8.0), (-8.0, -8.0, -6.0, -6.0)))
        data = GeomVertexData("label", GeomVertexFormat.get_v3t2(), Geom.UH_static)
        vertex, texcoord = (GeomVertexWriter(data, column) for column in ("vertex", "texcoord"))
        shape = GeomTriangles(Geom.UH_static)
        for index, ((x0, z0, x1, z1), (u0, v0, u1, v1)) in enumerate(quads):
            for x, z, u, v in ((x0, z0, u0, v0), (x1, z0, u1, v0), (x1, z1, u1, v1),
                               (x0, z1, u0, v1)):  # fmt: skip
                vertex.add_data3(x, 0.0, z)
                texcoord.add_data2(u, v)
            first = 4 * index
            shape.add_vertices(first, first + 1, first + 2)
            shape.add_vertices(first, first + 2, first + 3)
        geom = Geom(data)
        geom.add_primitive(shape)
        self._geometry.remove_all_geoms()
        self._geometry.add_geom(geom)
        # The shader grows the quads: cull by how large they can become.
        reach = max(width, height + stem) * self._size.pixel_rad * min(self._size.far_m, 200.0)
        self._geometry.set_bounds(BoundingSphere(LPoint3(0, 0, 0), max(reach, 1.0)))
        self._geometry.set_final(True)
