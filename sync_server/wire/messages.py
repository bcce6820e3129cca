"""The control messages: msgpack maps with a `type`, checked by one pydantic model each.

Unknown fields are ignored, unknown types are refused, every size is bounded. Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgpack  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sync_server.wire.errors import Malformed
from sync_server.wire.limits import MAX_MEMBER_MESSAGE, MAX_SERVER_MESSAGE, MAX_TOKEN
from sync_server.wire.records import Id, Operation

Role = Literal["observer", "visitor", "trainee", "engineer", "instructor", "admin"]
Ulid = Annotated[str, Field(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
# Of any steady clock or unix time; up to the year 2984, which every platform can show.
Seconds = Annotated[float, Field(ge=0, le=3.2e10, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, lt=2**53)]
# Where a value comes from: only a measured one may be shown without a mark.
Origin = Literal["measured", "simulated", "drill"]
# [datastream, phenomenon time, result, quality, origin]
ObservationValue = tuple[Id, Seconds, float | None, str, Origin]


class ControlMessage(BaseModel):
    """Base of all messages."""

    model_config = ConfigDict(extra="ignore")


# -- member to server --------------------------------------------------------------------------


class Hello(ControlMessage):
    """The first message: who comes, with which right, and what it already has."""

    type: Literal["hello"] = "hello"
    versions: list[int] = Field(min_length=1, max_length=16)
    name: str = Field("", max_length=200)
    role: Role = "visitor"
    language: str = Field("en", max_length=16)
    display: str = Field("desktop", max_length=32)
    site: str = Field("", max_length=64, description="Where the person is, for those present.")
    ticket: str | None = Field(None, max_length=MAX_TOKEN)
    resume: str | None = Field(None, max_length=MAX_TOKEN)
    epoch: str | None = Field(None, max_length=64)
    last_number: Number = 0


class Command(ControlMessage):
    """A wish to change a record. `id` is made once by the sender and makes repeats harmless."""

    type: Literal["command"] = "command"
    id: Ulid
    kind: str = Field(max_length=64)
    op: Operation = "create"
    record: Id | None = None
    payload: dict[str, Any] = {}
    expect: Number | None = Field(
        None, description="Refused where the record's number is another by now: an undo, say."
    )


class AskHistory(ControlMessage):
    """A wish to see what was done to a record, newest first; `before` pages on."""

    type: Literal["ask_history"] = "ask_history"
    id: Ulid
    record: Id
    before: Number | None = None


class Ping(ControlMessage):
    """Clock exchange: the sender's own clock in seconds, and how its line is."""

    type: Literal["ping"] = "ping"
    sent: Seconds
    round_trip: Seconds | None = None  # recent median, seconds
    jitter: Seconds | None = None  # of what arrives (RFC 3550, 6.4.1), seconds


class Bye(ControlMessage):
    """The member leaves for good."""

    type: Literal["bye"] = "bye"


# -- server to member --------------------------------------------------------------------------


class MemberInfo(ControlMessage):
    """Somebody who is present. The name is for those present only and is stored nowhere."""

    number: int = Field(ge=0, le=0xFFFF)
    id: str = Field(max_length=64)
    name: str = Field(max_length=200)
    role: Role
    language: str = Field(max_length=16)
    display: str = Field(max_length=32)
    site: str = Field("", max_length=64)


class RecordInfo(ControlMessage):
    """A record as it is now; a deleted one has no payload."""

    id: str = Field(max_length=64)
    kind: str = Field(max_length=64)
    author: str = Field(max_length=64)
    owner: str = Field("", max_length=64, description="Who may change it; empty: its author.")
    number: Number
    version: int
    time: Seconds
    payload: dict[str, Any] = {}
    deleted: bool = False


class Welcome(ControlMessage):
    """Joined: who is here, what is allowed; `records` messages follow until one is the last."""

    type: Literal["welcome"] = "welcome"
    version: int
    room: str
    epoch: str
    me: int
    member: str
    role: Role
    permissions: list[str]
    resume: str
    http: str = ""
    http_token: str = Field("", description="Bearer token for the files under `http`.")
    time: Seconds
    last_number: Number
    difference: bool = Field(description="Records since the member's last number, not all.")
    members: list[MemberInfo]
    observations: list[ObservationValue]
    names: dict[str, str] = Field(
        {}, description="Names, by pseudonym, of absent authors whom this site knows."
    )


class Records(ControlMessage):
    """A chunk of the records at joining."""

    type: Literal["records"] = "records"
    records: list[RecordInfo]
    last: bool


class Refusal(ControlMessage):
    """Not let in; the socket closes. `english` is for clients that do not know the id."""

    type: Literal["refused"] = "refused"
    message_id: str = Field(max_length=64)
    arguments: dict[str, str | int | float] = {}
    english: str = Field("", max_length=500)


class Joined(ControlMessage):
    """Somebody has come."""

    type: Literal["joined"] = "joined"
    member: MemberInfo


class Left(ControlMessage):
    """Somebody has gone."""

    type: Literal["left"] = "left"
    number: int


class RecordChanged(ControlMessage):
    """A record was added, changed or deleted; `command` is the id of the command that did it."""

    type: Literal["record"] = "record"
    op: Operation
    command: str
    record: RecordInfo


class Ack(ControlMessage):
    """A command is stored."""

    type: Literal["ack"] = "ack"
    id: str
    number: Number


class CommandRefused(ControlMessage):
    """A command or message was not accepted; nothing has changed."""

    type: Literal["error"] = "error"
    id: str = ""
    message_id: str = Field(max_length=64)
    arguments: dict[str, str | int | float] = {}


class HistoryEntry(ControlMessage):
    """One accepted command, as the log holds it."""

    number: Number
    command: str = Field(max_length=64)
    author: str = Field(max_length=64)
    op: Operation
    time: Seconds
    payload: dict[str, Any] = {}


class History(ControlMessage):
    """What was done to a record, newest first; `more`: ask on with the last number."""

    type: Literal["history"] = "history"
    id: str
    record: str = Field(max_length=64)
    entries: list[HistoryEntry]
    more: bool = False


class Quality(ControlMessage):
    """How the members' lines are: [member number, level, round trip in ms].

    Level 0: nothing known, 1: bad, 2: weak, 3: fair, 4: good.
    """

    type: Literal["quality"] = "quality"
    values: list[tuple[int, Annotated[int, Field(ge=0, le=4)], int]]


class Closing(ControlMessage):
    """The server closes in so many seconds, on purpose; clients come back by themselves."""

    type: Literal["closing"] = "closing"
    message_id: str = Field(max_length=64)
    seconds: float = Field(ge=0, le=3600)


class Pong(ControlMessage):
    """Clock exchange: the sender's clock as sent, and the room time in seconds."""

    type: Literal["pong"] = "pong"
    sent: Seconds
    time: Seconds


class Observations(ControlMessage):
    """The latest sensor values of datastreams that changed."""

    type: Literal["observations"] = "observations"
    values: list[ObservationValue]


MemberMessage = Hello | Command | AskHistory | Ping | Bye
ServerMessage = (
    Welcome
    | Records
    | Refusal
    | Joined
    | Left
    | RecordChanged
    | Ack
    | CommandRefused
    | History
    | Quality
    | Closing
    | Pong
    | Observations
)
_MEMBER: Final[TypeAdapter[MemberMessage]] = TypeAdapter(
    Annotated[MemberMessage, Field(discriminator="type")]
)
_SERVER: Final[TypeAdapter[ServerMessage]] = TypeAdapter(
    Annotated[ServerMessage, Field(discriminator="type")]
)


def encode(message: MemberMessage | ServerMessage) -> bytes:
    """The message's bytes."""
    packed: bytes = msgpack.packb(message.model_dump(), use_bin_type=True)
    return packed


def pack_record(record: RecordInfo) -> bytes:
    """A record's bytes as they stand within a `records` message."""
    # Every field by name: model_dump() would cost three times as much for ten thousand of them.
    fields = {name: getattr(record, name) for name in RecordInfo.model_fields}
    packed: bytes = msgpack.packb(fields, use_bin_type=True)
    return packed


def encode_records(packed: Sequence[bytes], last: bool) -> bytes:
    """A `records` message made of records that were packed before: `encode(Records(...))`."""
    packer = msgpack.Packer(use_bin_type=True, autoreset=False)
    packer.pack_map_header(3)
    for value in ("type", "records", "records"):
        packer.pack(value)
    packer.pack_array_header(len(packed))
    head = packer.bytes()
    tail: bytes = msgpack.packb("last") + msgpack.packb(last)
    return b"".join((head, *packed, tail))


def _unpack(data: bytes, limit: int) -> Any:
    if len(data) > limit:
        raise Malformed("server-too-large", limit=limit)
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=True)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise Malformed("server-malformed", what="message") from error
    if not isinstance(value, dict):
        raise Malformed("server-malformed", what="message")
    return value


def _reason(value: dict[Any, Any], error: ValidationError) -> Malformed:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return Malformed("server-unknown-type", name=str(value.get("type", ""))[:32])
    where = ".".join(str(part) for part in first["loc"])[:64]
    return Malformed("server-malformed", what=where)


def decode_member(data: bytes) -> MemberMessage:
    """A member's message. Raises `Malformed`; a strange type has its own message id."""
    value = _unpack(data, MAX_MEMBER_MESSAGE)
    try:
        return _MEMBER.validate_python(value)
    except ValidationError as error:
        raise _reason(value, error) from error


def decode_server(data: bytes) -> ServerMessage:
    """The server's message. Raises `Malformed`."""
    value = _unpack(data, MAX_SERVER_MESSAGE)
    try:
        return _SERVER.validate_python(value)
    except ValidationError as error:
        raise _reason(value, error) from error
