"""What a session knows of its room, shared by the network's thread and the frame thread.

Every call holds one lock for microseconds; nothing here waits, sends or reads a clock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from sync_server.wire.limits import MAX_RECORDS
from sync_server.wire.messages import (
    Command,
    MemberInfo,
    ObservationValue,
    Origin,
    RecordInfo,
    Role,
)
from sync_server.wire.poses import MemberPose, PoseSample
from vr_app.session.clock import ClockEstimate, RenderClock
from vr_app.session.events import (
    MemberJoined,
    MemberLeft,
    ObservationsArrived,
    RecordEvent,
    SessionEvent,
    StatusChanged,
)
from vr_app.session.interpolation import PoseTrack
from vr_app.session.line_quality import LineQuality
from vr_app.session.optimistic import record_of, shown_at_once, with_waiting
from vr_app.session.record import Record, record_from
from vr_app.session.undo import UndoStack

MAX_EVENTS: Final = 20_000
MAX_DATASTREAMS: Final = 50_000  # whose latest value is kept, whatever a server sends


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """Where the session stands; a refusal or a lost connection says why by its message."""

    state: Literal["connecting", "joined", "reconnecting", "refused", "closed"] = "connecting"
    message_id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LatestValue:
    """The last value of a datastream: unix seconds, its unit's number or None, quality, and
    whether it was measured, simulated or set by a drill."""

    time: float
    result: float | None
    quality: str
    origin: Origin = "measured"


@dataclass(frozen=True, slots=True)
class MemberView:
    """Another member as it is to be drawn now."""

    id: str
    number: int
    name: str
    role: Role
    language: str
    display: str
    pose: MemberPose | None
    pose_age_s: float
    quality: int = 0  # of its line: 0 not known, 1 bad, 2 weak, 3 fair, 4 good
    round_trip_ms: int = 0
    site: str = ""
    behind_s: float = 0.0  # how long ago the moment is that is shown; less than the age in a guess


@dataclass(slots=True)
class _Other:
    info: MemberInfo
    track: PoseTrack = field(default_factory=PoseTrack)
    quality: int = 0
    round_trip_ms: int = 0


class SessionState:
    """The shared state. Local times are seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[SessionEvent] = deque(maxlen=MAX_EVENTS)
        self._others: dict[int, _Other] = {}
        self._estimate = ClockEstimate()
        self._render = RenderClock()
        self._line = LineQuality()
        self._undo = UndoStack()
        self._status = SessionStatus()
        self._base: dict[str, Record] = {}  # as the server has them; the network's thread only
        self._waiting: dict[str, list[Command]] = {}  # by record; the network's thread only
        self.records: Mapping[str, Record] = MappingProxyType({})
        self.observations: Mapping[str, LatestValue] = MappingProxyType({})
        self.me: str | None = None
        self.role: Role | None = None
        self.permissions: frozenset[str] = frozenset()
        self.http_base: str | None = None
        self.http_token = ""
        self.names: Mapping[str, str] = MappingProxyType({})
        self.last_number = 0
        self.unsettled = 0  # commands of ours that the server has not answered
        self.held = 0  # commands that were meant for a room which is no more
        self.away_since: float | None = None  # local time at which the connection was lost

    # -- for the frame thread ------------------------------------------------------------------

    def poll(self) -> list[SessionEvent]:
        """What happened since the last call."""
        with self._lock:
            events = list(self._events)
            self._events.clear()
        return events

    def members(self, now: float) -> list[MemberView]:
        """The others as they are to be drawn at local time `now`."""
        with self._lock:
            room_now = self._render.time(now)
            return [self._view(other, room_now) for other in self._others.values()]

    def _view(self, other: _Other, room_now: float | None) -> MemberView:
        info = other.info
        pose = other.track.show(room_now) if room_now is not None else None
        age = other.track.age(room_now) if room_now is not None else 0.0
        return MemberView(
            info.id,
            info.number,
            info.name,
            info.role,
            info.language,
            info.display,
            pose,
            age,
            other.quality,
            other.round_trip_ms,
            info.site,
            other.track.behind(room_now) if room_now is not None else 0.0,
        )

    def room_time(self, now: float) -> float | None:
        """Room time at local time `now`; None before the first exchange."""
        with self._lock:
            return self._render.time(now)

    @property
    def status(self) -> SessionStatus:
        """Where the session stands."""
        return self._status

    @property
    def round_trip(self) -> float | None:
        """The shortest recent round trip, seconds."""
        with self._lock:
            return self._estimate.round_trip

    def line(self) -> tuple[int, float | None, float | None]:
        """Our own line: its level, round trip and jitter (seconds)."""
        with self._lock:
            return self._line.level, self._line.round_trip, self._line.jitter

    def asked(self, command: Command) -> None:
        """A command of ours, on its way: what it changes can be undone later."""
        with self._lock:
            self._undo.asked(command, self.records.get(record_of(command)))

    # -- for the network's thread --------------------------------------------------------------

    def spread(self) -> float | None:
        """How uneven the line is: by how much the last round trips differ, seconds."""
        with self._lock:
            return self._estimate.spread

    def latest_waiting(self) -> str | None:
        """The latest change of ours that could be undone and was not answered yet."""
        with self._lock:
            return self._undo.latest_waiting()

    def inverse(self) -> Command | None:
        """The command that takes our latest change back."""
        with self._lock:
            return self._undo.inverse()

    def accepted(self, command_id: str, number: int, record_id: str) -> None:
        """A command of ours is stored."""
        with self._lock:
            self._undo.accepted(command_id, number, self._base.get(record_id))

    def refused(self, command_id: str) -> None:
        """A command of ours was not accepted, or taken back."""
        with self._lock:
            self._undo.refused(command_id)

    def tell(self, event: SessionEvent) -> None:
        """Something that happened, for `poll`."""
        with self._lock:
            self._events.append(event)

    def set_status(self, status: SessionStatus) -> None:
        """Another status; said only where it differs."""
        with self._lock:
            if status != self._status:
                self._status = status
                self._events.append(StatusChanged(status))

    def take_clock(self, sent: float, received: float, room_time: float) -> None:
        """A clock exchange."""
        with self._lock:
            self._line.exchange(received - sent)
            self._line.arrival(room_time, received)
            self._estimate.take(sent, received, room_time)
            offset = self._estimate.offset
            if offset is not None:
                self._render.steer(received, offset)

    def start_clock(self, now: float, room_time: float) -> None:
        """A first guess from a message's time, at the start of a connection."""
        with self._lock:
            self._estimate.forget()
            self._line = LineQuality()
            if self._render.time(now) is None:
                self._render.steer(now, room_time - now)

    def set_members(self, present: Iterable[MemberInfo], me: str) -> None:
        """Who is here, at joining; whoever stayed keeps its buffered poses."""
        with self._lock:
            before = {other.info.id: other for other in self._others.values()}
            self._others = {}
            for info in present:
                if info.id == me:
                    continue
                known = before.pop(info.id, None)
                if known is None:
                    self._events.append(MemberJoined(info.id, info.name))
                    self._others[info.number] = _Other(info)
                else:
                    self._others[info.number] = _Other(info, known.track)
            for gone in before.values():
                self._events.append(MemberLeft(gone.info.id, gone.info.name))

    def add_member(self, info: MemberInfo) -> None:
        """Somebody has come."""
        with self._lock:
            self._others[info.number] = _Other(info)
            self._events.append(MemberJoined(info.id, info.name))

    def remove_member(self, number: int) -> None:
        """Somebody has gone."""
        with self._lock:
            gone = self._others.pop(number, None)
            if gone is not None:
                self._events.append(MemberLeft(gone.info.id, gone.info.name))

    def take_quality(self, values: Iterable[tuple[int, int, int]]) -> None:
        """How the members' lines are: number, level, round trip in ms."""
        with self._lock:
            for number, level, round_trip_ms in values:
                other = self._others.get(number)
                if other is not None:
                    other.quality, other.round_trip_ms = level, round_trip_ms

    def take_poses(self, samples: Sequence[PoseSample], now: float) -> None:
        """A batch that came at local time `now`; our own entry is skipped."""
        with self._lock:
            arrived = self._render.time(now)
            if samples:
                self._line.arrival(max(one.time_ms for one in samples) / 1000, now)
            for sample in samples:
                other = self._others.get(sample.number)
                if other is not None and arrived is not None:
                    other.track.add(sample.time_ms / 1000, arrived, sample.pose)

    def take_records(
        self, changed: Iterable[RecordInfo], command: str = "", everything: bool = False
    ) -> None:
        """Records that changed; `everything`: these are all that there are."""
        # Only this thread changes records, so all but the swap is done without the lock.
        before = self.records
        base = self._base
        touched: dict[str, None] = {}  # in order
        last_number = 0 if everything else self.last_number
        if everything:
            base.clear()
        for info in changed:
            last_number = max(last_number, info.number)
            record = None if info.deleted else record_from(info)
            if info.deleted:
                base.pop(info.id, None)
            elif record is not None and (info.id in base or len(base) < MAX_RECORDS):
                base[info.id] = record
            touched[info.id] = None
        if command:
            for one in touched:
                self._forget_waiting(command, one)  # it is in the record now
        if everything:
            gone = (one for one in before if one not in base)
            touched = dict.fromkeys([*gone, *base, *self._waiting])
        self.last_number = last_number
        self._show(touched, command, {} if everything else dict(before))

    def _show(self, touched: Iterable[str], command: str, records: dict[str, Record]) -> None:
        """Show these records anew, with our waiting commands on top, and say what is another."""
        before = self.records
        for one in touched:
            record = self._base.get(one)
            waiting = self._waiting.get(one)
            if waiting:
                record = with_waiting(record, waiting, self.me or "")
            if record is None:
                records.pop(one, None)
            else:
                records[one] = record
        events = _differences(before, records, touched, command)
        with self._lock:
            self.records = MappingProxyType(records)
            self._events.extend(events)

    def add_waiting(self, command: Command) -> None:
        """A command of ours that the server has not answered."""
        if shown_at_once(command):
            record_id = record_of(command)
            self._waiting.setdefault(record_id, []).append(command)
            self._show([record_id], "", dict(self.records))

    def end_waiting(self, command: Command) -> None:
        """It was accepted, refused or taken back."""
        record_id = record_of(command)
        if self._forget_waiting(command.id, record_id):
            self._show([record_id], "", dict(self.records))

    def _forget_waiting(self, command_id: str, record_id: str) -> bool:
        waiting = self._waiting.get(record_id, [])
        left = [one for one in waiting if one.id != command_id]
        if left:
            self._waiting[record_id] = left
        else:
            self._waiting.pop(record_id, None)
        return len(left) != len(waiting)

    def take_observations(self, values: Iterable[ObservationValue]) -> None:
        """Sensor values that changed."""
        fresh = {
            name: LatestValue(at, result, quality, origin)
            for name, at, result, quality, origin in values
            if name in self.observations or len(self.observations) < MAX_DATASTREAMS
        }
        with self._lock:
            self.observations = MappingProxyType({**self.observations, **fresh})
            self._events.append(ObservationsArrived(fresh))


def _differences(
    before: Mapping[str, Record],
    after: Mapping[str, Record],
    touched: Iterable[str],
    command: str,
) -> list[SessionEvent]:
    events: list[SessionEvent] = []
    for record_id in touched:
        known, record = before.get(record_id), after.get(record_id)
        if record is None:
            if known is not None:
                events.append(RecordEvent("deleted", known, command))
        elif known is None:
            events.append(RecordEvent("added", record, command))
        elif (known.version, known.number, known.waiting) != (
            record.version,
            record.number,
            record.waiting,
        ):
            events.append(RecordEvent("changed", record, command))
    return events
