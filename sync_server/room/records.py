"""The records of one room and their numbers: applies accepted commands, remembers deletions.

Knows nothing of members, permissions or sockets, and can take back what could not be stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sync_server.room.effects import LogEntry
from sync_server.wire.messages import RecordInfo


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is now. `number` is that of the last command that touched it."""

    id: str
    kind: str
    author: str
    number: int
    version: int
    time: float
    payload: dict[str, Any]
    deleted: bool = False

    def info(self) -> RecordInfo:
        """Its form on the wire."""
        return RecordInfo.model_construct(
            id=self.id,
            kind=self.kind,
            author=self.author,
            number=self.number,
            version=self.version,
            time=self.time,
            payload=self.payload,
            deleted=self.deleted,
        )


class RecordStore:
    """Records by id (deleted ones stay as tombstones), and the number of every command seen."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._commands: dict[str, tuple[int, str]] = {}
        self._undo: dict[int, Record | None] = {}
        self.last_number = 0
        self.live = 0  # records that are not deleted

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def get(self, record: str) -> Record | None:
        """The record, a tombstone included."""
        return self._records.get(record)

    def number_of(self, command: str) -> tuple[int, str] | None:
        """The number and author of a command that was accepted before."""
        return self._commands.get(command)

    def since(self, number: int) -> list[Record]:
        """What changed after `number`, oldest change first; after 0, everything that is alive."""
        chosen = (
            (one for one in self if one.number > number)
            if number > 0
            else (one for one in self if not one.deleted)
        )
        return sorted(chosen, key=lambda record: record.number)

    def apply(self, entry: LogEntry) -> Record:
        """Put an accepted command into effect and give the record as it is now."""
        before = self._records.get(entry.record)
        self._undo[entry.number] = before
        record = Record(
            id=entry.record,
            kind=entry.kind,
            author=before.author if before and not before.deleted else entry.author,
            number=entry.number,
            version=before.version + 1 if before else 1,
            time=entry.time,
            payload=entry.payload,
            deleted=entry.op == "delete",
        )
        self._put(record, before)
        self._commands[entry.command] = (entry.number, entry.author)
        self.last_number = entry.number
        return record

    def stored(self, entries: Iterable[LogEntry]) -> None:
        """These are on disk: they will not be taken back."""
        for entry in entries:
            self._undo.pop(entry.number, None)

    def take_back(self, entries: Iterable[LogEntry]) -> None:
        """Undo commands that could not be stored; all of those not stored, in order."""
        for entry in sorted(entries, key=lambda one: one.number, reverse=True):
            before = self._undo.pop(entry.number)
            current = self._records[entry.record]
            if before is None:
                del self._records[entry.record]
                self.live -= not current.deleted
            else:
                self._put(before, current)
            del self._commands[entry.command]
            self.last_number = entry.number - 1

    def _put(self, record: Record, before: Record | None) -> None:
        self._records[record.id] = record
        self.live += (not record.deleted) - (before is not None and not before.deleted)

    def load(self, records: Iterable[Record], commands: Iterable[tuple[str, int, str]]) -> None:
        """Fill an empty store from a snapshot: its records and (ULID, number, author) of all
        commands up to it."""
        for record in records:
            self._put(replace(record), None)
            self.last_number = max(self.last_number, record.number)
        for command, number, author in commands:
            self._commands[command] = (number, author)
            self.last_number = max(self.last_number, number)
