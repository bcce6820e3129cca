"""Lays down which picture each vertex of a layer is painted with, beside the spooled vertices.

A layer without pictures leaves no file and costs nothing. It paints nothing (`scenes.bake.paint`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from scenes.bake.picture_files import UnreadPicture, picture_key, unpack
from scenes.bake.pictures import CornerPictures, Int64s, Pyramid
from scenes.geometry import ImageSource, MeshPart

# Of each vertex: the place in a picture and its number, -1 none.
PAINT = np.dtype([("u", "<f4"), ("v", "<f4"), ("picture", "<i4")])
LEAF_TEXELS = 700_000  # what fits well into the largest atlas, beside gutters
FEWEST = 256  # triangles in a leaf, however large the pictures
_CHUNK = 1 << 20


def paint_file(folder: str) -> Path:
    """Where a layer's PAINT rows lie, one for each of its vertices."""
    return Path(folder) / "triangles-paint.bin"


def list_file(folder: str) -> Path:
    """Where the files of a layer's pictures are listed, as JSON."""
    return Path(folder) / "triangles-pictures.json"


class PictureSpool:
    """The pictures of the triangles of one layer. Use `add` for every part, then `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0  # vertices so far
        self._file: BinaryIO | None = None
        self._numbers: dict[ImageSource, int] = {}
        self._digest = hashlib.blake2b(digest_size=16)
        self._triangles = 0
        self._areas: list[tuple[int, float]] = []  # picture, area in it (1: the whole)
        self._leaf: int | None = None
        for file in (paint_file(str(folder)), list_file(str(folder))):
            file.unlink(missing_ok=True)

    def add(self, part: MeshPart) -> None:
        """The next part, all of whose vertices were spooled."""
        count = len(part.positions)
        self._triangles += len(part.triangles)
        if part.image is None or part.texcoords is None:
            if self._file is not None:
                self._blank(count)
        else:
            if self._file is None:
                self._file = paint_file(str(self._folder)).open("wb")
                self._blank(self._count)
            number = self._numbers.setdefault(part.image, len(self._numbers))
            rows = np.zeros(count, PAINT)
            finite = np.isfinite(part.texcoords).all(axis=1)
            rows["u"], rows["v"] = np.where(finite, part.texcoords.T, 0.0)
            rows["picture"] = np.where(finite, number, -1)
            self._write(rows)
            corners = part.texcoords[part.triangles.astype(np.int64)].astype(np.float64)
            first, second = (corners[:, k] - corners[:, 0] for k in (1, 2))
            area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
            self._areas.append((number, float(np.nan_to_num(area).sum())))
        self._count += count

    def _blank(self, count: int) -> None:
        for start in range(0, count, _CHUNK):
            rows = np.zeros(min(_CHUNK, count - start), PAINT)
            rows["picture"] = -1
            self._write(rows)

    def _write(self, rows: npt.NDArray[np.void]) -> None:
        assert self._file is not None
        raw = np.ascontiguousarray(rows).view(np.uint8).data
        self._digest.update(raw)
        self._file.write(raw)

    def close(self) -> list[UnreadPicture]:
        """Unpack the pictures; returns those that could not be read."""
        if self._file is None:
            return []
        self._file.close()
        unread: list[UnreadPicture] = []
        listed: list[tuple[list[str], tuple[int, int]] | None] = []
        pixels: dict[int, int] = {}
        for source, number in self._numbers.items():
            self._digest.update(picture_key(source).encode())
            found = unpack(source, self._folder)
            if isinstance(found, UnreadPicture):
                unread.append(found)
                listed.append(None)
            else:
                listed.append(([file.name for file in found.files], found.size))
                pixels[number] = found.size[0] * found.size[1]
        list_file(str(self._folder)).write_text(json.dumps(listed))
        if not pixels:
            paint_file(str(self._folder)).unlink()  # nothing is left to paint with
        total = sum(area * pixels.get(number, 0) for number, area in self._areas)
        if total > 0:
            self._leaf = int(LEAF_TEXELS / (total / max(self._triangles, 1)))
        return unread

    def discard(self) -> None:
        """Close the file without unpacking anything."""
        if self._file is not None:
            self._file.close()

    @property
    def digest(self) -> str:
        """What tells these pictures from others; the same for all layers without."""
        return self._digest.hexdigest()

    def leaf(self, usual: int) -> int:
        """How many triangles a leaf should have: fewer where their pictures would not fit."""
        return usual if self._leaf is None else min(max(self._leaf, FEWEST), usual)


def read_pictures(
    folder: str, vertices: Int64s, steps: npt.NDArray[np.integer], corners: Int64s
) -> tuple[Int64s, CornerPictures, list[Pyramid | None]] | None:
    """(corners that are triangles, their pictures, all pictures) of corners (m, 3) into some of
    the spooled vertices (n,) at steps (n, 3); None where the layer has no pictures."""
    if not paint_file(folder).is_file():
        return None
    rows = np.asarray(np.memmap(paint_file(folder), PAINT, "r")[vertices])
    at = [steps[corners[:, k]] for k in range(3)]
    whole = np.ones(len(corners), bool)
    for k in range(3):
        whole &= (at[k] != at[k - 1]).any(axis=1)
    corners = corners[whole]
    own = rows[corners]
    number = own["picture"]
    alike = (number == number[:, :1]).all(axis=1)
    places = np.stack([own["u"], own["v"]], axis=2).astype(np.float64)
    pictures = CornerPictures(np.where(alike, number[:, 0], -1).astype(np.int32), places)
    sources = [
        None if one is None else Pyramid([Path(folder) / name for name in one[0]], tuple(one[1]))
        for one in json.loads(list_file(folder).read_text())
    ]
    return corners, pictures, sources
