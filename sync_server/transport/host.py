"""Runs one room: carries out its effects, stores before it tells, and flushes poses.

The only place where a room meets the event loop, the disk and the clock. It never judges.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from sync_server.room.effects import (
    Broadcast,
    Disconnect,
    Effect,
    LogEntry,
    Send,
    SendAllPoses,
    SendRecords,
    Store,
    TellHistory,
)
from sync_server.room.entrance import Admission, NotAdmitted
from sync_server.room.members import Member, clean_name
from sync_server.room.room import Room
from sync_server.sensors.observation import Observation
from sync_server.storage.entrance import EntranceBook
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.storage.people_keeper import PeopleKeeper
from sync_server.storage.retention import Retention
from sync_server.transport.clock import RoomClock
from sync_server.transport.connection import Connection, framed
from sync_server.transport.flush_interval import (
    LONG_LINE_EVERY_S,
    LONG_LINE_S,
    LONGEST_S,
    SHORTEST_S,
    flush_interval,
)
from sync_server.transport.history import HistoryReader
from sync_server.transport.outbox import Outbox
from sync_server.transport.pose_flush import BYTES_A_SECOND, PoseFlush
from sync_server.transport.room_disk import RoomDisk
from sync_server.transport.room_recorder import RoomRecorder
from sync_server.transport.snapshot_feed import SnapshotFeeds
from sync_server.transport.taking_back import take_back
from sync_server.wire.limits import CLOSE_GOING_AWAY, CLOSE_TICKET
from sync_server.wire.messages import (
    CommandRefused,
    Hello,
    ServerMessage,
    Welcome,
    encode,
)

log = logging.getLogger("kenish.room")

TICK_S: Final = 0.2


class RoomHost:
    """One room with its connections."""

    def __init__(
        self,
        room: Room,
        storage: RoomLog,
        clock: RoomClock,
        counters: Counter[str],
        recorder: RoomRecorder | None = None,
        book: EntranceBook | None = None,
        people: PeopleKeeper | None = None,
        retention: Retention | None = None,
    ) -> None:
        self.room = room
        self._clock = clock
        self._counters = counters
        self._recorder = recorder
        self._book = book
        self._people = people
        self.storage_failing = False  # the last try to store failed
        self._trying: asyncio.Task[None] | None = None
        self._boxes: dict[int, tuple[Connection, Outbox]] = {}
        self._welcomed: set[int] = set()
        self._queue: deque[Effect] = deque()
        self._committing: asyncio.Task[None] | None = None
        self._disk = RoomDisk(storage, room.records, retention or Retention(), counters)
        self.commit_seconds = self._disk.commit_seconds
        self._poses = PoseFlush(room.members.poses)
        self._flush_planned: asyncio.TimerHandle | None = None
        self._flush_idle = False  # planned though nobody moves
        self._flushed = 0.0  # when the last one began, by the loop's clock
        self._shortest_flush = SHORTEST_S
        self._flush_cost = 0.0
        self._closing: set[asyncio.Task[None]] = set()
        self._feeds = SnapshotFeeds()
        self._histories = HistoryReader(storage)
        self._ending = False  # nobody comes in any more
        self._over = False  # the file is closed: what still arrives was never acknowledged

    # -- members -------------------------------------------------------------------------------

    async def enter(self, connection: Connection, hello: Hello, http: str) -> int:
        """Let a connection in once its visit is stored. Raises `NotAdmitted`."""
        self._refuse_when_ending()
        admission = self.room.admit(self._clock(), hello)
        if self._book is not None:
            try:
                await self._book.remember(self.room.identity.name, admission.visit, self._clock())
            except StorageFailed as error:
                self._counters["visits_not_stored"] += 1
                log.error("cannot store a visit: %s", error)
                if admission.visit.ticket is not None:
                    # A ticket that might be good twice is no ticket: nobody new comes in by one.
                    self.room.turn_away(admission)
                    raise NotAdmitted(CLOSE_TICKET, "server-visit-not-stored") from error
        return self.join(connection, hello, http, admission)

    def join(
        self, connection: Connection, hello: Hello, http: str, admission: Admission | None = None
    ) -> int:
        """Let a connection in. Raises `NotAdmitted`."""
        self._refuse_when_ending()
        number, effects = self.room.join(self._clock(), hello, http, admission)
        self._boxes[number] = (connection, Outbox(connection))
        self._counters["joins"] += 1
        member = self.room.members.get(number)
        if member is not None:
            self._counters["resumes"] += member.generation > 0
            if self._people is not None:
                name = clean_name(hello.name, "")
                now = self._clock()
                site = clean_name(hello.site, "")
                self._people.entered(member.id, name, member.language, site, now)
        if self.storage_failing:
            lost = CommandRefused(message_id="server-stores-nothing")
            effects = [*effects, Send(number, lost)]
        self.carry_out(effects)
        return number

    def _refuse_when_ending(self) -> None:
        if self._ending:
            raise NotAdmitted(CLOSE_GOING_AWAY, "server-closing")

    def leave(self, number: int) -> None:
        """A connection has ended."""
        self._forget(number)
        member = self.room.members.get(number)
        if self._people is not None and member is not None:
            self._people.left(member.id, self._clock())
        self.carry_out(self.room.leave(self._clock(), number))

    def _forget(self, number: int) -> None:
        self._boxes.pop(number, None)
        self._feeds.forget(number)
        self._welcomed.discard(number)
        self._poses.remove(number)

    # -- effects -------------------------------------------------------------------------------

    def carry_out(self, effects: Sequence[Effect]) -> None:
        """Do what a room wants, in order; what follows a `Store` waits for the disk."""
        if self._over:
            return
        self._queue.extend(effects)
        self._pump()

    def _pump(self) -> None:
        while self._queue and self._committing is None:
            effect = self._queue[0]
            if isinstance(effect, Store) and effect.entry.number > self._disk.stored_through:
                entries = [one.entry for one in self._queue if isinstance(one, Store)]
                self._committing = asyncio.create_task(self._commit(entries))
                return
            self._do(self._queue.popleft())

    async def _commit(self, entries: list[LogEntry]) -> None:
        if await self._disk.store(entries):
            self._storage_works(True)
            self.room.records.stored(entries)
            await self._disk.keep_snapshot(self._clock())
        else:
            self._queue = take_back(self._queue, self._disk.stored_through, self.room.records)
            self._storage_works(False)
        self._committing = None
        self._pump()

    def _storage_works(self, works: bool) -> None:
        """Tell everybody when the disk begins to refuse records, and when it takes them again."""
        if self.storage_failing is works:
            self.storage_failing = not works
            message_id = "server-stores-again" if works else "server-stores-nothing"
            log.log(logging.WARNING if works else logging.ERROR, message_id)
            self._queue.appendleft(Broadcast(CommandRefused(message_id=message_id)))

    async def _try_disk(self) -> None:
        """While records are refused: whether there is room again, also where nobody writes."""
        try:
            works = await self._disk.takes_data()
        finally:
            self._trying = None
        if works and self._committing is None:
            self._storage_works(True)
            self._pump()

    def say(self, message: ServerMessage) -> None:
        """Tell everybody something that is not the room's, after what waits for the disk."""
        self.carry_out([Broadcast(message)])

    def backlog(self) -> int:
        """Bytes that wait to be sent, of all members."""
        return sum(connection.backlog() for connection, _box in self._boxes.values())

    def largest_backlog(self) -> int:
        """Bytes that wait for the member who is furthest behind."""
        return max((connection.backlog() for connection, _box in self._boxes.values()), default=0)

    def effects_waiting(self) -> int:
        """What waits for the disk."""
        return len(self._queue)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send(to, message):
                self._send(to, message)
            case Broadcast(message, but):
                if self._recorder is not None:
                    self._recorder.broadcast(message)
                frame = framed(encode(message))
                for number in [n for n in self._welcomed if n != but]:
                    self._event(number, frame, snapshot=False)
            case Store(entry, _):
                if entry.kind == "drill_state" and self._people is not None:
                    self._people.drill_told(entry.payload, entry.time)
                self._counters["commands"] += 1
                if self._recorder is not None:
                    self._recorder.entry(entry)
            case SendRecords(to, records):
                box = self._boxes.get(to)
                if box is not None:
                    self._feeds.start(to, box[1], records)
            case TellHistory():
                self._tell_history(effect)
            case SendAllPoses(to):
                box = self._boxes.get(to)
                if box is not None:
                    self._poses.add(to, box[1], self._clock(), watches=True)
                    self._plan_flush()
            case Disconnect(to, code, message_id):
                self._disconnect(to, code, message_id)

    def _send(self, to: int, message: ServerMessage) -> None:
        if to not in self._boxes:
            return  # gone while the message waited for the disk
        if isinstance(message, Welcome):
            self._welcomed.add(to)
        elif isinstance(message, CommandRefused):
            self._counters[f"commands_refused_{message.message_id.removeprefix('server-')}"] += 1
        snapshot = isinstance(message, Welcome)
        self._event(to, framed(encode(message)), snapshot)

    def _event(self, number: int, frame: bytes, snapshot: bool) -> None:
        box, feed = self._boxes.get(number), self._feeds.of(number)
        if box is None:
            return
        self._counters["messages_out"] += 1
        self._counters["message_bytes_out"] += len(frame)
        if not (box[1].event(frame, snapshot) if feed is None else feed.event(frame)):
            self._drop(number, "server-too-slow")

    def _tell_history(self, ask: TellHistory) -> None:
        task = asyncio.create_task(self._read_history(ask, self.room.members.get(ask.to)))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _read_history(self, ask: TellHistory, member: Member | None) -> None:
        answer = await self._histories.read(ask)
        if member is not None and self.room.members.get(ask.to) is member:
            self._send(ask.to, answer)

    def _drop(self, number: int, message_id: str) -> None:
        """Abort a connection that cannot keep up; it will resume."""
        connection, _box = self._boxes[number]
        self._counters["dropped_too_slow"] += 1
        log.warning("%s: %s", connection.remote, message_id)
        self._forget(number)
        connection.abort()

    def _disconnect(self, number: int, code: int, message_id: str) -> None:
        box = self._boxes.get(number)
        self._forget(number)
        if box is not None:
            task = asyncio.create_task(box[0].close(code, message_id))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    # -- poses ---------------------------------------------------------------------------------

    def pose(self, now: float, number: int, frame: bytes) -> None:
        """A pose frame has come (room time, seconds). Raises `Malformed`."""
        self.room.pose(now, number, frame)
        if number in self._poses.watching:
            self._poses.moves(number)
        if self._recorder is not None:
            member = self.room.members.get(number)
            if member is not None:
                self._recorder.pose(now, member)
        self._plan_flush()

    def poses_changed(self) -> None:
        """Poses were put into the room by something else than a connection."""
        self._plan_flush()

    def flush_poses(self) -> None:
        """Pass on at once what waits."""
        if self._flush_planned is not None:
            self._flush_planned.cancel()
        self._flush()

    def plan_poses(self, shortest_flush_s: float, max_members: int) -> None:
        """How often poses are passed on at most, and for how many a member's budget is made; to be
        said before anybody comes."""
        self._shortest_flush = shortest_flush_s
        self._poses = PoseFlush(self.room.members.poses, BYTES_A_SECOND * max_members)

    def flush_interval(self) -> float:
        """How long a pose waits for others: grows with those who move and with the load."""
        moving = len(self._boxes) - len(self._poses.watching)
        return flush_interval(moving, self._flush_cost, self._shortest_flush)

    def poses_left_out(self) -> int:
        """Times that a member was told nothing of a change for being behind."""
        return self._poses.left_out

    def pose_bytes_out(self) -> int:
        """Bytes of poses that were sent."""
        return self._poses.bytes_out

    def poses_chosen(self) -> int:
        """Frames that were made for one member over its budget."""
        return self._poses.own_frames

    def line_measured(self, number: int, round_trip_s: float | None) -> None:
        """A member says how long its line is."""
        if round_trip_s is not None:
            self._poses.pace(number, LONG_LINE_EVERY_S if round_trip_s >= LONG_LINE_S else 0.0)

    def _plan_flush(self) -> None:
        if self._flush_planned is not None and self._flush_idle:
            self._flush_planned.cancel()  # a new pose waits no longer for those who lag
            self._flush_planned = None
        if self._flush_planned is None:
            self._flush_idle = False
            # So long after the last one, and at once where that is over: nothing is held up for
            # others that are not there. A time that is past lets what is ready come with it.
            loop = asyncio.get_running_loop()
            due = self._flushed + self.flush_interval()
            self._flush_planned = loop.call_at(due, self._flush)

    def _flush(self) -> None:
        self._flush_planned = None
        loop = asyncio.get_running_loop()
        self._flushed = start = loop.time()
        self._poses.flush(self._clock())
        self._counters["pose_flushes"] += 1
        self._flush_cost += 0.1 * (loop.time() - start - self._flush_cost)
        if self._poses.waits:  # also where nobody moves any more
            self._flush_planned = loop.call_later(LONGEST_S, self._flush)
            self._flush_idle = True

    # -- time ----------------------------------------------------------------------------------

    def observe(self, observations: Sequence[Observation]) -> None:
        """Sensor values have come."""
        now = self._clock()
        self._counters["observations"] += len(observations)
        if self._recorder is not None:
            self._recorder.observations(now, observations)
        self.carry_out(self.room.observe(now, observations))

    async def run(self) -> None:
        """The room's ticks, until cancelled."""
        due_slow = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            now = self._clock()
            self.carry_out(self.room.tick(now))
            if now < due_slow:
                continue
            due_slow = now + 1.0
            if self.storage_failing and self._committing is None and self._trying is None:
                self._trying = asyncio.create_task(self._try_disk())
            if self._recorder is not None:
                self._recorder.clock(now)
            for number, (connection, _box) in self._boxes.items():
                self.room.waiting(number, connection.backlog())
            for number in [n for n, (_c, box) in self._boxes.items() if box.too_slow(now)]:
                self._drop(number, "server-too-slow")

    async def close(self) -> None:
        """Say goodbye to everybody, finish what is being stored, keep a snapshot."""
        if self._over:
            return
        self._ending = True
        for number in list(self._boxes):
            self._disconnect(number, CLOSE_GOING_AWAY, "server-closing")
        if self._flush_planned is not None:
            self._flush_planned.cancel()
        if self._closing:
            await asyncio.wait(self._closing, timeout=3.0)
        while self._committing is not None:
            await self._committing
        self._over = True
        if self._trying is not None:
            await self._trying
        self._histories.close()
        await self._disk.close()
