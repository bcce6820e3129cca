"""Reads Open Mining Format 1 ("OMF-v0.9.0"): points, lines, surfaces, grids and block models.

A header, zlib blobs and a JSON registry; every blob is checked against the file before it is
unpacked. Textures are left out.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.geometry import BlockPart, Float64s, LinePart, MeshPart, Part, PointPart, UInt8s
from scenes.importers.block_grid import (
    BlockGrid,
    check_number,
    checked_axes,
    checked_widths,
    choose_drawn,
    decide_order,
    grid_blocks,
    grid_surface,
    u_fastest,
)
from scenes.importers.bounded import (
    MAX_INFLATED_BYTES,
    cut_short,
    damaged,
    finite_index,
    inflate,
    read_bytes,
)
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note
from scenes.importers.omf_common import byte_colours, left_out_notes, metres_of

_HEADER = 60
_VERSION = b"OMF-v0.9.0"
_MAX_ELEMENTS = 10_000
Json = dict[str, Any]


class _Project:
    """The registry of one file and its blobs."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        if len(data) < _HEADER:
            raise cut_short(f"{_HEADER} B", f"{len(data)} B")
        version = data[4:36].rstrip(b"\0")
        if version != _VERSION:
            text = version.decode("ascii", "replace")[:32]
            raise Refused("import-version", version=text, known="OMF-v0.9.0, OMF 2")
        start = int.from_bytes(data[52:60], "little")
        if not _HEADER <= start < len(data):
            raise cut_short(f"{start} B", f"{len(data)} B")
        try:
            registry = json.loads(data[start:].decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise cut_short("end of JSON", f"{len(data)} B") from error
        if not isinstance(registry, dict):
            raise damaged("JSON registry")
        self.registry: Json = registry
        self.root = self.get(str(uuid.UUID(bytes=data[36:52])))
        self._left = MAX_INFLATED_BYTES

    def get(self, uid: object) -> Json:
        """The object of a uid."""
        found = self.registry.get(uid) if isinstance(uid, str) else None
        if not isinstance(found, dict):
            raise damaged(f"object {str(uid)[:40]} does not exist")
        return found

    def array(self, uid: object, width: int) -> npt.NDArray[Any]:
        """An array object as (n, width); inline lists too."""
        stored = self.get(uid).get("array")
        if isinstance(stored, list):
            try:
                return np.array(stored, np.float64).reshape(-1, width)
            except (ValueError, TypeError) as error:
                raise damaged("inline array") from error
        if not isinstance(stored, dict) or stored.get("dtype") not in {"<f8", "<i8"}:
            raise damaged(f"array {str(uid)[:40]}")
        start, length = stored.get("start"), stored.get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 0:
            raise damaged(f"array {str(uid)[:40]}")
        if start + length > len(self.data):
            raise cut_short(f"{start + length} B", f"{len(self.data)} B")
        raw = inflate(self.data[start : start + length], "array", self._left)
        self._left -= len(raw)
        if len(raw) % (8 * width):
            raise damaged(f"array of {len(raw)} B in rows of {8 * width} B")
        return np.frombuffer(raw, stored["dtype"]).reshape(-1, width)


def _vector(holder: Json, key: str, default: tuple[float, float, float]) -> Float64s:
    try:
        vector = np.array(holder.get(key) or default, np.float64).reshape(3)
    except (ValueError, TypeError) as error:
        raise damaged(key) from error
    if not np.all(np.isfinite(vector)):
        raise damaged(key)
    return vector


def _tint(project: _Project, element: Json, count: int, location: str) -> UInt8s | None:
    """Vertex colours: a colour array on the vertices, else the element's one colour."""
    for uid in element.get("data") or []:
        data = project.get(uid)
        if data.get("__class__") == "ColorData" and data.get("location") == location:
            values = project.array(data.get("array"), 3)
            if len(values) == count:
                return byte_colours(values)
    colour = element.get("color")
    if isinstance(colour, list) and len(colour) == 3:
        try:
            rgb = np.clip(np.array(colour, np.float64), 0, 255).astype(np.uint8)
        except (ValueError, TypeError):
            return None
        return np.repeat(rgb[None], count, axis=0)
    return None


class _Reader:
    """Turns the elements of a project into parts and counts."""

    def __init__(self, project: _Project, options: ImportOptions) -> None:
        self.project = project
        self.options = options
        self.origin = _vector(project.root, "origin", (0, 0, 0))
        self.parts: list[NamedPart] = []
        self.triangles = self.points = self.lines = self.blocks = 0
        self.guesses: list[Note] = []
        self.left_out: set[str] = set()

    def element(self, element: Json) -> None:
        """One project element of any class."""
        geometry = self.project.get(element.get("geometry"))
        corner = self.origin + _vector(geometry, "origin", (0, 0, 0))
        name = str(element.get("name") or "")[:200]
        kind = geometry.get("__class__")
        if element.get("textures"):
            self.left_out.add("textures")
        if kind == "VolumeGridGeometry":
            self._volume(element, geometry, corner, name)
            return
        part: Part
        if kind == "SurfaceGridGeometry":
            part = self._grid(element, geometry, corner)
        elif kind in {"PointSetGeometry", "LineSetGeometry", "SurfaceGeometry"}:
            part = self._vertices(kind, element, geometry, corner)
        else:
            self.left_out.add(str(kind)[:60])
            return
        self.parts.append(NamedPart(part, name))

    def _vertices(self, kind: str, element: Json, geometry: Json, corner: Float64s) -> Part:
        project = self.project
        positions = project.array(geometry.get("vertices"), 3).astype(np.float64) + corner
        colours = _tint(project, element, len(positions), "vertices")
        if kind == "PointSetGeometry":
            self.points += len(positions)
            return PointPart(positions, colours)
        if kind == "LineSetGeometry":
            segments = project.array(geometry.get("segments"), 2)
            finite_index(segments, len(positions), "segments")
            self.lines += len(segments)
            return LinePart(positions, segments.astype(np.uint32), colours)
        triangles = project.array(geometry.get("triangles"), 3)
        finite_index(triangles, len(positions), "triangles")
        self.triangles += len(triangles)
        return MeshPart(positions, triangles.astype(np.uint32), None, colours)

    def _grid(self, element: Json, geometry: Json, corner: Float64s) -> MeshPart:
        u, v = _vector(geometry, "axis_u", (1, 0, 0)), _vector(geometry, "axis_v", (0, 1, 0))
        axes = checked_axes(u, v, np.cross(u, v))
        widths = (
            checked_widths(geometry.get("tensor_u") or [], "tensor_u"),
            checked_widths(geometry.get("tensor_v") or [], "tensor_v"),
        )
        heights = None
        if geometry.get("offset_w"):
            heights = self.project.array(geometry["offset_w"], 1).reshape(-1).astype(np.float64)
        positions, triangles = grid_surface(corner, axes, widths, heights)
        self.triangles += len(triangles)
        colours = _tint(self.project, element, len(positions), "vertices")
        return MeshPart(positions, triangles, None, colours)

    def _volume(self, element: Json, geometry: Json, corner: Float64s, name: str) -> None:
        axes = checked_axes(
            _vector(geometry, "axis_u", (1, 0, 0)),
            _vector(geometry, "axis_v", (0, 1, 0)),
            _vector(geometry, "axis_w", (0, 0, 1)),
        )
        u, v, w = (
            checked_widths(geometry.get(key) or [], key)
            for key in ("tensor_u", "tensor_v", "tensor_w")
        )
        grid = BlockGrid(corner, axes, (u, v, w))
        count = check_number(grid.shape)
        attributes, categories = self._attributes(element, count)
        order, notes = decide_order(attributes, grid.shape, self.options)
        self.guesses += notes
        centres, sizes = grid_blocks(grid)
        ordered = {key: u_fastest(data, grid.shape, order) for key, data in attributes.items()}
        whole = BlockPart(centres, sizes, axes, ordered)
        drawn, notes = choose_drawn(whole, categories, self.options)
        self.guesses += notes
        self.blocks += count
        self.parts.append(NamedPart(drawn, name, "ore", stored=whole))

    def _attributes(
        self, element: Json, count: int
    ) -> tuple[dict[str, Float64s], dict[str, list[str]]]:
        attributes: dict[str, Float64s] = {}
        categories: dict[str, list[str]] = {}
        for number, uid in enumerate(element.get("data") or []):
            data = self.project.get(uid)
            kind = data.get("__class__")
            if data.get("location") != "cells" or kind not in {"ScalarData", "MappedData"}:
                self.left_out.add(str(kind)[:60])
                continue
            values = self.project.array(data.get("array"), 1).reshape(-1).astype(np.float64)
            if len(values) != count:
                raise cut_short(f"{count} cells", len(values))
            name = str(data.get("name") or f"attribute {number + 1}")[:100]
            attributes[name] = values
            if kind == "MappedData":
                categories[name] = self._labels(data)
        return attributes, categories

    def _labels(self, data: Json) -> list[str]:
        """The text legend of a category attribute, empty if it has only colours."""
        for uid in data.get("legends") or []:
            values = self.project.get(self.project.get(uid).get("values")).get("array")
            if isinstance(values, list) and all(isinstance(value, str) for value in values):
                return values
        return []


def read(path: Path, options: ImportOptions) -> Found:
    """Read one OMF 1 file. Raises `Refused` where it is cut short, damaged or empty."""
    project = _Project(read_bytes(path))
    elements = project.root.get("elements")
    if not isinstance(elements, list):
        raise damaged("project without elements")
    if len(elements) > _MAX_ELEMENTS:
        raise Refused("import-too-many", count=len(elements), limit=_MAX_ELEMENTS)
    reader = _Reader(project, options)
    for uid in elements:
        reader.element(project.get(uid))
    if not reader.parts:
        raise Refused("import-nothing-in-it")
    metres, unit_name = metres_of(project.root.get("units"))
    return Found(
        reader.parts,
        Counts(reader.triangles, reader.points, reader.lines, 0, reader.blocks),
        metres=metres,
        unit_name=unit_name,
        up="z",
        up_is_certain=True,
        guesses=reader.guesses,
        warnings=left_out_notes(reader.left_out),
    )
