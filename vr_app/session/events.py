"""What `RoomSession.poll` returns: things that happened, in order, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from vr_app.session.state import LatestValue, Record, SessionStatus


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
    | ObservationsArrived
    | StatusChanged
)
