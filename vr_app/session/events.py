"""What `RoomSession.poll` returns: things that happened, in order, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sync_server.wire.messages import HistoryEntry

if TYPE_CHECKING:
    from vr_app.session.record import Record
    from vr_app.session.state import LatestValue, SessionStatus


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Somebody has come (or was there when we came)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody has gone."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """A record was added, changed or deleted; `record` is as it is now (deleted: as it was)."""

    op: Literal["added", "changed", "deleted"]
    record: Record
    command: str = ""  # id of the command that did it; empty where it came with joining


@dataclass(frozen=True, slots=True)
class CommandAccepted:
    """A command of ours is stored; `number` is its place in the room's log."""

    id: str
    number: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command of ours was not accepted; the message says why."""

    id: str
    message_id: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CommandWithdrawn:
    """A command of ours was taken back before it was ever sent."""

    id: str


@dataclass(frozen=True, slots=True)
class HistoryArrived:
    """What was done to a record, newest first; `more`: ask on with the last entry's number."""

    id: str  # as `RoomSession.history` gave it
    record: str
    entries: tuple[HistoryEntry, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class SessionNotice:
    """Something that the person should know; the session goes on."""

    message_id: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ObservationsArrived:
    """New values by datastream."""

    values: Mapping[str, LatestValue]


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The session's status is another."""

    status: SessionStatus


SessionEvent = (
    MemberJoined
    | MemberLeft
    | RecordEvent
    | CommandAccepted
    | CommandRefused
    | CommandWithdrawn
    | HistoryArrived
    | SessionNotice
    | ObservationsArrived
    | StatusChanged
)
