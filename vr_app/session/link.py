"""One connection to a room after another, on an event loop: hello, snapshot, messages, poses.

Reconnects by itself and repeats what was not acknowledged; draws nothing and never blocks the
frame thread, which reaches it through `RoomSession` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from sync_server.wire.errors import Malformed
from sync_server.wire.limits import (
    MAX_RECORDS,
    MAX_SERVER_MESSAGE,
    SUPPORTED_VERSIONS,
)
from sync_server.wire.messages import (
    Ack,
    AskHistory,
    Bye,
    Closing,
    Hello,
    History,
    Joined,
    Left,
    Observations,
    Ping,
    Pong,
    Quality,
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
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, MemberPose
from vr_app.session.address import RoomAddress
from vr_app.session.clock import next_exchange
from vr_app.session.desk import CommandDesk
from vr_app.session.endings import Ended, Lost, closed, failed, patiently, refused
from vr_app.session.events import CommandRefused, HistoryArrived, SessionNotice
from vr_app.session.line_watch import Patience, WatchedConnection, silence
from vr_app.session.pose_sender import PoseSender
from vr_app.session.resume_file import Remembered
from vr_app.session.state import SessionState, SessionStatus

log = logging.getLogger("kenish.session")

OPEN_TIMEOUT_S: Final = 5.0
WELCOME_TIMEOUT_S: Final = 10.0
LAST_WORDS_S: Final = 1.0  # what was asked for just before closing gets so long
FEW_OUTGOING: Final = 8  # messages; beyond these the way out is full, and poses wait
MAX_SNAPSHOT: Final = 4 * MAX_RECORDS  # records at joining; deleted ones are among them


@dataclass(frozen=True, slots=True)
class Person:
    """Who wants to join, and how."""

    name: str
    role: Role
    language: str
    display: str
    ticket: str | None
    site: str = ""


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
        patient: bool = False,
    ) -> None:
        self._address = address
        self._person = person
        self._state = state
        self.commands = CommandDesk(state, resume_path, address.url, self._send)
        self._remembered = Remembered()
        self._joined_once = False
        self._patient = patient
        self._socket: WatchedConnection | None = None
        self._ready = False
        self._closing: Closing | None = None
        self._outgoing: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self.poses = PoseSender(
            pose,
            pose_rate_hz,
            self._send,
            lambda: self._ready and len(self._outgoing) <= FEW_OUTGOING,
            lambda: state.line()[1],
        )
        self._decoder = BatchDecoder()
        self._incoming: list[RecordInfo] = []
        self._difference = False
        self._last_number = 0

    # -- called on the loop --------------------------------------------------------------------

    def ask_history(self, ask: AskHistory) -> None:
        """Ask what was done to a record; only a connected server can tell."""
        if self._ready:
            self._send(encode(ask))
        else:
            self._state.tell(CommandRefused(ask.id, "session-needs-connection", {}))

    def _send(self, message: bytes) -> None:
        self._outgoing.append(message)
        self._wake.set()

    async def run(self) -> None:
        """Connect, and connect again, until cancelled or refused for good."""
        patience = Patience()
        if self._patient:
            self._state.away_since = time.monotonic()
        self._remembered = await self.commands.open()
        while True:
            lost = Lost()
            try:
                await self._one_connection(patience)
            except Ended as ended:
                self._state.set_status(ended.status)
                return
            except Lost as error:
                lost = error
            finally:
                self._disconnected()
            self._state.set_status(lost.status)
            await patience.wait(lost.wait_s)

    def _disconnected(self) -> None:
        if self._ready:
            self._state.away_since = time.monotonic()
        self._ready = False
        self.commands.lost()

    async def leave(self) -> None:
        """Say goodbye, if there is anybody to say it to."""
        socket = self._socket
        if socket is None or not self._ready:
            return
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                # What was asked for before closing goes out, and is settled, before the goodbye.
                await self.commands.all_settled()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self._outgoing:
                    await socket.send(self._outgoing.popleft())
                await socket.send(encode(Bye()))
                await socket.close()

    async def close(self) -> None:
        """Let the files go; what is not settled stays in them."""
        await self.commands.close()

    # -- one connection ------------------------------------------------------------------------

    async def _one_connection(self, patience: Patience) -> None:
        try:
            socket = await connect(
                self._address.url,
                ssl=self._address.tls,
                compression=None,
                max_size=MAX_SERVER_MESSAGE,
                open_timeout=OPEN_TIMEOUT_S,
                ping_interval=None,  # we ask for the room's time, and watch for any answer
                close_timeout=1.0,
                proxy=None,
                create_connection=WatchedConnection,
            )
        except (OSError, InvalidHandshake, InvalidURI, EOFError, UnicodeError) as error:
            raise self._failure(error) from error
        assert isinstance(socket, WatchedConnection)
        self._socket = socket
        self._closing = None
        patience.peer = _numeric(socket)
        helpers: list[asyncio.Task[None]] = []
        try:
            await self._join(socket)
            patience.worked()
            helpers = [
                asyncio.create_task(self._send_all(socket)),
                asyncio.create_task(self.poses.run()),
                asyncio.create_task(self._exchange_clocks()),
                asyncio.create_task(self._watch(socket)),
            ]
            async for data in socket:
                self._take(data)
            raise self._closed(socket)
        except ConnectionClosed as error:
            raise self._closed(socket) from error
        except Malformed as error:
            if not self._joined_once:
                raise Ended(error.message_id, error.arguments) from error
            raise Lost from error
        finally:
            self._socket = None
            for helper in helpers:
                helper.cancel()
            for ended in await asyncio.gather(*helpers, return_exceptions=True):
                if isinstance(ended, Exception):  # a defect of ours, not a cancelling
                    log.error("a part of the connection ended", exc_info=ended)
            socket.transport.abort()

    @staticmethod
    async def _watch(socket: WatchedConnection) -> None:
        await silence(socket)
        log.info("nothing was heard for too long: the line is taken for dead")
        socket.transport.abort()

    def _ending(self, ending: Ended | Lost) -> Ended | Lost:
        return patiently(ending) if self._patient and not self._joined_once else ending

    def _failure(self, error: BaseException) -> Exception:
        return self._ending(failed(self._address, error, self._joined_once))

    def _closed(self, socket: WatchedConnection) -> Exception:
        code, reason = socket.close_code, socket.close_reason or ""
        gone = closed(self._address, code, reason, self._closing is not None, self._joined_once)
        return self._ending(gone)

    async def _join(self, socket: WatchedConnection) -> None:
        person, epoch = self._person, self.commands.epoch
        hello = Hello(
            versions=list(SUPPORTED_VERSIONS),
            name=person.name,
            role=person.role,
            language=person.language,
            display=person.display,
            site=person.site,
            ticket=person.ticket,
            resume=self._remembered.token or None,
            epoch=epoch or None,
            last_number=self._state.last_number if epoch else 0,
        )
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                await socket.send(encode(hello))
                message = await self._first_answer(socket)
        except TimeoutError as error:
            raise self._failure(error) from error
        if isinstance(message, Refusal):
            raise self._ending(refused(message, self._joined_once))
        self._welcome(message)

    @staticmethod
    async def _first_answer(socket: WatchedConnection) -> Welcome | Refusal:
        data = await socket.recv()
        message = decode_server(data) if isinstance(data, bytes) else None
        if isinstance(message, Welcome | Refusal):
            return message
        raise Malformed("server-malformed", what="welcome")

    def _welcome(self, welcome: Welcome) -> None:
        state = self._state
        state.start_clock(time.monotonic(), welcome.time)
        if self._joined_once and welcome.member != state.me:
            state.tell(SessionNotice("session-new-identity", {}))
        self._remembered = Remembered(welcome.resume, welcome.epoch, welcome.member)
        self.commands.remember(self._remembered)
        self._difference = welcome.difference
        self._last_number = welcome.last_number
        self._incoming = []
        self._decoder = BatchDecoder()
        self._outgoing.clear()
        state.me = welcome.member
        state.role = welcome.role
        state.permissions = frozenset(welcome.permissions)
        state.http_base = welcome.http
        state.http_token = welcome.http_token
        state.names = MappingProxyType(dict(welcome.names))
        state.set_members(welcome.members, welcome.member)
        state.take_observations(welcome.observations)

    def _snapshot_complete(self) -> None:
        state = self._state
        self.commands.joined(self._remembered.epoch)
        state.take_records(self._incoming, everything=not self._difference)
        state.last_number = max(state.last_number, self._last_number)
        self._incoming = []
        self._joined_once = True
        self._ready = True
        state.away_since = None
        state.set_status(SessionStatus("joined"))
        self.commands.connected()

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
                self.commands.accepted(message.id, message.number)
            case RefusedMessage():
                self.commands.not_accepted(message)
            case History():
                entries = tuple(message.entries)
                state.tell(HistoryArrived(message.id, message.record, entries, message.more))
            case Quality():
                state.take_quality(message.values)
            case Closing():
                self._closing = message
                state.tell(SessionNotice(message.message_id, {"seconds": round(message.seconds)}))
            case Observations():
                state.take_observations(message.values)
            case Welcome() | Refusal():
                raise Malformed("server-malformed", what=message.type)

    # -- sending -------------------------------------------------------------------------------

    async def _send_all(self, socket: WatchedConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outgoing:
                    await socket.send(self._outgoing.popleft())

    async def _exchange_clocks(self) -> None:
        begun = time.monotonic()
        while True:
            now = time.monotonic()
            _level, round_trip, jitter = self._state.line()
            self._send(encode(Ping(sent=now, round_trip=round_trip, jitter=jitter)))
            await asyncio.sleep(next_exchange(now - begun, self._state.spread()))


def _numeric(socket: WatchedConnection) -> tuple[str, int] | None:
    address = socket.remote_address
    return (str(address[0]), int(address[1])) if address else None
