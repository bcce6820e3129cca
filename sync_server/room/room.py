"""One room: members, poses, records, sensor values and listeners, as a pure state machine.

Every call takes the time and returns effects in the order they must happen. It never touches a
socket, a clock or a file, and trusts nothing that a member sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scenes.schema import Scene
from sync_server.room.commands import CommandJudge, PictureOf
from sync_server.room.effects import (
    Broadcast,
    Disconnect,
    Effect,
    LogEntry,
    Send,
    TellHistory,
)
from sync_server.room.entrance import Admission, Claim, Entrance
from sync_server.room.latest import LatestValues
from sync_server.room.listener import (
    MemberJoined,
    MemberLeft,
    RoomListener,
    SensorValue,
    event_of,
)
from sync_server.room.members import Member, Members, clean_name
from sync_server.room.moderation import House, check_door
from sync_server.room.playing import Playing
from sync_server.room.quality import QualityBoard
from sync_server.room.records import RecordStore
from sync_server.room.roles import allows
from sync_server.room.tickets import Ticket
from sync_server.room.welcome import NamesOf, welcome
from sync_server.room.writing import Writing, refusal
from sync_server.sensors.observation import Observation
from sync_server.wire.errors import Refused
from sync_server.wire.limits import CLOSE_REPLACED
from sync_server.wire.messages import (
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
    Role,
)
from sync_server.wire.poses import take_member_frame


@dataclass(frozen=True, slots=True)
class RoomIdentity:
    """What a room is called, and which life of it this is: an epoch ends when it is deleted."""

    name: str
    epoch: str


class Room:
    """The state machine. `new_id` makes a fresh ULID, `entrance` decides who may come in.

    `picture_of` tells what was uploaded under a SHA-256, `names_of` which names the site knows for
    pseudonyms; neither may block.
    """

    def __init__(
        self,
        identity: RoomIdentity,
        scene: Scene,
        records: RecordStore,
        entrance: Entrance,
        new_id: Callable[[], str],
        listeners: Sequence[RoomListener] = (),
        picture_of: PictureOf = lambda _file: None,
        names_of: NamesOf = lambda _members: {},
        replaying: bool = False,
    ) -> None:
        self.identity = identity
        self.members = Members()
        self.records = records
        self._entrance = entrance
        self._names_of = names_of
        self._house = House(records)
        judge = CommandJudge(scene, records, self._house, self._role_of, picture_of)
        self._writing = Writing(records, self.members, self._house, judge, new_id, replaying)
        self._quality = QualityBoard()
        self._values = LatestValues(d.id for s in scene.sensors for d in s.datastreams)
        self._playing = Playing(listeners, scene.places, self._values, self._writing.write)

    @property
    def refused_actions(self) -> int:
        """What listeners wanted and could not be done."""
        return self._writing.refused

    # -- coming and going ----------------------------------------------------------------------

    def admit(self, now: float, hello: Hello) -> Admission:
        """Whether and as whom somebody may come in: uses their ticket up or turns their token.

        The host stores `visit` before it calls `join`. Raises `NotAdmitted` with the close code.
        """
        claim = self._entrance.claim(now, hello)
        self._check_claim(claim)
        return self._entrance.admit(now, hello, claim)

    def _check_claim(self, claim: Claim) -> None:
        check_door(self._house.rules, claim.member, claim.role, claim.resumed)
        self._entrance.check_room(claim, self.members)

    def check_http(self, now: float, text: str) -> Ticket:
        """Whose token for files it is. Raises `Refused`."""
        return self._entrance.check_http(now, text)

    def http_token(self, now: float, member: Member) -> str:
        """A fresh token for files, for somebody who is here."""
        return self._entrance.http_token(now, member.id, member.role)

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
            site=clean_name(hello.site, ""),
            generation=admission.generation,
        )
        self.members.add(member)
        effects += welcome(
            now,
            self.identity.name,
            self.identity.epoch,
            member,
            hello,
            admission,
            http,
            self.members,
            self.records,
            self._values,
            self._quality,
            self._names_of,
        )
        effects.append(Broadcast(Joined(member=member.info()), but=number))
        effects += self._playing.tell(now, MemberJoined(member.id, member.role))
        return number, effects

    def leave(self, now: float, number: int) -> list[Effect]:
        """Somebody's socket is gone."""
        member = self.members.remove(number)
        if member is None:
            return []
        self._quality.gone(number)
        effects: list[Effect] = [Broadcast(Left(number=number))]
        return effects + self._playing.tell(now, MemberLeft(member.id))

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
                return self._history(member, message)
            case Ping():
                self._quality.measured(now, number, message.round_trip, message.jitter)
                return [Send(number, Pong(sent=message.sent, time=now))]
            case Bye():
                return [Disconnect(number, 1000, "server-bye"), *self.leave(now, number)]
            case Hello():
                error = CommandRefused(message_id="server-second-hello")
                return [Send(number, error)]

    def _history(self, member: Member, ask: AskHistory) -> list[Effect]:
        if member.id in self._house.rules.kept_out:
            return [refusal(member, ask.id, Refused("server-kept-out"))]
        return [TellHistory(member.number, ask.id, ask.record, ask.before)]

    def _command(self, now: float, member: Member, command: Command) -> list[Effect]:
        effects, entry = self._writing.command(now, member, command)
        return effects + (self._playing.tell(now, event_of(entry)) if entry is not None else [])

    def _role_of(self, member: str) -> Role | None:
        found = self.members.by_id(member)
        return None if found is None else found.role

    # -- poses ---------------------------------------------------------------------------------

    def pose(self, now: float, number: int, frame: bytes) -> None:
        """A pose frame from a member. Raises `Malformed`."""
        member = self.members.get(number)
        if member is not None and self._is_seen(member):
            take_member_frame(member.pose, frame, int(now * 1000))

    def _is_seen(self, member: Member) -> bool:
        # Somebody kicked is not seen any more, even while the disk is slow to take it down.
        return allows(member.role, "pose") and member.id not in self._house.rules.kept_out

    # -- a recording that is shown here --------------------------------------------------------

    def repeat(self, entry: LogEntry) -> list[Effect]:
        """Put an entry of a recording into effect as it was, under a number and an id of ours."""
        return self._writing.repeat(entry)

    def forget_values(self) -> None:
        """Sensor values of another recorded moment count no more."""
        self._values.forget()

    # -- sensors, places, listeners ------------------------------------------------------------

    def observe(self, now: float, observations: Sequence[Observation]) -> list[Effect]:
        """New sensor values; they go out with the next tick."""
        effects: list[Effect] = []
        for one in self._values.take(observations):
            event = SensorValue(one.datastream, one.result, one.quality)
            effects += self._playing.tell(now, event)
        return effects

    def waiting(self, number: int, backlog: int) -> None:
        """Bytes that wait to be sent to a member; told about once a second."""
        self._quality.waiting(number, backlog)

    def tick(self, now: float) -> list[Effect]:
        """Five times a second: places entered, listeners' clocks, lines, sensor values."""
        effects = self._playing.tick(now, self.members)
        lines = self._quality.changed(now)
        if lines is not None:
            effects.append(Broadcast(lines))
        values = self._values.changed()
        if values:
            effects.append(Broadcast(Observations(values=values)))
        return effects
