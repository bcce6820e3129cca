"""Everything of one person in a state folder: collected for them, and erased for them.

Names are in the people store only; elsewhere a person is their pseudonym. Texts are erased only
in rooms that no server holds, because a server keeps them in memory too.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sync_server.storage import administration
from sync_server.storage.database import StorageFailed
from sync_server.storage.files import FileStore
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import hold
from sync_server.storage.people import People

# The fields of payloads that people write in their own words.
WORDS: Final = ("text", "reason")
ERASED: Final = "—"  # a note must have some text, or programs would take it for damaged


def export(folder: StateFolder, member: str) -> dict[str, Any]:
    """{member, person, consents, scores, rooms: {ROOM: {records, commands, pictures}}}.

    `records` are those the person made or owns, `commands` what they did, `pictures` what they
    uploaded. Raises `StorageFailed`.
    """
    found: dict[str, Any] = {"member": member, "person": None, "consents": [], "scores": []}
    if folder.people().is_file():
        with People(folder.people()) as people:
            found |= people.all_of(member)
    rooms: dict[str, Any] = {}
    for name in folder.rooms():
        log = administration.open_beside(folder.room(name))
        try:
            records = [
                one.info().model_dump()
                for one in log.load()
                if member in {one.author, one.owner} and not one.deleted
            ]
            commands = [asdict(one) for one in log.entries() if one.author == member]
        finally:
            log.close()
        pictures = [asdict(one) for one in FileStore(folder.files(name)).of(member)]
        if records or commands or pictures:
            rooms[name] = {"records": records, "commands": commands, "pictures": pictures}
    return found | {"rooms": rooms}


def erase_texts(folder: StateFolder, members: list[str]) -> dict[str, int]:
    """Replace what these people wrote in all rooms: how many entries and records, by room.

    Also what others made of a record of theirs, which still carries their words. Numbers, kinds
    and pseudonyms stay. Raises `StorageFailed` (`server-room-busy`) before anything is changed.
    """
    paths = [folder.room(name) for name in folder.rooms()]
    with contextlib.ExitStack() as held:
        for path in paths:
            held.enter_context(contextlib.closing(hold(path)))
        return {path.stem: _erase_in(path, members) for path in paths}


def _erase_in(path: Path, members: list[str]) -> int:
    marks = ",".join("?" * len(members))
    # An entry or record is theirs where they wrote it, made it or owned it.
    theirs = f"SELECT record FROM log WHERE author IN ({marks}) OR owner IN ({marks})"
    made = f"SELECT record FROM snapshot WHERE author IN ({marks}) OR owner IN ({marks})"
    try:
        administration.open_beside(path).close()  # led up to the present schema
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA secure_delete=ON")
            db.execute("BEGIN IMMEDIATE")
            query = f"{theirs} UNION {made}"
            records = {row[0] for row in db.execute(query, members * 4)}
            count = 0
            for table, key in (("log", "number"), ("snapshot", "record")):
                for value, payload in list(_payloads(db, table, key, records)):
                    db.execute(f"UPDATE {table} SET payload=? WHERE {key}=?", (payload, value))
                    count += 1
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.execute("VACUUM")  # nor in pages that were freed long ago
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise StorageFailed("server-storage", file=str(path), reason=str(error)) from error
    return count


def _payloads(
    db: sqlite3.Connection, table: str, key: str, records: set[str]
) -> Iterator[tuple[Any, str]]:
    """(key, new payload) of the rows about these records in which there are words."""
    for value, record, text in db.execute(f"SELECT {key}, record, payload FROM {table}"):
        if record not in records:
            continue
        payload = json.loads(text)
        words = [one for one in WORDS if isinstance(payload.get(one), str) and payload[one]]
        if words:
            payload |= dict.fromkeys(words, ERASED)
            yield value, json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
