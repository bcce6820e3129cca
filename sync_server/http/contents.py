"""The hash of every file of a twin, so that clients keep files by what is in them and ask about all
at once.

Reads the disk, so it is called on threads; hashes are remembered by a file's time and size, over
restarts too. What is restricted is never listed: it is not to be kept on other machines.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scenes.schema import Access
from scenes.twin import write_atomically
from sync_server.http.access import TwinAccess, Viewer

log = logging.getLogger("kenish.server")

VERSION: Final = 1
LISTED: Final[tuple[Access, ...]] = ("public", "project")
LOOK_AGAIN_S: Final = 3.0
WAIT_S: Final = 2.0  # that a request waits for hashes; later ones get them
MAX_FILES: Final = 2_000_000
MAX_KEPT_BYTES: Final = 512 * 1024 * 1024
BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """The text of one listing and its ETag."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Known:
    mtime_ns: int
    size: int
    hash: str


class Contents:
    """Hashes of the files below `folders` of one twin; `kept` is where they outlive the server."""

    def __init__(
        self, twin: Path, folders: tuple[str, ...], access: TwinAccess, kept: Path | None = None
    ) -> None:
        self._twin, self._folders, self._access, self._kept = twin, folders, access, kept
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._looked_at = float("-inf")
        self._listings: dict[frozenset[Access], Listing] = {}
        self._looking = False
        self._complete = False  # every file was looked at once
        self._read = False

    def etag(self, path: str, mtime_ns: int, size: int) -> str | None:
        """The hash of a file in that state, if it is known by now."""
        known = self._known.get(path)
        if known is None or (known.mtime_ns, known.size) != (mtime_ns, size):
            return None
        return known.hash

    def listing(self, viewer: Viewer) -> Listing | None:
        """What the viewer may keep; None where hashing takes longer than a request may wait."""
        with self._lock:
            fresh = time.monotonic() - self._looked_at < LOOK_AGAIN_S
            if not fresh and not self._looking:
                self._looking = True
                self._ready.clear()
                threading.Thread(target=self._look, name="contents", daemon=True).start()
        if not self._ready.wait(WAIT_S) and not self._complete:
            return None
        levels = frozenset(level for level in LISTED if viewer.may_see(level))
        with self._lock:
            if levels not in self._listings:
                self._listings[levels] = self._listing(levels)
            return self._listings[levels]

    def _listing(self, levels: frozenset[Access]) -> Listing:
        of = self._access.of
        files = {
            path: [known.hash, known.size]
            for path, known in sorted(self._known.items())
            if of(path) in levels
        }
        text = json.dumps({"version": VERSION, "files": files}, separators=(",", ":")).encode()
        return Listing(text, f'"{hashlib.sha256(text).hexdigest()[:32]}"')

    def _look(self) -> None:
        """In a thread of its own: hash what is new or was changed."""
        try:
            if not self._read:
                self._read_kept()
                self._read = True
            known: dict[str, _Known] = {}
            fresh = False
            for path, file, state in self._files():
                before = self._known.get(path)
                if before is None or (before.mtime_ns, before.size) != (
                    state.st_mtime_ns,
                    state.st_size,
                ):
                    with contextlib.suppress(OSError):
                        known[path] = _Known(state.st_mtime_ns, state.st_size, _hash(file))
                        fresh = True
                else:
                    known[path] = before
            fresh = fresh or len(known) != len(self._known)
            with self._lock:
                self._known = known
                self._listings = {} if fresh else self._listings
                self._complete = True
            if fresh:
                self._keep(known)
        except Exception:
            log.exception("contents of %s", self._twin)
        finally:
            with self._lock:
                self._looking = False
                self._looked_at = time.monotonic()
            self._ready.set()

    def _files(self) -> Iterator[tuple[str, str, os.stat_result]]:
        """(path in the twin, file, state) of plain files; links are not followed."""
        count = 0
        pending = list(self._folders)
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self._twin / folder))
            except OSError:  # a twin without overlays is complete
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                elif entry.is_file(follow_symlinks=False) and count < MAX_FILES:
                    count += 1
                    with contextlib.suppress(OSError):
                        yield path, entry.path, entry.stat(follow_symlinks=False)

    def _read_kept(self) -> None:
        if self._kept is None:
            return
        try:
            if self._kept.stat().st_size > MAX_KEPT_BYTES:
                return
            content: Any = json.loads(self._kept.read_bytes())
            if content["version"] != VERSION or content["twin"] != str(self._twin.resolve()):
                return
            known = {
                str(path): _Known(int(entry[0]), int(entry[1]), str(entry[2]))
                for path, entry in content["files"].items()
            }
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
            return  # they are made again
        self._known = known

    def _keep(self, known: dict[str, _Known]) -> None:
        if self._kept is None:
            return
        files = {path: [one.mtime_ns, one.size, one.hash] for path, one in known.items()}
        content = {"version": VERSION, "twin": str(self._twin.resolve()), "files": files}
        try:
            write_atomically(self._kept, json.dumps(content).encode())
        except OSError as error:  # a full disk: they are made again at the next start
            log.warning("%s: %s", self._kept, error)


def _hash(file: str) -> str:
    made = hashlib.sha256()
    with open(file, "rb") as stream:  # noqa: PTH123
        while block := stream.read(BLOCK):
            made.update(block)
    return made.hexdigest()[:32]
