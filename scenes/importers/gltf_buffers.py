"""The binary side of a glTF file: GLB chunks, buffers, views and accessors as numpy arrays.

Buffers are read from the file, from data URIs, or from files inside its folder; never from
elsewhere and never over a network.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.geometry import ImageSource
from scenes.importers.bounded import (
    MAX_FILE_BYTES,
    MAX_JSON_BYTES,
    Cursor,
    cut_short,
    damaged,
    read_bytes,
)
from scenes.importers.inside import file_inside

_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_JSON_CHUNK, _BIN_CHUNK = 0x4E4F534A, 0x004E4942
_MAX_EMPTY_ACCESSOR = 16_000_000
Json = dict[str, Any]


def open_gltf(path: Path) -> tuple[Json, bytes | None, int]:
    """The JSON document, the GLB's binary chunk (None without one), and bytes left over."""
    data = read_bytes(path)
    if data[:4] != b"glTF":
        return _document(data), None, 0
    cursor = Cursor(data, 4)
    version, length = cursor.numbers("<II")
    if version != 2:
        raise Refused("import-version", version=f"glTF {version}", known="glTF 2")
    if length > len(data):
        raise cut_short(f"{length} B", f"{len(data)} B")
    cursor.data = data[:length]
    document: bytes | None = None
    binary: bytes | None = None
    while cursor.left:
        size, kind = cursor.numbers("<II")
        chunk = cursor.take(size)
        if kind == _JSON_CHUNK and document is None:
            document = chunk
        elif kind == _BIN_CHUNK and binary is None:
            binary = chunk
    if document is None:
        raise damaged("GLB without a JSON chunk")
    return _document(document), binary, len(data) - length


def _document(data: bytes) -> Json:
    if len(data) > MAX_JSON_BYTES:
        raise Refused(
            "import-too-large", megabytes=len(data) // 2**20, limit=MAX_JSON_BYTES // 2**20
        )
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise damaged("JSON is not UTF-8") from error
    except json.JSONDecodeError as error:
        if error.pos >= len(data.rstrip()) - 1 or "Unterminated" in error.msg:
            raise cut_short("end of JSON", f"{len(data)} B") from error
        raise damaged(f"JSON line {error.lineno}: {error.msg}") from error
    if not isinstance(document, dict) or not isinstance(document.get("asset"), dict):
        raise damaged("no glTF asset in the JSON")
    version = str(document["asset"].get("version", ""))
    if version.split(".")[0] != "2":
        raise Refused("import-version", version=f"glTF {version[:20]}", known="glTF 2")
    return document


def entry(document: Json, group: str, index: object) -> Json:
    """`document[group][index]`, checked. Raises `Refused` where it does not exist."""
    entries = document.get(group)
    if (
        not isinstance(entries, list)
        or not isinstance(index, int)
        or isinstance(index, bool)
        or not 0 <= index < len(entries)
        or not isinstance(entries[index], dict)
    ):
        raise damaged(f"{group} {str(index)[:20]} does not exist")
    found: Json = entries[index]
    return found


def whole(holder: Json, key: str, default: int | None = None) -> int:
    """A non-negative whole number from the JSON."""
    value = holder.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise damaged(f"{key} is {str(value)[:20]}")
    return value


def _binary_start(path: Path) -> int:
    """Where in a GLB the contents of its binary chunk begin."""
    with path.open("rb") as file:
        at = 12
        while True:
            file.seek(at)
            head = file.read(8)
            if len(head) < 8:
                raise damaged("GLB without a binary chunk")
            size, kind = struct.unpack("<II", head)
            if kind == _BIN_CHUNK:
                return at + 8
            at += 8 + size


class Accessors:
    """Reads accessors of one document; each buffer is loaded once."""

    def __init__(self, document: Json, binary: bytes | None, folder: Path) -> None:
        self._document = document
        self._binary = binary
        self._folder = folder
        self._buffers: dict[int, bytes] = {}
        self._loaded = 0

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            declared = entry(self._document, "buffers", index)
            size = whole(declared, "byteLength")
            data = self._load(declared.get("uri"), index)
            if len(data) < size:
                raise cut_short(f"buffer {index}: {size} B", f"{len(data)} B")
            self._loaded += len(data)
            if self._loaded > MAX_FILE_BYTES:
                raise Refused(
                    "import-too-large",
                    megabytes=self._loaded // 2**20,
                    limit=MAX_FILE_BYTES // 2**20,
                )
            self._buffers[index] = data[:size]
        return self._buffers[index]

    def _load(self, uri: object, index: int) -> bytes:
        if uri is None:
            if self._binary is None or index != 0:
                raise damaged(f"buffer {index} has no data")
            return self._binary
        if not isinstance(uri, str):
            raise damaged(f"buffer {index}: uri")
        if uri.startswith("data:"):
            head, _, payload = uri.partition(",")
            if not head.endswith(";base64"):
                raise damaged(f"buffer {index}: not base64")
            try:
                return base64.b64decode(payload, validate=True)
            except binascii.Error as error:
                raise damaged(f"buffer {index}: {error}") from error
        target = file_inside(self._folder, uri)
        if target is None:
            raise Refused("import-missing-companion", name=uri[:120])
        return read_bytes(target)

    def stretch(self, index: object, path: Path) -> ImageSource:
        """Where the bytes of a buffer view lie, in the file at `path` or in the one that its buffer
        names. Raises `Refused` where they are not there."""
        view = entry(self._document, "bufferViews", index)
        buffer = whole(view, "buffer")
        data = self._buffer(buffer)
        start, length = whole(view, "byteOffset", 0), whole(view, "byteLength")
        if start + length > len(data):
            raise cut_short(f"bufferView {index}: {start + length} B", f"{len(data)} B")
        uri = entry(self._document, "buffers", buffer).get("uri")
        if uri is None and self._binary is not None:
            return ImageSource(path, _binary_start(path) + start, length)
        target = None if str(uri).startswith("data:") else file_inside(self._folder, str(uri))
        if target is None:
            return ImageSource(Path(f"view-{index}"), data=data[start : start + length])
        return ImageSource(target, start, length)

    def _view(self, index: object, offset: int, row: int, rows: int) -> npt.NDArray[np.uint8]:
        """(rows, row) bytes of a buffer view, with its stride."""
        view = entry(self._document, "bufferViews", index)
        data = self._buffer(whole(view, "buffer"))
        start, length = whole(view, "byteOffset", 0), whole(view, "byteLength")
        stride = whole(view, "byteStride", row) or row
        end = offset + (stride * (rows - 1) + row if rows else 0)
        if start + length > len(data) or end > length or stride < row:
            raise cut_short(f"bufferView {index}: {start + max(end, length)} B", f"{len(data)} B")
        flat = np.frombuffer(data, np.uint8, max(end - offset, 0), start + offset)
        return np.lib.stride_tricks.as_strided(flat, (rows, row), (stride, 1), writeable=False)

    def read(self, index: object, width: int) -> npt.NDArray[Any]:
        """Accessor `index` as (count, width), in its own type; normalised integers as floats."""
        accessor = entry(self._document, "accessors", index)
        count = whole(accessor, "count")
        code = _COMPONENTS.get(accessor.get("componentType", 0))
        if code is None or _WIDTHS.get(accessor.get("type", "")) != width:
            raise damaged(
                f"accessor {index}: {accessor.get('type')} {accessor.get('componentType')}"
            )
        kind = np.dtype(code)
        row = kind.itemsize * width
        values: npt.NDArray[Any]
        if "bufferView" in accessor:
            raw = self._view(accessor["bufferView"], whole(accessor, "byteOffset", 0), row, count)
            values = np.ascontiguousarray(raw).view(kind).reshape(count, width)
        elif count > _MAX_EMPTY_ACCESSOR:
            raise damaged(f"accessor {index}: {count} rows without data")
        else:
            values = np.zeros((count, width), kind)
        if isinstance(sparse := accessor.get("sparse"), dict):
            values = self._sparse(values.copy(), sparse, kind, width)
        if accessor.get("normalized") and kind.kind in "iu":
            limit = float(np.iinfo(kind).max)
            return np.maximum(values.astype(np.float64) / limit, -1.0)
        return values

    def _sparse(
        self, values: npt.NDArray[Any], sparse: Json, kind: np.dtype[Any], width: int
    ) -> npt.NDArray[Any]:
        count = whole(sparse, "count")
        where, what = sparse.get("indices"), sparse.get("values")
        if not isinstance(where, dict) or not isinstance(what, dict):
            raise damaged("sparse accessor")
        code = _COMPONENTS.get(where.get("componentType", 0), "")
        if code not in {"<u1", "<u2", "<u4"}:
            raise damaged("sparse accessor indices")
        raw = self._view(
            where.get("bufferView"), whole(where, "byteOffset", 0), np.dtype(code).itemsize, count
        )
        indices = np.ascontiguousarray(raw).view(code).reshape(count)
        if count and int(indices.max()) >= len(values):
            raise damaged("sparse accessor index")
        raw = self._view(
            what.get("bufferView"), whole(what, "byteOffset", 0), kind.itemsize * width, count
        )
        values[indices] = np.ascontiguousarray(raw).view(kind).reshape(count, width)
        return values
