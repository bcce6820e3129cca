"""One connection to a room after another, on an event loop: hello, snapshot, messages, poses.

Reconnects by itself and repeats what was not acknowledged; draws nothing and never blocks the
frame thread, which reaches it through `RoomSession` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from sync_server.wire.errors import Malformed
from sync_server.wire.limits import (
    CLOSES_TO_RETRY,
    MAX_RECORDS,
    MAX_SERVER_MESSAGE,
    SUPPORTED_VERSIONS,
)
from sync_server.wire.messages import (
    Ack,
    Bye,
    Command,
    Hello,
    Joined,
    Left,
    Observations,
    Ping,
    Pong,
    RecordChanged,
    RecordInfo,
    Records,
    Refusal,
    Role,
    ServerMessage,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.messages import CommandRefused as RefusedMessage
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, MemberPose, PoseEncoder
from vr_app.session import resume_file
from vr_app.session.address import RoomAddress, explain
from vr_app.session.events import CommandAccepted, CommandRefused
from vr_app.session.state import SessionState, SessionStatus

log = logging.getLogger("kenish.session")

OPEN_TIMEOUT_S: Final = 5.0
WELCOME_TIMEOUT_S: Final = 10.0
PING_INTERVAL_S: Final = 5.0  # of the socket: a dead line is noticed after at most 15 s
PING_TIMEOUT_S: Final = 10.0
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 5.0
QUICK_EXCHANGES: Final = 8  # of the clock, when the connection is new
QUICK_EXCHANGE_S: Final = 0.05
EXCHANGE_S: Final = 2.0
MAX_PENDING: Final = 10_000  # commands that wait for a connection
MAX_SNAPSHOT: Final = 4 * MAX_RECORDS  # records at joining; deleted ones are among them


@dataclass(frozen=True, slots=True)
class Person:
    """Who wants to join, and how."""

    name: str
    role: Role
    language: str
    display: str
    ticket: str | None


class _Ended(Exception):
    """The session is over for good: a refusal that trying again would not change."""

    def __init__(self, status: SessionStatus) -> None:
        super().__init__(status.message_id)
        self.status = status


class _Lost(Exception):
    """The connection is gone; another try may help."""


class RoomLink:
    """Lives on one event loop; `run` is its life. Local time is `time.monotonic`."""

    def __init__(
        self,
        address: RoomAddress,
        person: Person,
        state: SessionState,
        pose: Callable[[], tuple[MemberPose, float] | None],
        pose_rate_hz: float,
        resume_path: Path | None,
    ) -> None:
        self._address = address
        self._person = person
        self._state = state
        self._pose = pose
        self._pose_interval = 1.0 / pose_rate_hz
        self._resume_path = resume_path
        self._resume = resume_file.load(resume_path, address.url)
        self._epoch: str | None = None
        self._joined_once = False
        self._pending: dict[str, Command] = {}
        self._socket: ClientConnection | None = None
        self._ready = False
        self._outgoing: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._pose_event = asyncio.Event()
        self.waits_for_pose = False  # read by the frame thread, so that it wakes us only then
        self._decoder = BatchDecoder()
        self._incoming: list[RecordInfo] = []
        self._difference = False

    # -- called on the loop --------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """Send a command now, or as soon as there is a connection; exactly once in effect."""
        if len(self._pending) >= MAX_PENDING:
            self._state.tell(CommandRefused(command.id, "session-too-much-waits", {}))
            return
        self._pending[command.id] = command
        if self._ready:
            self._send(encode(command))

    def _send(self, message: bytes) -> None:
        self._outgoing.append(message)
        self._wake.set()

    async def run(self) -> None:
        """Connect, and connect again, until cancelled or refused for good."""
        wait = FIRST_WAIT_S
        while True:
            try:
                await self._one_connection()
            except _Ended as ended:
                self._state.set_status(ended.status)
                return
            except _Lost:
                pass
            if self._ready:
                wait = FIRST_WAIT_S
            self._ready = False
            self._state.set_status(SessionStatus("reconnecting", "session-reconnecting"))
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def leave(self) -> None:
        """Say goodbye, if there is anybody to say it to."""
        socket = self._socket
        if socket is not None and self._ready:
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(1.0):
                    # What was asked for before closing goes out before the goodbye.
                    while self._outgoing:
                        await socket.send(self._outgoing.popleft())
                    await socket.send(encode(Bye()))
                    await socket.close()

    # -- one connection ------------------------------------------------------------------------

    async def _one_connection(self) -> None:
        try:
            socket = await connect(
                self._address.url,
                compression=None,
                max_size=MAX_SERVER_MESSAGE,
                open_timeout=OPEN_TIMEOUT_S,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                close_timeout=1.0,
                proxy=None,
            )
        except (OSError, InvalidHandshake, InvalidURI, EOFError, UnicodeError) as error:
            raise self._failure(error) from error
        self._socket = socket
        helpers: list[asyncio.Task[None]] = []
        try:
            await self._join(socket)
            helpers = [
                asyncio.create_task(self._send_all(socket)),
                asyncio.create_task(self._send_poses()),
                asyncio.create_task(self._exchange_clocks()),
            ]
            async for data in socket:
                self._take(data)
            raise self._closed(socket)
        except ConnectionClosed as error:
            raise self._closed(socket) from error
        except Malformed as error:
            if not self._joined_once:
                raise _Ended(SessionStatus("refused", error.message_id, error.arguments)) from error
            raise _Lost from error
        finally:
            self._socket = None
            for helper in helpers:
                helper.cancel()
            for ended in await asyncio.gather(*helpers, return_exceptions=True):
                if isinstance(ended, Exception):  # a defect of ours, not a cancelling
                    log.error("a part of the connection ended", exc_info=ended)
            socket.transport.abort()

    def _failure(self, error: BaseException) -> Exception:
        # A first try that fails is a person's mistake to mend; later ones are the network's.
        if self._joined_once:
            return _Lost()
        message_id, arguments = explain(self._address, error)
        return _Ended(SessionStatus("refused", message_id, arguments))

    def _closed(self, socket: ClientConnection) -> Exception:
        code = socket.close_code
        if code is None or code < 4000 or code in CLOSES_TO_RETRY:
            return self._failure(ConnectionResetError())
        reason = socket.close_reason or ""
        message_id = reason if reason.startswith("server-") else "session-lost"
        arguments = {"host": self._address.host, "port": str(self._address.port)}
        return _Ended(SessionStatus("refused", message_id, arguments))

    async def _join(self, socket: ClientConnection) -> None:
        person = self._person
        hello = Hello(
            versions=list(SUPPORTED_VERSIONS),
            name=person.name,
            role=person.role,
            language=person.language,
            display=person.display,
            ticket=person.ticket,
            resume=self._resume,
            epoch=self._epoch,
            last_number=self._state.last_number if self._epoch else 0,
        )
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                await socket.send(encode(hello))
                message = await self._first_answer(socket)
        except TimeoutError as error:
            raise self._failure(error) from error
        if isinstance(message, Refusal):
            status = SessionStatus("refused", message.message_id, message.arguments)
            raise _Ended(status)
        self._welcome(message)

    @staticmethod
    async def _first_answer(socket: ClientConnection) -> Welcome | Refusal:
        data = await socket.recv()
        message = decode_server(data) if isinstance(data, bytes) else None
        if isinstance(message, Welcome | Refusal):
            return message
        raise Malformed("server-malformed", what="welcome")

    def _welcome(self, welcome: Welcome) -> None:
        state = self._state
        state.start_clock(time.monotonic(), welcome.time)
        self._resume = welcome.resume
        resume_file.save(self._resume_path, self._address.url, welcome.resume)
        self._epoch = welcome.epoch
        self._difference = welcome.difference
        self._incoming = []
        self._decoder = BatchDecoder()
        self._outgoing.clear()
        state.me = welcome.member
        state.role = welcome.role
        state.permissions = frozenset(welcome.permissions)
        state.http_base = welcome.http
        state.set_members(welcome.members, welcome.member)
        state.take_observations(welcome.observations)

    def _snapshot_complete(self) -> None:
        self._state.take_records(self._incoming, everything=not self._difference)
        self._incoming = []
        self._joined_once = True
        self._ready = True
        for command in self._pending.values():  # what was not acknowledged, once more
            self._send(encode(command))
        self._state.set_status(SessionStatus("joined"))

    # -- messages ------------------------------------------------------------------------------

    def _take(self, data: bytes | str) -> None:
        now = time.monotonic()
        if isinstance(data, str):
            raise Malformed("server-malformed", what="text")
        if data[:1] == bytes((BATCH_FRAME,)):
            self._state.take_poses(list(self._decoder.decode(data)), now)
            return
        try:
            message = decode_server(data)
        except Malformed as error:
            if error.message_id == "server-unknown-type":
                return  # a newer server's extra
            raise
        self._handle(message, now)

    def _handle(self, message: ServerMessage, now: float) -> None:
        state = self._state
        match message:
            case Pong():
                state.take_clock(message.sent, now, message.time)
            case Joined():
                self._decoder.forget(message.member.number)
                state.add_member(message.member)
            case Left():
                self._decoder.forget(message.number)
                state.remove_member(message.number)
            case Records():
                if self._ready or len(self._incoming) > MAX_SNAPSHOT:
                    raise Malformed("server-malformed", what=message.type)
                self._incoming += message.records
                if message.last:
                    self._snapshot_complete()
            case RecordChanged():
                state.take_records([message.record], message.command)
            case Ack():
                if self._pending.pop(message.id, None) is not None:
                    state.tell(CommandAccepted(message.id, message.number))
            case RefusedMessage():
                self._pending.pop(message.id, None)
                state.tell(CommandRefused(message.id, message.message_id, message.arguments))
            case Observations():
                state.take_observations(message.values)
            case Welcome() | Refusal():
                raise Malformed("server-malformed", what=message.type)

    # -- sending -------------------------------------------------------------------------------

    async def _send_all(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outgoing:
                    await socket.send(self._outgoing.popleft())

    async def _send_poses(self) -> None:
        encoder = PoseEncoder()
        sent: tuple[MemberPose, float] | None = None
        while True:
            latest = await self._next_pose(sent)
            # A way out that is full gets no more poses: the newest one goes when it is free.
            if self._ready and len(self._outgoing) <= 8:
                self._send_pose(encoder, *latest)
                sent = latest
            await asyncio.sleep(self._pose_interval)
            if self._ready and self._pose() is sent and sent is not None:
                # Nothing new in a whole interval: the encoder says once that we stand still.
                self._send_pose(encoder, sent[0], sent[1] + self._pose_interval)

    def _send_pose(self, encoder: PoseEncoder, pose: MemberPose, room_time: float) -> None:
        with contextlib.suppress(ValueError):  # not finite: nothing to show of it
            frame = encoder.encode(pose, int(room_time * 1000))
            if frame is not None:
                self._send(frame)

    async def _next_pose(self, sent: tuple[MemberPose, float] | None) -> tuple[MemberPose, float]:
        """A pose that was not sent yet, as soon as there is one."""
        while True:
            self._pose_event.clear()
            self.waits_for_pose = True  # before looking, so that no pose is missed
            latest = self._pose()
            if latest is not None and latest is not sent:
                self.waits_for_pose = False
                return latest
            await self._pose_event.wait()

    def wake_for_pose(self) -> None:
        """There is a new pose."""
        self._pose_event.set()

    async def _exchange_clocks(self) -> None:
        done = 0
        while True:
            self._send(encode(Ping(sent=time.monotonic())))
            done += 1
            await asyncio.sleep(QUICK_EXCHANGE_S if done < QUICK_EXCHANGES else EXCHANGE_S)
