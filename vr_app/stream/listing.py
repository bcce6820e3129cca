"""A server's list of a twin's files with the hash and size of each, checked before it is used.

Pure. A path in it is only ever compared, never opened; what is not in it is never kept on disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vr_app.stream.disk_cache import HASH
from vr_app.stream.source import MAX_FILE_BYTES

LISTING_FILE: Final = "contents.json"
VERSION: Final = 1
MAX_FILES: Final = 2_000_000
MAX_PATH: Final = 1024
MAX_LISTING_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pin:
    """What a file has to be: its content's hash and size in bytes."""

    hash: str
    size: int


Listing = Mapping[str, Pin]


def read_listing(content: Any) -> Listing:
    """The files of a parsed listing. Raises ValueError for one that is none."""
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ValueError("not a listing of this version")
    files = content.get("files")
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        raise ValueError("no files, or too many")
    return {path: _pin(path, entry) for path, entry in files.items()}


def _pin(path: str, entry: Any) -> Pin:
    if len(path) > MAX_PATH or not isinstance(entry, list) or len(entry) != 2:
        raise ValueError("an entry is not [hash, size]")
    name, size = entry
    if not isinstance(name, str) or HASH.fullmatch(name) is None:
        raise ValueError("a hash is none")
    if type(size) is not int or not 0 <= size <= MAX_FILE_BYTES:
        raise ValueError("a size is out of bounds")
    return Pin(name, size)


def parse_listing(data: bytes) -> Listing:
    """The files of a listing as the server sends it. Raises ValueError."""
    try:
        return read_listing(json.loads(data))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
