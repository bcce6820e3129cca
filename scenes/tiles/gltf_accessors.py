"""The accessors of one glTF file as arrays: plain, sparse, compressed or in files beside it.

Whatever a file claims is bounded by the bytes that are there. It never knows what an array means.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles import meshopt_views as codec

Companion = Callable[[str], bytes]  # the bytes of a file beside the tile; raises where it is none
_COMPONENTS: dict[int, type[np.generic]] = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
MAX_EMPTY_ROWS = 16_000_000  # of an accessor without a view, which costs a file nothing
MAX_COMPANION_BYTES = 1 << 30


def no_companion(uri: str) -> bytes:
    """For tiles that stand alone."""
    raise ValueError(f"{uri[:80]} lies outside of the tile")


class Accessors:
    """The accessors of one file; buffers beside it and compressed views are read once each."""

    def __init__(
        self,
        document: dict[str, Any],
        binary: memoryview,
        companion: Companion = no_companion,
    ) -> None:
        self.document = document
        self._binary = binary
        self._companion = companion
        self._buffers: dict[int, memoryview] = {}
        self._buffer_bytes = 0
        self._unpacked: dict[int, memoryview] = {}
        self._unpacked_bytes = 0

    def file(self, uri: str) -> bytes:
        """What a uri names: data within it, or a file beside the tile."""
        if not uri.startswith("data:"):
            data = self._companion(uri)
        else:
            head, _, payload = uri.partition(",")
            if not head.endswith(";base64"):
                raise ValueError("data without base64")
            data = base64.b64decode(payload, validate=True)
        self._buffer_bytes += len(data)
        if self._buffer_bytes > MAX_COMPANION_BYTES:
            raise ValueError("the files beside the tile are larger than Kenish reads")
        return data

    def _buffer(self, number: int) -> memoryview:
        if number in self._buffers:
            return self._buffers[number]
        known = self.document.get("buffers", [])
        uri = known[number].get("uri") if number < len(known) else None
        if number < 0 or (uri is None and number != 0):
            raise ValueError(f"buffer {number} has no data")
        self._buffers[number] = self._binary if uri is None else memoryview(self.file(str(uri)))
        return self._buffers[number]

    def _view(self, number: int) -> tuple[memoryview, int, int]:
        """(buffer, where the view begins in it, its stride or 0)."""
        view = self.document["bufferViews"][number]
        stride = int(view.get("byteStride", 0))
        extensions = view.get("extensions")
        packed = codec.packed_view(extensions) if extensions else None
        if packed is None:
            return self._buffer(int(view.get("buffer", 0))), int(view.get("byteOffset", 0)), stride
        if number not in self._unpacked:
            # Many views may name the same few bytes: the file's length bounds nothing.
            self._unpacked_bytes += int(packed["count"]) * int(packed["byteStride"])
            if self._unpacked_bytes > codec.MAX_DECODED_BYTES:
                raise ValueError("compressed views claim more than Kenish reads")
            buffer = self._buffer(int(packed.get("buffer", 0)))
            self._unpacked[number] = codec.decode(packed, buffer)
        return self._unpacked[number], 0, stride

    def view(self, number: int) -> memoryview:
        """The bytes of a view that is no accessor's: an image, a Draco stream."""
        buffer, start, _ = self._view(number)
        length = int(self.document["bufferViews"][number]["byteLength"])
        if start < 0 or length < 0 or start + length > len(buffer):
            raise ValueError("a view reaches beyond the buffer")
        return buffer[start : start + length]

    def read(self, number: int) -> tuple[npt.NDArray[Any], bool]:
        """(values (n, width), whether they are normalized integers)."""
        accessor = self.document["accessors"][number]
        dtype = np.dtype(_COMPONENTS[accessor["componentType"]]).newbyteorder("<")
        width = _WIDTHS[accessor["type"]]
        count = int(accessor["count"])
        array: npt.NDArray[Any]
        if "bufferView" in accessor:
            array = self._rows(accessor, count, dtype, width)
        elif 0 <= count <= MAX_EMPTY_ROWS:
            array = np.zeros((count, width), dtype)
        else:
            raise ValueError(f"{count} rows without data")
        if "sparse" in accessor:
            array = self._sparse(array.copy(), accessor["sparse"])
        return array, bool(accessor.get("normalized", False))

    def _rows(
        self, holder: dict[str, Any], count: int, dtype: np.dtype[Any], width: int
    ) -> npt.NDArray[Any]:
        buffer, base, stride = self._view(holder["bufferView"])
        stride = stride or dtype.itemsize * width
        start = base + int(holder.get("byteOffset", 0))
        end = start + stride * (count - 1) + dtype.itemsize * width if count else start
        if count < 0 or start < 0 or stride < 0 or end > len(buffer):
            raise ValueError("an accessor reaches beyond the buffer")
        return np.ndarray((count, width), dtype, buffer, start, (stride, dtype.itemsize))

    def _sparse(self, array: npt.NDArray[Any], sparse: dict[str, Any]) -> npt.NDArray[Any]:
        count = int(sparse["count"])
        kind = np.dtype(_COMPONENTS[sparse["indices"]["componentType"]]).newbyteorder("<")
        if kind.kind != "u":
            raise ValueError("the places of a sparse accessor are no whole numbers")
        places = self._rows(sparse["indices"], count, kind, 1)[:, 0]
        if count and int(places.max()) >= len(array):
            raise ValueError("a sparse accessor reaches beyond its rows")
        array[places] = self._rows(sparse["values"], count, array.dtype, array.shape[1])
        return array


def unit(array: npt.NDArray[Any], normalized: bool) -> npt.NDArray[np.float32]:
    """Values as float32; normalized integers as -1..1. May be the array itself."""
    values = array.astype(np.float32, copy=False)
    if normalized and array.dtype.kind in "iu":
        return np.clip(values / np.iinfo(array.dtype).max, -1.0, 1.0)
    return values
