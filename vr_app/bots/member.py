"""One lean member: joins, walks, commands, measures what it receives, resumes when cut off.

Runs on the event loop it is given, decodes no more than it must, and keeps nothing of the room.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from ulid import ULID
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from sync_server.wire.errors import Malformed
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SUPPORTED_VERSIONS
from sync_server.wire.messages import (
    Ack,
    Bye,
    Command,
    CommandRefused,
    Hello,
    Ping,
    Pong,
    RecordChanged,
    Refusal,
    Role,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, PoseEncoder, heads
from vr_app.bots.tally import Tally
from vr_app.session.bot import WalkScript
from vr_app.session.clock import ClockEstimate

PING_EVERY_S: Final = 2.0
OPEN_TIMEOUT_S: Final = 20.0
KEPT: Final = 5  # records of its own that a bot leaves standing
AWAY_S: Final = (0.2, 5.0)


@dataclass(frozen=True, slots=True)
class BotOptions:
    """What all bots of a crowd do."""

    address: str
    rate: float = 20.0  # poses a second
    commands: float = 0.0  # a second, on average
    churn_s: float = 0.0  # a connection lasts about so long; 0: for ever
    role: Role = "visitor"


@dataclass(slots=True)
class Crowd:
    """What the bots know of each other: which member numbers are or were bots'."""

    numbers: set[int] = field(default_factory=set)
    stopping: bool = False  # no more poses: what is on its way may still arrive
    welcome: Welcome | None = None  # the first one's
    first: asyncio.Event = field(default_factory=asyncio.Event)
    troubles: list[BaseException] = field(default_factory=list)


class BotMember:
    """A bot. `watches`: looks at every pose that comes; `decodes`: takes them apart as well."""

    def __init__(
        self,
        index: int,
        options: BotOptions,
        crowd: Crowd,
        tally: Tally,
        ticket: str | None = None,
        watches: bool = False,
        decodes: bool = False,
    ) -> None:
        self.walk: WalkScript | None = None
        self._index = index
        self._options = options
        self._crowd = crowd
        self._tally = tally
        self._ticket = ticket
        self._watches = watches
        self._decoder = BatchDecoder() if decodes else None
        self._chance = random.Random(index)
        self._clock = ClockEstimate()
        self._resume: str | None = None
        self._epoch: str | None = None
        self._last_number = 0
        self._member = ""
        self._waiting: dict[str, float] = {}  # command -> when it was sent
        self._own: deque[tuple[str, str]] = deque()  # kind, record
        self._sent = 0  # poses

    async def run(self) -> None:
        """Be there until cancelled, or refused."""
        while await self._once():  # noqa: ASYNC110
            await asyncio.sleep(self._chance.uniform(*AWAY_S))

    async def _once(self) -> bool:
        """One connection; False where there is no use in another."""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                socket = await connect(
                    self._options.address,
                    compression=None,
                    max_size=MAX_SERVER_MESSAGE,
                    max_queue=64,
                    proxy=None,
                    close_timeout=2.0,
                )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self._tally.refused[type(error).__name__] += 1
            if not self._crowd.first.is_set():  # nobody has ever come in: the address is wrong
                self._crowd.troubles.append(error)
            return self._crowd.first.is_set()
        try:
            resuming = self._resume is not None
            welcome = await self._enter(socket)
            if welcome is None:
                return resuming or self._options.churn_s > 0
            await self._stay(socket, welcome)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd is not None else "lost"
            self._tally.left[f"server_{code}"] += 1
        finally:
            socket.transport.abort()
        return True

    async def _enter(self, socket: ClientConnection) -> Welcome | None:
        hello = Hello(
            versions=list(SUPPORTED_VERSIONS),
            name=f"Bot {self._index + 1}",
            role=self._options.role,
            display="bot",
            ticket=self._ticket,
            resume=self._resume,
            epoch=self._epoch,
            last_number=self._last_number,
        )
        await socket.send(encode(hello))
        self._clock.forget()
        while True:
            message = decode_server(_bytes(await socket.recv()))
            if isinstance(message, Refusal):
                self._tally.refused[message.message_id] += 1
                self._resume = None  # perhaps it was the token alone
                return None
            if isinstance(message, Welcome):
                break
        self._tally.resumed += bool(self._member) and message.member == self._member
        self._tally.joined += 1
        self._resume, self._epoch = message.resume, message.epoch
        self._last_number, self._member = message.last_number, message.member
        self._crowd.welcome = self._crowd.welcome or message
        self._crowd.first.set()
        return message

    async def _stay(self, socket: ClientConnection, welcome: Welcome) -> None:
        number = welcome.me
        self._crowd.numbers.add(number)
        self._tally.present += 1
        reader = asyncio.create_task(self._read(socket, number))
        try:
            await self._send(socket, welcome, reader)
        finally:
            self._tally.present -= 1
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _send(
        self, socket: ClientConnection, welcome: Welcome, reader: asyncio.Task[None]
    ) -> None:
        """Poses, pings and commands, each in its time, until it is time to go."""
        options, chance = self._options, self._chance
        encoder, step = PoseEncoder(), 1 / options.rate
        start = due = time.monotonic() + chance.uniform(0.0, step)  # not all at once
        ping_due = 0.0
        command_due = start + self._pause()
        stays = self._watches or not options.churn_s  # a watcher that comes and goes sees little
        leave = None if stays else start + chance.expovariate(1 / options.churn_s)
        while True:
            if reader.done():
                reader.result()
                return
            now = time.monotonic()
            if now >= ping_due:
                await socket.send(encode(Ping(sent=now)))
                ping_due = now + (PING_EVERY_S if self._clock.offset is not None else 0.2)
            await self._pose(socket, encoder, now, now - start)
            if now >= command_due:
                await self._command(socket, welcome)
                command_due = now + self._pause()
            if leave is not None and now >= leave:
                await self._go(socket)
                return
            due = max(due + step, now - 1.0)
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            self._tally.late.add(max(time.monotonic() - due, 0.0))

    def _pause(self) -> float:
        rate = self._options.commands
        return self._chance.expovariate(rate) if rate > 0 else float("inf")

    async def _pose(
        self, socket: ClientConnection, encoder: PoseEncoder, now: float, walked: float
    ) -> None:
        offset = self._clock.offset
        if offset is None or self.walk is None or self._crowd.stopping:
            return
        frame = encoder.encode(self.walk.pose(walked), int((now + offset) * 1000))
        if frame is not None:
            await socket.send(frame)
            self._tally.poses_sent += 1
            self._sent += 1

    async def _go(self, socket: ClientConnection) -> None:
        """Leave for good, close, or be cut off."""
        # A ticket is good once: whoever came by one comes back as the same.
        ways = ("close", "cut") if self._ticket else ("bye", "bye", "close", "cut")
        way = self._chance.choice(ways)
        self._tally.left[way] += 1
        if way == "bye":
            while self._own:
                await socket.send(encode(self._deletion()))
                self._tally.commands_sent += 1
            await socket.send(encode(Bye()))
            self._resume, self._member = None, ""
        if way != "cut":
            await socket.close()

    # -- commands ------------------------------------------------------------------------------

    async def _command(self, socket: ClientConnection, welcome: Welcome) -> None:
        command = self._next_command(set(welcome.permissions))
        if command is None:
            return
        self._waiting[command.id] = time.monotonic()
        self._tally.commands_sent += 1
        await socket.send(encode(command))

    def _next_command(self, permissions: set[str]) -> Command | None:
        if len(self._own) > KEPT:  # rooms are not left full of what nobody meant
            return self._deletion()
        kinds: list[tuple[str, dict[str, Any]]] = []
        if "message" in permissions:
            kinds.append(("message", {"text": f"Bot {self._index + 1} is here"}))
        if "annotate" in permissions and self.walk is not None:
            feet, _azimuth = self.walk.feet(self._chance.uniform(0.0, 600.0))
            kinds.append(("annotation", {"position": feet, "text": f"Note {self._index + 1}"}))
        if not kinds:
            return None
        kind, payload = self._chance.choice(kinds)
        command = Command(id=str(ULID()), kind=kind, payload=payload)
        self._own.append((kind, command.id))
        return command

    def _deletion(self) -> Command:
        kind, record = self._own.popleft()
        return Command(id=str(ULID()), kind=kind, op="delete", record=record)

    # -- what comes ----------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection, me: int) -> None:
        begun, sent = 0.0, 0
        seen: dict[int, int] = {}
        tally = self._tally
        measuring = 0.0  # room time from which on every pose is expected
        try:
            async for message in socket:
                data = _bytes(message)
                if data[:1] != _BATCH:
                    self._control(data)
                    continue
                tally.frames += 1
                tally.frame_bytes += len(data)
                if not self._watches:
                    continue
                offset = self._clock.offset
                if offset is None:
                    continue
                now = time.monotonic()
                if not measuring:
                    measuring = now + offset
                    begun, sent = now, tally.poses_sent - self._sent
                self._look(data, me, now + offset, measuring, seen)
        except Malformed:
            tally.malformed += 1
            raise
        finally:
            if measuring:
                tally.watched_s += time.monotonic() - begun
                tally.poses_expected += tally.poses_sent - self._sent - sent

    def _look(
        self, data: bytes, me: int, room_now: float, since: float, seen: dict[int, int]
    ) -> None:
        tally = self._tally
        for number, time_ms in heads(data):
            if number == me or time_ms <= seen.get(number, 0) or time_ms / 1000 < since:
                continue
            seen[number] = time_ms
            tally.poses_seen += 1
            tally.ages.add(max(room_now - time_ms / 1000, 0.0))
            if number in self._crowd.numbers:
                tally.poses_of_bots += 1
        if self._decoder is not None:
            tally.poses_decoded += sum(1 for _sample in self._decoder.decode(data))

    def _control(self, data: bytes) -> None:
        message = decode_server(data)
        match message:
            case Pong(sent=sent, time=room_time):
                self._clock.take(sent, time.monotonic(), room_time)
            case Ack(id=command, number=number):
                self._last_number = max(self._last_number, number)
                self._answered(command)
            case RecordChanged(record=record):
                self._last_number = max(self._last_number, record.number)
            case CommandRefused(id=command, message_id=reason):
                self._waiting.pop(command, None)
                self._tally.commands_refused[reason] += 1

    def _answered(self, command: str) -> None:
        sent = self._waiting.pop(command, None)
        if sent is not None:
            self._tally.acks.add(time.monotonic() - sent)


_BATCH: Final = bytes((BATCH_FRAME,))


def _bytes(message: str | bytes) -> bytes:
    if isinstance(message, str):
        raise Malformed("server-malformed", what="text")
    return message
