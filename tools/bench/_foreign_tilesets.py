"""Tilesets that Kenish had no hand in: made by glTF-Transform and 3D Tiles Tools from the registry.

They are written where the caller says; nothing is judged here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tools.bench import _npm

PACKAGES = (
    "3d-tiles-tools",
    "@gltf-transform/core",
    "@gltf-transform/extensions",
    "@gltf-transform/functions",
    "draco3dgltf",
    "meshoptimizer",
)
KINDS = ("draco", "meshopt", "quantized", "b3dm", "instanced")


def make(folder: Path) -> dict[str, Path]:
    """The tileset.json of each of `KINDS` in `folder`: a textured hill of 200 m, in earth-centred
    coordinates (draco, b3dm) or around its own zero.

    Raises OSError or RuntimeError where node, npm or the network is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / "ground.png"
    Image.fromarray(ground()).save(picture)
    home = _npm.packages("foreign_tilesets", *PACKAGES)
    _npm.node(home, "foreign_tileset.mjs", folder, picture)
    return {kind: folder / kind / "tileset.json" for kind in KINDS}


def ground(side: int = 512) -> np.ndarray:
    """(side, side, 3) uint8: red grows to the east, green to the south, with lines each eighth and
    a white corner in the north-west, so that a picture laid wrongly is seen."""
    y, x = np.mgrid[0:side, 0:side]
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[..., 0] = x * 200 // side + 40
    pixels[..., 1] = y * 200 // side + 40
    pixels[..., 2] = 60
    lines = (x % (side // 8) < 3) | (y % (side // 8) < 3)
    pixels[lines] = (30, 30, 30)
    pixels[: side // 8, : side // 8] = 255
    return pixels
