"""Unpacks the pictures of a layer into files that workers read crops of, one picture at a time.

What cannot be read is left out with a reason; what claims to be larger than Kenish reads is
refused before it is decoded. It never looks at geometry.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenes.bake.pictures import Pyramid, UInt8s, smaller
from scenes.geometry import ImageSource

MAX_PIXELS = 1 << 28  # decoded at once: a gigabyte in Pillow
MAX_CLAIMED = 1 << 34  # a JPEG of more than MAX_PIXELS is read at a half, a quarter or an eighth
MAX_BYTES = 1 << 31  # of one picture's file
_SMALLEST = 64  # pixels: no level is smaller
_WHITE = 255


@dataclass(frozen=True, slots=True)
class UnreadPicture:
    """A picture that was left out: its name and why."""

    name: str
    reason: str


def picture_key(source: ImageSource) -> str:
    """What tells one picture from others, also when its file is replaced."""
    digest = hashlib.blake2b(digest_size=12)
    if source.data is not None:
        digest.update(source.data)
    else:
        state = source.path.stat() if source.path.is_file() else None
        known = (0, 0) if state is None else (state.st_size, state.st_mtime_ns)
        digest.update(f"{source.path.resolve()} {source.offset} {source.length} {known}".encode())
    return digest.hexdigest()


def unpack(source: ImageSource, folder: Path) -> Pyramid | UnreadPicture:
    """The picture as files in `folder`, made unless they are there from a bake that was stopped."""
    name = source.path.name
    key = picture_key(source)
    whole = folder / f"picture-{key}.done"
    if whole.is_file():
        count, width, height = (int(word) for word in whole.read_text().split())
        files = [folder / f"picture-{key}-{n}.npy" for n in range(count)]
        return Pyramid(files, (width, height))
    try:
        image = _decoded(source)
    except ImportError:
        return UnreadPicture(name, "the package pillow is not installed")
    except Exception as error:  # whatever Pillow's many readers raise on broken input
        return UnreadPicture(name, str(error) or type(error).__name__)
    height, width = image.shape[:2]
    files = []
    while True:
        files.append(folder / f"picture-{key}-{len(files)}.npy")
        np.save(files[-1], image)
        if min(image.shape[:2]) < 2 * _SMALLEST:
            break
        image = smaller(image)
    whole.write_text(f"{len(files)} {width} {height}")
    return Pyramid(files, (width, height))


def _decoded(source: ImageSource) -> UInt8s:
    from PIL import Image

    stream: Any
    if source.data is not None:
        stream = io.BytesIO(source.data)
    elif source.length is None and source.offset == 0:
        if source.path.stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES >> 20} MiB")
        stream = source.path.open("rb")
    else:
        with source.path.open("rb") as file:
            file.seek(source.offset)
            stream = io.BytesIO(file.read(min(source.length or MAX_BYTES, MAX_BYTES)))
    limit = Image.MAX_IMAGE_PIXELS
    with stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = MAX_CLAIMED // 2  # ours is checked below, before decoding
        try:
            with Image.open(stream) as image:
                if image.format == "JPEG":
                    _draft(image)
                width, height = image.size
                if width * height > MAX_PIXELS or min(width, height) < 1:
                    raise ValueError(f"{width} x {height} pixels are more than Kenish reads")
                return _opaque(image)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _draft(image: Any) -> None:
    width, height = image.size
    for scale in (2, 4, 8):
        if image.size[0] * image.size[1] <= MAX_PIXELS:
            break
        image.draft("RGB", (width // scale, height // scale))


def _opaque(image: Any) -> UInt8s:
    """(height, width, 3) sRGB; what is transparent is white."""
    if image.mode in ("I;16", "I", "F"):
        values = np.asarray(image, np.float64)
        top = 65535.0 if image.mode != "F" else max(float(np.nanmax(values)), 1e-9)
        grey = np.clip(np.nan_to_num(values) / top * 255, 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return np.ascontiguousarray(image.convert("RGB"))
    pixels = np.asarray(image.convert("RGBA"))
    alpha = pixels[..., 3:].astype(np.uint16)
    blended = pixels[..., :3] * alpha + _WHITE * (255 - alpha)
    return ((blended + 127) // 255).astype(np.uint8)
