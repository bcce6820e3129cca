"""Writes small mine files of every format that is read, so that tests need no real data.

The geometry is one walkable box (a room with floor, walls and back) unless a test asks for more;
what each writer puts in is counted in `MAKERS`.
"""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.scenes.importers.make_omf import Omf1Writer, omf1, omf2, ore_body
from tests.scenes.importers.make_room import (
    ROOM_HIGH,
    ROOM_LOW,
    ROOM_QUADS,
    ROOM_TRIANGLES,
    ROOM_VERTICES,
)
from tests.scenes.importers.make_survex import SurvexWriter, survex, survex_v7

__all__ = [
    "MAKERS",
    "ROOM_HIGH",
    "ROOM_LOW",
    "ROOM_TRIANGLES",
    "ROOM_VERTICES",
    "Omf1Writer",
    "SurvexWriter",
    "make",
    "omf1",
    "omf2",
    "ore_body",
]


def stl_binary(path: Path, header: bytes = b"made for a test") -> None:
    """12 triangles."""
    facets = np.zeros(12, np.dtype([("n", "<f4", 3), ("p", "<f4", (3, 3)), ("a", "<u2")]))
    facets["p"] = ROOM_VERTICES[ROOM_TRIANGLES]
    path.write_bytes(header.ljust(80, b"\0") + struct.pack("<I", 12) + facets.tobytes())


def stl_ascii(path: Path) -> None:
    """12 triangles."""
    lines = ["solid room"]
    for corners in ROOM_VERTICES[ROOM_TRIANGLES]:
        lines += [" facet normal 0 0 0", "  outer loop"]
        lines += [f"   vertex {x:.6e} {y:.6e} {z:.6e}" for x, y, z in corners]
        lines += ["  endloop", " endfacet"]
    path.write_text("\n".join([*lines, "endsolid room"]) + "\n")


def _ply_header(layout: str, faces: bool, colours: bool, kind: str = "double") -> str:
    lines = ["ply", f"format {layout} 1.0", "comment made for a test", "element vertex 8"]
    lines += [f"property {kind} {axis}" for axis in "xyz"]
    if colours:
        lines += [f"property uchar {name}" for name in ("red", "green", "blue")]
    if faces:
        lines += ["element face 6", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header"]) + "\n"


def ply_ascii(path: Path) -> None:
    """6 quads: 12 fan triangles, with vertex colours."""
    body = [f"{x} {y} {z} 200 100 50" for x, y, z in ROOM_VERTICES]
    body += ["4 " + " ".join(str(i) for i in quad) for quad in ROOM_QUADS]
    path.write_text(_ply_header("ascii", True, True) + "\n".join(body) + "\n")


def ply_binary(path: Path, big: bool = False) -> None:
    """6 quads: 12 fan triangles."""
    order = ">" if big else "<"
    name = "binary_big_endian" if big else "binary_little_endian"
    body = ROOM_VERTICES.astype(order + "f8").tobytes()
    body += b"".join(struct.pack(order + "B4i", 4, *quad) for quad in ROOM_QUADS)
    path.write_bytes(_ply_header(name, True, False).encode() + body)


def ply_points(path: Path) -> None:
    """8 points with colours."""
    row = np.dtype([("p", "<f8", 3), ("c", "u1", 3)])
    rows = np.zeros(8, row)
    rows["p"], rows["c"] = ROOM_VERTICES, 128
    header = _ply_header("binary_little_endian", False, True)
    path.write_bytes(header.encode() + rows.tobytes())


def obj(path: Path) -> None:
    """6 quads: 12 fan triangles; a material file beside it."""
    lines = ["# made for a test", "mtllib room.mtl", "usemtl rock"]
    lines += [f"v {x} {y} {z}" for x, y, z in ROOM_VERTICES]
    lines += ["f " + " ".join(f"{i + 1}//1" for i in quad) for quad in ROOM_QUADS]
    path.write_text("\n".join(lines) + "\n")
    (path.parent / "room.mtl").write_text("newmtl rock\nKd 0.5 0.25 1.0\n")


def dae(path: Path, up: str = "Z_UP", unit: str = '<unit name="metre" meter="1"/>') -> None:
    """12 triangles in a polylist of 6 quads, placed by a node."""
    numbers = " ".join(f"{value:.3f}" for value in ROOM_VERTICES.reshape(-1))
    axes = "".join(f'<param name="{axis}" type="float"/>' for axis in "XYZ")
    polygons = " ".join(str(i) for quad in ROOM_QUADS for i in quad)
    path.write_text(
        f"""<?xml version="1.0" encoding="utf-8"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
 <asset>{unit}<up_axis>{up}</up_axis></asset>
 <library_geometries><geometry id="g"><mesh>
  <source id="p"><float_array id="pa" count="24">{numbers}</float_array>
   <technique_common><accessor source="#pa" count="8" stride="3">{axes}</accessor>
   </technique_common></source>
  <vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
  <polylist count="6"><input semantic="VERTEX" source="#v" offset="0"/>
   <vcount>4 4 4 4 4 4</vcount><p>{polygons}</p></polylist>
 </mesh></geometry></library_geometries>
 <library_visual_scenes><visual_scene id="s"><node><translate>0 0 0</translate>
  <instance_geometry url="#g"/></node></visual_scene></library_visual_scenes>
 <scene><instance_visual_scene url="#s"/></scene>
</COLLADA>
"""
    )


def gltf_document() -> tuple[dict[str, Any], bytes]:
    """A glTF document without buffer address, and its buffer. East, north, up go to x, up, -y."""
    turned = ROOM_VERTICES[:, [0, 2, 1]] * (1, 1, -1)
    positions = turned.astype("<f4").tobytes()
    indices = ROOM_TRIANGLES.astype("<u2").tobytes()
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(positions)},
            {"buffer": 0, "byteOffset": len(positions), "byteLength": len(indices)},
        ],
        "buffers": [{"byteLength": len(positions) + len(indices)}],
    }
    return document, positions + indices


def glb_bytes(document: dict[str, Any], binary: bytes) -> bytes:
    """A GLB container around a document and its buffer."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def glb(path: Path) -> None:
    """12 triangles."""
    path.write_bytes(glb_bytes(*gltf_document()))


def gltf_embedded(path: Path) -> None:
    """12 triangles, the buffer as a data URI."""
    document, binary = gltf_document()
    uri = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    document["buffers"][0]["uri"] = uri
    path.write_text(json.dumps(document))


def gltf_beside(path: Path) -> None:
    """12 triangles, the buffer in a file beside it."""
    document, binary = gltf_document()
    document["buffers"][0]["uri"] = "room.bin"
    (path.parent / "room.bin").write_bytes(binary)
    path.write_text(json.dumps(document))


# file name -> (writer, counts: triangles, points, lines, nodes, blocks)
MAKERS: dict[str, tuple[Any, tuple[int, int, int, int, int]]] = {
    "binary.stl": (stl_binary, (12, 0, 0, 0, 0)),
    "ascii.stl": (stl_ascii, (12, 0, 0, 0, 0)),
    "text.ply": (ply_ascii, (12, 0, 0, 0, 0)),
    "little.ply": (ply_binary, (12, 0, 0, 0, 0)),
    "points.ply": (ply_points, (0, 8, 0, 0, 0)),
    "room.obj": (obj, (12, 0, 0, 0, 0)),
    "walls.dae": (dae, (12, 0, 0, 0, 0)),
    "block.glb": (glb, (12, 0, 0, 0, 0)),
    "embedded.gltf": (gltf_embedded, (12, 0, 0, 0, 0)),
    "beside.gltf": (gltf_beside, (12, 0, 0, 0, 0)),
    "one.omf": (omf1, (16, 8, 4, 0, 120)),
    "two.omf": (omf2, (12, 8, 1, 0, 11)),
    "survey.3d": (survex, (0, 0, 9, 5, 0)),
    "old.3d": (survex_v7, (0, 0, 2, 3, 0)),
}


def make(name: str, folder: Path) -> Path:
    """Write one file of `MAKERS` into a folder and return its path."""
    path = folder / name
    MAKERS[name][0](path)
    return path
