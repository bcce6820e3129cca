"""One room: members, poses, records, sensor values and listeners, as a pure state machine.

Every call takes the time and returns effects in the order they must happen. It never touches a
socket, a clock or a file, and trusts nothing that a member sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scenes.schema import Scene
from sync_server.room.commands import SERVER, CommandJudge
from sync_server.room.effects import (
    Broadcast,
    Disconnect,
    Effect,
    LogEntry,
    Send,
    SendAllPoses,
    Store,
    TellHistory,
)
from sync_server.room.entrance import Admission, Claim, Entrance
from sync_server.room.latest import LatestValues
from sync_server.room.listener import (
    Action,
    ChoiceMade,
    DrillActed,
    MemberJoined,
    MemberLeft,
    ObjectEvent,
    Override,
    PlaceEntered,
    PlaceLeft,
    RoomEvent,
    RoomListener,
    Said,
    SensorValue,
    Write,
)
from sync_server.room.members import Member, Members
from sync_server.room.places import PlaceWatch
from sync_server.room.records import Record, RecordStore
from sync_server.room.roles import PERMISSIONS, allows
from sync_server.sensors.observation import Observation
from sync_server.wire.errors import Refused
from sync_server.wire.limits import CLOSE_REPLACED, PROTOCOL_VERSION, SNAPSHOT_CHUNK
from sync_server.wire.messages import (
    Ack,
    AskHistory,
    Bye,
    Command,
    CommandRefused,
    Hello,
    Joined,
    Left,
    MemberMessage,
    Observations,
    Ping,
    Pong,
    RecordChanged,
    Records,
    Welcome,
)
from sync_server.wire.poses import EVERYTHING, batch, take_member_frame

MAX_ACTIONS: Final = 256  # of a listener, for one event


@dataclass(frozen=True, slots=True)
class RoomIdentity:
    """What a room is called, and which life of it this is: an epoch ends when it is deleted."""

    name: str
    epoch: str


class Room:
    """The state machine. `new_id` makes a fresh ULID, `entrance` decides who may come in."""

    def __init__(
        self,
        identity: RoomIdentity,
        scene: Scene,
        records: RecordStore,
        entrance: Entrance,
        new_id: Callable[[], str],
        listeners: Sequence[RoomListener] = (),
    ) -> None:
        self.identity = identity
        self.members = Members()
        self.records = records
        self.refused_actions = 0
        self._entrance = entrance
        self._new_id = new_id
        self._listeners = tuple(listeners)
        self._judge = CommandJudge(scene, records)
        self._places = PlaceWatch(scene.places)
        self._values = LatestValues(d.id for s in scene.sensors for d in s.datastreams)

    # -- coming and going ----------------------------------------------------------------------

    def admit(self, now: float, hello: Hello) -> Admission:
        """Whether and as whom somebody may come in: uses their ticket up or turns their token.

        The host stores `visit` before it calls `join`. Raises `NotAdmitted` with the close code.
        """
        claim = self._entrance.claim(now, hello)
        self._check_claim(claim)
        return self._entrance.admit(now, hello, claim)

    def _check_claim(self, claim: Claim) -> None:
        self._entrance.check_room(claim, self.members)

    def turn_away(self, admission: Admission) -> None:
        """Their visit could not be stored: they do not come in, and nothing is used up."""
        self._entrance.take_back(admission)

    def join(
        self, now: float, hello: Hello, http: str, admission: Admission | None = None
    ) -> tuple[int, list[Effect]]:
        """Let somebody in: the new member's number, and what follows.

        `admission` is what `admit` gave (None: ask now). Raises `NotAdmitted`.
        """
        if admission is None:
            admission = self.admit(now, hello)
        else:  # the room may have changed while the visit was being stored
            self._check_claim(admission.claim)
        effects: list[Effect] = []
        old = self.members.by_id(admission.member)
        if old is not None:  # the same person again, before the old socket was seen to be dead
            effects.append(Disconnect(old.number, CLOSE_REPLACED, "server-replaced"))
            effects += self.leave(now, old.number)
        number = self.members.free_number()
        member = Member(
            number=number,
            id=admission.member,
            name=admission.name or f"#{number}",
            role=admission.role,
            language=admission.language,
            display=hello.display,
            generation=admission.generation,
        )
        self.members.add(member)
        effects += self._welcome(now, member, hello, admission, http)
        effects.append(Broadcast(Joined(member=member.info()), but=number))
        effects += self._tell(now, MemberJoined(member.id, member.role))
        return number, effects

    def _welcome(
        self, now: float, member: Member, hello: Hello, admission: Admission, http: str
    ) -> list[Effect]:
        # A number from another epoch, or from after what we have, says nothing about our log.
        known = hello.last_number if hello.epoch == self.identity.epoch else 0
        difference = 0 < known <= self.records.last_number
        welcome = Welcome(
            version=PROTOCOL_VERSION,
            room=self.identity.name,
            epoch=self.identity.epoch,
            me=member.number,
            member=member.id,
            role=member.role,
            permissions=sorted(PERMISSIONS[member.role]),
            resume=admission.resume,
            http=http,
            http_token=admission.http_token,
            time=now,
            last_number=self.records.last_number,
            difference=difference,
            members=[one.info() for one in self.members],
            observations=self._values.all(),
        )
        effects: list[Effect] = [Send(member.number, welcome)]
        chunks = _chunks(self.records.since(known if difference else 0))
        for index, chunk in enumerate(chunks):
            last = index == len(chunks) - 1
            message = Records.model_construct(
                type="records", records=[one.info() for one in chunk], last=last
            )
            effects.append(Send(member.number, message))
        effects.append(SendAllPoses(member.number))
        return effects

    def leave(self, now: float, number: int) -> list[Effect]:
        """Somebody's socket is gone."""
        member = self.members.remove(number)
        if member is None:
            return []
        effects: list[Effect] = [Broadcast(Left(number=number))]
        return effects + self._tell(now, MemberLeft(member.id))

    # -- messages ------------------------------------------------------------------------------

    def handle(self, now: float, number: int, message: MemberMessage) -> list[Effect]:
        """A control message from a member."""
        member = self.members.get(number)
        if member is None:
            return []
        match message:
            case Command():
                return self._command(now, member, message)
            case AskHistory():
                ask = TellHistory(number, message.id, message.record, message.before)
                return [ask]
            case Ping():
                return [Send(number, Pong(sent=message.sent, time=now))]
            case Bye():
                return [Disconnect(number, 1000, "server-bye"), *self.leave(now, number)]
            case Hello():
                error = CommandRefused(message_id="server-second-hello")
                return [Send(number, error)]

    def _command(self, now: float, member: Member, command: Command) -> list[Effect]:
        known = self.records.number_of(command.id)
        if known is not None:
            accepted, author = known
            if author == member.id:
                return [Send(member.number, Ack(id=command.id, number=accepted))]
            return [Send(member.number, _error(command.id, Refused("server-duplicate-id")))]
        try:
            entry = self._judge.judge(command, member.id, member.role, now)
        except Refused as refused:
            return [Send(member.number, _error(command.id, refused))]
        record = self.records.apply(entry)
        effects: list[Effect] = [
            Store(entry, member.number),
            Broadcast(_changed(entry, record)),
            Send(member.number, Ack(id=command.id, number=entry.number)),
        ]
        event = _event(entry)
        return effects + (self._tell(now, event) if event is not None else [])

    # -- poses ---------------------------------------------------------------------------------

    def pose(self, now: float, number: int, frame: bytes) -> None:
        """A pose frame from a member. Raises `Malformed`."""
        member = self.members.get(number)
        if member is not None and allows(member.role, "pose"):
            take_member_frame(member.pose, frame, int(now * 1000))

    def changed_poses(self, now: float) -> bytes | None:
        """One batch with all that changed since the last call, or None."""
        now_ms = int(now * 1000)
        records = []
        for member in self.members:
            if member.pose.changed:
                records.append(member.pose.record(member.number, member.pose.changed, now_ms))
                member.pose.changed = 0
        return batch(records, now_ms) if records else None

    def all_poses(self, now: float) -> bytes:
        """One batch with everybody's whole pose, for somebody who has none or missed some."""
        now_ms = int(now * 1000)
        known = (one for one in self.members if one.pose.complete)
        return batch((one.pose.record(one.number, EVERYTHING, now_ms) for one in known), now_ms)

    # -- sensors, places, listeners ------------------------------------------------------------

    def observe(self, now: float, observations: Sequence[Observation]) -> list[Effect]:
        """New sensor values; they go out with the next tick."""
        effects: list[Effect] = []
        for one in self._values.take(observations):
            event = SensorValue(one.datastream, one.result, one.quality)
            effects += self._tell(now, event)
        return effects

    def tick(self, now: float) -> list[Effect]:
        """Five times a second: places entered, listeners' clocks, sensor values."""
        effects: list[Effect] = []
        if self._listeners:
            for member in list(self.members):
                pose = member.pose.pose()
                if pose is None:
                    continue
                for place, entered in self._places.look(pose.head.position, member.places):
                    kind = PlaceEntered if entered else PlaceLeft
                    effects += self._tell(now, kind(member.id, place))
            for listener in self._listeners:
                effects += self._act(now, listener.on_tick(now))
        values = self._values.changed()
        if values:
            effects.append(Broadcast(Observations(values=values)))
        return effects

    def _tell(self, now: float, event: RoomEvent) -> list[Effect]:
        effects: list[Effect] = []
        for listener in self._listeners:
            effects += self._act(now, listener.on_event(now, event))
        return effects

    def _act(self, now: float, actions: Sequence[Action]) -> list[Effect]:
        effects: list[Effect] = []
        for action in actions[:MAX_ACTIONS]:
            match action:
                case Write():
                    effects += self._write(now, action)
                case Override():
                    self._values.override(action.datastream, action.result, now)
        return effects

    def _write(self, now: float, write: Write) -> list[Effect]:
        command = Command(
            id=self._new_id(),
            kind=write.kind,
            op=write.op,
            record=write.record,
            payload=write.payload,
        )
        try:
            entry = self._judge.judge(command, SERVER, None, now)
        except Refused:  # a defect of the listener's must not end the room
            self.refused_actions += 1
            return []
        record = self.records.apply(entry)
        return [Store(entry, None), Broadcast(_changed(entry, record))]


def _error(command: str, refused: Refused) -> CommandRefused:
    return CommandRefused(id=command, message_id=refused.message_id, arguments=refused.arguments)


def _changed(entry: LogEntry, record: Record) -> RecordChanged:
    return RecordChanged.model_validate(
        {"op": entry.op, "command": entry.command, "record": record.info()}
    )


def _event(entry: LogEntry) -> RoomEvent | None:
    payload = entry.payload
    if entry.op == "delete":
        return None
    if entry.kind == "object_state":
        return ObjectEvent(entry.author, payload["object"], payload["action"], payload["event"])
    if entry.kind == "choice":
        return ChoiceMade(entry.author, payload["prompt"], payload["option"])
    if entry.kind == "drill_act":
        return DrillActed(entry.author, payload)
    if entry.kind in {"message", "annotation"}:
        return Said(entry.author, entry.kind, payload["text"])
    return None


def _weight(value: Any) -> int:
    """An upper bound of a value's bytes on the wire; cheaper than packing it twice."""
    if isinstance(value, str):
        return 5 + (len(value) if value.isascii() else 4 * len(value))
    if isinstance(value, dict):
        return 5 + sum(_weight(key) + _weight(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return 5 + sum(map(_weight, value))
    return 9


def _chunks(records: Sequence[Record]) -> list[list[Record]]:
    """The records in lists of a bounded size in bytes (at least one list, perhaps empty)."""
    chunks: list[list[Record]] = [[]]
    size = 0
    for record in records:
        weight = 300 + _weight(record.payload)
        if size + weight > SNAPSHOT_CHUNK and chunks[-1]:
            chunks.append([])
            size = 0
        chunks[-1].append(record)
        size += weight
    return chunks
