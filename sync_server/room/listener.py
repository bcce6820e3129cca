"""The seam for what plays along in a room, such as a drill: it hears events and may act.

A listener is pure too: it gets events with the time and returns actions; it never sees a socket,
a name or the room itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sync_server.room.effects import LogEntry
from sync_server.wire.messages import Role
from sync_server.wire.records import Operation


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A member has come; `member` is its pseudonym everywhere in this module."""

    member: str
    role: Role


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A member has gone."""

    member: str


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """A member did something to an object; `event` is the name that the scene gives to it."""

    member: str
    object: str
    action: str
    event: str


@dataclass(frozen=True, slots=True)
class ChoiceMade:
    """A member answered a prompt."""

    member: str
    prompt: str
    option: str


@dataclass(frozen=True, slots=True)
class PlaceEntered:
    """A member's head has come within a place's radius."""

    member: str
    place: str


@dataclass(frozen=True, slots=True)
class PlaceLeft:
    """A member's head has gone out of a place's radius (and a little further)."""

    member: str
    place: str


@dataclass(frozen=True, slots=True)
class SensorValue:
    """A datastream has a new value (None: no value)."""

    datastream: str
    result: float | None
    quality: str


@dataclass(frozen=True, slots=True)
class Said:
    """A member sent a text message or wrote an annotation."""

    member: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class DrillActed:
    """A member acts on the drill (start, pause, inject ...); `content` is a `DrillAct` payload."""

    member: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReplayActed:
    """A member steers the replay; `content` is a `ReplayAct` payload."""

    member: str
    content: dict[str, Any]


RoomEvent = (
    MemberJoined
    | MemberLeft
    | ObjectEvent
    | ChoiceMade
    | PlaceEntered
    | PlaceLeft
    | SensorValue
    | Said
    | DrillActed
    | ReplayActed
)


def event_of(entry: LogEntry) -> RoomEvent | None:
    """What listeners hear of an accepted command, if anything."""
    payload = entry.payload
    if entry.op not in {"create", "update"}:
        return None
    if entry.kind == "object_state":
        return ObjectEvent(entry.author, payload["object"], payload["action"], payload["event"])
    if entry.kind == "choice":
        return ChoiceMade(entry.author, payload["prompt"], payload["option"])
    if entry.kind == "drill_act":
        return DrillActed(entry.author, payload)
    if entry.kind == "replay_act":
        return ReplayActed(entry.author, payload)
    if entry.kind in {"message", "annotation"}:
        return Said(entry.author, entry.kind, payload["text"])
    return None


@dataclass(frozen=True, slots=True)
class Write:
    """Change a record in the server's name: any kind, `drill_state` among them."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    op: Operation = "create"
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Show `result` instead of what a datastream really reports; None ends that."""

    datastream: str
    result: float | None


Action = Write | Override


class RoomListener(Protocol):
    """Something that plays along. Both calls return what it wants done, in order."""

    def on_event(self, now: float, event: RoomEvent) -> Sequence[Action]:
        """Something has happened at room time `now` (seconds)."""
        ...

    def on_tick(self, now: float) -> Sequence[Action]:
        """Time has passed; called about five times a second."""
        ...
