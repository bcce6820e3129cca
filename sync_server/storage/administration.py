"""What `kenish room` does to a state folder: list, export, import, delete, compact.

Reads beside a running server; changes only what no server holds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sync_server.storage import room_file
from sync_server.storage.files import FileStore, delete_files
from sync_server.storage.folder import StateFolder, checked_room_name
from sync_server.storage.log import RoomLog, RoomSummary, StorageFailed, delete_room
from sync_server.storage.retention import Compacted, Retention
from sync_server.wire.errors import Refused


def existing(folder: StateFolder, name: str) -> Path:
    """The room's database. Raises `Refused` where there is none."""
    path = folder.room(name)
    if not path.is_file():
        known = " ".join(folder.rooms()) or "-"
        raise Refused("server-unknown-room", room=name, known=known)
    return path


def open_beside(path: Path) -> RoomLog:
    """A room's log for reading, also while a server holds it."""
    return RoomLog(path, new_epoch="", exclusive=False)


def summaries(folder: StateFolder) -> list[RoomSummary]:
    """Every room of the folder, by name."""
    return [summary(folder, name) for name in folder.rooms()]


def summary(folder: StateFolder, name: str) -> RoomSummary:
    """One room's counts. Raises `Refused` for an unknown room."""
    log = open_beside(existing(folder, name))
    try:
        return log.summary()
    finally:
        log.close()


def as_json(summary: RoomSummary) -> dict[str, Any]:
    """A summary as plain values."""
    return asdict(summary)


def info(folder: StateFolder, name: str) -> dict[str, Any]:
    """{name, epoch, commands, records, last_time, kinds, authors, bytes, pictures, held}."""
    path = existing(folder, name)
    log = open_beside(path)
    try:
        store = log.load()
        kinds: dict[str, int] = {}
        for record in store:
            if not record.deleted:
                kinds[record.kind] = kinds.get(record.kind, 0) + 1
        found = asdict(log.summary())
    finally:
        log.close()
    sizes = [one.stat().st_size for one in path.parent.glob(f"{name}.sqlite3*")]
    pictures = folder.files(name)
    count = sum(1 for one in pictures.glob("*.*") if FileStore(pictures).has(one.stem))
    return found | {
        "kinds": dict(sorted(kinds.items())),
        "authors": len({record.author for record in store}),
        "bytes": sum(sizes),
        "pictures": count,
        "held": is_held(path),
    }


def is_held(path: Path) -> bool:
    """Whether a server has the room open."""
    lock = path.with_suffix(".lock")
    if not lock.is_file():
        return False
    with contextlib.closing(
        sqlite3.connect(f"{lock.absolute().as_uri()}?mode=ro", uri=True, timeout=0.1)
    ) as one:
        try:
            one.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return True
    return False


def export(folder: StateFolder, name: str) -> dict[str, Any]:
    """A room's records as they are and the whole log. Raises `Refused` for an unknown room."""
    log = open_beside(existing(folder, name))
    try:
        records = [record.info().model_dump() for record in log.load().since(0)]
        commands = [asdict(entry) for entry in log.entries()]
        return {"room": name, "epoch": log.epoch, "records": records, "commands": commands}
    finally:
        log.close()


def write_room(folder: StateFolder, name: str, target: Path) -> room_file.Contents:
    """Write a room with its pictures as one file. Raises `Refused`, `StorageFailed`."""
    return room_file.write_room(existing(folder, name), folder.files(name), target)


def import_room(
    folder: StateFolder, source: Path, name: str | None, new_epoch: str | None
) -> tuple[str, room_file.Contents, bool]:
    """Make a room from a file: its name, what it holds, and whether it was there already.

    The same file again changes nothing. Raises `Refused` (`server-import`, `server-room-there`,
    `server-room-name`) and `StorageFailed`.
    """
    if not source.is_file():
        raise Refused("server-storage", file=str(source), reason=os.strerror(errno.ENOENT))
    rooms = folder.folder / "rooms"
    mark = f".import-{secrets.token_hex(6)}"
    half, pictures = rooms / f"{mark}.part", rooms / f"{mark}.files"
    try:
        folder.make()
        rooms.mkdir(exist_ok=True)
        contents = room_file.read_room(source, half, pictures, new_epoch)
        name = checked_room_name(name or contents.room)
        path = folder.room(name)
        if path.exists():
            if new_epoch is None and _same(path, half):
                return name, contents, True
            raise Refused("server-room-there", room=name)
        target = folder.files(name)
        if pictures.is_dir():
            delete_files(target)  # of a room that was deleted
            pictures.replace(target)
        _give_name(half, path)
    except FileExistsError as error:
        raise Refused("server-room-there", room=str(name)) from error
    except OSError as error:
        raise StorageFailed(
            "server-storage", file=str(error.filename or rooms), reason=error.strerror or ""
        ) from error
    finally:
        shutil.rmtree(pictures, ignore_errors=True)
        for one in rooms.glob(f"{mark}.*"):
            one.unlink(missing_ok=True)
    return name, contents, False


def _give_name(half: Path, path: Path) -> None:
    """Raises FileExistsError: a room that a server began meanwhile stays."""
    try:
        os.link(half, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(path) from None
        half.replace(path)


def _same(path: Path, other: Path) -> bool:
    """Whether two databases hold the same life of a room with the same past."""
    logs = [open_beside(path), open_beside(other)]
    try:
        if logs[0].epoch != logs[1].epoch:
            return False
        stores = [log.load() for log in logs]
        return list(stores[0]) == list(stores[1]) and all(
            a == b for a, b in zip(*(log.entries() for log in logs), strict=True)
        )
    except ValueError:  # one is longer
        return False
    finally:
        for log in logs:
            log.close()


def compact(folder: StateFolder, name: str, now: float, retention: Retention) -> Compacted:
    """Cut what is too old from a room that no server holds, and give the space back.

    Raises `Refused`, `StorageFailed` (`server-room-busy`).
    """
    path = existing(folder, name)
    log = RoomLog(path, new_epoch="")
    try:
        store = log.load()
        store.drop_tombstones(retention.tombstones, store.last_number)
        done = log.compact(list(store), store.last_number, store.horizon, now, retention)
    finally:
        log.close()
    try:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("VACUUM")
    except sqlite3.Error as error:
        raise StorageFailed("server-storage", file=str(path), reason=str(error)) from error
    return done


def delete(folder: StateFolder, name: str) -> None:
    """Remove a room and its pictures.

    Raises `Refused` (unknown) or `StorageFailed` (a server holds it).
    """
    delete_room(existing(folder, name))
    delete_files(folder.files(name))
