"""What a session knows of its room, shared by the network's thread and the frame thread.

Every call holds one lock for microseconds; nothing here waits, sends or reads a clock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from sync_server.wire.errors import Refused
from sync_server.wire.limits import MAX_RECORDS
from sync_server.wire.messages import (
    MemberInfo,
    ObservationValue,
    Origin,
    RecordInfo,
    Role,
)
from sync_server.wire.poses import MemberPose, PoseSample
from sync_server.wire.records import PAYLOADS, validated
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

MAX_EVENTS: Final = 20_000
MAX_DATASTREAMS: Final = 50_000  # whose latest value is kept, whatever a server sends


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """Where the session stands; a refusal or a lost connection says why by its message."""

    state: Literal["connecting", "joined", "reconnecting", "refused", "closed"] = "connecting"
    message_id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the room as it is now. `author` is a member's pseudonym, or "server"."""

    id: str
    kind: str
    author: str
    number: int
    version: int
    time: float
    payload: Mapping[str, Any]


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


@dataclass(slots=True)
class _Other:
    info: MemberInfo
    track: PoseTrack = field(default_factory=PoseTrack)


def _record(info: RecordInfo) -> Record | None:
    """The record; None where its payload is not what its kind promises to those who show it."""
    payload = info.payload
    if info.kind in PAYLOADS:  # of a kind that only a newer server knows, nothing is shown
        try:
            payload = validated(info.kind, payload)
        except Refused:
            return None
    return Record(
        info.id,
        info.kind,
        info.author,
        info.number,
        info.version,
        info.time,
        MappingProxyType(payload),
    )


class SessionState:
    """The shared state. Local times are seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[SessionEvent] = deque(maxlen=MAX_EVENTS)
        self._others: dict[int, _Other] = {}
        self._estimate = ClockEstimate()
        self._render = RenderClock()
        self._status = SessionStatus()
        self.records: Mapping[str, Record] = MappingProxyType({})
        self.observations: Mapping[str, LatestValue] = MappingProxyType({})
        self.me: str | None = None
        self.role: Role | None = None
        self.permissions: frozenset[str] = frozenset()
        self.http_base: str | None = None
        self.last_number = 0

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
            info.id, info.number, info.name, info.role, info.language, info.display, pose, age
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

    # -- for the network's thread --------------------------------------------------------------

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
            self._estimate.take(sent, received, room_time)
            offset = self._estimate.offset
            if offset is not None:
                self._render.steer(received, offset)

    def start_clock(self, now: float, room_time: float) -> None:
        """A first guess from a message's time, at the start of a connection."""
        with self._lock:
            self._estimate.forget()
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

    def take_poses(self, samples: Iterable[PoseSample], now: float) -> None:
        """A batch that came at local time `now`; our own entry is skipped."""
        with self._lock:
            arrived = self._render.time(now)
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
        records = {} if everything else dict(before)
        touched: dict[str, None] = {}  # in order
        last_number = self.last_number
        for info in changed:
            last_number = max(last_number, info.number)
            record = None if info.deleted else _record(info)
            if info.deleted:
                records.pop(info.id, None)
            elif record is not None and (info.id in records or len(records) < MAX_RECORDS):
                records[info.id] = record
            touched[info.id] = None
        if everything:
            touched = dict.fromkeys([*(one for one in before if one not in records), *records])
        events = _differences(before, records, touched, command)
        with self._lock:
            self.last_number = last_number
            self.records = MappingProxyType(records)
            self._events.extend(events)

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
        elif known.version != record.version:
            events.append(RecordEvent("changed", record, command))
    return events
