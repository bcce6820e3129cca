"""Reads glTF 2 and GLB: triangles, lines and points of the default scene, with colours.

Y is up and units are metres by the format's own rule. Never reads animation or skins, and says so
where a file has them; pictures are found (`gltf_pictures`), not decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scenes.errors import Refused
from scenes.geometry import Float64s, LinePart, MeshPart, PointPart, UInt8s
from scenes.importers.bounded import damaged, finite_index
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note
from scenes.importers.gltf_buffers import Accessors, Json, entry, open_gltf
from scenes.importers.gltf_pictures import GltfPictures

_MAX_ELEMENTS = 100_000_000  # triangles and vertices after instancing: some 3 GB
# Extensions that change nothing about the geometry that we read.
_HARMLESS = ("KHR_materials_", "KHR_texture_", "KHR_lights_", "EXT_texture_", "KHR_animation_")
_UNDERSTOOD = {"KHR_mesh_quantization"}


@dataclass(slots=True)
class _Content:
    parts: list[NamedPart] = field(default_factory=list)
    triangles: int = 0
    points: int = 0
    lines: int = 0
    vertices: int = 0
    left_out: set[str] = field(default_factory=set)


def _matrix(node: Json) -> Float64s:
    try:
        if "matrix" in node:
            return np.array(node["matrix"], np.float64).reshape(4, 4).T
        x, y, z, w = np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)
        result = np.eye(4)
        result[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        result[:3, :3] *= np.array(node.get("scale", (1, 1, 1)), np.float64).reshape(3)
        result[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64).reshape(3)
        return result
    except (ValueError, TypeError) as error:
        raise damaged(f"node transform: {error}") from error


def _children(holder: Json, key: str) -> list[int]:
    value = holder.get(key, [])
    if not isinstance(value, list):
        raise damaged(key)
    return value


def _meshes(document: Json) -> Iterator[tuple[Json, Float64s]]:
    """Every mesh of the default scene with its place; a node is visited once, as glTF is a tree."""
    nodes = document.get("nodes", [])
    if not isinstance(nodes, list):
        raise damaged("nodes")
    if document.get("scenes"):
        roots = _children(entry(document, "scenes", document.get("scene", 0)), "nodes")
    else:
        inner = {c for n in nodes if isinstance(n, dict) for c in _children(n, "children")}
        roots = [number for number in range(len(nodes)) if number not in inner]
    stack = [(number, np.eye(4)) for number in reversed(roots)]
    seen: set[int] = set()
    while stack:
        number, above = stack.pop()
        node = entry(document, "nodes", number)
        if number in seen:
            raise damaged(f"node {number} has two parents")
        seen.add(number)
        here = above @ _matrix(node)
        if "mesh" in node:
            yield entry(document, "meshes", node["mesh"]), here
        stack += [(child, here) for child in reversed(_children(node, "children"))]
    if not nodes:
        for number in range(len(document.get("meshes", []))):
            yield entry(document, "meshes", number), np.eye(4)


def _srgb(linear: Float64s) -> UInt8s:
    value = np.clip(np.nan_to_num(linear), 0.0, 1.0)
    curve = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return (curve * 255 + 0.5).astype(np.uint8)


def _colours(document: Json, primitive: Json, count: int, accessors: Accessors) -> UInt8s | None:
    factor = np.ones(3)
    plain = True
    if "material" in primitive:
        material = entry(document, "materials", primitive["material"])
        surface = material.get("pbrMetallicRoughness", {})
        if isinstance(surface, dict) and "baseColorFactor" in surface:
            factor = np.array(surface["baseColorFactor"], np.float64)[:3]
            plain = bool(np.all(factor == 1.0))
    attribute = primitive["attributes"].get("COLOR_0")
    if attribute is None:
        return None if plain or len(factor) != 3 else np.repeat(_srgb(factor)[None], count, axis=0)
    width = 4 if entry(document, "accessors", attribute).get("type") == "VEC4" else 3
    values = accessors.read(attribute, width)[:, :3]
    if len(values) != count:
        raise damaged("COLOR_0 has another length than POSITION")
    scale = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
    return _srgb(values.astype(np.float64) / scale * factor)


def _faces(order: np.ndarray, mode: int) -> np.ndarray:
    """Vertex numbers in drawing order to (m, 3) triangles of list, strip or fan."""
    if mode == 4:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    if len(order) < 3:
        return np.empty((0, 3), np.int64)
    if mode == 6:
        rest = order[1:]
        return np.stack([np.full(len(rest) - 1, order[0]), rest[:-1], rest[1:]], axis=1)
    strip = np.stack([order[:-2], order[1:-1], order[2:]], axis=1)
    strip[1::2] = strip[1::2, [1, 0, 2]]
    return strip


def _segments(order: np.ndarray, mode: int) -> np.ndarray:
    if mode == 1:
        return order[: len(order) // 2 * 2].reshape(-1, 2)
    following = np.roll(order, -1) if mode == 2 else order[1:]
    return np.stack([order[: len(following)], following], axis=1)


def _add(
    document: Json,
    primitive: Json,
    place: Float64s,
    accessors: Accessors,
    pictures: GltfPictures,
    content: _Content,
) -> None:
    attributes = primitive.get("attributes")
    if not isinstance(attributes, dict) or "POSITION" not in attributes:
        return
    if primitive.get("extensions"):
        content.left_out |= {str(name)[:60] for name in primitive["extensions"]}
    raw = accessors.read(attributes["POSITION"], 3).astype(np.float64)
    positions = raw @ place[:3, :3].T + place[:3, 3]
    order = (
        accessors.read(primitive["indices"], 1).reshape(-1).astype(np.int64)
        if "indices" in primitive
        else np.arange(len(positions))
    )
    finite_index(order, len(positions), "indices")
    colours = _colours(document, primitive, len(positions), accessors)
    content.vertices += len(positions)
    if (total := content.vertices + content.triangles + len(order)) > _MAX_ELEMENTS:
        raise Refused("import-too-many", count=total, limit=_MAX_ELEMENTS)
    mode = primitive.get("mode", 4)
    if mode in {4, 5, 6}:
        faces = _faces(order, mode)
        if np.linalg.det(place[:3, :3]) < 0:  # a mirrored node turns triangles inside out
            faces = faces[:, ::-1]
        content.triangles += len(faces)
        texcoords, image = pictures.of(primitive, len(positions)) or (None, None)
        part: Any = MeshPart(
            positions, faces.astype(np.uint32), None, colours, None, texcoords, image
        )
    elif mode in {1, 2, 3}:
        segments = _segments(order, mode)
        content.lines += len(segments)
        part = LinePart(positions, segments.astype(np.uint32), colours)
    elif mode == 0:
        content.points += len(order)
        part = PointPart(positions[order], None if colours is None else colours[order])
    else:
        raise damaged(f"primitive mode {str(mode)[:20]}")
    content.parts.append(NamedPart(part))


def read(path: Path, options: ImportOptions) -> Found:
    """Read one .glb or .gltf. Raises `Refused` where it is cut short, damaged, compressed with
    an extension we do not read, or refers to files that are not beside it."""
    del options
    document, binary, trailing = open_gltf(path)
    for name in document.get("extensionsRequired", []):
        if name not in _UNDERSTOOD and not str(name).startswith(_HARMLESS):
            raise Refused("import-gltf-extension", name=str(name)[:60])
    accessors = Accessors(document, binary, path.parent)
    pictures = GltfPictures(document, accessors, path)
    content = _Content()
    for mesh, place in _meshes(document):
        primitives = mesh.get("primitives")
        if not isinstance(primitives, list):
            raise damaged("mesh without primitives")
        for primitive in primitives:
            if not isinstance(primitive, dict):
                raise damaged("primitive")
            _add(document, primitive, place, accessors, pictures, content)
        if mesh.get("weights"):
            content.left_out.add("morph targets")
    content.left_out |= {key for key in ("animations", "skins") if document.get(key)}
    if not content.parts:
        raise Refused("import-nothing-in-it")
    warnings = [
        Note("import-warning-left-out", {"what": name}) for name in sorted(content.left_out)
    ]
    warnings += pictures.pictures.notes
    if trailing:
        warnings.append(Note("import-warning-trailing", {"bytes": trailing}))
    return Found(
        content.parts,
        Counts(triangles=content.triangles, points=content.points, lines=content.lines),
        metres=1.0,
        unit_name="m",
        up="y",
        up_is_certain=True,
        warnings=warnings,
    )
