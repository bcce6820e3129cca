"""Reads Open Mining Format 2: points, lines, surfaces, grids, block models with sub-blocks.

Values lie u fastest, as the format prescribes. Textures are left out.
"""

from __future__ import annotations

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
    grid_blocks,
    grid_surface,
    u_fastest,
)
from scenes.importers.bounded import damaged, finite_index
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note
from scenes.importers.omf2_archive import Archive, Json, numbers
from scenes.importers.omf_common import byte_colours, left_out_notes, metres_of

_MAX_ELEMENTS = 10_000
_MAX_NESTING = 20
_PARENT = ("parent_u", "parent_v", "parent_w")
_LOW = ("corner_min_u", "corner_min_v", "corner_min_w")
_HIGH = ("corner_max_u", "corner_max_v", "corner_max_w")


def _vector(value: object, length: int = 3) -> Float64s:
    try:
        vector = np.array(value if value is not None else [0.0] * length, np.float64)
    except (ValueError, TypeError) as error:
        raise damaged("vector") from error
    if vector.shape != (length,) or not np.all(np.isfinite(vector)):
        raise damaged("vector")
    return vector


def _dict(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise damaged(what)
    return value


class _Reader:
    """Turns the elements of a project into parts and counts."""

    def __init__(self, archive: Archive, options: ImportOptions, origin: Float64s) -> None:
        self.archive = archive
        self.options = options
        self.origin = origin
        self.parts: list[NamedPart] = []
        self.triangles = self.points = self.lines = self.blocks = 0
        self.elements = 0
        self.guesses: list[Note] = []
        self.left_out: set[str] = set()

    def element(self, element: object, above: str = "", depth: int = 0) -> None:
        """One element; a composite's own elements carry its name in front."""
        element = _dict(element, "element")
        self.elements += 1
        if self.elements > _MAX_ELEMENTS or depth > _MAX_NESTING:
            raise Refused("import-too-many", count=self.elements, limit=_MAX_ELEMENTS)
        geometry = _dict(element.get("geometry"), "geometry")
        name = f"{above}{str(element.get('name') or '')[:200]}"
        kind = geometry.get("type")
        if kind == "Composite":
            inner = geometry.get("elements")
            for one in inner if isinstance(inner, list) else []:
                self.element(one, f"{name}: ", depth + 1)
            return
        if kind == "BlockModel":
            self._blocks(element, geometry, name)
            return
        part: Part
        if kind == "GridSurface":
            part = self._grid_surface(element, geometry)
        elif kind in {"PointSet", "LineSet", "Surface"}:
            part = self._vertices(str(kind), element, geometry)
        else:
            self.left_out.add(str(kind)[:60])
            return
        self.parts.append(NamedPart(part, name))

    def _attributes(self, element: Json) -> list[Json]:
        found = element.get("attributes")
        attributes = [a for a in found if isinstance(a, dict)] if isinstance(found, list) else []
        for one in attributes:
            if str(_dict(one.get("data"), "attribute").get("type", "")).endswith("Texture"):
                self.left_out.add("textures")
        return attributes

    def _tint(self, element: Json, count: int) -> UInt8s | None:
        """Vertex colours: a colour attribute on the vertices, else the element's one colour."""
        for attribute in self._attributes(element):
            data = attribute["data"]
            if data.get("type") == "Color" and attribute.get("location") == "Vertices":
                column = self.archive.table(data.get("values")).column(0).combine_chunks()
                shades = [numbers(column.field(key)) for key in ("r", "g", "b")]
                if len(shades[0]) == count:
                    return byte_colours(np.stack(shades, axis=1))
        colour = element.get("color")
        if isinstance(colour, list) and len(colour) >= 3:
            rgb = np.clip(_vector(colour[:3]), 0, 255).astype(np.uint8)
            return np.repeat(rgb[None], count, axis=0)
        return None

    def _vertices(self, kind: str, element: Json, geometry: Json) -> Part:
        corner = self.origin + _vector(geometry.get("origin"))
        positions = self.archive.columns(geometry.get("vertices"), ("x", "y", "z"))
        positions = positions.astype(np.float64) + corner
        colours = self._tint(element, len(positions))
        if kind == "PointSet":
            self.points += len(positions)
            return PointPart(positions, colours)
        if kind == "LineSet":
            segments = self.archive.columns(geometry.get("segments"), ("a", "b"))
            finite_index(segments, len(positions), "segments")
            self.lines += len(segments)
            return LinePart(positions, segments.astype(np.uint32), colours)
        triangles = self.archive.columns(geometry.get("triangles"), ("a", "b", "c"))
        finite_index(triangles, len(positions), "triangles")
        self.triangles += len(triangles)
        return MeshPart(positions, triangles.astype(np.uint32), None, colours)

    def _widths(self, grid: Json, axes: str) -> list[Float64s]:
        """Cell widths along each axis of a regular or tensor grid."""
        if grid.get("type") == "Tensor":
            return [checked_widths(self.archive.scalars(grid.get(axis)), axis) for axis in axes]
        sizes = _vector(grid.get("size"), len(axes))
        counts = grid.get("count")
        if (
            not isinstance(counts, list)
            or len(counts) != len(axes)
            or not all(isinstance(n, int) and n > 0 for n in counts)
        ):
            raise damaged("grid count")
        check_number(counts)
        pairs = zip(counts, sizes, strict=True)
        return [checked_widths(np.full(count, size), "size") for count, size in pairs]

    def _grid_surface(self, element: Json, geometry: Json) -> MeshPart:
        orient = _dict(geometry.get("orient"), "orient")
        u, v = _vector(orient.get("u")), _vector(orient.get("v"))
        axes = checked_axes(u, v, np.cross(u, v))
        widths_u, widths_v = self._widths(_dict(geometry.get("grid"), "grid"), "uv")
        heights = self.archive.scalars(geometry["heights"]) if geometry.get("heights") else None
        positions, triangles = grid_surface(
            self.origin + _vector(orient.get("origin")), axes, (widths_u, widths_v), heights
        )
        self.triangles += len(triangles)
        return MeshPart(positions, triangles, None, self._tint(element, len(positions)))

    def _blocks(self, element: Json, geometry: Json, name: str) -> None:
        orient = _dict(geometry.get("orient"), "orient")
        axes = checked_axes(*(_vector(orient.get(axis)) for axis in "uvw"))
        u, v, w = self._widths(_dict(geometry.get("grid"), "grid"), "uvw")
        grid = BlockGrid(self.origin + _vector(orient.get("origin")), axes, (u, v, w))
        count = check_number(grid.shape)
        parents, categories = self._values(element, "Primitives", count)
        order = self.options.block_order or "u"
        parents = {key: u_fastest(data, grid.shape, order) for key, data in parents.items()}
        if geometry.get("subblocks"):
            whole, more = self._sub_blocks(element, geometry, grid, parents)
            categories |= more
        else:
            centres, sizes = grid_blocks(grid)
            whole = BlockPart(centres, sizes, axes, parents)
        drawn, notes = choose_drawn(whole, categories, self.options)
        self.guesses += notes
        self.blocks += len(whole.centres)
        self.parts.append(NamedPart(drawn, name, "ore", stored=whole))

    def _sub_blocks(
        self, element: Json, geometry: Json, grid: BlockGrid, parents: dict[str, Float64s]
    ) -> tuple[BlockPart, dict[str, list[str]]]:
        """Sub-blocks with their own values and those of the block that each lies in."""
        described = _dict(geometry.get("subblocks"), "subblocks")
        rows = self.archive.columns(described.get("subblocks"), (*_PARENT, *_LOW, *_HIGH))
        check_number([len(rows)])
        parent = rows[:, :3].astype(np.int64)
        shape = np.array(grid.shape)
        if np.any(parent < 0) or np.any(parent >= shape):
            raise damaged("sub-block outside the model")
        # Regular sub-blocks count cells of their parent, free-form ones are fractions of it.
        regular = described.get("type") == "Regular"
        cells = _vector(described.get("count")) if regular else np.ones(3)
        if np.any(cells < 1):
            raise damaged("sub-block count")
        low, high = rows[:, 3:6] / cells, rows[:, 6:9] / cells
        if not (np.all(low >= -1e-6) and np.all(high <= 1 + 1e-6) and np.all(high >= low)):
            raise damaged("sub-block corners")
        starts = [np.cumsum(widths) - widths for widths in grid.widths]
        base = np.stack([starts[i][parent[:, i]] for i in range(3)], axis=1)
        width = np.stack([grid.widths[i][parent[:, i]] for i in range(3)], axis=1)
        local = base + width * (low + high) / 2
        inside = (parent[:, 2] * shape[1] + parent[:, 1]) * shape[0] + parent[:, 0]
        values, categories = self._values(element, "Subblocks", len(rows))
        values |= {key: data[inside] for key, data in parents.items() if key not in values}
        sizes = (width * (high - low)).astype(np.float32)
        return BlockPart(grid.corner + local @ grid.axes, sizes, grid.axes, values), categories

    def _values(
        self, element: Json, location: str, count: int
    ) -> tuple[dict[str, Float64s], dict[str, list[str]]]:
        """Numeric attributes at a location by name, and the labels of category ones."""
        values: dict[str, Float64s] = {}
        categories: dict[str, list[str]] = {}
        for attribute in self._attributes(element):
            data = attribute["data"]
            kind = data.get("type")
            if attribute.get("location") != location:
                continue
            if kind not in {"Number", "Category", "Boolean"}:
                self.left_out.add(f"{str(kind)[:40]} attribute")
                continue
            name = str(attribute.get("name") or f"attribute {len(values) + 1}")[:100]
            column: npt.NDArray[Any] = self.archive.scalars(data.get("values"))
            if len(column) != count:
                raise damaged(f"attribute {name}: {len(column)} values for {count} blocks")
            values[name] = column
            if kind == "Category" and data.get("names"):
                labels = self.archive.table(data["names"]).column(0).to_pylist()
                categories[name] = [str(label) for label in labels]
        return values, categories


def read(path: Path, options: ImportOptions) -> Found:
    """Read one OMF 2 file. Raises `Refused` where it is cut short, damaged, of another version
    or empty."""
    with Archive(path) as archive:
        index = archive.index()
        elements = index.get("elements")
        if not isinstance(elements, list):
            raise damaged("project without elements")
        reader = _Reader(archive, options, _vector(index.get("origin")))
        for element in elements:
            reader.element(element)
    if not reader.parts:
        raise Refused("import-nothing-in-it")
    metres, unit_name = metres_of(index.get("units"))
    crs = index.get("coordinate_reference_system")
    return Found(
        reader.parts,
        Counts(reader.triangles, reader.points, reader.lines, 0, reader.blocks),
        metres=metres,
        unit_name=unit_name,
        up="z",
        up_is_certain=True,
        crs=crs if isinstance(crs, str) else None,
        guesses=reader.guesses,
        warnings=left_out_notes(reader.left_out),
    )
