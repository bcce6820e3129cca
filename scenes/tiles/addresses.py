"""Addresses in a tileset as paths relative to the folder of its outermost tileset.json.

An address that leads out of that folder, or to another machine, stays as it stands, so that
whoever reads it refuses it by name. It opens nothing.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def resolved(folder: str, uri: str) -> str:
    """`uri` of a file in `folder` ("" or "a/b/"), without query and with spaces as they are."""
    if _SCHEME.match(uri):
        return uri
    path = unquote(uri.split("#")[0].split("?")[0])
    if path.startswith("/") or "\\" in path or "\0" in path:
        return path
    joined = posixpath.normpath(folder + path)
    return path if joined.startswith("..") or joined == "." else joined


def is_inside(address: str) -> bool:
    """Whether a resolved address leads to a file below the tileset's folder."""
    strange = _SCHEME.match(address) or any(letter in address for letter in "\\:\0")
    return not (strange or address.startswith("/") or ".." in address.split("/") or not address)


def folder_of(address: str) -> str:
    """The folder of a resolved address: "" or "a/b/"."""
    return address.rpartition("/")[0] + "/" if "/" in address else ""
