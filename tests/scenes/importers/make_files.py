"""Writes small mine files of every format that is read, so that tests need no real data.

The geometry is one walkable box (a room with floor, walls and back) unless a test asks for more;
what each writer puts in is returned by its name in `EXPECTED`.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import uuid
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

ROOM_LOW, ROOM_HIGH = np.array([1000.0, 2000.0, 300.0]), np.array([1040.0, 2030.0, 304.0])
_UNIT = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float64)
ROOM_VERTICES = ROOM_LOW + _UNIT * (ROOM_HIGH - ROOM_LOW)
ROOM_QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
ROOM_TRIANGLES = np.array([t for a, b, c, d in ROOM_QUADS for t in ((a, b, c), (a, c, d))])


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


class Omf1Writer:
    """Collects the objects and blobs of an OMF 1 project."""

    def __init__(self) -> None:
        self.blobs = b""
        self.registry: dict[str, Any] = {}

    def put(self, kind: str, **content: Any) -> str:
        """Store an object and return its uid."""
        uid = str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(self.registry))))
        self.registry[uid] = {"__class__": kind, **content}
        return uid

    def array(self, kind: str, values: np.ndarray) -> str:
        """Store an array object and its blob."""
        dtype = "<i8" if values.dtype.kind in "iu" else "<f8"
        blob = zlib.compress(np.ascontiguousarray(values).astype(dtype).tobytes())
        start = 60 + len(self.blobs)
        self.blobs += blob
        return self.put(kind, array={"start": start, "dtype": dtype, "length": len(blob)})

    def write(self, path: Path, root: str) -> None:
        """Write the file."""
        head = b"\x84\x83\x82\x81" + b"OMF-v0.9.0".ljust(32, b"\0") + uuid.UUID(root).bytes
        head += struct.pack("<Q", 60 + len(self.blobs))
        path.write_bytes(head + self.blobs + json.dumps(self.registry).encode())


def ore_body(shape: tuple[int, int, int]) -> np.ndarray:
    """Grades (nu, nv, nw), rich inside a leaning slab."""
    u, v, w = np.indices(shape)
    return np.where(np.abs(u - 0.5 * w - 1.5) < 1.2, 5.0, 0.1) + 0.001 * v


def omf1(path: Path, order: str = "u") -> None:
    """12 triangles, a 2 x 1 grid surface (4 triangles), 8 points, 4 line segments, 6x5x4 blocks
    whose grades run fastest along `order`."""
    writer = Omf1Writer()
    vertices = writer.array("Vector3Array", ROOM_VERTICES)
    shape = (6, 5, 4)
    grades = ore_body(shape)
    flat = grades.transpose(2, 1, 0) if order == "u" else grades
    elements = [
        writer.put(
            "SurfaceElement",
            name="room",
            color=[200, 10, 10],
            geometry=writer.put(
                "SurfaceGeometry",
                vertices=vertices,
                triangles=writer.array("Int3Array", ROOM_TRIANGLES),
            ),
        ),
        writer.put(
            "SurfaceElement",
            name="grid",
            geometry=writer.put(
                "SurfaceGridGeometry",
                origin=ROOM_LOW.tolist(),
                axis_u=[1, 0, 0],
                axis_v=[0, 1, 0],
                tensor_u=[10.0, 20.0],
                tensor_v=[5.0],
                offset_w=writer.array("ScalarArray", np.arange(6.0)),
            ),
        ),
        writer.put(
            "PointSetElement",
            name="points",
            geometry=writer.put("PointSetGeometry", vertices=vertices),
        ),
        writer.put(
            "LineSetElement",
            name="line",
            geometry=writer.put(
                "LineSetGeometry",
                vertices=vertices,
                segments=writer.array("Int2Array", np.array([[0, 1], [1, 3], [3, 2], [2, 0]])),
            ),
        ),
        writer.put(
            "VolumeElement",
            name="blocks",
            geometry=writer.put(
                "VolumeGridGeometry",
                origin=ROOM_LOW.tolist(),
                axis_u=[1, 0, 0],
                axis_v=[0, 1, 0],
                axis_w=[0, 0, 1],
                tensor_u=[10.0] * shape[0],
                tensor_v=[8.0] * shape[1],
                tensor_w=[5.0] * shape[2],
            ),
            data=[
                writer.put(
                    "ScalarData",
                    name="Au",
                    location="cells",
                    array=writer.array("ScalarArray", flat.reshape(-1)),
                )
            ],
        ),
    ]
    writer.write(path, writer.put("Project", elements=elements, units="m", origin=[0, 0, 0]))


def _parquet(**columns: Any) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out)
    return out.getvalue()


def omf2(path: Path, index_changes: dict[str, Any] | None = None) -> None:
    """12 triangles, 8 points, 1 segment, 3 sub-blocks (one of them air) and 2x2x2 blocks, with a
    coordinate system."""
    members: dict[str, bytes] = {}

    def array(**columns: Any) -> dict[str, Any]:
        name = f"{len(members) + 1}.parquet"
        members[name] = _parquet(**columns)
        return {"filename": name, "item_count": len(next(iter(columns.values())))}

    x, y, z = ROOM_VERTICES.T
    a, b, c = ROOM_TRIANGLES.astype(np.uint32).T
    vertices = array(x=x, y=y, z=z)
    orient = {"origin": ROOM_LOW.tolist(), "u": [1, 0, 0], "v": [0, 1, 0], "w": [0, 0, 1]}
    corners = {
        "parent_u": [0, 0, 1],
        "parent_v": [0, 0, 0],
        "parent_w": [0, 0, 0],
        "corner_min_u": [0, 2, 0],
        "corner_min_v": [0, 0, 0],
        "corner_min_w": [0, 0, 0],
        "corner_max_u": [2, 4, 4],
        "corner_max_v": [4, 4, 4],
        "corner_max_w": [4, 4, 4],
    }
    index = {
        "name": "test",
        "units": "metres",
        "coordinate_reference_system": "epsg:32644",
        "elements": [
            {
                "name": "room",
                "color": [10, 200, 10, 255],
                "geometry": {
                    "type": "Surface",
                    "vertices": vertices,
                    "triangles": array(a=a, b=b, c=c),
                },
            },
            {"name": "points", "geometry": {"type": "PointSet", "vertices": vertices}},
            {
                "name": "all",
                "geometry": {
                    "type": "Composite",
                    "elements": [
                        {
                            "name": "line",
                            "geometry": {
                                "type": "LineSet",
                                "vertices": vertices,
                                "segments": array(
                                    a=np.array([0], np.uint32), b=np.array([7], np.uint32)
                                ),
                            },
                        }
                    ],
                },
            },
            {
                "name": "sub-blocks",
                "attributes": [
                    {
                        "name": "Rock",
                        "location": "Subblocks",
                        "data": {
                            "type": "Category",
                            "values": array(index=np.array([1, 0, 1], np.uint32)),
                            "names": array(name=["Air", "Ore"]),
                        },
                    }
                ],
                "geometry": {
                    "type": "BlockModel",
                    "orient": orient,
                    "grid": {"type": "Regular", "size": [8, 8, 8], "count": [2, 1, 1]},
                    "subblocks": {
                        "type": "Regular",
                        "count": [4, 4, 4],
                        "subblocks": array(
                            **{k: np.array(v, np.uint32) for k, v in corners.items()}
                        ),
                    },
                },
            },
            {
                "name": "blocks",
                "attributes": [
                    {
                        "name": "Au",
                        "location": "Primitives",
                        "data": {"type": "Number", "values": array(number=np.arange(8.0))},
                    }
                ],
                "geometry": {
                    "type": "BlockModel",
                    "orient": orient,
                    "grid": {"type": "Regular", "size": [1, 1, 1], "count": [2, 2, 2]},
                },
            },
        ],
    }
    index |= index_changes or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        text = gzip.compress(json.dumps(index).encode(), mtime=0)
        archive.writestr(zipfile.ZipInfo("index.json.gz"), text)
        archive.comment = b"Open Mining Format 2.0"


class SurvexWriter:
    """Writes the items of a version 8 .3d file."""

    def __init__(self, crs: str = "EPSG:32644", flags: int = 0) -> None:
        self.label = b""
        head = b"Survex 3D Image File\nv8\ntest survey\0" + crs.encode() + b"\n@1759089143\n"
        self.data = bytearray(head + bytes([flags]))

    def _point(self, position: tuple[float, float, float]) -> bytes:
        return struct.pack("<iii", *(round(100 * value) for value in position))

    def _change(self, name: str) -> bytes:
        target = name.encode()
        same = 0
        while same < min(len(target), len(self.label)) and target[same] == self.label[same]:
            same += 1
        cut, add = len(self.label) - same, target[same:]
        self.label = target
        if (0 < cut < 16 and len(add) < 16) or (0 < len(add) < 16 and cut < 16):
            return bytes([cut << 4 | len(add)]) + add
        return b"\0" + self._length(cut) + self._length(len(add)) + add

    @staticmethod
    def _length(value: int) -> bytes:
        return bytes([value]) if value < 0xFF else b"\xff" + struct.pack("<I", value)

    def move(self, *position: float) -> None:
        """MOVE."""
        self.data += b"\x0f" + self._point(position)  # type: ignore[arg-type]

    def line(self, *position: float, flags: int = 0, survey: str | None = None) -> None:
        """LINE, with the survey's name where given."""
        if survey is None:
            self.data += bytes([0x60 | flags]) + self._point(position)  # type: ignore[arg-type]
        else:
            self.data += bytes([0x40 | flags]) + self._change(survey)
            self.data += self._point(position)  # type: ignore[arg-type]

    def station(self, name: str, *position: float, flags: int = 0x02) -> None:
        """LABEL."""
        self.data += bytes([0x80 | flags]) + self._change(name)
        self.data += self._point(position)  # type: ignore[arg-type]

    def section(self, name: str, *lrud: float, last: bool = False) -> None:
        """XSECT."""
        self.data += bytes([0x31 if last else 0x30]) + self._change(name)
        self.data += struct.pack("<hhhh", *(round(100 * value) for value in lrud))

    def style(self, code: int) -> None:
        """STYLE."""
        self.data += bytes([code])

    def date(self) -> None:
        """A date item."""
        self.data += b"\x11" + struct.pack("<H", 45000)

    def write(self, path: Path) -> None:
        """Write the file with its end mark."""
        self.data += b"\0\0"  # style normal, then stop
        path.write_bytes(bytes(self.data))


def survex(path: Path) -> None:
    """5 stations and 9 legs: a drift of 60 m with a branch, two wall shots, a surface leg and a
    duplicate; measured walls at three stations; an entrance."""
    writer = SurvexWriter()
    writer.style(4)
    writer.date()
    writer.move(600000, 5500000, 300)
    writer.line(600020, 5500000, 300, survey="mine.decline")
    writer.line(600040, 5500000, 300)
    writer.line(600060, 5500000, 299)
    writer.move(600040, 5500000, 300)
    writer.line(600040, 5500030, 300, survey="mine.a branch whose name is long")
    writer.move(600020, 5500000, 300)
    writer.line(600020, 5500003, 300, flags=0x04, survey="mine.decline")
    writer.line(600020, 5499997, 300, flags=0x04)
    writer.move(600000, 5500000, 300)
    writer.line(599900, 5500000, 320, flags=0x01)
    writer.move(600000, 5500000, 300)
    writer.line(600020, 5500000.2, 300, flags=0x02)
    writer.line(600020, 5500000.2, 300)
    writer.station("mine.decline.1", 600000, 5500000, 300, flags=0x06)
    writer.station("mine.decline.2", 600020, 5500000, 300)
    writer.station("mine.decline.3", 600040, 5500000, 300)
    writer.station("mine.decline.4", 600060, 5500000, 299)
    writer.station("mine.a branch whose name is long.1", 600040, 5500030, 300)
    writer.section("mine.decline.1", 2, 2, 2.5, 1.5)
    writer.section("mine.decline.2", 2, 2, 2.5, 1.5)
    writer.section("mine.decline.3", 2, 2, 2.5, -0.01, last=True)
    writer.write(path)


def survex_v7(path: Path) -> None:
    """3 stations, 2 legs and a cross-section in the older coding."""

    def point(*values: float) -> bytes:
        return struct.pack("<iii", *(round(100 * value) for value in values))

    data = b"Survex 3D Image File\nv7\nold survey\nSun,2002.03.17 14:01:07 GMT\n"
    data += b"\x24\x0f" + point(0, 0, 0)
    data += b"\x80\x05mine." + point(10, 0, 0)  # label "mine."
    data += b"\x20" + struct.pack("<H", 40000) + b"\x80\x00" + point(20, 0, -1)
    data += b"\x42\x011" + point(0, 0, 0)  # "mine.1"
    data += b"\x10\x42\x012" + point(10, 0, 0)  # trim one: "mine.2"
    data += b"\x10\x42\x133-a-much-longer-nam" + point(20, 0, -1)
    data += b"\x00\x30\x06mine.1" + struct.pack("<hhhh", 150, 150, 200, 100)
    path.write_bytes(data + b"\x00\x00")


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
