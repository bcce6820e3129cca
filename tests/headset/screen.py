"""What is on an X screen, as a picture: `xwd` and a reader of its file."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

OUT = Path(os.environ.get("KENISH_OUT", Path(__file__).parents[2] / "out" / "headset"))


def read_xwd(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(height, width, 3) RGB of a dump with 24 or 32 bits a pixel. Raises ValueError for others."""
    header = struct.unpack_from(">25I", data)
    size, version, form, _depth, width, height = header[:6]
    byte_order, bits, line = header[7], header[11], header[12]
    if version != 7 or form != 2 or bits not in (24, 32):
        raise ValueError(f"version {version}, form {form}, {bits} bits a pixel")
    colours = header[19]
    pixels = np.frombuffer(data, np.uint8, line * height, size + 12 * colours)
    each = bits // 8
    rows = pixels.reshape(height, line)[:, : each * width].reshape(height, width, each)
    return np.ascontiguousarray(rows[..., [2, 1, 0]] if byte_order == 0 else rows[..., -3:])


def screen() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The whole screen of DISPLAY."""
    done = subprocess.run(["xwd", "-root", "-silent"], capture_output=True, check=True, timeout=60)
    return read_xwd(done.stdout)


def keep(picture: np.ndarray[Any, np.dtype[np.uint8]], name: str) -> None:
    """Store it for looking at."""
    from PIL import Image

    OUT.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(OUT / f"{name}.png")
