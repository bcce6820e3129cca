"""Fetches all files of a twin that may be kept, coarse ones first, before they are needed.

It can be stopped at any moment: what came is kept, and is not fetched again the next time. Nothing
is decoded, and of a tileset only the order of its levels is used.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scenes.errors import Refused
from scenes.schema import Scene
from scenes.tiles.tileset import read_tileset
from vr_app.errors import SourceError
from vr_app.stream.cached_source import CachedSource
from vr_app.stream.fetch_queue import CONNECTIONS
from vr_app.stream.listing import Listing
from vr_app.stream.patient_read import read_patiently

LOOK_S: Final = 0.5
SHARE: Final = 0.95  # of the cache, which others may need a little of

Progress = Callable[[int, int], None]  # bytes that are here, bytes in all


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is on the disk now: files and bytes, how many of them were there before, and files that
    could not be had."""

    files: int
    bytes: int
    bytes_before: int
    failed: int


def coarse_first(source: CachedSource, scene: Scene, files: Listing) -> list[str]:
    """The listed paths: scene-wide files, then tiles level by level, then everything else."""
    levels: list[set[str]] = []
    for layer in scene.layers:
        path = layer.tileset_path
        if path not in files:
            continue
        try:
            root, _ = read_tileset(source.read(path), path)
        except (Refused, SourceError):
            continue  # its files come with everything else
        folder = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
        pending = deque([(root, 0)])
        while pending:
            tile, depth = pending.popleft()
            if len(levels) <= depth:
                levels.append(set())
            if tile.content is not None:
                levels[depth].add(folder + tile.content)
            pending.extend((child, depth + 1) for child in tile.children)
    depth_of = {path: depth for depth, level in reversed(list(enumerate(levels))) for path in level}
    tiles = [path for path in files if path in depth_of]
    small = [path for path in files if path not in depth_of]
    # Tilesets, the map and the floor come before any tile; what is neither comes last.
    needed = [path for path in small if path.startswith("walk/") or path.endswith(".json")]
    first = set(needed)
    rest = [path for path in small if path not in first]
    return needed + sorted(tiles, key=lambda path: (depth_of[path], path)) + sorted(rest)


def prefetch(
    source: CachedSource,
    scene: Scene,
    max_bytes: int,
    progress: Progress | None = None,
    closed: threading.Event | None = None,
) -> Fetched:
    """Fetch what is not here. A lost server is waited for until `closed` is set.

    Raises `SourceError`: `source-unlisted`, or `source-cache-small` where the twin does not fit.
    """
    closed = closed or threading.Event()
    files = source.files
    total = sum({pin.hash: pin.size for pin in files.values()}.values())
    if total > max_bytes * SHARE:
        needs, has = f"{total / 1e9:.1f}", f"{max_bytes / 1e9:.1f}"
        raise SourceError("source-cache-small", needs=needs, has=has)
    wanted = deque(coarse_first(source, scene, files))
    here = {pin.hash for pin in files.values() if source.here(pin)}
    before = sum({pin.hash: pin.size for pin in files.values() if pin.hash in here}.values())
    for pin in files.values():
        if pin.hash in here:
            source.use(pin)  # nothing that belongs to a trip goes first
    done, failed = before, 0
    if progress is not None:
        progress(done, total)
    came: queue.SimpleQueue[tuple[int, SourceError | None]] = queue.SimpleQueue()

    def work() -> None:
        while not closed.is_set():
            try:
                path = wanted.popleft()
            except IndexError:
                return
            pin = files[path]
            try:
                size = 0 if source.here(pin) else len(read_patiently(source, path, closed))
                came.put((size, None))
            except SourceError as error:
                came.put((0, error))

    count = len(wanted)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    try:
        while count:
            try:
                size, error = came.get(timeout=LOOK_S)  # or Windows would not hear Ctrl-C
            except queue.Empty:
                continue
            count -= 1
            failed += error is not None
            done += size
            if progress is not None and size:
                progress(done, total)
    finally:
        closed.set()
    kept = [pin for pin in files.values() if source.here(pin)]
    size = sum({pin.hash: pin.size for pin in kept}.values())
    return Fetched(len(kept), size, before, failed)
