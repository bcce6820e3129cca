"""Reads STL, ascii and binary: triangles without units, axes or coordinate system.

Checks the binary count against the file's size and the ascii text for its end mark.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from scenes.errors import Refused
from scenes.geometry import MeshPart
from scenes.importers.bounded import cut_short, damaged, read_bytes, table
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note

_HEADER = 84
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_VERTEX = re.compile(rb"^[ \t]*vertex[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]*\r?$", re.M | re.I)


def _is_ascii(data: bytes) -> bool:
    head = data[:1024]
    return head.lstrip()[:5].lower() == b"solid" and b"\0" not in head


def _mesh(corners: np.ndarray) -> MeshPart:
    count = len(corners)
    return MeshPart(
        corners.reshape(-1, 3).astype(np.float64),
        np.arange(3 * count, dtype=np.uint32).reshape(-1, 3),
    )


def _binary(data: bytes) -> tuple[MeshPart, list[Note]]:
    if len(data) < _HEADER:
        raise cut_short(f"{_HEADER} B", f"{len(data)} B")
    count = int.from_bytes(data[80:84], "little")
    facets = table(data, _FACET, count, _HEADER)
    extra = len(data) - _HEADER - count * _FACET.itemsize
    warnings = [Note("import-warning-trailing", {"bytes": extra})] if extra else []
    return _mesh(facets["corners"]), warnings


def _ascii(data: bytes) -> tuple[MeshPart, list[Note]]:
    lowered = data.lower()
    facets = len(re.findall(rb"^[ \t]*facet\b", lowered, re.M))
    closed = len(re.findall(rb"^[ \t]*endfacet\b", lowered, re.M))
    solids = len(re.findall(rb"^[ \t]*solid\b", lowered, re.M))
    ends = list(re.finditer(rb"^[ \t]*endsolid\b[^\n]*", lowered, re.M))
    if facets != closed or len(ends) < solids:
        raise cut_short("endsolid", f"{len(data)} B")
    vertices = _VERTEX.findall(data)
    if len(vertices) != 3 * facets:
        raise damaged(f"{facets} facets, {len(vertices)} vertices")
    try:
        positions = np.array(vertices, dtype="S").astype(np.float64)
    except ValueError as error:
        raise damaged(str(error)) from error
    warnings = []
    if data[-1:] != b"\n" and ends and ends[-1].end() == len(data):
        first = lowered.split(b"\n", 1)[0].strip().removeprefix(b"solid").strip()
        last = ends[-1].group().strip().removeprefix(b"endsolid").strip()
        if first != last:
            warnings.append(Note("import-warning-no-newline"))
    return _mesh(positions.reshape(-1, 3, 3) if facets else np.empty((0, 3, 3))), warnings


def read(path: Path, options: ImportOptions) -> Found:
    """Read one STL file. Raises `Refused` where it is cut short, damaged or empty."""
    del options
    data = read_bytes(path)
    mesh, warnings = _ascii(data) if _is_ascii(data) else _binary(data)
    if not len(mesh.triangles):
        raise Refused("import-nothing-in-it")
    return Found([NamedPart(mesh)], Counts(triangles=len(mesh.triangles)), warnings=warnings)
