"""A laser beam between two points: a ribbon that faces every eye.

Where it starts and ends is told by a pose.
"""

from __future__ import annotations

from collections.abc import Sequence

from panda3d.core import (
    Geom,
    GeomNode,
    GeomTriangles,
    GeomVertexData,
    GeomVertexFormat,
    GeomVertexWriter,
    NodePath,
    OmniBoundingVolume,
    Vec3,
    Vec4,
)

from vr_app.overlay.images import blend_premultiplied
from vr_app.ui.theme import Colour
from vr_app.world.lighting import load_shader


class Beam:
    """One beam under `root` (in the scene frame). Frame thread only."""

    def __init__(self, root: NodePath, colour: Colour) -> None:
        data = GeomVertexData("beam", GeomVertexFormat.get_v3(), Geom.UH_static)
        vertex = GeomVertexWriter(data, "vertex")
        for x, y in ((-1, 0), (1, 0), (1, 1), (-1, 1)):
            vertex.add_data3(x, y, 0)
        shape = GeomTriangles(Geom.UH_static)
        shape.add_vertices(0, 1, 2)
        shape.add_vertices(0, 2, 3)
        geom = Geom(data)
        geom.add_primitive(shape)
        node = GeomNode("beam")
        node.add_geom(geom)
        # The shader places it: its own bounds say nothing.
        node.set_bounds(OmniBoundingVolume())
        node.set_final(True)
        self.node = root.attach_new_node(node)
        self.node.set_shader(load_shader("beam"), 10)
        blend_premultiplied(self.node)
        self.node.set_bin("transparent", 10)
        red, green, blue, _ = (value / 255 for value in colour)
        self.node.set_shader_inputs(colour=Vec4(red, green, blue, 1.0))
        self.node.hide()

    def show(self, start: Sequence[float], end: Sequence[float]) -> None:
        """Shine from one point to another, metres."""
        self.node.set_shader_inputs(
            start=Vec3(*(float(v) for v in start)), end=Vec3(*(float(v) for v in end))
        )
        self.node.show()

    def hide(self) -> None:
        """Go dark."""
        self.node.hide()
