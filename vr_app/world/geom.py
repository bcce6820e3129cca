"""Builds Panda3D geometry from ready numpy arrays.

Call it on the frame thread only: Panda3D 1.10.16 corrupts the heap when another thread creates
geometry while a frame is drawn. It never computes on vertices beyond packing them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    BoundingBox,
    Geom,
    GeomEnums,
    GeomLines,
    GeomNode,
    GeomPoints,
    GeomTriangles,
    GeomVertexArrayData,
    GeomVertexArrayFormat,
    GeomVertexData,
    GeomVertexFormat,
    InternalName,
    LPoint3,
)

# What a packed vertex looks like on the GPU: 20 bytes. Normals are n * 127 + 128; the colour's
# alpha carries the material number, so that one draw call holds every material of a tile.
PACKED_VERTEX = np.dtype(
    [("position", "<f4", 3), ("normal", "u1", 4), ("colour", "u1", 3), ("material", "u1")]
)
# The same with the place in a picture, from its top left: 28 bytes.
TEXTURED_VERTEX = np.dtype([*PACKED_VERTEX.descr, ("texcoord", "<f4", 2)])


def _make_format(textured: bool) -> GeomVertexFormat:
    array = GeomVertexArrayFormat()
    array.add_column(InternalName.get_vertex(), 3, Geom.NT_float32, Geom.C_point)
    array.add_column(InternalName.make("packed_normal"), 4, Geom.NT_uint8, Geom.C_color)
    array.add_column(InternalName.get_color(), 4, Geom.NT_uint8, Geom.C_color)
    if textured:
        array.add_column(InternalName.get_texcoord(), 2, Geom.NT_float32, Geom.C_texcoord)
    vertex_format = GeomVertexFormat()
    vertex_format.add_array(array)
    return GeomVertexFormat.register_format(vertex_format)


@cache
def vertex_format(textured: bool = False) -> GeomVertexFormat:
    """The registered vertex format of the world: PACKED_VERTEX, or TEXTURED_VERTEX."""
    return _make_format(textured)


@cache
def _no_ranges() -> GeomVertexArrayData:
    column = GeomVertexArrayFormat(InternalName.get_index(), 1, Geom.NT_uint16, Geom.C_index)
    return GeomVertexArrayData(GeomVertexArrayFormat.register_format(column), Geom.UH_static)


def pack_vertices(
    positions: npt.NDArray[Any],
    normals: npt.NDArray[Any] | None = None,
    colours: npt.NDArray[np.uint8] | None = None,
    materials: npt.NDArray[np.uint8] | int = 0,
) -> npt.NDArray[Any]:
    """Vertices as PACKED_VERTEX (n,). positions (n, 3), normals (n, 3) unit, colours (n, 3+)."""
    packed = np.empty(len(positions), PACKED_VERTEX)
    packed["position"] = positions
    if normals is None:
        packed["normal"] = (128, 128, 255, 0)
    else:
        packed["normal"][:, :3] = np.clip(np.rint(normals * 127.0 + 128.0), 0, 255)
        packed["normal"][:, 3] = 0
    packed["colour"] = 200 if colours is None else colours[:, :3]
    packed["material"] = materials
    return packed


def make_packed_geom(
    packed: npt.NDArray[Any],
    indices: npt.NDArray[Any],
    primitive: str = "triangles",
    bounds: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
) -> Geom:
    """A Geom from PACKED_VERTEX or TEXTURED_VERTEX vertices and flat indices.

    `bounds` (low, high) are set on the Geom: the first cull would otherwise compute them, 9 ms
    for 65,000 triangles.
    """
    names = packed.dtype.names or ()
    data = GeomVertexData("tile", vertex_format("texcoord" in names), Geom.UH_static)
    data.unclean_set_num_rows(len(packed))
    view = memoryview(data.modify_array(0)).cast("B")
    view[:] = np.ascontiguousarray(packed).view(np.uint8).data
    kinds = {"triangles": GeomTriangles, "lines": GeomLines, "points": GeomPoints}
    shape = kinds[primitive](Geom.UH_static)
    shape.set_index_type(GeomEnums.NT_uint16 if len(packed) <= 0xFFFF else GeomEnums.NT_uint32)
    flat = np.ascontiguousarray(indices, np.uint16 if len(packed) <= 0xFFFF else np.uint32).ravel()
    index_array = shape.modify_vertices()
    index_array.unclean_set_num_rows(len(flat))
    memoryview(index_array).cast("B")[:] = flat.view(np.uint8).data
    if len(packed):
        # Else `add_primitive` looks at every index, a third of the work. Only strips have ranges.
        shape.set_minmax(0, len(packed) - 1, _no_ranges(), _no_ranges())
    geom = Geom(data)
    geom.add_primitive(shape)
    if bounds is None and len(packed):
        bounds = (packed["position"].min(axis=0), packed["position"].max(axis=0))
    if bounds is not None:
        low, high = (LPoint3(*(float(value) for value in corner)) for corner in bounds)
        geom.set_bounds(BoundingBox(low, high))
    return geom


def make_geom_node(
    name: str,
    positions: npt.NDArray[Any],
    triangles: npt.NDArray[Any],
    normals: npt.NDArray[Any] | None = None,
    colours: npt.NDArray[np.uint8] | None = None,
    materials: npt.NDArray[np.uint8] | int = 0,
) -> GeomNode:
    """A node of triangles: positions (n, 3), triangles (m, 3), normals (n, 3) or None, colours
    (n, 3 or 4) uint8 sRGB, materials (n,) or one number (`scenes.geometry.MATERIAL`)."""
    node = GeomNode(name)
    packed = pack_vertices(positions, normals, colours, materials)
    node.add_geom(make_packed_geom(packed, np.asarray(triangles)))
    return node
