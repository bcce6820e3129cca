"""The textures of one glTF file as pixels: JPEG, PNG and WebP through Pillow, with bounds.

Runs in worker threads. It never hands pixels to a graphics card.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles.gltf_accessors import Accessors
from scenes.tiles.packages import NeedsPackage
from scenes.tiles.shape import TileImage

MAX_PIXELS = 8192 * 8192  # of all images of one tile together
MAX_SIDE = 16_384
REPEAT, MIRRORED = 10497, 33648
_OTHER_KINDS = {"KHR_texture_basisu": "KTX2", "EXT_texture_avif": "AVIF"}

# What a linear value 0..255 is in sRGB, and the other way round as 0..1.
_STEPS = np.arange(256) / 255
LINEAR_OF_SRGB = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4)


def srgb_of_linear(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Linear 0..1 of any shape as sRGB uint8."""
    linear = np.clip(np.nan_to_num(values.astype(np.float64)), 0.0, 1.0)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curve * 255), np.uint8)


class UnknownImage(ValueError):
    """A texture that is there in a form only which Kenish does not read."""

    def __init__(self, extension: str) -> None:
        super().__init__(f"textures in {_OTHER_KINDS[extension]} are not read")
        self.extension = extension


class Images:
    """The decoded textures of one file, each once."""

    def __init__(self, accessors: Accessors) -> None:
        self._accessors = accessors
        self._made: dict[tuple[Any, ...], TileImage] = {}
        self._pixels = 0

    def texture(self, number: int, factor: npt.NDArray[np.float64], see_through: bool) -> TileImage:
        """The pixels of texture `number` times `factor` (3,) linear, with its alpha only where the
        material is to be seen through. Raises ValueError, naming what it is."""
        document = self._accessors.document
        texture = document["textures"][number]
        source = _source(texture)
        sampler = document["samplers"][texture["sampler"]] if "sampler" in texture else {}
        wraps = {sampler.get("wrapS", REPEAT), sampler.get("wrapT", REPEAT)}
        repeats = bool(wraps & {REPEAT, MIRRORED})
        key = (source, see_through, repeats, *factor.tolist())
        if key not in self._made:
            pixels = self._decode(document["images"][source], see_through)
            if not np.array_equal(factor, np.ones(3)):
                for channel in range(3):
                    shades = srgb_of_linear(LINEAR_OF_SRGB * factor[channel])
                    pixels[..., channel] = shades[pixels[..., channel]]
            self._made[key] = TileImage(pixels, repeats)
        return self._made[key]

    def _decode(self, image: dict[str, Any], see_through: bool) -> npt.NDArray[np.uint8]:
        if "bufferView" in image:
            data = bytes(self._accessors.view(image["bufferView"]))
        else:
            data = self._accessors.file(str(image["uri"]))
        try:
            from PIL import Image
        except ImportError as error:
            raise NeedsPackage("textures", "pillow") from error
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
                width, height = opened.size
                self._pixels += width * height
                if self._pixels > MAX_PIXELS or max(width, height) > MAX_SIDE:
                    raise ValueError(f"{width} x {height} pixels are more than Kenish reads")
                alpha = see_through and opened.mode in ("RGBA", "LA", "PA", "P")
                # np.array, not asarray: Pillow's pixels are read only.
                return np.array(opened.convert("RGBA" if alpha else "RGB"), np.uint8)
        except ValueError:
            raise
        except Exception as error:  # whatever a library says of a damaged image
            raise ValueError(f"an image is damaged: {type(error).__name__}: {error}") from error


def _source(texture: dict[str, Any]) -> int:
    extensions = texture.get("extensions", {})
    if "EXT_texture_webp" in extensions:
        return int(extensions["EXT_texture_webp"]["source"])
    if "source" in texture:
        return int(texture["source"])
    for name in _OTHER_KINDS:
        if name in extensions:
            raise UnknownImage(name)
    raise ValueError("a texture without an image")
