"""A room's pictures on disk, each under the SHA-256 of its content, with who stored how much.

Half an upload leaves nothing behind. Its methods block and are called on a thread, but for `has`
and `get`; it holds pseudonyms only and never decodes a picture.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sync_server.storage.log import StorageFailed
from sync_server.storage.pictures import HEAD, Picture, media_type_of, read_picture
from sync_server.wire.errors import Refused

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_SIDE: Final = 16384  # pixels
MEMBER_BYTES: Final = 512 * 1024 * 1024
ROOM_BYTES: Final = 8 * 1024 * 1024 * 1024
FREE_BYTES: Final = 256 * 1024 * 1024  # of the disk, that pictures leave to records
MEDIA_TYPES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
SHA256: Final = re.compile(r"[0-9a-f]{64}")
_HALF: Final = ".half-"
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS file (sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL,"
    " width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " member TEXT NOT NULL, time REAL NOT NULL) WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A picture that a room has. `member` is the pseudonym of who stored it first."""

    sha256: str
    media_type: str
    width: int
    height: int
    bytes: int
    member: str


class FileStore:
    """The folder of one room's pictures. Raises `StorageFailed` where it cannot be used."""

    def __init__(
        self, folder: Path, member_bytes: int = MEMBER_BYTES, room_bytes: int = ROOM_BYTES
    ) -> None:
        self.folder = folder
        self._member_bytes = member_bytes
        self._room_bytes = room_bytes
        self._lock = threading.Lock()
        self._files: dict[str, StoredFile] = {}
        self._promised: dict[str, int] = {}  # bytes of uploads under way, by member
        index = folder / "index.sqlite3"
        if index.is_file():  # a room without pictures has no folder
            self._load(index)

    def _load(self, index: Path) -> None:
        try:
            for half in self.folder.glob(f"{_HALF}*"):  # of a server that was killed
                half.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(index)) as db:
                rows = db.execute(
                    "SELECT sha256, media_type, width, height, bytes, member FROM file"
                ).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed("server-storage", file=str(index), reason=str(error)) from error
        self._files = {row[0]: StoredFile(*row) for row in rows}

    def has(self, sha256: str) -> bool:
        """Whether a file is here. Does not block."""
        return sha256 in self._files

    def facts(self, sha256: str) -> tuple[str, int, int] | None:
        """Media type, width and height (pixels) of a file, if it is here. Does not block."""
        one = self._files.get(sha256)
        return None if one is None else (one.media_type, one.width, one.height)

    def get(self, sha256: str) -> StoredFile | None:
        """What is known of a file, if it is here. Does not block."""
        return self._files.get(sha256)

    def of(self, member: str) -> list[StoredFile]:
        """What a member stored first."""
        return [one for one in self._files.values() if one.member == member]

    def path(self, stored: StoredFile) -> Path:
        """Where its content lies."""
        return self.folder / f"{stored.sha256}.{MEDIA_TYPES[stored.media_type]}"

    def begin(self, member: str, media_type: str, length: int) -> Upload:
        """Make room for a file of `length` bytes.

        Raises `Refused` (type, size, quotas) and `DiskFull`.
        """
        if media_type not in MEDIA_TYPES:
            raise Refused("server-file-kind")
        if length > MAX_BYTES:
            raise Refused("server-file-too-large", limit=MAX_BYTES >> 20)
        with self._lock:
            promised = sum(self._promised.values())
            total = sum(one.bytes for one in self._files.values()) + promised
            own = sum(one.bytes for one in self._files.values() if one.member == member)
            if own + self._promised.get(member, 0) + length > self._member_bytes:
                raise Refused("server-file-member-quota", limit=self._member_bytes >> 20)
            if total + length > self._room_bytes:
                raise Refused("server-file-room-quota", limit=self._room_bytes >> 20)
            self._promised[member] = self._promised.get(member, 0) + length
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.folder).free < FREE_BYTES + length:
                raise DiskFull
            return Upload(self, member, media_type, length)
        except BaseException as error:
            self._no_longer_promised(member, length)
            if isinstance(error, OSError):
                raise DiskFull from error
            raise

    def _no_longer_promised(self, member: str, length: int) -> None:
        with self._lock:
            left = self._promised.get(member, 0) - length
            if left > 0:
                self._promised[member] = left
            else:
                self._promised.pop(member, None)

    def _keep(self, half: Path, stored: StoredFile) -> StoredFile:
        """The content lies in `half`, on the disk: give it its name and remember it."""
        with self._lock:
            known = self._files.get(stored.sha256)
            if known is not None:
                return known
            half.replace(self.path(stored))
            _sync_folder(self.folder)
            with contextlib.closing(sqlite3.connect(self.folder / "index.sqlite3")) as db:
                db.execute("PRAGMA synchronous=FULL")
                db.execute(_SCHEMA)
                row = (
                    stored.sha256,
                    stored.media_type,
                    stored.width,
                    stored.height,
                    stored.bytes,
                    stored.member,
                    time.time(),
                )
                db.execute("INSERT OR IGNORE INTO file VALUES (?,?,?,?,?,?,?)", row)
                db.commit()
            self._files[stored.sha256] = stored
            return stored


class DiskFull(Refused):
    """The disk takes no more, or keeps the rest for records."""

    def __init__(self) -> None:
        super().__init__("server-file-disk")


class Upload:
    """One file on its way in. `finish` or `discard` ends it."""

    def __init__(self, store: FileStore, member: str, media_type: str, length: int) -> None:
        self._store = store
        self._member = member
        self._media_type = media_type
        self._length = length
        self._size = 0
        self._head = b""
        self._hash = hashlib.sha256()
        self._half = store.folder / f"{_HALF}{secrets.token_hex(8)}"
        self._file: BinaryIO | None = self._half.open("x+b")

    def write(self, data: bytes) -> None:
        """The next bytes. Raises `Refused`, `DiskFull`."""
        assert self._file is not None
        self._size += len(data)
        if self._size > self._length:
            raise Refused("server-file-too-large", limit=MAX_BYTES >> 20)
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
            if len(self._head) >= HEAD and media_type_of(self._head) != self._media_type:
                raise Refused("server-file-mismatch", said=self._media_type)
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise _disk(error) from error

    def finish(self) -> StoredFile:
        """All bytes have come: check and keep them. Raises `Refused`, `DiskFull`."""
        assert self._file is not None
        if self._size < self._length:
            raise Refused("server-file-cut")
        try:
            self._file.flush()
            picture = read_picture(self._file)
            self._check(picture)
            assert picture is not None
            os.fsync(self._file.fileno())
            self._file.close()
            stored = StoredFile(
                self._hash.hexdigest(),
                picture.media_type,
                picture.width,
                picture.height,
                self._size,
                self._member,
            )
            return self._store._keep(self._half, stored)
        except (OSError, sqlite3.Error) as error:
            raise _disk(error) from error

    def _check(self, picture: Picture | None) -> None:
        if picture is None or picture.media_type != self._media_type:
            raise Refused("server-file-mismatch", said=self._media_type)
        if picture.width > MAX_SIDE or picture.height > MAX_SIDE:
            raise Refused("server-file-size", limit=MAX_SIDE)

    def discard(self) -> None:
        """Remove what is left of it; after `finish` too."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None
        with contextlib.suppress(OSError):
            self._half.unlink(missing_ok=True)
        self._store._no_longer_promised(self._member, self._length)


def _disk(error: OSError | sqlite3.Error) -> Refused:
    full = isinstance(error, sqlite3.Error) or error.errno in {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
    }
    return DiskFull() if full else Refused("server-not-stored")


def _sync_folder(folder: Path) -> None:
    """Make a new name outlive a loss of power, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def delete_files(folder: Path) -> None:
    """Remove a deleted room's pictures."""
    shutil.rmtree(folder, ignore_errors=True)
