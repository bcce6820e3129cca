"""A tileset that somebody else made, as files to read: a folder, or an archive (.3tz).

Reads below its folder only and files of bounded size; it never writes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scenes.errors import Refused
from scenes.tiles.content import Reader
from scenes.tiles.whole_tree import MAX_FILE_BYTES, folder_reader

_ROOT = "tileset.json"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class TilesetSource:
    """Where a tileset is read from: `root` is the address of its outermost tileset.json."""

    name: str
    root: str
    read: Reader


@contextmanager
def open_source(path: Path) -> Iterator[TilesetSource]:
    """The tileset at `path`: a tileset.json, a folder that holds one, or a .3tz archive.

    Raises `Refused` where it is none of these.
    """
    if path.is_dir():
        path = path / _ROOT
    if not path.is_file():
        raise Refused("import-no-file", file=str(path))
    if path.suffix.lower() != ".3tz":
        # By its name in its own folder: the tileset may be called otherwise.
        yield TilesetSource(path.parent.resolve().name, path.name, folder_reader(path.parent))
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("tileset-broken", file=path.name, reason=str(error)[:200]) from error
    with archive:
        yield TilesetSource(path.stem, _ROOT, _archive_reader(archive))


def _archive_reader(archive: zipfile.ZipFile) -> Reader:
    known = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}

    def read(address: str) -> bytes:
        entry = known.get(address)
        if entry is None:
            raise Refused("tile-broken", file=address[:200], reason="not in the archive")
        if entry.compress_type not in _METHODS or entry.flag_bits & 1:
            reason = f"packed by method {entry.compress_type}"
            raise Refused("tile-broken", file=address[:200], reason=reason)
        try:
            with archive.open(entry) as file:
                # What the archive says of the size may be a lie.
                data = file.read(MAX_FILE_BYTES + 1)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
            raise Refused("tile-broken", file=address[:200], reason=str(error)[:200]) from error
        if len(data) > MAX_FILE_BYTES:
            reason = f"> {MAX_FILE_BYTES // 2**20} MiB"
            raise Refused("tile-broken", file=address[:200], reason=reason)
        return data

    return read
