"""Writes small OMF 1 and OMF 2 files, block models included."""

from __future__ import annotations

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

from tests.scenes.importers.make_room import ROOM_LOW, ROOM_TRIANGLES, ROOM_VERTICES


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
