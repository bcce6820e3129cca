"""What stands in a recording: one pydantic model a topic, and the JSON schemas made from them.

Plain data for the writer and the reader alike. A member appears by its pseudonym only: no model
here has a field for a name.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sync_server.room.record import Record
from sync_server.room.results import without_results
from sync_server.sensors.observation import Quality
from sync_server.wire.messages import Number, Role, Seconds
from sync_server.wire.poses import MemberPose, Placed
from sync_server.wire.records import Coordinate, Operation

VERSION: Final = "1"  # of the layout; a reader refuses any other

_MemberId = Annotated[str, Field(min_length=1, max_length=64)]
_Unit = Annotated[float, Field(ge=-1.001, le=1.001, allow_inf_nan=False)]
_Point = tuple[Coordinate, Coordinate, Coordinate]


class Content(BaseModel):
    """Base of all contents; fields that a later Kenish adds are ignored."""

    model_config = ConfigDict(extra="ignore")


class PlacedContent(Content):
    """Position in metres (scene frame), orientation as a quaternion (w, x, y, z)."""

    position: _Point
    orientation: tuple[_Unit, _Unit, _Unit, _Unit]

    def placed(self) -> Placed:
        """Its form in the program. A quaternion of length zero becomes the identity."""
        w, x, y, z = self.orientation
        zero = w * w + x * x + y * y + z * z < 1e-6
        return Placed(self.position, (1.0, 0.0, 0.0, 0.0) if zero else self.orientation)


class Pose(Content):
    """A member's whole pose; when it was taken is the message's publish time."""

    member: _MemberId
    head: PlacedContent
    left: PlacedContent | None
    right: PlacedContent | None
    pointer: _Point | None

    def pose(self) -> MemberPose:
        """Its form in the program."""
        return MemberPose(
            head=self.head.placed(),
            left=self.left.placed() if self.left else None,
            right=self.right.placed() if self.right else None,
            pointer=self.pointer,
        )


class RecordEntry(Content):
    """An accepted command, as it was stored; `payload` is what the record held after it."""

    number: Number
    command: str = Field(max_length=64)
    author: _MemberId
    owner: str = Field("", max_length=64)
    maker: str = Field("", max_length=64, description="The record's author.")
    kind: str = Field(max_length=64)
    op: Operation
    record: str = Field(min_length=1, max_length=64)
    time: Seconds
    payload: dict[str, Any]


class KeptRecord(Content):
    """A record that was alive when a snapshot was taken."""

    id: str = Field(min_length=1, max_length=64)
    kind: str = Field(max_length=64)
    author: _MemberId
    owner: str = Field("", max_length=64)
    number: Number
    version: int
    time: Seconds
    payload: dict[str, Any]


class Snapshot(Content):
    """A part of all living records as they were after command `number`."""

    number: Number
    part: int = Field(ge=0)
    last: bool
    records: list[KeptRecord]


class ObservationContent(Content):
    """A sensor value as it came."""

    datastream: str = Field(min_length=1, max_length=64)
    phenomenon_time: Seconds
    result: float | None = Field(allow_inf_nan=False)
    quality: Quality
    source: str = Field(max_length=200)


class Present(Content):
    """A member who was present, and its pose if it had one yet."""

    member: _MemberId
    role: Role
    language: str = Field(max_length=16)
    display: str = Field(max_length=32)
    time: Seconds | None = Field(None, description="When the pose was taken.")
    pose: Pose | None = None


class Keyframe(Content):
    """Everybody present and every sensor value: where reading can begin without what was before."""

    members: list[Present]
    observations: list[ObservationContent]


class MemberEvent(Content):
    """Somebody came or went."""

    event: Literal["joined", "left"]
    member: _MemberId
    role: Role | None = None
    language: str = Field("", max_length=16)
    display: str = Field("", max_length=32)


class Clock(Content):
    """Room time, once a second."""

    room_time: Seconds


class LeftOut(Content):
    """What the disk could not take in time: since the last such message, and in all."""

    messages: int
    bytes: int
    total_messages: int


TOPICS: Final[dict[type[Content], str]] = {
    Keyframe: "/keyframe",
    Snapshot: "/snapshot",
    Pose: "/poses",
    RecordEntry: "/records",
    ObservationContent: "/observations",
    MemberEvent: "/members",
    Clock: "/clock",
    LeftOut: "/left_out",
}


def schema_of(model: type[Content]) -> dict[str, Any]:
    """The JSON schema of a topic's messages."""
    return model.model_json_schema()


def _placed(placed: Placed | None) -> dict[str, Any] | None:
    if placed is None:
        return None
    return {
        # A tenth of a millimetre and 1e-5: a tenth of what the wire's quantisation keeps.
        "position": [round(v, 4) for v in placed.position],
        "orientation": [round(v, 5) for v in placed.orientation],
    }


def pose_json(member: str, pose: MemberPose) -> dict[str, Any]:
    """A pose as it stands in a recording; plain values, for it is made many times a second."""
    return {
        "member": member,
        "head": _placed(pose.head),
        "left": _placed(pose.left),
        "right": _placed(pose.right),
        "pointer": None if pose.pointer is None else [round(v, 4) for v in pose.pointer],
    }


def kept_json(record: Record) -> dict[str, Any]:
    """A living record as it stands in a snapshot."""
    return {
        "id": record.id,
        "kind": record.kind,
        "author": record.author,
        "owner": record.owner,
        "number": record.number,
        "version": record.version,
        "time": record.time,
        "payload": without_results(record.kind, record.payload),
    }
