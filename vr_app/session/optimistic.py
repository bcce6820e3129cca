"""Shows what we asked for before the server has answered: marks that are not sent yet.

Pure: a record as the server has it and our waiting commands in, the record to show out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ulid import ULID

from sync_server.wire.errors import Refused
from sync_server.wire.messages import Command
from sync_server.wire.records import keyed_id, validated
from vr_app.session.record import Record

# Kinds whose outcome we know without the server; what an object does, say, is the server's word.
SHOWN_AT_ONCE: Final = frozenset({"annotation", "message", "measurement", "photo", "viewpoint"})


def record_of(command: Command) -> str:
    """The id of the record that a command is for."""
    with contextlib.suppress(KeyError, Refused):
        key = keyed_id(command.kind, command.payload)
        if key is not None:
            return key
    return command.record or command.id


def shown_at_once(command: Command) -> bool:
    """Whether what the command does is shown before the server has answered."""
    return command.kind in SHOWN_AT_ONCE


def with_waiting(record: Record | None, commands: Iterable[Command], me: str) -> Record | None:
    """The record as it will be once these commands (of ours, for it, in order) are accepted."""
    for command in commands:
        try:
            record = _applied(record, command, me)
        except Refused:
            continue  # the server will say so
    return record


def _applied(record: Record | None, command: Command, me: str) -> Record | None:
    match command.op:
        case "create" if record is None:
            payload = MappingProxyType(validated(command.kind, command.payload))
            made = ULID.from_str(command.id).timestamp
            identity = command.record or command.id
            return Record(identity, command.kind, me, 0, 1, made, payload, me, waiting=True)
        case "update" if record is not None:
            payload = MappingProxyType(validated(command.kind, command.payload))
            return replace(record, payload=payload, version=record.version + 1, waiting=True)
        case "delete":
            return None
    return record
