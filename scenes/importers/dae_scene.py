"""The node tree of a COLLADA file: which geometry stands where, and the colour of its materials.

Reads references inside the document only; loops and runaway instancing are refused.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import numpy as np

from scenes.geometry import Float64s
from scenes.importers.bounded import damaged

_MAX_INSTANCES = 50_000
_MAX_DEPTH = 100
Colour = tuple[int, int, int]
Element = ElementTree.Element


def _index(root: Element, path: str) -> dict[str, Element]:
    return {e.get("id", ""): e for e in root.iterfind(path) if e.get("id")}


def _floats(text: str | None, count: int) -> Float64s:
    try:
        values = np.array((text or "").split(), dtype=np.float64)
    except ValueError as error:
        raise damaged(f"node transform: {error}") from error
    if len(values) != count or not np.all(np.isfinite(values)):
        raise damaged("node transform")
    return values


def _rotation(axis: Float64s, degrees: float) -> Float64s:
    result = np.eye(4)
    length = float(np.linalg.norm(axis))
    if length > 0:
        x, y, z = axis / length
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        angle = np.radians(degrees)
        result[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return result


def _transform(node: Element) -> Float64s:
    """The product of the node's transform elements, in document order."""
    result = np.eye(4)
    for child in node:
        step = np.eye(4)
        if child.tag == "matrix":
            step = _floats(child.text, 16).reshape(4, 4)
        elif child.tag == "translate":
            step[:3, 3] = _floats(child.text, 3)
        elif child.tag == "scale":
            step[:3, :3] = np.diag(_floats(child.text, 3))
        elif child.tag == "rotate":
            values = _floats(child.text, 4)
            step = _rotation(values[:3], float(values[3]))
        else:
            continue
        result = result @ step
    return result


def _local(reference: str | None) -> str:
    """The id of a reference into this document; another file's is refused."""
    if not reference or not reference.startswith("#"):
        raise damaged(f"reference {str(reference)[:60]} leads out of the file")
    return reference[1:]


def _bound_materials(instance: Element) -> dict[str, str]:
    return {
        one.get("symbol", ""): one.get("target", "").removeprefix("#")
        for one in instance.iterfind("bind_material/technique_common/instance_material")
    }


def placed_geometries(root: Element) -> Iterator[tuple[Element, Float64s, dict[str, str]]]:
    """(geometry, 4x4 place, material symbol -> material id) of the visual scene; without one,
    every geometry at its own coordinates."""
    geometries = _index(root, "library_geometries/geometry")
    scenes = _index(root, "library_visual_scenes/visual_scene")
    nodes = {e.get("id", ""): e for e in root.iter("node") if e.get("id")}
    controllers = _index(root, "library_controllers/controller")
    named = root.find("scene/instance_visual_scene")
    scene = scenes.get(_local(named.get("url"))) if named is not None else None
    if scene is None:
        for geometry in geometries.values():
            yield geometry, np.eye(4), {}
        return
    stack = [(node, np.eye(4), 0) for node in reversed(scene.findall("node"))]
    visited = 0
    while stack:
        node, above, depth = stack.pop()
        visited += 1
        if visited > _MAX_INSTANCES or depth > _MAX_DEPTH:
            raise damaged("node tree loops or is too large")
        place = above @ _transform(node)
        for instance in node.findall("instance_geometry"):
            name = _local(instance.get("url"))
            if name not in geometries:
                raise damaged(f"geometry {name[:60]} does not exist")
            yield geometries[name], place, _bound_materials(instance)
        for instance in node.findall("instance_controller"):
            skin = controllers.get(_local(instance.get("url")))
            found = None if skin is None else skin.find("skin")
            if found is not None and _local(found.get("source")) in geometries:
                yield geometries[_local(found.get("source"))], place, _bound_materials(instance)
        for instance in reversed(node.findall("instance_node")):
            if (target := nodes.get(_local(instance.get("url")))) is not None:
                stack.append((target, place, depth + 1))
        stack += [(child, place, depth + 1) for child in reversed(node.findall("node"))]


class Materials:
    """The plain diffuse colours of a document's materials, or the pictures in their place."""

    def __init__(self, root: Element) -> None:
        self._materials = _index(root, "library_materials/material")
        self._effects = _index(root, "library_effects/effect")
        self._images = _index(root, "library_images/image")
        self._known: dict[str, Colour | None] = {}

    def colour(self, name: str | None) -> Colour | None:
        """sRGB 0-255 of a material id, None where it has no plain colour."""
        if name is None:
            return None
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def picture(self, name: str | None) -> str | None:
        """The path or URI of the picture of a material id, None where it has none."""
        effect = None if name is None else self._effect(name)
        if effect is None:
            return None
        used = effect.find("profile_COMMON/technique/*/diffuse/texture")
        if used is None:
            return None
        parameters = {one.get("sid", ""): one for one in effect.iter("newparam")}
        found = used.get("texture", "")
        for _ in range(3):  # a sampler names a surface, and that an image
            step = parameters.get(found)
            if step is None:
                break
            linked = step.find("sampler2D/instance_image")
            found = (
                linked.get("url", "").removeprefix("#")
                if linked is not None
                else step.findtext("sampler2D/source") or step.findtext("surface/init_from") or ""
            ).strip()
        image = self._images.get(found)
        if image is None:
            return None
        return (image.findtext("init_from/ref") or image.findtext("init_from") or "").strip()

    def _effect(self, name: str) -> Element | None:
        material = self._materials.get(name)
        instance = None if material is None else material.find("instance_effect")
        if instance is None:
            return None
        return self._effects.get(instance.get("url", "").removeprefix("#"))

    def _find(self, name: str) -> Colour | None:
        effect = self._effect(name)
        if effect is None:
            return None
        for colour in effect.iterfind("profile_COMMON/technique/*/diffuse/color"):
            try:
                red, green, blue = (
                    int(min(max(float(word), 0.0), 1.0) * 255 + 0.5)
                    for word in (colour.text or "").split()[:3]
                )
            except ValueError:
                continue
            return red, green, blue
        return None
