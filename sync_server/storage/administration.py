"""What `kenish room` does to a state folder: list, export and delete rooms.

Reads beside a running server; deletes only what no server holds.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scenes.twin import write_atomically
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog, RoomSummary, delete_room
from sync_server.wire.errors import Refused


def _existing(folder: StateFolder, name: str) -> Path:
    path = folder.room(name)
    if not path.is_file():
        known = " ".join(folder.rooms()) or "-"
        raise Refused("server-unknown-room", room=name, known=known)
    return path


def _open(path: Path) -> RoomLog:
    return RoomLog(path, new_epoch="", exclusive=False)


def summaries(folder: StateFolder) -> list[RoomSummary]:
    """Every room of the folder, by name."""
    found: list[RoomSummary] = []
    for name in folder.rooms():
        log = _open(folder.room(name))
        try:
            found.append(log.summary())
        finally:
            log.close()
    return found


def as_json(summary: RoomSummary) -> dict[str, Any]:
    """A summary as plain values."""
    return asdict(summary)


def export(folder: StateFolder, name: str) -> dict[str, Any]:
    """A room's records as they are and the whole log. Raises `Refused` for an unknown room."""
    log = _open(_existing(folder, name))
    try:
        records = [record.info().model_dump() for record in log.load().since(0)]
        commands = [asdict(entry) for entry in log.entries()]
        return {"room": name, "epoch": log.epoch, "records": records, "commands": commands}
    finally:
        log.close()


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an export, whole or not at all. Raises `Refused`."""
    try:
        write_atomically(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as error:
        raise Refused("server-state", folder=str(path), reason=str(error)) from error


def delete(folder: StateFolder, name: str) -> None:
    """Remove a room. Raises `Refused` (unknown) or `StorageFailed` (a server holds it)."""
    delete_room(_existing(folder, name))
