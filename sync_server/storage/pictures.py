"""What a picture file is, from its first bytes and its header: JPEG, PNG or WebP, and its size.

Never decodes a picture and never trusts a name or a declared type.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

HEAD: Final = 32  # bytes that tell the type
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers of JPEG; C4, C8 and CC among them are something else.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MAX_SEGMENTS: Final = 4096


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's media type and its size in pixels."""

    media_type: str
    width: int
    height: int


def media_type_of(head: bytes) -> str | None:
    """The media type that the first `HEAD` bytes show, or None."""
    if head[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if head[:8] == _PNG and head[12:16] == b"IHDR":
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and head[12:15] == b"VP8":
        return "image/webp"
    return None


def read_picture(file: BinaryIO) -> Picture | None:
    """Type and size from a file's header; None where it has none that makes sense."""
    file.seek(0)
    head = file.read(HEAD)
    kind = media_type_of(head)
    size: tuple[int, int] | None = None
    try:
        if kind == "image/jpeg":
            size = _jpeg_size(file)
        elif kind == "image/png":
            size = struct.unpack(">II", head[16:24])
        elif kind == "image/webp":
            size = _webp_size(head)
    except struct.error:  # it ends too early
        return None
    if kind is None or size is None or size[0] < 1 or size[1] < 1:
        return None
    return Picture(kind, size[0], size[1])


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(2)
    for _ in range(_MAX_SEGMENTS):
        marker = file.read(1)
        if marker != b"\xff":
            return None
        while marker == b"\xff":  # any number of them may stand before the code
            marker = file.read(1)
        if not marker:
            return None
        code = marker[0]
        if code in _ALONE:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if code in _FRAMES:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        if code in {0xD9, 0xDA} or length < 2:  # the end, or pixels before any size
            return None
        file.seek(length - 2, 1)
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        return width, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
