"""A pure room for tests, people who join it, and what comes out of it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from ulid import ULID

from scenes.schema import Layer, Scene
from sync_server.room.effects import Broadcast, Effect, LogEntry, Send, Store
from sync_server.room.entrance import Entrance
from sync_server.room.listener import Action, RoomEvent
from sync_server.room.records import RecordStore
from sync_server.room.room import Room, RoomIdentity
from sync_server.room.tickets import Ticket, sign
from sync_server.wire.messages import Command, CommandRefused, Hello, Role
from tests.sync_server.support import small_scene

SECRET = bytes(range(32))
NOW = 1_795_449_474.0


class Listener:
    """Keeps what it hears; says what it was told to."""

    def __init__(self) -> None:
        self.heard: list[RoomEvent] = []
        self.answers: list[Action] = []

    def on_event(self, now: float, event: RoomEvent) -> Sequence[Action]:
        self.heard.append(event)
        answers, self.answers = self.answers, []
        return answers

    def on_tick(self, now: float) -> Sequence[Action]:
        answers, self.answers = self.answers, []
        return answers


def new_id() -> str:
    return str(ULID())


def scene() -> Scene:
    """The small scene with a layer."""
    return small_scene().model_copy(update={"layers": [Layer(id="drift")]})


PICTURE = ("image/png", 640, 480)  # what is known of every file that was uploaded


def make_room(
    opened: Role | None = "engineer",
    records: RecordStore | None = None,
    listener: Listener | None = None,
    max_members: int = 100,
    epoch: str = "epoch-1",
    files: Container[str] = (),
    names: Mapping[str, str] | None = None,
    replaying: bool = False,
) -> Room:
    known = dict(names or {})
    return Room(
        RoomIdentity("mine", epoch),
        scene(),
        RecordStore() if records is None else records,
        Entrance("mine", SECRET, opened, new_id, max_members),
        new_id,
        (listener,) if listener else (),
        picture_of=lambda file: PICTURE if file in files else None,
        names_of=lambda ids: {one: known[one] for one in ids if one in known},
        replaying=replaying,
    )


def ticket(role: Role, now: float = NOW, room: str = "mine", **more: Any) -> str:
    fields = {"subject": f"m-{new_id()}", "expires": now + 300, "id": new_id()} | more
    return sign(SECRET, "ticket", Ticket(room=room, role=role, **fields))


def join(room: Room, role: Role = "engineer", now: float = NOW, **hello: Any) -> int:
    if role in {"instructor", "admin"} and "ticket" not in hello and "resume" not in hello:
        hello["ticket"] = ticket(role, now)
    number, _effects = room.join(now, Hello(versions=[1], role=role, **hello), "http://h:1")
    return number


def sent(effects: list[Effect], kind: type[Any], to: int | None = None) -> list[Any]:
    """The messages of a kind, to somebody or (None) to everybody."""
    found: list[Any] = []
    for effect in effects:
        match effect:
            case Send(number, message) if number == to and isinstance(message, kind):
                found.append(message)
            case Broadcast(message) if to is None and isinstance(message, kind):
                found.append(message)
    return found


def command(kind: str, payload: dict[str, Any] | None = None, **more: Any) -> Command:
    return Command(**({"id": new_id(), "kind": kind, "payload": payload or {}} | more))


MARK = {"position": [1.0, 2.0, 3.0], "text": "crack"}


FILE = "ab" * 32
# One command's payload of every kind that somebody may write.
PAYLOADS_OF_PEOPLE: dict[str, dict[str, Any]] = {
    "annotation": MARK,
    "message": {"text": "hello"},
    "object_state": {"object": "valve", "action": "kick"},
    "alarm_ack": {"datastream": "co"},
    "choice": {"prompt": "p", "option": "o"},
    "viewpoint": {"position": [0.0, 0.0, 0.0]},
    "measurement": {
        "measure": "distance",
        "points": [[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]],
        "value": 5.0,
        "unit": "m",
    },
    "photo": {
        "file": FILE,
        "media_type": "image/png",
        "width": 640,
        "height": 480,
        "position": [0.0, 0.0, 1.6],
    },
    "section": {"point": [0.0, 0.0, 0.0], "normal": [1.0, 0.0, 0.0]},
    "layer_state": {"layer": "drift", "visible": False},
    "scene_time": {"time": 1.0},
    "moderation": {"act": "lock"},
    "drill_act": {"act": "start"},
}


def stored(effects: Sequence[Effect]) -> list[LogEntry]:
    """What is to be stored."""
    return [one.entry for one in effects if isinstance(one, Store)]


def refusal(effects: Sequence[Effect]) -> str | None:
    """The reason of the one refusal, if there is one; nothing else may come with it."""
    refused = [
        one.message.message_id
        for one in effects
        if isinstance(one, Send) and isinstance(one.message, CommandRefused)
    ]
    assert not refused or len(effects) == 1
    return refused[0] if refused else None


def member_id(room: Room, number: int) -> str:
    """The pseudonym of somebody present."""
    member = room.members.get(number)
    assert member is not None
    return member.id
