"""Files kept on this machine under the hash of what is in them, within a bound, by any number of
processes at once.

It holds no lock while it reads or writes: a file appears whole under its own hash or not at all,
and what no longer matches its name is dropped. It touches nothing but files of that shape below its
own folder, and a disk that cannot be written only means that nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

log = logging.getLogger("kenish.stream")

DEFAULT_BYTES: Final = 4 * 1024**3
RESERVE_BYTES: Final = 1024**3  # of the disk, which others need too
HASH: Final = re.compile(r"[0-9a-f]{32}")
_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_TEMPORARY: Final = re.compile(r"\.[0-9a-f]{32}\.[0-9a-f]{16}\.tmp")
TOUCH_AFTER_S: Final = 600.0  # a file's time of last use is that exact
TEMPORARY_S: Final = 3600.0  # a half-written file that is older belongs to nobody
PARTS: Final = 32  # of the bound: what a process may add between two looks at the whole
LARGEST: Final = 4  # no file may take more than this part of the bound
PAUSE_S: Final = 60.0  # after a write that failed


def content_hash(data: bytes) -> str:
    """The name of a content: the first half of its SHA-256, 32 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:32]


class DiskCache:
    """Contents below `folder`/blobs, at most `max_bytes` and what `PARTS` allows each process."""

    def __init__(self, folder: Path, max_bytes: int = DEFAULT_BYTES) -> None:
        self.folder = folder / "blobs"
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._tidying = threading.Lock()
        self._grown: float = float("inf")  # since the last look: the first write looks
        self._paused_until = 0.0

    def _file(self, name: str) -> Path:
        if HASH.fullmatch(name) is None:
            raise ValueError(f"no hash: {name[:64]!r}")
        return self.folder / name[:2] / name

    def has(self, name: str, size: int) -> bool:
        """Whether a content of that many bytes is here; it is not read."""
        try:
            return self._file(name).stat().st_size == size
        except OSError:
            return False

    def get(self, name: str, size: int) -> bytes | None:
        """The content of that hash and that many bytes; None where it is not here, or not whole."""
        file = self._file(name)
        try:
            with file.open("rb") as stream:
                state = os.fstat(stream.fileno())
                data = stream.read(size + 1) if state.st_size == size else b""
        except OSError:
            return None
        if len(data) != size or content_hash(data) != name:
            log.warning("%s was damaged and is fetched again", file)
            with contextlib.suppress(OSError):
                file.unlink()
            return None
        if time.time() - state.st_mtime > TOUCH_AFTER_S:
            self.touch(name)
        return data

    def touch(self, name: str) -> None:
        """It was used now: others go first."""
        with contextlib.suppress(OSError):
            os.utime(self._file(name))

    def put(self, data: bytes) -> str | None:
        """Keep a content; its hash, or None where it cannot be kept."""
        if len(data) > self.max_bytes // LARGEST or time.monotonic() < self._paused_until:
            return None
        name = content_hash(data)
        if self.has(name, len(data)):
            self.touch(name)
            return name
        file = self._file(name)
        temporary = file.with_name(f".{name}.{secrets.token_hex(8)}.tmp")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as stream:
                    stream.write(data)
                temporary.replace(file)
            except BaseException:
                with contextlib.suppress(OSError):
                    temporary.unlink()
                raise
        except OSError as error:
            if self.has(name, len(data)):  # another process was quicker, and it is open there
                return name
            self._paused_until = time.monotonic() + PAUSE_S
            log.warning("nothing can be kept in %s now: %s", self.folder, error)
            return None
        self._grew(len(data))
        return name

    def _grew(self, size: int) -> None:
        with self._lock:
            self._grown += size
            due = self._grown > self.max_bytes / PARTS
        if due and self._tidying.acquire(blocking=False):
            try:
                self.tidy()
            finally:
                self._tidying.release()

    def tidy(self) -> int:
        """Take away what was not used for longest until the bound is kept; bytes that are left."""
        with self._lock:
            self._grown = 0
        found = sorted(self._all())
        total = sum(size for _used, size, _file in found)
        allowed = self._allowed(total)
        if total <= allowed:
            return total
        target = allowed - allowed // PARTS  # or every write would look again
        for _used, size, file in found:
            if total <= target:
                break
            # What another process took away meanwhile is gone as well.
            with contextlib.suppress(FileNotFoundError):
                try:
                    file.unlink()
                except PermissionError:  # Windows: somebody reads it
                    continue
            total -= size
        return total

    def _allowed(self, total: int) -> int:
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError:
            return self.max_bytes
        return max(min(self.max_bytes, total + free - RESERVE_BYTES), 0)

    def _all(self) -> Iterator[tuple[float, int, Path]]:
        """(last use, bytes, file) of all contents; half-written files of the dead are removed."""
        old = time.time() - TEMPORARY_S
        for folder in _entries(self.folder):
            if _FOLDER.fullmatch(folder.name) is None:
                continue
            for entry in _entries(Path(folder.path)):
                try:
                    state = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if HASH.fullmatch(entry.name):
                    yield state.st_mtime, state.st_size, Path(entry.path)
                elif _TEMPORARY.fullmatch(entry.name) and state.st_mtime < old:
                    with contextlib.suppress(OSError):
                        os.unlink(entry.path)  # noqa: PTH108


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
