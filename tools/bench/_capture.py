"""Captures what a member of a room receives, and compares a replay with what was live.

A client of its own that decodes everything; it judges nothing.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect

from sync_server.wire.limits import MAX_SERVER_MESSAGE, SUPPORTED_VERSIONS
from sync_server.wire.messages import (
    Hello,
    Joined,
    Observations,
    RecordChanged,
    RecordInfo,
    Records,
    Role,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, MemberPose, Placed, PoseEncoder


@dataclass(slots=True)
class Capture:
    """Everything received; times are room time of the room it was received from, seconds."""

    poses: dict[str, list[tuple[float, MemberPose]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    changes: list[tuple[str, RecordInfo]] = field(default_factory=list)  # operation, record
    values: list[tuple[str, float, float | None]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)  # of the replay, in order
    members: dict[int, str] = field(default_factory=dict)
    me: str = ""
    joined: asyncio.Event = field(default_factory=asyncio.Event)

    def recorded_time(self, room_time: float) -> float:
        """The recorded moment that a replay showed at a room time."""
        shown = [one for one in self.states if one["since"] <= room_time + 0.001]
        state = shown[-1] if shown else self.states[0]
        moved = (room_time - state["since"]) * state["speed"] if state["playing"] else 0.0
        return float(state["started"] + state["at_s"] + moved)

    def take(self, data: bytes, decoder: BatchDecoder) -> None:
        """One message."""
        if data[0] == BATCH_FRAME:
            for sample in decoder.decode(data):
                member = self.members.get(sample.number)
                if member is not None:
                    self.poses[member].append((sample.time_ms / 1000, sample.pose))
            return
        match decode_server(data):
            case Welcome(members=members, member=me):
                self.me = me
                self.members |= {one.number: one.id for one in members}
            case Joined(member=info):
                self.members[info.number] = info.id
            case Records(records=records, last=last):
                for record in records:
                    self._record("create", record)
                if last:
                    self.joined.set()
            case RecordChanged(op=op, record=record):
                self._record(op, record)
            case Observations(values=values):
                self.values += [(name, time, result) for name, time, result, *_ in values]

    def _record(self, op: str, record: RecordInfo) -> None:
        if record.kind == "replay_state":
            self.states.append(record.payload)
        elif record.kind != "replay_act":  # that is not what was recorded
            self.changes.append((op, record))


async def capture(address: str, into: Capture, role: Role = "engineer") -> None:
    """Receive until cancelled or closed. It stands somewhere: who only watches is told poses less
    often than they come."""
    decoder = BatchDecoder()
    async with connect(
        address, compression=None, max_size=MAX_SERVER_MESSAGE, max_queue=None, proxy=None
    ) as socket:
        hello = Hello(versions=list(SUPPORTED_VERSIONS), role=role, display="capture")
        await socket.send(encode(hello))
        standing = PoseEncoder().encode(
            MemberPose(Placed((0.0, 0.0, 1.6), (1.0, 0.0, 0.0, 0.0))), 0
        )
        assert standing is not None
        with contextlib.suppress(asyncio.CancelledError):
            async for message in socket:
                assert isinstance(message, bytes)
                into.take(message, decoder)
                if into.me and standing:
                    await socket.send(standing)
                    standing = b""


async def caught_up(address: str, seen: Capture) -> None:
    """Wait until all others have gone and a capture has seen every command of theirs."""
    while len((welcome := await _look_in(address)).members) > 2:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    while max((one.number for _op, one in seen.changes), default=0) < welcome.last_number:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def _look_in(address: str) -> Welcome:
    async with connect(
        address, compression=None, max_size=MAX_SERVER_MESSAGE, max_queue=None, proxy=None
    ) as socket:
        hello = Hello(versions=list(SUPPORTED_VERSIONS), role="observer", display="capture")
        await socket.send(encode(hello))
        while True:
            data = await socket.recv()
            assert isinstance(data, bytes)
            message = decode_server(data) if data[0] != BATCH_FRAME else None
            if isinstance(message, Welcome):
                return message


@dataclass(slots=True)
class Comparison:
    """How far a replay is from what was live."""

    poses: int = 0
    missing: int = 0  # live poses without one at their time in the replay
    largest_m: float = 0.0
    largest_deg: float = 0.0
    largest_s: float = 0.0

    def add(self, live: MemberPose, shown: MemberPose, seconds: float) -> None:
        """A pair."""
        self.largest_s = max(self.largest_s, seconds)
        for one, other in (
            (live.head, shown.head),
            (live.left, shown.left),
            (live.right, shown.right),
        ):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                distance = math.dist(one.position, other.position)
                self.largest_m = max(self.largest_m, distance)
                turn = _turn_deg(one.orientation, other.orientation)
                self.largest_deg = max(self.largest_deg, turn)


def _turn_deg(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    dot = abs(sum(a * b for a, b in zip(one, other, strict=True)))
    return math.degrees(2 * math.acos(min(dot, 1.0)))


def compare_poses(
    live: Capture, replay: Capture, tolerance_s: float, first: float, last: float
) -> Comparison:
    """Every live pose between two recorded times against the replay's nearest in time. Each of the
    replay's is one live pose again, the nearest: two that fell into one moment, of which the newer
    was sent, are a pair and a missing one, not two pairs."""
    result = Comparison()
    for member, samples in live.poses.items():
        shown = sorted(
            ((replay.recorded_time(time), pose) for time, pose in replay.poses.get(member, [])),
            key=lambda pair: pair[0],
        )
        times = [time for time, _pose in shown]
        made = sorted(time for time, _pose in samples)
        for time, pose in samples:
            if not first <= time <= last:
                continue
            result.poses += 1
            best = _nearest(times, time)
            if best is None or abs(times[best] - time) > tolerance_s:
                result.missing += 1
                continue
            claimant = _nearest(made, times[best])
            if claimant is not None and made[claimant] != time:
                result.missing += 1
                continue
            result.add(pose, shown[best][1], abs(times[best] - time))
    return result


def _nearest(times: list[float], time: float) -> int | None:
    """The place in sorted times of the one nearest to a time; None where there is none."""
    place = bisect.bisect_left(times, time)
    near = [i for i in (place - 1, place) if 0 <= i < len(times)]
    return min(near, key=lambda i: abs(times[i] - time), default=None)


def story(changes: list[tuple[str, RecordInfo]]) -> list[tuple[Any, ...]]:
    """What was done to records, without the numbers that every room gives anew."""
    return [
        (op, one.kind, one.id, one.author, round(one.time, 3), one.deleted, sorted_json(one))
        for op, one in changes
    ]


def sorted_json(record: RecordInfo) -> str:
    """A payload as text that can be compared."""
    return repr(sorted(record.payload.items()))
