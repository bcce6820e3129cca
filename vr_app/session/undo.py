"""Remembers our own latest changes and makes the command that takes one back.

Pure. An inverse says which number the record must still have, so that nobody else's work is undone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ulid import ULID

from sync_server.wire.messages import Command
from sync_server.wire.records import KEYED_BY
from vr_app.session.optimistic import record_of
from vr_app.session.record import Record

KEPT: Final = 100
# What was said or done stays said; a valve is closed by closing it.
UNDONE: Final = frozenset(
    {"annotation", "measurement", "photo", "viewpoint", "section", "layer_state", "scene_time"}
)


@dataclass(slots=True)
class _Change:
    command: Command
    before: Record | None
    number: int = 0


class UndoStack:
    """Our changes of this session, the latest last."""

    def __init__(self) -> None:
        self._asked: dict[str, _Change] = {}
        self._done: deque[_Change] = deque(maxlen=KEPT)
        self._inverses: dict[str, _Change] = {}

    def asked(self, command: Command, before: Record | None) -> None:
        """We have asked for a change of the record that is `before`."""
        if command.kind in UNDONE and command.id not in self._inverses:
            self._asked[command.id] = _Change(command, before)
            if len(self._asked) > 100 * KEPT:
                del self._asked[next(iter(self._asked))]

    def accepted(self, command_id: str, number: int, now: Record | None) -> None:
        """A command of ours is stored as `number`; `now` is the record after it (None: deleted)."""
        inverse = self._inverses.pop(command_id, None)
        if inverse is not None:
            self._renumber(inverse, number)
            return
        change = self._asked.pop(command_id, None)
        if change is None:
            return
        version = change.before.version + 1 if change.before is not None else None
        writes = change.command.op in ("update", "create") and version is not None
        if writes and (now is None or now.version != version):
            return  # somebody was faster: what we knew before is not what was before
        change.number = number
        self._done.append(change)

    def _renumber(self, undone: _Change, number: int) -> None:
        """The record is again as our change before that one left it, under another number."""
        if undone.before is None:
            return
        for change in reversed(self._done):
            if record_of(change.command) == record_of(undone.command):
                if change.number == undone.before.number:
                    change.number = number
                return

    def refused(self, command_id: str) -> None:
        """A command of ours was not accepted."""
        self._asked.pop(command_id, None)
        self._inverses.pop(command_id, None)

    def latest_waiting(self) -> str | None:
        """The latest change that is not answered yet, if it is newer than all that are."""
        return next(reversed(self._asked), None)

    def inverse(self) -> Command | None:
        """The command that takes our latest change back; None where there is none."""
        if not self._done:
            return None
        change = self._done.pop()
        command = _inverse(change)
        self._inverses[command.id] = change
        return command


def _inverse(change: _Change) -> Command:
    command, before = change.command, change.before
    op, payload = "delete", dict[str, Any]()
    match command.op:
        case "delete":
            op = "restore"
        case "restore":
            op = "delete"
        case "give":
            op = "give"
            owner = "" if before is None else before.owner or before.author
            payload = {"to": owner}
        case _ if before is not None:
            op, payload = "update", dict(before.payload)
        case _ if command.kind in KEYED_BY:
            op, payload = "update", _default(command.kind, command.payload)
    fields: dict[str, Any] = {"op": op, "payload": payload, "expect": change.number}
    return Command(id=str(ULID()), kind=command.kind, record=record_of(command), **fields)


def _default(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A keyed record has always been there, in its default state."""
    key = KEYED_BY[kind]
    return {key: payload[key]} if key in payload else {}
