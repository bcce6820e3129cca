"""Copies a state folder, or one room of it, while servers work in it: the copy is a state folder.

Databases are copied by SQLite's own backup, each as it was at one moment; files that a name keeps
unchanging (pictures by their checksum, the secret) as they are. It never changes the original.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync_server.storage.database import BUSY_S, StorageFailed
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import COPIED
from sync_server.wire.errors import Refused

PAGES_AT_ONCE: Final = 2048  # between which a server's commits go on


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    rooms: tuple[str, ...]
    pictures: int
    bytes: int


def backup(state: StateFolder, target: Path, room: str | None = None) -> Backup:
    """Copy everything, or one room with its pictures, to `target`, which must be empty or new.

    Raises `Refused` (`server-no-rooms`, `server-unknown-room`, `server-backup-there`) and
    `StorageFailed`.
    """
    rooms = state.rooms() if room is None else [room]
    if not rooms and not state.people().is_file():  # a mistyped folder is no backup every night
        raise Refused("server-no-rooms", folder=str(state.folder))
    if room is not None and room not in state.rooms():
        raise Refused("server-unknown-room", room=room, known=" ".join(state.rooms()) or "-")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused("server-backup-there", folder=str(target))
    copy = StateFolder(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)  # the secret and names are in it
        if room is None:
            for name in ("people.sqlite3", "entrance.sqlite3"):
                if (state.folder / name).is_file():
                    copy_database(state.folder / name, target / name)
            _copy_secret(state, copy)
        pictures = 0
        for name in rooms:
            # The room first: every picture that a record of the copy names was there before.
            copy_database(state.room(name), copy.room(name), mark=COPIED)
            pictures += copy_pictures(state.files(name), copy.files(name))
        size = sum(one.stat().st_size for one in target.rglob("*") if one.is_file())
    except OSError as error:
        raise StorageFailed(
            "server-storage", file=str(error.filename or target), reason=error.strerror or ""
        ) from error
    return Backup(tuple(rooms), pictures, size)


def copy_database(source: Path, target: Path, mark: str = "") -> None:
    """A whole and checked copy of a database that others may be writing to.

    `mark`: a key that its table `meta` gets, so that whoever opens it knows it for a copy.
    Raises `StorageFailed`; half a copy is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.half")
    try:
        with (
            contextlib.closing(
                sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            ) as original,
            contextlib.closing(sqlite3.connect(half)) as copy,
        ):
            # All pages in one go where the file is small: a writer makes the copy begin again.
            original.execute("BEGIN")
            original.execute("SELECT count(*) FROM sqlite_master").fetchone()
            original.backup(copy, pages=PAGES_AT_ONCE, sleep=0.001)
            copy.execute("PRAGMA journal_mode=DELETE")
            if mark:
                with copy:
                    copy.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (mark,))
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise StorageFailed("server-storage", file=str(source), reason=str(found))
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(target)
    except sqlite3.Error as error:
        raise StorageFailed("server-storage", file=str(source), reason=str(error)) from error
    finally:
        half.unlink(missing_ok=True)


def copy_pictures(source: Path, target: Path) -> int:
    """A room's pictures and their index; how many there are."""
    if not (source / "index.sqlite3").is_file():
        return 0
    target.mkdir(parents=True, exist_ok=True)
    # The index first: a picture that it names is there already.
    copy_database(source / "index.sqlite3", target / "index.sqlite3")
    count = 0
    for one in sorted(source.iterdir()):
        if one.is_file() and not one.name.startswith((".", "index.")):
            shutil.copyfile(one, target / one.name)
            count += 1
    return count


def _copy_secret(state: StateFolder, copy: StateFolder) -> None:
    secret = state.folder / "secret"
    if secret.is_file():
        descriptor = os.open(copy.folder / "secret", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret.read_bytes())
