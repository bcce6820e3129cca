"""The kinds of record that a room keeps, each with a pydantic model of its payload.

Validates shape and size only; whether a member may write one, and whether an object's action is
possible now, is for the room.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync_server.wire.errors import Refused
from sync_server.wire.limits import MAX_TEXT

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Coordinate = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Point = tuple[Coordinate, Coordinate, Coordinate]
# restore: a deleted record as it was; give: another owner, payload {"to": member id}.
Operation = Literal["create", "update", "delete", "restore", "give"]


class Payload(BaseModel):
    """Base of all payloads: unknown fields are dropped, so that newer clients can write here."""

    model_config = ConfigDict(extra="ignore")


class Annotation(Payload):
    """A note at a point of the mine; position in the scene frame, metres."""

    position: Point
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    place: Id | None = None


class Message(Payload):
    """A text message to everybody in the room."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class ObjectState(Payload):
    """What a member does to an interactable object; the room adds `state` and `event`."""

    object: Id
    action: Id
    state: Id | None = None
    event: Id | None = None


class AlarmAck(Payload):
    """Somebody has seen the alarm of a datastream."""

    datastream: Id
    text: str = Field("", max_length=MAX_TEXT)


class Choice(Payload):
    """A member's answer to a prompt of a drill."""

    prompt: Id
    option: Id


class Viewpoint(Payload):
    """A saved eye: position in the scene frame (metres) and where it looks (degrees)."""

    position: Point
    azimuth_deg: Coordinate = 0.0
    pitch_deg: float = Field(0.0, ge=-90, le=90)
    text: str = Field("", max_length=MAX_TEXT)


class Measurement(Payload):
    """What somebody measured between points (scene frame, metres); `value` in the UCUM `unit`."""

    measure: Literal["distance", "height", "area", "angle", "volume"]
    points: list[Point] = Field(min_length=1, max_length=256)
    value: Coordinate
    unit: str = Field(max_length=16)
    text: str = Field("", max_length=MAX_TEXT)
    place: Id | None = None


class Photo(Payload):
    """A picture taken in the twin; the file was uploaded before, `file` is its SHA-256.

    Eye in the scene frame (metres), looking along azimuth and pitch (degrees).
    """

    file: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    width: int = Field(ge=1, le=16384)
    height: int = Field(ge=1, le=16384)
    position: Point
    azimuth_deg: Coordinate = 0.0
    pitch_deg: float = Field(0.0, ge=-90, le=90)
    text: str = Field("", max_length=MAX_TEXT)
    place: Id | None = None


class Section(Payload):
    """A plane that cuts the picture for everybody: a point on it and its normal (scene frame)."""

    point: Point
    normal: Point
    thickness_m: float | None = Field(None, gt=0, le=1e4, allow_inf_nan=False)
    text: str = Field("", max_length=MAX_TEXT)


class LayerState(Payload):
    """How the room shows a layer of the scene; `field`: None is as the scene says."""

    layer: Id
    visible: bool = True
    opacity: float = Field(1.0, ge=0, le=1, allow_inf_nan=False)
    glass: bool = False
    field: bool | None = None


class SceneTime(Payload):
    """The moment that the room looks at; `time` (unix seconds) is None while it is live."""

    id: Literal["scene_time"] = "scene_time"
    time: float | None = Field(None, ge=0, le=3.2e10, allow_inf_nan=False)
    rate: float = Field(1.0, ge=-1e5, le=1e5, allow_inf_nan=False)


class Moderation(Payload):
    """What somebody in charge did to people or to the room; the room keeps it as it was done.

    `lead` hands the lead to `member` (None: nobody has it).
    """

    act: Literal["kick", "admit", "mute", "unmute", "lock", "unlock", "lead"]
    member: str | None = Field(None, max_length=64)
    reason: str = Field("", max_length=500)


class RoomState(Payload):
    """Who leads, who is muted or kept out, and whether the door is locked; the server's alone."""

    id: Literal["room"] = "room"
    locked: bool = False
    lead: str | None = Field(None, max_length=64)
    muted: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=1000)
    kept_out: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=1000)


class Gift(Payload):
    """The payload of the operation `give`: the member who is to own the record."""

    to: str = Field(min_length=1, max_length=64)


class ReplayAct(Payload):
    """What a member does to a replay; `at_s` counts from the recording's beginning."""

    act: Literal["play", "pause", "seek", "speed"]
    at_s: float = Field(0.0, ge=0, le=1e7, allow_inf_nan=False)
    speed: float = Field(1.0, ge=0.1, le=16, allow_inf_nan=False)


class ReplayState(Payload):
    """Where a replay stands; the server's alone.

    While it plays, the moment shown at room time t is `at_s + (t - since) * speed` seconds after
    the recording's beginning, which was at room time `started` of the recorded `room`.
    """

    id: Literal["replay"] = "replay"
    room: str = Field("", max_length=64)
    started: float = Field(ge=0, le=3.2e10, allow_inf_nan=False)
    duration_s: float = Field(ge=0, le=1e7, allow_inf_nan=False)
    at_s: float = Field(ge=0, le=1e7, allow_inf_nan=False)
    since: float = Field(ge=0, le=3.2e10, allow_inf_nan=False)
    speed: float = Field(ge=0.1, le=16, allow_inf_nan=False)
    playing: bool
    loop: bool = False


class DrillAct(Payload):
    """What a member does to the room's drill; `target` is one of its injects, steps or rules."""

    act: Literal[
        "start", "pause", "resume", "abort", "inject", "skip", "delay", "repeat", "hint", "override"
    ]
    target: Id | None = None
    member: Id | None = None
    seconds: float | None = Field(None, gt=0, le=3600, allow_inf_nan=False)
    outcome: Literal["done", "excused"] | None = None
    reason: str = Field("", max_length=500)


class DrillText(Payload):
    """A drill's messages in one language, as Fluent source; only the server writes it."""

    id: Id
    drill: Id
    language: Literal["en", "ru", "kk", "ja"]
    reviewed: bool
    ftl: str = Field(max_length=200_000)


class DrillLog(Payload):
    """A part of a drill's event log, from which its verdict can be recomputed; the server's."""

    model_config = ConfigDict(extra="allow")

    id: Id
    drill: Id


class DrillState(Payload):
    """What a drill runner shows; only the server writes it, and only drills read it."""

    model_config = ConfigDict(extra="allow")

    drill: Id


PAYLOADS: Final[dict[str, type[Payload]]] = {
    "annotation": Annotation,
    "message": Message,
    "object_state": ObjectState,
    "alarm_ack": AlarmAck,
    "choice": Choice,
    "viewpoint": Viewpoint,
    "measurement": Measurement,
    "photo": Photo,
    "section": Section,
    "layer_state": LayerState,
    "scene_time": SceneTime,
    "moderation": Moderation,
    "room_state": RoomState,
    "replay_act": ReplayAct,
    "replay_state": ReplayState,
    "drill_act": DrillAct,
    "drill_text": DrillText,
    "drill_log": DrillLog,
    "drill_state": DrillState,
}
# Kinds of which there is one record for each thing: its id is a field of the payload.
KEYED_BY: Final[dict[str, str]] = {
    "object_state": "object",
    "alarm_ack": "datastream",
    "layer_state": "layer",
    "scene_time": "id",
    "room_state": "id",
    "replay_state": "id",
    "drill_text": "id",
    "drill_log": "id",
    "drill_state": "drill",
}

# What the room itself writes under these ids; nothing of a scene may be called so in its records.
ROOM_STATE_ID: Final = "room"
RESERVED_IDS: Final[dict[str, str]] = {
    ROOM_STATE_ID: "room_state",
    "scene_time": "scene_time",
    "replay": "replay_state",
}
_MAX_ID: Final = 64


def keyed_id(kind: str, payload: dict[str, Any]) -> str | None:
    """The id of the one record for a thing, or None where the kind has many of its own.

    A layer and an object may have the same name in a scene, so that a layer's begins with
    "layer.". Raises `Refused` where the id would be too long.
    """
    field = KEYED_BY.get(kind)
    if field is None:
        return None
    key = str(payload[field])
    if kind == "layer_state":
        key = f"layer.{key}"
    if len(key) > _MAX_ID:
        raise Refused("server-unknown-thing", name=key[:64])
    return key


def validated(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as plain values, unknown fields dropped.

    Raises `Refused` naming the kind or the field that is wrong.
    """
    model = PAYLOADS.get(kind)
    if model is None:
        raise Refused("server-unknown-kind", kind=kind[:64])
    return _plain(kind, model, payload)


def validated_gift(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of the operation `give`, {"to": member id}. Raises `Refused`."""
    return _plain("give", Gift, payload)


def _plain(kind: str, model: type[Payload], payload: dict[str, Any]) -> dict[str, Any]:
    try:
        return model.model_validate(payload).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:64]
        raise Refused("server-invalid-record", kind=kind, field=where) from error
