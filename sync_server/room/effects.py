"""What a room wants done: the only things that come out of it, in the order they must happen.

Plain data; `sync_server.transport.host` carries them out and holds back everything that follows
a `Store` until it is on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_server.wire.messages import ServerMessage

if TYPE_CHECKING:
    from sync_server.room.record import Record


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One accepted command, as it is stored. `payload` is what the record holds after it."""

    number: int
    command: str  # ULID
    author: str  # pseudonymous member id, or "server"
    kind: str
    op: str
    record: str
    time: float  # unix seconds
    payload: dict[str, Any] = field(default_factory=dict)
    owner: str = ""  # who may change the record after it; empty: its author


@dataclass(frozen=True, slots=True)
class Store:
    """Put an entry into the log; what follows waits until that is done. `to` is told if it fails
    (None: the server's own command)."""

    entry: LogEntry
    to: int | None


@dataclass(frozen=True, slots=True)
class Send:
    """A message for one member."""

    to: int
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class SendRecords:
    """The records at joining, oldest change first, for one member: in chunks of a bounded size
    (one at the least) as fast as the member takes them, and before whatever follows for it."""

    to: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message for everybody, but for one where `but` is given."""

    message: ServerMessage
    but: int | None = None


@dataclass(frozen=True, slots=True)
class SendAllPoses:
    """Everybody's whole pose for one member, with the next flush."""

    to: int


@dataclass(frozen=True, slots=True)
class TellHistory:
    """Read from the log what was done to a record and send it: the answer to `ask_history`."""

    to: int
    ask: str
    record: str
    before: int | None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close a member's socket with a close code and a message id as the reason.

    `command`: the command that asked for it, where one did; not done where that is taken back.
    """

    to: int
    code: int
    message_id: str
    command: str = ""


Effect = Store | Send | SendRecords | Broadcast | SendAllPoses | TellHistory | Disconnect
