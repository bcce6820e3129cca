"""Reads PLY meshes and point clouds: ascii and both binary orders, colours, polygons as fans.

Every element that the header announces must be there in full.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.geometry import MeshPart, Part, PointPart, UInt8s
from scenes.importers.bounded import (
    Cursor,
    cut_short,
    damaged,
    fan,
    finite_index,
    read_bytes,
    table,
)
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note

_TYPES = {
    "char": "i1",
    "int8": "i1",
    "uchar": "u1",
    "uint8": "u1",
    "short": "i2",
    "int16": "i2",
    "ushort": "u2",
    "uint16": "u2",
    "int": "i4",
    "int32": "i4",
    "uint": "u4",
    "uint32": "u4",
    "float": "f4",
    "float32": "f4",
    "double": "f8",
    "float64": "f8",
}
_COLOUR_NAMES = (("red", "green", "blue"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
_MAX_HEADER_LINES = 10_000
Columns = dict[str, npt.NDArray[Any]]
Lists = dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]


@dataclass(slots=True)
class _Element:
    """One element of the header: scalars as (name, type), lists as (name, count type, type)."""

    name: str
    rows: int
    properties: list[tuple[str, str | None, str]] = field(default_factory=list)

    @property
    def has_lists(self) -> bool:
        return any(counter is not None for _, counter, _ in self.properties)


def _type(word: str) -> str:
    if word not in _TYPES:
        raise damaged(f"property type {word}")
    return _TYPES[word]


def _header(cursor: Cursor) -> tuple[str, list[_Element]]:
    if cursor.line().strip() != b"ply":
        raise damaged("no 'ply' in the first line")
    layout, elements = "", list[_Element]()
    for _ in range(_MAX_HEADER_LINES):
        words = cursor.line().decode("ascii", "replace").split()
        match words:
            case ["end_header"]:
                if layout not in {"ascii", "binary_little_endian", "binary_big_endian"}:
                    raise damaged(f"format {layout or 'missing'}")
                return layout, elements
            case ["format", name, "1.0"]:
                layout = name
            case ["element", name, rows] if rows.isdecimal() and len(rows) < 16:
                elements.append(_Element(name, int(rows)))
            case ["property", "list", counter, kind, name] if elements:
                elements[-1].properties.append((name, _type(counter), _type(kind)))
            case ["property", kind, name] if elements:
                elements[-1].properties.append((name, None, _type(kind)))
            case ["comment" | "obj_info", *_] | []:
                pass
            case _:
                raise damaged(f"header: {' '.join(words)[:60]}")
    raise damaged("header without end")


def _uniform_lists(cursor: Cursor, element: _Element, order: str) -> tuple[Columns, Lists] | None:
    """All rows at once where every list has as many items as in the first row, else None."""
    fields: list[tuple[str, str] | tuple[str, str, int]] = []
    at = cursor.position
    for number, (_, counter, kind) in enumerate(element.properties):
        if counter is None:
            fields.append((f"v{number}", order + kind))
            at += np.dtype(kind).itemsize
            continue
        size = int(table(cursor.data, order + counter, 1, at)[0])
        if size < 0:
            raise damaged("negative list length")
        fields += [(f"c{number}", order + counter), (f"v{number}", order + kind, size)]
        at += np.dtype(counter).itemsize + size * np.dtype(kind).itemsize
        if at > len(cursor.data):
            raise cut_short(f"{at} B", f"{len(cursor.data)} B")
    row = np.dtype(fields)
    if row.itemsize * element.rows > cursor.left:
        return None
    rows: npt.NDArray[Any] = table(cursor.data, row, element.rows, cursor.position)
    columns: Columns = {}
    lists: Lists = {}
    for number, (name, counter, _) in enumerate(element.properties):
        values = rows[f"v{number}"]
        if counter is None:
            columns[name] = values
            continue
        counts = rows[f"c{number}"].astype(np.int64)
        size = values.shape[1] if values.ndim > 1 else 1
        if np.any(counts != size):
            return None
        lists[name] = (counts, values.reshape(-1))
    cursor.position += row.itemsize * element.rows
    return columns, lists


def _ragged_lists(cursor: Cursor, element: _Element, order: str) -> tuple[Columns, Lists]:
    scalars: dict[str, list[float]] = {n: [] for n, c, _ in element.properties if c is None}
    counts: dict[str, list[int]] = {n: [] for n, c, _ in element.properties if c is not None}
    items: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in counts}
    data = cursor.data
    for _ in range(element.rows):
        for name, counter, kind in element.properties:
            if counter is None:
                value: npt.NDArray[Any] = table(data, order + kind, 1, cursor.position)
                cursor.position += value.nbytes
                scalars[name].append(float(value[0]))
                continue
            head: npt.NDArray[Any] = table(data, order + counter, 1, cursor.position)
            cursor.position += head.nbytes
            values: npt.NDArray[Any] = table(data, order + kind, int(head[0]), cursor.position)
            cursor.position += values.nbytes
            counts[name].append(len(values))
            items[name].append(values)
    lists: Lists = {
        name: (np.array(counts[name], np.int64), np.concatenate(items[name]))
        for name in counts
        if items[name]
    }
    return {name: np.array(values) for name, values in scalars.items()}, lists


def _binary(cursor: Cursor, element: _Element, order: str) -> tuple[Columns, Lists]:
    if not element.rows:
        return {}, {}
    if element.has_lists:
        return _uniform_lists(cursor, element, order) or _ragged_lists(cursor, element, order)
    row = np.dtype([(f"v{i}", order + k) for i, (_, _, k) in enumerate(element.properties)])
    rows: npt.NDArray[Any] = table(cursor.data, row, element.rows, cursor.position)
    cursor.position += rows.nbytes
    return {name: rows[f"v{i}"] for i, (name, _, _) in enumerate(element.properties)}, {}


def _ascii(cursor: Cursor, element: _Element) -> tuple[Columns, Lists]:
    scalars: dict[str, list[str]] = {n: [] for n, c, _ in element.properties if c is None}
    counts: dict[str, list[int]] = {n: [] for n, c, _ in element.properties if c is not None}
    items: dict[str, list[str]] = {name: [] for name in counts}
    try:
        for row in range(element.rows):
            words = _words(cursor, element, row)
            at = 0
            for name, counter, _ in element.properties:
                if counter is None:
                    scalars[name].append(words[at])
                    at += 1
                    continue
                size = int(words[at])
                if size < 0:
                    raise damaged("negative list length")
                values = words[at + 1 : at + 1 + size]
                if len(values) < size:
                    raise cut_short(f"{element.name} {row + 1}: {size}", len(values))
                counts[name].append(size)
                items[name] += values
                at += 1 + size
        return (
            {name: np.array(values).astype(np.float64) for name, values in scalars.items()},
            {
                name: (np.array(counts[name], np.int64), np.array(items[name]).astype(np.int64))
                for name in counts
                if items[name]
            },
        )
    except IndexError as error:
        raise cut_short(f"{element.rows} x {element.name}", f"{len(cursor.data)} B") from error
    except ValueError as error:
        raise damaged(f"{element.name}: {error}") from error


def _words(cursor: Cursor, element: _Element, row: int) -> list[str]:
    while cursor.left:
        end = cursor.data.find(b"\n", cursor.position)
        end = len(cursor.data) if end < 0 else end
        line = cursor.data[cursor.position : end]
        cursor.position = min(end + 1, len(cursor.data))
        if words := line.decode("ascii", "replace").split():
            return words
    raise cut_short(f"{element.rows} x {element.name}", row)


def _colours(columns: Columns) -> UInt8s | None:
    names = next(
        (group for group in _COLOUR_NAMES if all(name in columns for name in group)),
        None,
    )
    if names is None:
        return None
    values = np.stack([np.asarray(columns[name], np.float64) for name in names], axis=1)
    if columns[names[0]].dtype.kind == "f" and values.size and np.nanmax(values) <= 1.0:
        values = values * 255
    return np.clip(np.nan_to_num(values), 0, 255).astype(np.uint8)


def read(path: Path, options: ImportOptions) -> Found:
    """Read one PLY file. Raises `Refused` where an announced element is missing or damaged."""
    del options
    cursor = Cursor(read_bytes(path))
    layout, elements = _header(cursor)
    order = ">" if layout == "binary_big_endian" else "<"
    content: dict[str, tuple[Columns, Lists]] = {}
    for element in elements:
        if element.rows > cursor.left:  # every row takes at least one byte
            raise cut_short(f"{element.rows} x {element.name}", f"{cursor.left} B")
        if not element.properties:
            continue
        content[element.name] = (
            _ascii(cursor, element) if layout == "ascii" else _binary(cursor, element, order)
        )
    warnings = []
    if layout == "ascii" and not cursor.data.endswith(b"\n"):
        warnings.append(Note("import-warning-no-newline"))
    elif layout != "ascii" and cursor.left:
        warnings.append(Note("import-warning-trailing", {"bytes": cursor.left}))
    if "tristrips" in content and "face" not in content:
        raise Refused("import-ply-strips")
    return _found(content, warnings)


def _found(content: dict[str, tuple[Columns, Lists]], warnings: list[Note]) -> Found:
    columns = content.get("vertex", ({}, {}))[0]
    if not all(name in columns for name in "xyz"):
        raise Refused("import-nothing-in-it")
    positions = np.stack([np.asarray(columns[name], np.float64) for name in "xyz"], axis=1)
    colours = _colours(columns)
    lists = content.get("face", ({}, {}))[1]
    faces = lists.get("vertex_indices") or lists.get("vertex_index")
    part: Part
    if faces is None:
        if not len(positions):
            raise Refused("import-nothing-in-it")
        part = PointPart(positions, colours)
        return Found([NamedPart(part)], Counts(points=len(positions)), warnings=warnings)
    triangles = fan(faces[0], faces[1].astype(np.int64))
    finite_index(triangles, len(positions), "face")
    if not len(triangles):
        raise Refused("import-nothing-in-it")
    part = MeshPart(positions, triangles.astype(np.uint32), None, colours)
    return Found([NamedPart(part)], Counts(triangles=len(triangles)), warnings=warnings)
