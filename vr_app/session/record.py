"""A record of the room as a session shows it.

Made from what the server sends; never changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sync_server.wire.errors import Refused
from sync_server.wire.messages import RecordInfo
from sync_server.wire.records import PAYLOADS, validated


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the room as it is now. `author` is a member's pseudonym, or "server"; `owner`
    may change it. `waiting`: a change of ours to it is not stored at the server yet."""

    id: str
    kind: str
    author: str
    number: int
    version: int
    time: float
    payload: Mapping[str, Any]
    owner: str = ""
    waiting: bool = False


def record_from(info: RecordInfo) -> Record | None:
    """The record; None where its payload is not what its kind promises to those who show it."""
    payload = info.payload
    if info.kind in PAYLOADS:  # of a kind that only a newer server knows, nothing is shown
        try:
            payload = validated(info.kind, payload)
        except Refused:
            return None
    return Record(
        info.id,
        info.kind,
        info.author,
        info.number,
        info.version,
        info.time,
        MappingProxyType(payload),
        info.owner or info.author,
    )
