"""Reads Wavefront OBJ: faces, polylines, points, vertex colours, diffuse colours and pictures.

Follows `mtllib` inside the file's own folder only (`obj_materials`). The format has
neither count nor end mark, so what can be told of a cut file is told as a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from scenes.errors import Refused
from scenes.geometry import ImageSource, LinePart, MeshPart, PointPart, UInt8s
from scenes.importers.bounded import damaged, fan, read_bytes
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note
from scenes.importers.obj_materials import read_materials

_PLAIN = (200, 200, 200)


@dataclass(slots=True)
class _Obj:
    """What the lines of the file gave so far."""

    vertices: list[tuple[float, float, float]] = field(default_factory=list)
    colours: list[tuple[float, float, float] | None] = field(default_factory=list)
    texcoords: list[tuple[float, float]] = field(default_factory=list)
    corners: list[int] = field(default_factory=list)
    corner_texcoords: list[int] = field(default_factory=list)  # -1: none
    sizes: list[int] = field(default_factory=list)
    face_materials: list[int] = field(default_factory=list)
    segments: list[tuple[int, int]] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    materials: dict[str, int] = field(default_factory=dict)
    material: int = -1


def _index(word: str, known: int) -> int:
    number = int(word.split("/", 1)[0])
    return number - 1 if number > 0 else known + number


def _texcoord_index(word: str, known: int) -> int:
    parts = word.split("/", 2)
    if len(parts) < 2 or not parts[1]:
        return -1
    number = int(parts[1])
    return number - 1 if number > 0 else known + number


def _take(obj: _Obj, words: list[str]) -> None:
    """One line. Raises ValueError or IndexError where it is not what its keyword says."""
    keyword, known = words[0], len(obj.vertices)
    if keyword == "v":
        x, y, z = float(words[1]), float(words[2]), float(words[3])
        obj.vertices.append((x, y, z))
        coloured = len(words) >= 7
        obj.colours.append(
            (float(words[4]), float(words[5]), float(words[6])) if coloured else None
        )
    elif keyword == "vt":
        obj.texcoords.append((float(words[1]), float(words[2]) if len(words) > 2 else 0.0))
    elif keyword == "f":
        corners = [_index(word, known) for word in words[1:]]
        if len(corners) < 3:
            raise ValueError("face with fewer than three corners")
        obj.corners += corners
        written = len(obj.texcoords)
        obj.corner_texcoords += [_texcoord_index(word, written) for word in words[1:]]
        obj.sizes.append(len(corners))
        obj.face_materials.append(obj.material)
    elif keyword == "l":
        chain = [_index(word, known) for word in words[1:]]
        obj.segments += list(pairwise(chain))
    elif keyword == "p":
        obj.points += [_index(word, known) for word in words[1:]]
    elif keyword == "usemtl":
        name = " ".join(words[1:])
        obj.material = obj.materials.setdefault(name, len(obj.materials))
    elif keyword == "mtllib":
        obj.libraries.append(" ".join(words[1:]))


def _parse(text: str) -> tuple[_Obj, list[Note]]:
    obj, warnings = _Obj(), list[Note]()
    lines = text.replace("\\\r\n", " ").replace("\\\n", " ").split("\n")
    ends_cleanly = lines[-1].strip() == ""
    last = len(lines) - 1
    for number, line in enumerate(lines):
        words = line.split()
        if not words or words[0][0] == "#":
            continue
        try:
            _take(obj, words)
        except (ValueError, IndexError) as error:
            if number == last and not ends_cleanly:
                warnings.append(Note("import-warning-last-line"))
                break
            raise damaged(f"line {number + 1}: {line.strip()[:60]}") from error
    if not ends_cleanly and not warnings:
        warnings.append(Note("import-warning-no-newline"))
    return obj, warnings


def _vertex_colours(obj: _Obj) -> UInt8s | None:
    if not any(colour is not None for colour in obj.colours):
        return None
    values = np.array([colour or (0.8, 0.8, 0.8) for colour in obj.colours], np.float64)
    scale = 255.0 if np.nanmax(values) <= 1.0 else 1.0
    return np.clip(np.nan_to_num(values * scale), 0, 255).astype(np.uint8)


def read(path: Path, options: ImportOptions) -> Found:
    """Read one OBJ file. Raises `Refused` where a line is not OBJ or nothing can be drawn."""
    del options
    data = read_bytes(path)
    if b"\0" in data[:4096]:
        raise damaged("binary data in a text file")
    obj, warnings = _parse(data.decode("utf-8", "replace"))
    positions = np.array(obj.vertices, np.float64).reshape(-1, 3)
    faces = fan(np.array(obj.sizes, np.int64), np.arange(len(obj.corners)))
    triangles = np.array(obj.corners, np.int64)[faces]
    texcoords = np.array(obj.corner_texcoords, np.int64)[faces]
    per_face = np.maximum(np.array(obj.sizes, np.int64) - 2, 0)
    material = np.repeat(np.array(obj.face_materials, np.int64), per_face)
    counts = Counts(triangles=len(triangles), lines=len(obj.segments), points=len(obj.points))

    valid = np.all((triangles >= 0) & (triangles < len(positions)), axis=1)
    if missing := int(np.sum(~valid)):
        warnings.append(Note("import-warning-missing-vertices", {"count": missing}))
        triangles, material, texcoords = triangles[valid], material[valid], texcoords[valid]
    kd, pictures, notes = read_materials(path, obj.libraries, obj.materials)
    warnings += notes

    parts: list[NamedPart] = []
    places = np.array(obj.texcoords, np.float64).reshape(-1, 2)
    whole = np.all((texcoords >= 0) & (texcoords < len(places)), axis=1)
    plain = np.ones(len(triangles), bool)
    for image in dict.fromkeys(pictures.values()):
        numbers = [number for number, one in pictures.items() if one == image]
        painted = whole & np.isin(material, numbers)
        if painted.any():
            plain &= ~painted
            part = _painted(positions, triangles[painted], places, texcoords[painted], image)
            parts.append(NamedPart(part))
    if plain.any():
        shades = _vertex_colours(obj)
        parts.append(NamedPart(_mesh(positions, triangles[plain], material[plain], kd, shades)))
    segments = np.array(obj.segments, np.int64).reshape(-1, 2)
    segments = segments[np.all((segments >= 0) & (segments < len(positions)), axis=1)]
    if len(segments):
        parts.append(NamedPart(LinePart(positions, segments.astype(np.uint32))))
    points = np.array([p for p in obj.points if 0 <= p < len(positions)], np.int64)
    if not parts and not len(points) and len(positions) and not obj.sizes and not obj.segments:
        points = np.arange(len(positions))
        counts = Counts(points=len(points))
        warnings.append(Note("import-warning-no-faces"))
    if len(points):
        colours = _vertex_colours(obj)
        parts.append(
            NamedPart(PointPart(positions[points], None if colours is None else colours[points]))
        )
    if not parts:
        raise Refused("import-nothing-in-it")
    return Found(parts, counts, warnings=warnings)


def _painted(
    positions: np.ndarray[Any, Any],
    triangles: np.ndarray[Any, Any],
    places: np.ndarray[Any, Any],
    texcoords: np.ndarray[Any, Any],
    image: ImageSource,
) -> MeshPart:
    """A vertex for each pair of position and place in the picture; OBJ counts v from below."""
    pairs, inverse = np.unique(triangles * len(places) + texcoords, return_inverse=True)
    uv = places[pairs % len(places)] * (1.0, -1.0) + (0.0, 1.0)
    return MeshPart(
        positions[pairs // len(places)],
        inverse.reshape(-1, 3).astype(np.uint32),
        texcoords=uv.astype(np.float32),
        image=image,
    )


def _mesh(
    positions: np.ndarray,
    triangles: np.ndarray,
    material: np.ndarray,
    kd: dict[int, tuple[int, int, int]],
    colours: UInt8s | None,
) -> MeshPart:
    """Vertices are split where faces of different materials meet, as colours are per vertex."""
    if colours is not None or not kd:
        return MeshPart(positions, triangles.astype(np.uint32), None, colours)
    palette = np.array([kd.get(number, _PLAIN) for number in range(-1, max(kd) + 1)], np.uint8)
    shade = np.minimum(material, max(kd)) + 1
    shade[material > max(kd)] = 0
    keys = triangles * len(palette) + shade[:, None]
    unique, inverse = np.unique(keys, return_inverse=True)
    return MeshPart(
        positions[unique // len(palette)],
        inverse.reshape(-1, 3).astype(np.uint32),
        None,
        palette[unique % len(palette)],
    )
