"""Which picture a glTF primitive is painted with, and where on it each vertex lies.

Reads KHR_texture_transform and EXT_texture_webp; decodes nothing.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import numpy as np

from scenes.geometry import Float32s, ImageSource
from scenes.importers.bounded import damaged
from scenes.importers.gltf_buffers import Accessors, Json, entry
from scenes.importers.pictures import Pictures


class GltfPictures:
    """The pictures of one document."""

    def __init__(self, document: Json, accessors: Accessors, path: Path) -> None:
        self._document = document
        self._accessors = accessors
        self._path = path
        self.pictures = Pictures(path.parent)

    def of(self, primitive: Json, count: int) -> tuple[Float32s, ImageSource] | None:
        """(texcoords (count, 2) from the picture's top left, the picture), None without one."""
        if "material" not in primitive:
            return None
        material = entry(self._document, "materials", primitive["material"])
        surface = material.get("pbrMetallicRoughness", {})
        used = surface.get("baseColorTexture") if isinstance(surface, dict) else None
        if not isinstance(used, dict):
            return None
        source = self._source(entry(self._document, "textures", used.get("index")))
        change = used.get("extensions", {}).get("KHR_texture_transform", {})
        number = change.get("texCoord", used.get("texCoord", 0))
        attribute = primitive["attributes"].get(f"TEXCOORD_{number}")
        if source is None or attribute is None:
            return None
        values = self._accessors.read(attribute, 2).astype(np.float64)
        if len(values) != count:
            raise damaged("TEXCOORD has another length than POSITION")
        return _changed(values, change).astype(np.float32), source

    def _source(self, texture: Json) -> ImageSource | None:
        webp = texture.get("extensions", {}).get("EXT_texture_webp", {})
        number = webp.get("source", texture.get("source"))
        if number is None:  # a kind of picture that Kenish does not read
            return self.pictures.beside("")
        image = entry(self._document, "images", number)
        name = str(image.get("name") or image.get("uri") or f"image {number}")
        if "bufferView" in image:
            found = self._accessors.stretch(image["bufferView"], self._path)
            return self.pictures.given(number, found, name)
        uri = image.get("uri")
        if not isinstance(uri, str):
            raise damaged(f"image {number}")
        if not uri.startswith("data:"):
            return self.pictures.beside(uri)
        head, _, payload = uri.partition(",")
        try:
            data = base64.b64decode(payload, validate=True) if head.endswith(";base64") else b""
        except binascii.Error:
            data = b""
        return self.pictures.given(
            number, ImageSource(Path(f"image-{number}"), data=data), f"image {number}"
        )


def _changed(values: np.ndarray[Any, Any], change: Json) -> np.ndarray[Any, Any]:
    """KHR_texture_transform: scaled, turned, moved."""
    try:
        scale = np.array(change.get("scale", (1, 1)), np.float64).reshape(2)
        offset = np.array(change.get("offset", (0, 0)), np.float64).reshape(2)
        angle = float(change.get("rotation", 0.0))
    except (TypeError, ValueError) as error:
        raise damaged(f"KHR_texture_transform: {error}") from error
    x, y = (values * scale).T
    turned = [x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)]
    return np.asarray(np.stack(turned, axis=1) + offset)
