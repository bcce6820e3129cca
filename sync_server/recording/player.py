"""Plays a recording into a room: ghosts walk, records appear, sensor values come, on room time.

Reads on a thread of its own, one chunk ahead; steered by the `replay_act` records of the room. It
writes nothing but into the room that it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sync_server.recording.contents import (
    KeptRecord,
    Keyframe,
    LeftOut,
    MemberEvent,
    ObservationContent,
    Pose,
    Present,
    RecordEntry,
    Snapshot,
)
from sync_server.recording.playback import Playback
from sync_server.recording.reader import Item, Recording
from sync_server.room.effects import Effect, LogEntry
from sync_server.room.ghosts import Ghosts
from sync_server.room.listener import Action, ReplayActed, RoomEvent, Write
from sync_server.room.record import Record
from sync_server.sensors.observation import Observation
from sync_server.transport.host import RoomHost
from sync_server.wire.errors import Refused
from sync_server.wire.records import ReplayAct, validated

log = logging.getLogger("kenish.replay")

# What rules the recorded room's door, or a replay that was itself recorded, rules nothing here.
PASSED_OVER: Final = frozenset({"room_state", "replay_state", "replay_act"})
NEAR_S: Final = 0.0002  # what is due so soon is not waited for
BREATH: Final = 200  # things done before others get their turn
# A jump may change thousands of records, more than may wait for a member who is to read them. So
# it goes on when they are read: it waits so long in all for those who read nothing, and for those
# who read slowly.
READ_BYTES: Final = 64 * 1024
PATIENCE_S: Final = 2.0
SLOW_S: Final = 15.0
LOOK_S: Final = 0.002
TOGETHER: Final = 128  # changes that are stored in one go


class RecordingPlayer:
    """A replay; also the listener through which members steer it."""

    def __init__(self, recording: Recording, speed: float, begin_s: float, loop: bool) -> None:
        """`begin_s`: seconds from the recording's beginning; `speed`: recorded seconds a second."""
        self.recording = recording
        duration = (recording.end_ns - recording.start_ns) / 1e9
        begin = min(max(begin_s, 0.0), duration)
        self.playback = Playback(duration, at_s=begin, speed=speed, loop=loop)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="replay")
        self._wake = asyncio.Event()
        self._jumped = False
        self._unsaid = True
        self._gap = False
        self._parts: list[KeptRecord] = []

    # -- the listener ---------------------------------------------------------------------------

    def on_event(self, now: float, event: RoomEvent) -> Sequence[Action]:
        """A member steers."""
        if not isinstance(event, ReplayActed):
            return ()
        if self.playback.take(now, ReplayAct.model_validate(event.content)):
            self._jumped = True
        self._wake.set()
        return self._say()

    def on_tick(self, now: float) -> Sequence[Action]:
        """Tell where the replay stands, if it has got there by itself."""
        return self._say() if self._unsaid else ()

    def _say(self) -> Sequence[Action]:
        self._unsaid = False
        started = self.recording.start_ns / 1e9
        return (Write("replay_state", self.playback.payload(started, self.recording.room)),)

    # -- the work -------------------------------------------------------------------------------

    async def run(self, host: RoomHost, clock: Callable[[], float]) -> None:
        """Play until cancelled. `clock` is room time."""
        self._host, self._clock = host, clock
        self._ghosts = Ghosts(host.room)
        self.playback.since = clock()
        try:
            while True:
                self._jumped = False
                at = self.playback.position(clock())
                moment = self.recording.start_ns + round(at * 1e9)
                await self._show(moment)
                self.playback.at_s, self.playback.since = at, clock()  # loading took a while
                self._unsaid = True
                if await self._play(moment):
                    begins_again = self.playback.end(clock())
                    self._unsaid = True
                    while not begins_again and not self._jumped:
                        self._wake.clear()
                        await self._wake.wait()
        finally:
            self._reader.shutdown(wait=False, cancel_futures=True)

    async def _show(self, moment_ns: int) -> None:
        """Make the room what it was at a moment."""
        loop = asyncio.get_running_loop()
        state = await loop.run_in_executor(self._reader, self.recording.state_at, moment_ns)
        self._presence(state.members.values())
        await self._in_slices(self._ghosts.become(self._records(state.records.values())))
        now = self._clock()
        for present in state.members.values():
            if present.pose is not None:
                self._ghosts.pose(now, present.member, present.pose.pose(), now)
        self._host.room.forget_values()
        shown = moment_ns / 1e9
        self._host.observe(
            [self._value(now, shown, one) for one in state.values.values()],
        )
        self._host.poses_changed()

    async def _play(self, after_ns: int) -> bool:
        """Everything after a moment when its time has come; False where somebody jumps."""
        blocks = self.recording.blocks(after_ns)
        while True:
            block = await self._next(blocks)
            if self._jumped:
                return False
            if block is None:
                return await self._until(self.recording.end_ns)
            for index, item in enumerate(block):
                if not await self._until(item.log_ns):
                    return False
                await self._do(item)
                if index % BREATH == 0:
                    await asyncio.sleep(0)

    async def _next(self, blocks: Iterator[list[Item]]) -> list[Item] | None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, next, blocks, None)

    async def _until(self, log_ns: int) -> bool:
        """Wait until a recorded moment is due; False where somebody jumps meanwhile."""
        while not self._jumped:
            position = (log_ns - self.recording.start_ns) / 1e9
            wait = self.playback.room_time(position) - self._clock()
            if wait <= NEAR_S:
                return True
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait, 3600.0)):
                    await self._wake.wait()
        return False

    async def _do(self, item: Item) -> None:
        now = self._clock()
        effects: list[Effect] = []
        match item.content:
            case Pose() as pose:
                position = (item.publish_ns - self.recording.start_ns) / 1e9
                if self._ghosts.waits(pose.member):
                    self._host.flush_poses()  # late, or fast: none is left out for that
                taken = min(self.playback.room_time(position), now)
                if self._ghosts.pose(now, pose.member, pose.pose(), taken):
                    self._host.poses_changed()
            case RecordEntry() as entry:
                effects = self._entry(entry)
            case ObservationContent() as value:
                self._host.observe([self._value(now, item.log_ns / 1e9, value)])
            case MemberEvent(event="joined", role=role) as came if role is not None:
                effects = self._ghosts.enter(came.member, role, came.language, came.display)
            case MemberEvent(event="left") as gone:
                if self._ghosts.waits(gone.member):
                    self._host.flush_poses()  # the last step as well
                effects = self._ghosts.leave(gone.member)
            case Keyframe(members=members):
                self._presence(members)
            case LeftOut():
                self._gap = True
            case Snapshot() as part if self._gap:
                await self._mend(part)
        self._host.carry_out(effects)

    def _presence(self, members: Iterable[Present]) -> None:
        wanted = {one.member: one for one in members}
        for member in self._ghosts.present() - wanted.keys():
            self._host.carry_out(self._ghosts.leave(member))
        for one in wanted.values():
            self._host.carry_out(
                self._ghosts.enter(one.member, one.role, one.language, one.display)
            )

    async def _mend(self, part: Snapshot) -> None:
        """After a gap in the recording the records are taken from the next snapshot."""
        self._parts = [*(self._parts if part.part else []), *part.records]
        if part.last:
            self._gap = False
            wanted, self._parts = self._records(self._parts), []
            await self._in_slices(self._ghosts.become(wanted))

    async def _in_slices(self, effects: Iterable[Effect]) -> None:
        patience, slow = PATIENCE_S, SLOW_S
        for index, effect in enumerate(effects):
            self._host.carry_out([effect])
            if index % BREATH == 0:
                await asyncio.sleep(0)
            # What waits for the disk comes all at once when that has taken it.
            while self._host.effects_waiting() > TOGETHER and slow > 0:
                await asyncio.sleep(LOOK_S)
                slow -= LOOK_S
            backlog = self._host.largest_backlog()
            while backlog > READ_BYTES and patience > 0 and slow > 0:
                before = self._clock()
                await asyncio.sleep(LOOK_S)
                took, last = self._clock() - before, backlog
                backlog = self._host.largest_backlog()
                slow -= took
                patience -= took if backlog >= last else 0.0

    def _entry(self, entry: RecordEntry) -> list[Effect]:
        payload = self._payload(entry.kind, entry.payload, entry.op == "delete")
        if payload is None:
            return []
        return self._ghosts.entry(
            LogEntry(
                number=entry.number,
                command=entry.command,
                author=entry.author,
                kind=entry.kind,
                op=entry.op,
                record=entry.record,
                time=entry.time,
                payload=payload,
                owner=entry.owner,
            )
        )

    def _records(self, kept: Iterable[KeptRecord]) -> list[Record]:
        records = []
        for one in kept:
            payload = self._payload(one.kind, one.payload, deleted=False)
            if payload is not None:
                records.append(
                    Record(
                        id=one.id,
                        kind=one.kind,
                        author=one.author,
                        number=one.number,
                        version=one.version,
                        time=one.time,
                        payload=payload,
                        owner=one.owner,
                    )
                )
        return records

    def _payload(
        self, kind: str, payload: dict[str, object], deleted: bool
    ) -> dict[str, object] | None:
        """A payload as a room may hold it; None where it belongs to the recorded room alone."""
        if kind in PASSED_OVER:
            return None
        try:
            return payload if deleted else validated(kind, payload)
        except Refused:
            self.recording.damaged += 1
            return None

    def _value(self, now: float, shown: float, one: ObservationContent) -> Observation:
        """A sensor value as old as it was: `shown` is the recorded moment that is shown now."""
        age = max(shown - one.phenomenon_time, 0.0) / self.playback.speed
        return Observation(
            datastream=one.datastream,
            phenomenon_time=max(now - age, 0.0),
            result=one.result,
            quality=one.quality,
            arrival_time=now,
            source=one.source,
        )
