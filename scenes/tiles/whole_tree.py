"""Walks all tiles of a tileset, through the tilesets and subtrees that it is made of.

Each file that holds tiles is opened once, so that a tileset in a circle ends. It draws nothing and
keeps no content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from scenes.errors import Refused, SceneError
from scenes.importers.inside import file_inside
from scenes.tiles.addresses import is_inside
from scenes.tiles.content import Reader, is_branch, open_content
from scenes.tiles.tileset import MAX_TILES, Tile

MAX_FILE_BYTES = 512 * 1024 * 1024  # of one file; the viewer's sources take no larger ones
Problem = Callable[[SceneError], None]


def folder_reader(folder: Path) -> Reader:
    """Reads files below `folder` by their addresses; nothing else, also not through links.

    The reader raises `Refused`.
    """

    def read(address: str) -> bytes:
        file = file_inside(folder, quote(address)) if is_inside(address) else None
        if file is None:
            reason = "not there, or outside of the tileset's folder"
            raise Refused("tile-broken", file=address[:200], reason=reason)
        if file.stat().st_size > MAX_FILE_BYTES:
            reason = f"> {MAX_FILE_BYTES // 2**20} MiB"
            raise Refused("tile-broken", file=address[:200], reason=reason)
        try:
            return file.read_bytes()
        except OSError as error:
            raise Refused("tile-broken", file=address[:200], reason=str(error)) from error

    return read


def every_tile(root: Tile, read: Reader, problem: Problem) -> Iterator[Tile]:
    """All tiles, those too that only lead to others (`is_branch`); what cannot be opened goes to
    `problem`. Raises `Refused` for more tiles than Kenish reads."""
    pending: list[tuple[Tile, tuple[str, ...]]] = [(root, ())]
    opened: set[str] = set()
    count = 0
    while pending:
        tile, around = pending.pop()
        count += 1
        if count > MAX_TILES:
            reason = f"more than {MAX_TILES:,} tiles"
            raise Refused("tileset-broken", file=tile.content or "", reason=reason)
        yield tile
        pending += [(child, around) for child in reversed(tile.children)]
        if not is_branch(tile):
            continue
        address = tile.content or ""
        if address in around:
            problem(Refused("tileset-broken", file=address[:200], reason="in a circle"))
        if address in opened:
            continue
        opened.add(address)
        try:
            found = open_content(tile, read(address), read)
        except SceneError as error:
            problem(error)
            continue
        if isinstance(found, Tile):
            pending.append((found, (*around, address)))
