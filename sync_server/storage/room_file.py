"""One room as one file: writes it, and reads it back after checking everything that it says.

A zip of room.json, four files of JSON lines and the pictures. Reading trusts nothing: names,
sizes, numbers, records and pictures are judged before any of it becomes a room.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sync_server.storage.database import BUSY_S, StorageFailed, open_database
from sync_server.storage.files import MAX_BYTES, MEDIA_TYPES, ROOM_BYTES, FileStore
from sync_server.storage.log import COPIED, RoomLog
from sync_server.storage.room_schema import STEPS
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Seconds, Ulid
from sync_server.wire.records import Id, Operation, validated

FORMAT: Final = "kenish-room"
VERSION: Final = 1
PICTURES: Final = "pictures.jsonl"
MAX_LINE: Final = 1024 * 1024  # bytes of one entry or record
MAX_LINES: Final = 5_000_000
MAX_TEXT_BYTES: Final = 4 * 1024**3  # of all lines, unpacked
MAX_PICTURES: Final = 10_000
_PICTURE: Final = re.compile(r"files/([0-9a-f]{64})\.(jpg|png|webp)")
_TYPES: Final = {suffix: media_type for media_type, suffix in MEDIA_TYPES.items()}

Number = Annotated[int, Field(ge=1, lt=2**53)]
Member = Annotated[str, Field(max_length=64)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Header(_Line):
    """room.json. `snapshot` and `horizon` as in the room's file."""

    format: Literal["kenish-room"]
    version: Literal[1]
    room: str = Field(max_length=64)
    epoch: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    snapshot: int = Field(ge=0, lt=2**53)
    horizon: int = Field(ge=0, lt=2**53)


class EntryLine(_Line):
    """A line of log.jsonl."""

    number: Number
    command: Ulid
    author: Member
    kind: str = Field(max_length=64)
    op: Operation
    record: Id
    time: Seconds
    payload: dict[str, Any]
    owner: Member


class RecordLine(_Line):
    """A line of snapshot.jsonl."""

    record: Id
    kind: str = Field(max_length=64)
    author: Member
    number: Number
    version: Number
    time: Seconds
    payload: dict[str, Any]
    deleted: Annotated[int, Field(ge=0, le=1)]
    owner: Member
    op: Operation
    author_of_change: Member


class CommandLine(_Line):
    """A line of commands.jsonl: a command whose entry was cut from the log."""

    id: Ulid
    number: Number
    author: Member
    time: Seconds


class PictureLine(_Line):
    """A line of pictures.jsonl: who uploaded a picture."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    member: Member


_TABLES: Final[dict[str, tuple[str, TypeAdapter[Any], type[_Line]]]] = {
    "log.jsonl": ("log", TypeAdapter(EntryLine), EntryLine),
    "snapshot.jsonl": ("snapshot", TypeAdapter(RecordLine), RecordLine),
    "commands.jsonl": ("command", TypeAdapter(CommandLine), CommandLine),
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a room's file holds."""

    room: str
    epoch: str
    commands: int
    records: int
    pictures: int


def _columns(model: type[_Line]) -> list[str]:
    return list(model.model_fields)


def _order(model: type[_Line]) -> str:
    return "id" if model is CommandLine else "number"


# -- writing -----------------------------------------------------------------------------------


def write_room(database: Path, pictures: Path, target: Path) -> Contents:
    """Write a room as it is at this moment, also while a server holds it; whole or not at all.

    Raises `StorageFailed`.
    """
    RoomLog(database, new_epoch="", exclusive=False).close()  # led up to the present schema
    half = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with (
            contextlib.closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as db,
            zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as file,
        ):
            db.execute("BEGIN")  # everything as it is at one moment
            contents = _write_all(db, database.stem, pictures, file)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StorageFailed("server-storage", file=str(target), reason=str(error)) from error
    finally:
        half.unlink(missing_ok=True)
    return contents


def _write_all(
    db: sqlite3.Connection, room: str, pictures: Path, file: zipfile.ZipFile
) -> Contents:
    meta = dict(db.execute("SELECT key, value FROM meta"))
    header = Header(
        format="kenish-room",
        version=1,
        room=room,
        epoch=meta["epoch"],
        snapshot=int(meta["snapshot"]),
        horizon=int(meta.get("horizon", 0)),
    )
    file.writestr("room.json", header.model_dump_json(indent=1) + "\n")
    counts: dict[str, int] = {}
    for name, (table, _adapter, model) in _TABLES.items():
        columns = _columns(model)
        query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {_order(model)}"
        counts[name] = 0
        with file.open(name, "w", force_zip64=True) as out:
            for row in db.execute(query):
                line = dict(zip(columns, row, strict=True))
                if "payload" in line:
                    line["payload"] = json.loads(line["payload"])
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode())
                out.write(b"\n")
                counts[name] += 1
    number = _write_pictures(file, pictures)
    return Contents(room, header.epoch, counts["log.jsonl"], counts["snapshot.jsonl"], number)


def _write_pictures(file: zipfile.ZipFile, folder: Path) -> int:
    store = FileStore(folder)
    lines: list[PictureLine] = []
    for one in sorted(folder.glob("*.*")) if folder.is_dir() else []:
        stored = store.get(one.stem)
        if stored is not None and _PICTURE.fullmatch(f"files/{one.name}"):
            file.write(one, f"files/{one.name}", zipfile.ZIP_STORED)
            lines.append(PictureLine(sha256=stored.sha256, member=stored.member))
    file.writestr(PICTURES, "".join(f"{line.model_dump_json()}\n" for line in lines))
    return len(lines)


# -- reading -----------------------------------------------------------------------------------


def read_room(source: Path, database: Path, pictures: Path, new_epoch: str | None) -> Contents:
    """Build the database and the pictures' folder of a room from a file.

    Both are new; where anything is wrong nothing is left of them. `new_epoch`: as if it were
    another room, whose members' earlier numbers say nothing; None keeps the epoch.
    Raises `Refused` (`server-import`), `StorageFailed`.
    """
    try:
        with zipfile.ZipFile(source) as file:
            names = _checked_names(file)
            header = _header(file)
            counts = _fill(file, database, header, new_epoch)
            log = RoomLog(database, new_epoch="")
            try:
                store = log.load()  # a log that does not fit its snapshot is none
                contents = Contents(header.room, log.epoch, counts, store.live, len(names))
            finally:
                log.close()
                database.with_suffix(".lock").unlink(missing_ok=True)
            _take_pictures(file, names, pictures)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise _wrong("zip") from error
    except (KeyError, IndexError) as error:  # a log that speaks of what is not there
        raise _wrong("log.jsonl") from error
    except OSError as error:
        raise StorageFailed(
            "server-storage", file=str(error.filename or source), reason=error.strerror or ""
        ) from error
    return contents


def _wrong(what: str) -> Refused:
    return Refused("server-import", what=what[:80])


def _checked_names(file: zipfile.ZipFile) -> list[str]:
    """The pictures' names; a file holds nothing else but what it should."""
    infos = file.infolist()
    names = [one.filename for one in infos]
    texts = {"room.json", PICTURES, *_TABLES}
    if len(set(names)) != len(names) or not texts <= set(names):
        raise _wrong("zip")
    found = [name for name in names if name not in texts]
    for one in infos:
        limit = MAX_TEXT_BYTES if one.filename in _TABLES else MAX_BYTES
        if one.file_size > limit or one.flag_bits & 1:
            raise _wrong(one.filename)
    if len(found) > MAX_PICTURES or not all(_PICTURE.fullmatch(name) for name in found):
        raise _wrong("files")
    return found


def _header(file: zipfile.ZipFile) -> Header:
    with file.open("room.json") as text:
        try:
            return Header.model_validate_json(text.read(MAX_LINE))
        except ValidationError as error:
            raise _wrong("room.json") from error


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    total = 0
    for number in range(1, MAX_LINES + 2):
        line = stream.readline(MAX_LINE + 1)
        total += len(line)
        if not line:
            return
        if len(line) > MAX_LINE or number > MAX_LINES or total > MAX_TEXT_BYTES:
            raise _wrong(f"{name}:{number}")
        yield line


def _fill(file: zipfile.ZipFile, database: Path, header: Header, new_epoch: str | None) -> int:
    db = open_database(database, STEPS)
    try:
        db.execute("BEGIN IMMEDIATE")
        meta = {
            "epoch": new_epoch or header.epoch,
            "snapshot": str(header.snapshot),
            "horizon": str(header.horizon),
        }
        if new_epoch is None:  # the room that it was taken from may have gone on
            meta[COPIED] = "1"
        db.executemany("INSERT INTO meta VALUES (?,?)", meta.items())
        counts = {name: _fill_table(db, file, name) for name in _TABLES}
        last = db.execute("SELECT max(number) FROM log").fetchone()[0] or 0
        if header.horizon > max(header.snapshot, last):
            raise _wrong("room.json")
        (above,) = db.execute(
            "SELECT count(*) FROM snapshot WHERE number>?", (header.snapshot,)
        ).fetchone()
        # A log goes on after its snapshot without a gap: a number is one command.
        after = db.execute(
            "SELECT count(*), min(number), max(number) FROM log WHERE number>?", (header.snapshot,)
        ).fetchone()
        gap = after[0] and (after[1] != header.snapshot + 1 or after[2] - after[1] + 1 != after[0])
        if above or gap:
            raise _wrong("log.jsonl")
        db.execute("COMMIT")
    except sqlite3.IntegrityError as error:
        raise _wrong("log.jsonl") from error
    except sqlite3.Error as error:
        raise StorageFailed("server-storage", file=str(database), reason=str(error)) from error
    finally:
        db.close()
    return counts["log.jsonl"]


def _fill_table(db: sqlite3.Connection, file: zipfile.ZipFile, name: str) -> int:
    table, adapter, model = _TABLES[name]
    columns = _columns(model)
    marks = ",".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    number = 0
    with file.open(name) as stream:
        for number, line in enumerate(_lines(stream, name), start=1):
            try:
                found = adapter.validate_json(line)
                values = found.model_dump()
                if "payload" in values:
                    values["payload"] = _payload(found.kind, found.op, values["payload"])
            except (ValidationError, Refused, ValueError, RecursionError) as error:
                raise _wrong(f"{name}:{number}") from error
            db.execute(statement, [values[one] for one in columns])
    return number


def _payload(kind: str, op: str, payload: dict[str, Any]) -> str:
    if payload and op != "give":
        payload = validated(kind, payload)
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()  # half a pair of surrogates is no text
    return text


def _take_pictures(file: zipfile.ZipFile, names: list[str], folder: Path) -> None:
    members: dict[str, str] = {}
    with file.open(PICTURES) as stream:
        for number, line in enumerate(_lines(stream, PICTURES), start=1):
            try:
                found = PictureLine.model_validate_json(line)
            except ValidationError as error:
                raise _wrong(f"{PICTURES}:{number}") from error
            members[found.sha256] = found.member
    store = FileStore(folder, member_bytes=ROOM_BYTES)
    for name in names:
        _take_picture(file, name, store, members)


def _take_picture(
    file: zipfile.ZipFile, name: str, store: FileStore, members: dict[str, str]
) -> None:
    found = _PICTURE.fullmatch(name)
    assert found is not None
    info = file.getinfo(name)
    # The same way in as an upload: size, type, a whole picture, the checksum.
    upload = store.begin(members.get(found[1], ""), _TYPES[found[2]], info.file_size)
    try:
        with file.open(info) as stream:
            while block := stream.read(1 << 16):
                upload.write(block)
        if upload.finish().sha256 != found[1]:
            raise _wrong(name)
    finally:
        upload.discard()
