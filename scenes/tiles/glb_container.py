"""The two outer forms of a glTF file: GLB with its chunks, and plain JSON with buffers elsewhere.

Takes the JSON and the binary chunk out of the bytes. It never looks at what they mean.
"""

from __future__ import annotations

import json
import struct
from typing import Any


def open_container(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """(document, binary chunk or nothing) of a GLB 2 or of glTF's JSON.

    Raises ValueError, struct.error or RecursionError for anything else.
    """
    if data[:4] != b"glTF":
        if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
            raise ValueError("not a whole GLB 2 file")
        return _document(data), memoryview(b"")
    _, version, total = struct.unpack_from("<4sII", data)
    if version != 2 or total > len(data):
        raise ValueError("not a whole GLB 2 file")
    length, kind = struct.unpack_from("<I4s", data, 12)
    if kind != b"JSON" or 20 + length > total:
        raise ValueError("no JSON chunk")
    document = _document(data[20 : 20 + length])
    binary = memoryview(b"")
    at = 20 + length
    if at + 8 <= total:
        size, kind = struct.unpack_from("<I4s", data, at)
        if kind == b"BIN\0" and at + 8 + size <= total:
            binary = memoryview(data)[at + 8 : at + 8 + size]
    return document, binary


def _document(text: bytes) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("the JSON is no glTF document")
    return document
