"""Reads COLLADA (.dae): the meshes of the visual scene, with unit, up axis, colours and pictures.

The declared axis is only a claim, judged in `axes.py`. Follows no link out of the file but to
pictures beside it, never reads animation or physics.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scenes.errors import Refused
from scenes.geometry import Float64s, ImageSource, LinePart, MeshPart
from scenes.importers.bounded import cut_short, damaged, fan, finite_index, read_bytes
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note, Up
from scenes.importers.dae_scene import Materials, placed_geometries
from scenes.importers.pictures import Pictures
from scenes.importers.safe_xml import parse_xml

_MAX_ELEMENTS = 100_000_000  # triangles and vertices after instancing: some 3 GB
Colour = tuple[int, int, int]


def _numbers(text: str | None, what: str) -> Float64s:
    try:
        return np.array((text or "").split(), dtype=np.float64)
    except ValueError as error:
        raise damaged(f"{what}: {error}") from error


def _integers(text: str | None, what: str) -> np.ndarray:
    values = _numbers(text, what)
    if not np.all(np.isfinite(values)):
        raise damaged(what)
    return values.astype(np.int64)


def _source(mesh: ElementTree.Element, reference: str) -> ElementTree.Element:
    for child in mesh:
        if child.get("id") == reference.removeprefix("#"):
            return child
    raise damaged(f"source {reference[:60]} does not exist")


def _positions(mesh: ElementTree.Element) -> Float64s:
    """(n, 3) of the source that <vertices> calls POSITION, count checked."""
    vertices = mesh.find("vertices")
    inputs = [] if vertices is None else vertices.findall("input")
    reference = next((i.get("source", "") for i in inputs if i.get("semantic") == "POSITION"), None)
    if reference is None:
        raise damaged("mesh without POSITION")
    source = _source(mesh, reference)
    return _rows(source, 3)


def _rows(source: ElementTree.Element, width: int) -> Float64s:
    """(n, width): the first numbers of each row of a source, count checked."""
    array = source.find("float_array")
    if array is None:
        raise damaged("source without float_array")
    values = _numbers(array.text, "float_array")
    declared = array.get("count", "")
    if declared.isdecimal() and int(declared) != len(values):
        raise cut_short(f"float_array {declared}", len(values))
    accessor = source.find("technique_common/accessor")
    stride = int(accessor.get("stride", "3")) if accessor is not None else 3
    if stride < width or len(values) % stride:
        raise damaged(f"float_array stride {stride}")
    return values.reshape(-1, stride)[:, :width]


def _corners(primitive: ElementTree.Element, semantic: str) -> tuple[int, int]:
    """(offset of VERTEX or the first TEXCOORD, numbers per corner)."""
    offsets = []
    wanted = None
    for one in primitive.findall("input"):
        offset = one.get("offset", "0")
        if not offset.isdecimal() or int(offset) > 64:
            raise damaged("input offset")
        offsets.append(int(offset))
        if one.get("semantic") == semantic and wanted is None:
            wanted = int(offset)
    if wanted is None:
        raise damaged(f"primitive without {semantic}")
    return wanted, max(offsets) + 1


def _loops(primitive: ElementTree.Element, semantic: str = "VERTEX") -> Iterator[np.ndarray]:
    """Vertex numbers of each <p>, or those of its places in a picture."""
    vertex, width = _corners(primitive, semantic)
    lists = [*primitive.findall("p"), *primitive.findall("ph/p")]
    for one in lists:
        values = _integers(one.text, primitive.tag)
        if len(values) % width:
            raise cut_short(f"{primitive.tag}: {width}n", len(values))
        yield values[vertex::width]


def _joined(loops: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    found = list(loops)
    sizes = np.array([len(loop) for loop in found], np.int64)
    return sizes, np.concatenate(found) if found else np.empty(0, np.int64)


def _triangles(primitive: ElementTree.Element, semantic: str = "VERTEX") -> np.ndarray | None:
    """(m, 3) of one primitive element, None if it holds no faces. Checks the declared count."""
    kind = primitive.tag
    if kind == "triangles":
        corners = _joined(_loops(primitive, semantic))[1]
        faces, entries = corners[: len(corners) // 3 * 3].reshape(-1, 3), len(corners) // 3
    elif kind == "polylist":
        sizes = _integers(primitive.findtext("vcount"), "vcount")
        corners = _joined(_loops(primitive, semantic))[1]
        if int(sizes.sum()) > len(corners):
            raise cut_short(f"polylist {int(sizes.sum())}", len(corners))
        faces, entries = fan(sizes, corners), len(sizes)
    elif kind in {"polygons", "trifans"}:
        sizes, corners = _joined(_loops(primitive, semantic))
        faces, entries = fan(sizes, corners), len(sizes)
    elif kind == "tristrips":
        strips = [_strip(loop) for loop in _loops(primitive, semantic)]
        faces, entries = np.concatenate(strips) if strips else np.empty((0, 3), int), len(strips)
    else:
        return None
    declared = primitive.get("count", "")
    if declared.isdecimal() and int(declared) != entries:
        raise cut_short(f"{kind} {declared}", entries)
    return faces


def _strip(order: np.ndarray) -> np.ndarray:
    if len(order) < 3:
        return np.empty((0, 3), np.int64)
    faces = np.stack([order[:-2], order[1:-1], order[2:]], axis=1)
    faces[1::2] = faces[1::2, [1, 0, 2]]
    return faces


def _segments(primitive: ElementTree.Element) -> np.ndarray | None:
    if primitive.tag == "lines":
        corners = _joined(_loops(primitive))[1]
        return corners[: len(corners) // 2 * 2].reshape(-1, 2)
    if primitive.tag == "linestrips":
        strips = [np.stack([loop[:-1], loop[1:]], axis=1) for loop in _loops(primitive)]
        return np.concatenate(strips) if strips else None
    return None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One primitive element in its geometry's own coordinates, with its material's symbol."""

    positions: Float64s
    corners: np.ndarray  # (m, 3) triangles or (m, 2) segments
    material: str
    places: Float64s | None = None  # (t, 2) in a picture, from its lower left
    place_corners: np.ndarray | None = None  # (m, 3) into them


def _pieces(geometry: ElementTree.Element) -> list[_Piece]:
    mesh = geometry.find("mesh")
    found: list[_Piece] = []
    positions: Float64s | None = None
    for primitive in [] if mesh is None else mesh:
        faces = _triangles(primitive)
        corners = _segments(primitive) if faces is None else faces
        if corners is None:
            continue
        if positions is None:
            assert mesh is not None
            positions = _positions(mesh)
        finite_index(corners, len(positions), primitive.tag)
        piece = _Piece(positions, corners, primitive.get("material", ""))
        if faces is not None and mesh is not None:
            piece = _with_places(piece, mesh, primitive)
        found.append(piece)
    return found


def _with_places(
    piece: _Piece, mesh: ElementTree.Element, primitive: ElementTree.Element
) -> _Piece:
    """The piece with its places in a picture, where it has any."""
    inputs = [one for one in primitive.findall("input") if one.get("semantic") == "TEXCOORD"]
    if not inputs:
        return piece
    corners = _triangles(primitive, "TEXCOORD")
    places = _rows(_source(mesh, inputs[0].get("source", "")), 2)
    if corners is None or corners.shape != piece.corners.shape or not len(places):
        return piece
    finite_index(corners, len(places), "TEXCOORD")
    return replace(piece, places=places, place_corners=corners)


def _painted(
    piece: _Piece, positions: Float64s, corners: np.ndarray, turned: bool, image: ImageSource
) -> MeshPart:
    """A vertex for each pair of position and place in the picture."""
    assert piece.places is not None and piece.place_corners is not None
    at = piece.place_corners[:, ::-1] if turned else piece.place_corners
    count = len(piece.places)
    pairs, inverse = np.unique(corners.astype(np.int64) * count + at, return_inverse=True)
    uv = piece.places[pairs % count] * (1.0, -1.0) + (0.0, 1.0)
    return MeshPart(
        positions[pairs // count],
        inverse.reshape(-1, 3).astype(np.uint32),
        texcoords=uv.astype(np.float32),
        image=image,
    )


def _placed(
    piece: _Piece, place: Float64s, shade: Colour | None, image: ImageSource | None
) -> MeshPart | LinePart:
    positions = piece.positions @ place[:3, :3].T + place[:3, 3]
    tint = None
    if shade is not None:
        tint = np.repeat(np.array([shade], np.uint8), len(positions), axis=0)
    if piece.corners.shape[1] == 2:
        return LinePart(positions, piece.corners.astype(np.uint32), tint)
    # A mirrored node turns triangles inside out.
    turned = bool(np.linalg.det(place[:3, :3]) < 0)
    corners = piece.corners[:, ::-1] if turned else piece.corners
    if image is not None and piece.places is not None:
        return _painted(piece, positions, corners, turned, image)
    return MeshPart(positions, corners.astype(np.uint32), None, tint)


def _asset(root: ElementTree.Element) -> tuple[float | None, Up | None]:
    """(metres in a unit or None, declared up axis)."""
    unit = root.find("asset/unit")
    metres = None
    if unit is not None and unit.get("meter"):
        try:
            metres = float(unit.get("meter", ""))
        except ValueError as error:
            raise damaged("unit meter") from error
        if not 1e-9 < metres < 1e9:
            raise damaged("unit meter")
    axis = (root.findtext("asset/up_axis") or "").strip().upper()
    if axis == "X_UP":
        raise Refused("import-x-up")
    # The standard's default is Y_UP; a file without the element has declared nothing.
    up: Up | None = {"Y_UP": "y", "Z_UP": "z"}.get(axis)  # type: ignore[assignment]
    return metres, up


def read(path: Path, options: ImportOptions) -> Found:
    """Read one .dae. Raises `Refused` where it is cut short, damaged or holds no mesh."""
    del options
    root = parse_xml(read_bytes(path))
    if root.tag != "COLLADA":
        raise damaged(f"<{root.tag[:40]}> is not COLLADA")
    metres, up = _asset(root)
    warnings: list[Note] = []
    parts: list[NamedPart] = []
    triangles = lines = elements = 0
    pieces: dict[str, list[_Piece]] = {}
    materials = Materials(root)
    pictures = Pictures(path.parent)
    for geometry, place, bound in placed_geometries(root):
        name = geometry.get("id", "")
        if name not in pieces:
            pieces[name] = _pieces(geometry)
        for piece in pieces[name]:
            material = bound.get(piece.material)
            file = materials.picture(material)
            image = None if file is None else pictures.beside(file)
            part = _placed(piece, place, materials.colour(material), image)
            if isinstance(part, MeshPart):
                triangles += len(part.triangles)
            else:
                lines += len(part.segments)
            elements += len(part.positions)
            if elements + triangles > _MAX_ELEMENTS:
                raise Refused("import-too-many", count=elements + triangles, limit=_MAX_ELEMENTS)
            parts.append(NamedPart(part))
    if not parts or not triangles + lines:
        raise Refused("import-nothing-in-it")
    warnings += pictures.notes
    return Found(
        parts,
        Counts(triangles=triangles, lines=lines),
        metres=metres,
        unit_name="m" if metres == 1.0 else "" if metres is None else f"{metres:g} m",
        up=up,
        warnings=warnings,
    )
