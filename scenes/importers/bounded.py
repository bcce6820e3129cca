"""Reading under limits: files no larger than the limit, numbers only from bytes that are there.

Everything that a header claims is checked against what the file holds before memory is taken.
Knows no format.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused

MAX_FILE_BYTES = 4 * 1024**3
MAX_INFLATED_BYTES = 2 * 1024**3
MAX_JSON_BYTES = 256 * 1024**2


def cut_short(expected: object, found: object) -> Refused:
    """The file ends before what it announced."""
    return Refused("import-cut-short", expected=str(expected), found=str(found))


def damaged(detail: str) -> Refused:
    """The file contradicts its format; `detail` says where, in the format's own words."""
    return Refused("import-damaged", detail=detail)


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """The whole file. Raises `Refused` if it is larger than `limit` bytes or empty."""
    size = path.stat().st_size
    if size > limit:
        raise Refused("import-too-large", megabytes=size // 2**20, limit=limit // 2**20)
    data = path.read_bytes()
    if not data:
        raise Refused("import-no-bytes")
    return data


class Cursor:
    """Walks over bytes from the front; running past the end is "cut short"."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self.data) - self.position

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count < 0:
            raise damaged("negative length")
        if count > self.left:
            raise cut_short(f"{self.position + count} B", f"{len(self.data)} B")
        self.position += count
        return self.data[self.position - count : self.position]

    def numbers(self, layout: str) -> tuple[int, ...]:
        """Integers unpacked by a `struct` layout."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def byte(self) -> int:
        """One unsigned byte."""
        return self.take(1)[0]

    def line(self, limit: int = 65536) -> bytes:
        """Up to the next line feed, without it."""
        end = self.data.find(b"\n", self.position, self.position + limit)
        if end < 0:
            raise cut_short("end of line", f"{len(self.data)} B")
        text = self.data[self.position : end]
        self.position = end + 1
        return text


def table(data: bytes, dtype: npt.DTypeLike, rows: int, offset: int = 0) -> npt.NDArray[Any]:
    """`rows` rows of `dtype` at `offset`, read only. Raises `Refused` if they are not there."""
    kind = np.dtype(dtype)
    need = rows * kind.itemsize
    if rows < 0 or offset < 0:
        raise damaged("negative count")
    if offset + need > len(data):
        raise cut_short(f"{offset + need} B", f"{len(data)} B")
    return np.frombuffer(data, kind, rows, offset)


def inflate(data: bytes, what: str, limit: int = MAX_INFLATED_BYTES, gzip: bool = False) -> bytes:
    """Decompress zlib (or gzip) data, at most `limit` bytes of it.

    Raises `Refused` where it is damaged, ends early, or grows beyond the limit (a bomb).
    """
    engine = zlib.decompressobj(31 if gzip else 15)
    try:
        result = engine.decompress(data, limit)
    except zlib.error as error:
        raise damaged(f"{what}: {error}") from error
    if not engine.eof:
        if len(result) >= limit:
            raise Refused("import-inflates", what=what, limit=limit // 2**20)
        raise cut_short(what, f"{len(data)} B")
    return result


def finite_index(indices: npt.NDArray[np.generic], vertices: int, what: str) -> None:
    """Raise `Refused` if an index points outside `vertices`."""
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= vertices):
        raise Refused("import-bad-index", what=what, vertices=vertices)


def fan(counts: npt.NDArray[np.int64], corners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Polygons as fan triangles.

    counts (n,) corners of each polygon, corners (sum of counts,) vertex numbers one polygon after
    another; returns (m, 3). Polygons of fewer than three corners give none.
    """
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
    triangles = np.maximum(counts - 2, 0)
    total = int(triangles.sum())
    if total == 0:
        return np.empty((0, 3), np.int64)
    first = np.repeat(starts, triangles)
    step = np.arange(total) - np.repeat(np.cumsum(triangles) - triangles, triangles)
    return np.stack([corners[first], corners[first + step + 1], corners[first + step + 2]], axis=1)
