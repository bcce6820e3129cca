"""Encodes the pictures of tiles as JPEG through Pillow. It knows no glTF and decodes nothing."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

QUALITY = 85


def encode_jpeg(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A JPEG of pixels (height, width, 3)."""
    from PIL import Image

    stream = io.BytesIO()
    opaque = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    opaque.save(stream, "JPEG", quality=QUALITY, optimize=True)
    return stream.getvalue()
