"""The `picows` library behind our interface: half the cost a frame of `websockets`.

Knows no room and no message. What picows leaves to its user is done here: messages are put
together from fragments and bounded, unread ones stop the socket, pongs and closing are bounded.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from sync_server.transport import sockets
from sync_server.transport.connection import (
    CLOSE_TIMEOUT_S,
    FRAME_BURST,
    FRAMES_A_SECOND,
    HANDSHAKE_TIMEOUT_S,
    MAX_QUEUE,
    PING_INTERVAL_S,
    PING_TIMEOUT_S,
    PONG_BACKLOG,
    Serve,
    host_of,
)
from sync_server.transport.rates import Bucket
from sync_server.transport.websockets_listener import PLAIN_HTTP
from sync_server.wire.limits import MAX_MEMBER_MESSAGE

# picows wants an answer within the time after which it asks: together as long as `websockets`.
_PING_S: Final = (PING_INTERVAL_S + PING_TIMEOUT_S) / 2
_READ_BUFFER: Final = 2048  # bytes at the start; it grows up to a message's size
# Looked up once: an attribute of picows' enumeration costs more than taking a frame's content.
_BINARY: Final = WSMsgType.BINARY
_PING: Final = WSMsgType.PING
_PONG: Final = WSMsgType.PONG
_CLOSE: Final = WSMsgType.CLOSE
_CONTINUATION: Final = WSMsgType.CONTINUATION
_TEXT: Final = WSMsgType.TEXT
_SOCKETS_ARE_FILES: Final = os.name == "posix"
_PROTOCOL_ERROR: Final = 1002
_INVALID_TEXT: Final = 1007
_TOO_BIG: Final = 1009


class _Ended:
    """Stands for picows' transport and asyncio's once the socket is closed.

    They know the connection too: kept, it would wait for the collector of cycles with all it holds.
    """

    is_disconnected: Final = True

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def nothing(self) -> None:
        """Done already."""

    abort = close = pause_reading = resume_reading = nothing


_ENDED: Final = _Ended()


class PicowsConnection(WSListener):
    """One upgraded connection."""

    __slots__ = (
        "_closing",
        "_cut_off",
        "_divert_byte",
        "_divert_to",
        "_file",
        "_frames",
        "_gone",
        "_parts",
        "_parts_size",
        "_parts_type",
        "_path",
        "_paused",
        "_queue",
        "_request",
        "_server",
        "_transport",
        "_unsent",
        "_wake",
        "_wire",
        "address",
        "fault",
        "host",
        "origin",
        "remote",
        "secure",
    )

    def __init__(self, request: WSUpgradeRequest, server: PicowsServer) -> None:
        self._request = request
        self._server = server
        self._path = request.path.decode("latin-1")
        self._transport: Any = None  # picows' own
        self._wire: Any = None  # asyncio's, below it
        self._file = -1  # the socket's descriptor, where bytes may be written to it directly
        self._unsent = False  # something waits in asyncio's transport
        self._closing = False  # a close frame was sent, or the connection is gone
        self._queue: deque[bytes | str] = deque()
        self._paused = False
        self._wake: asyncio.Future[None] | None = None
        self._cut_off: asyncio.TimerHandle | None = None
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._parts: list[bytes] = []
        self._parts_size = 0
        self._parts_type: Any = None
        self._divert_byte = -1
        self._divert_to: Callable[[bytes], None] | None = None
        self.host = host_of(self.header("Host"))
        self.origin = self.header("Origin")
        self.address = self.remote = "?"
        self.secure = False
        self.fault = ""
        self._frames = Bucket(FRAMES_A_SECOND, FRAME_BURST)

    # -- what a host uses ----------------------------------------------------------------------

    def header(self, name: str) -> str:
        """A header of the upgrade request; empty where it is not there exactly once."""
        values = self._request.headers.getall(name, [])
        return values[0] if len(values) == 1 else ""

    def backlog(self) -> int:
        """Bytes that wait in this process."""
        waiting: int = self._wire.get_write_buffer_size()
        return waiting

    def send_framed(self, frame: bytes) -> None:
        """Write a prepared frame past picows, which would frame it again for each receiver."""
        if not self._closing:
            self._wire.write(frame)

    def send_if_idle(self, frame: bytes) -> bool:
        """Write a prepared frame where nothing waits."""
        if self._closing:
            return True
        if self._file < 0:
            if self._wire.get_write_buffer_size():
                return False
            self._wire.write(frame)
            return True
        if self._unsent:
            return False
        # Everybody's poses pass here: asyncio's own way to the same call takes as long again.
        try:
            written = os.write(self._file, frame)
        except BlockingIOError:
            return False
        except OSError:
            written = 0  # for asyncio to find out, and to end the connection
        if written < len(frame):
            self._wire.write(frame[written:])
        return True

    def divert(self, first_byte: int, handler: Callable[[bytes], None]) -> None:
        """Messages with that first byte go to the handler, those that wait already too."""
        self._divert_byte, self._divert_to = first_byte, handler
        waiting, self._queue = self._queue, deque()
        for message in waiting:
            self._put(message)

    async def messages(self) -> AsyncIterator[bytes | str]:
        """What comes, until either side closes."""
        while True:
            while self._queue:
                message = self._queue.popleft()
                if self._paused and len(self._queue) <= MAX_QUEUE // 2:
                    self._paused = False
                    self._wire.resume_reading()
                yield message
            if self._closing:
                return
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake

    def gone(self) -> asyncio.Future[None]:
        """Done when the socket is closed."""
        return self._gone

    async def close(self, code: int, reason: str) -> None:
        """Closing handshake, cut off after CLOSE_TIMEOUT_S."""
        self._say_goodbye(code, reason)
        await asyncio.wait([self._gone], timeout=CLOSE_TIMEOUT_S)
        self.abort()

    def abort(self) -> None:
        """Drop it."""
        self._wire.abort()

    # -- what picows calls ---------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is answered."""
        self._transport = transport
        self._wire = transport.underlying_transport
        address = self._wire.get_extra_info("peername")
        if address:
            self.address, self.remote = str(address[0]), f"{address[0]}:{address[1]}"
        self.secure = bool(transport.is_secure)
        raw = self._wire.get_extra_info("socket")
        sockets.prepare(raw)
        if raw is not None and not self.secure and _SOCKETS_ARE_FILES:
            # Told of the first byte that waits, and when there is none any more.
            self._wire.set_write_buffer_limits(high=0)
            self._file = raw.fileno()
        self._server.begin(self, self._path)

    def on_ws_frame(self, _transport: WSTransport, frame: WSFrame) -> None:
        """A frame has come, of any kind."""
        if not self._frames.take(time.monotonic()):
            self._flood()
            return
        kind = frame.msg_type
        if self._closing:
            if kind is _CLOSE:
                self._hang_up()
            return
        if frame.rsv1 or frame.rsv2 or frame.rsv3:  # no extension was agreed on
            self._fail(_PROTOCOL_ERROR, "reserved bits")
        elif kind is _BINARY and frame.fin and self._parts_type is None:
            data = frame.get_payload_as_bytes()
            if self._divert_to is not None and data and data[0] == self._divert_byte:
                self._divert_to(data)
            else:
                self._put(data)
        elif kind is _PING:
            # One pong answers all pings before it: for somebody who does not read one is enough.
            if self._wire.get_write_buffer_size() < PONG_BACKLOG:
                self._transport.send_pong(frame.get_payload_as_bytes())
        elif kind is _CLOSE:
            self._say_goodbye(1000, "")
            self._hang_up()
        elif kind is not _PONG:
            self._take_fragment(kind, frame)

    def _flood(self) -> None:
        """Drop somebody whose frames cost more than their answers would: no goodbye."""
        if self.fault != "server-flood":  # also while a closing handshake is waited for
            self.fault = "server-flood"
            self._end()
            self._wire.abort()

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """The socket is closed."""
        self._end()
        self._file = -1  # the number may be given to another one
        if self._cut_off is not None:  # it would keep all that came alive for seconds
            self._cut_off.cancel()
        if not self._gone.done():
            self._gone.set_result(None)
        self._transport = self._wire = _ENDED
        self._cut_off = self._wake = self._divert_to = None

    def pause_writing(self) -> None:
        """Something waits: `backlog` tells how much, which is ours to bound."""
        self._unsent = True

    def resume_writing(self) -> None:
        """Nothing waits any more."""
        self._unsent = False

    # ------------------------------------------------------------------------------------------

    def _take_fragment(self, kind: Any, frame: WSFrame) -> None:
        if (kind is _CONTINUATION) == (self._parts_type is None):
            self._fail(_PROTOCOL_ERROR, "fragments out of order")
            return
        data = frame.get_payload_as_bytes()
        if self._parts_type is None:
            self._parts_type = kind
        if data:
            self._parts.append(data)
        self._parts_size += len(data)
        if self._parts_size > MAX_MEMBER_MESSAGE:
            self._fail(_TOO_BIG, "too large")
        elif frame.fin:
            message, text = b"".join(self._parts), self._parts_type is _TEXT
            self._parts, self._parts_size, self._parts_type = [], 0, None
            if not text:
                self._put(message)
                return
            try:
                self._put(message.decode())
            except UnicodeDecodeError:
                self._fail(_INVALID_TEXT, "not UTF-8")

    def _put(self, message: bytes | str) -> None:
        if self._divert_to is not None and message and message[0] == self._divert_byte:
            self._divert_to(message)  # type: ignore[arg-type]
            return
        self._queue.append(message)
        if len(self._queue) >= MAX_QUEUE and not self._paused:
            self._paused = True
            self._wire.pause_reading()
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _fail(self, code: int, reason: str) -> None:
        self.fault = self.fault or "server-frames"
        self._say_goodbye(code, reason)
        self._hang_up()

    def _say_goodbye(self, code: int, reason: str) -> None:
        if not self._closing and not self._transport.is_disconnected:
            self._transport.send_close(code, reason[:120].encode())
        self._end()
        if self._paused:  # the other side's close frame may wait behind what is not read
            self._paused = False
            self._wire.resume_reading()

    def _hang_up(self) -> None:
        """Close once all is sent, and drop what somebody does not read."""
        self._wire.close()
        if self._cut_off is None and not self._gone.done():
            loop = asyncio.get_running_loop()
            self._cut_off = loop.call_later(CLOSE_TIMEOUT_S, self._wire.abort)

    def _end(self) -> None:
        self._closing = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class _Quiet(logging.LoggerAdapter[logging.Logger]):
    """What picows calls errors are mostly the other side's: said at INFO, without a traceback."""

    def log(self, level: int, msg: object, *args: Any, **more: Any) -> None:
        """Everything that picows says of the other side."""
        self.logger.log(min(level, logging.INFO), msg, *args)

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Nothing is added."""
        return msg, kwargs


class PicowsServer:
    """One listening socket with its connections."""

    def __init__(self, handler: Serve) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._connections: set[PicowsConnection] = set()

    async def start(self, bound: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Serve a socket that is bound already."""
        self._server = await ws_create_server(
            self._meet,
            sock=bound,
            ssl=tls,
            websocket_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            logger_name=_Quiet(logging.getLogger("kenish.socket"), {}),
            enable_auto_ping=True,
            auto_ping_idle_timeout=_PING_S,
            auto_ping_reply_timeout=_PING_S,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            enable_auto_pong=False,
            max_frame_size=MAX_MEMBER_MESSAGE,
            read_buffer_init_size=_READ_BUFFER,
        )

    def _meet(self, request: WSUpgradeRequest) -> PicowsConnection | WSUpgradeResponseWithListener:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return PicowsConnection(request, self)
        response = WSUpgradeResponse.create_error_response(
            HTTPStatus.UPGRADE_REQUIRED, PLAIN_HTTP.encode(), {"Upgrade": "websocket"}
        )
        return WSUpgradeResponseWithListener(response, None)

    def begin(self, connection: PicowsConnection, path: str) -> None:
        """Handle an upgraded connection in a task of its own."""
        task = asyncio.create_task(self._handle(connection, path))
        self._running.add(task)
        self._connections.add(connection)
        task.add_done_callback(self._running.discard)

    async def _handle(self, connection: PicowsConnection, path: str) -> None:
        try:
            await self._handler(connection, path)
            await connection.close(1000, "")
        except Exception:
            logging.getLogger("kenish.room").exception("a connection's handler failed")
            connection.abort()
        finally:
            self._connections.discard(connection)

    def close(self, close_connections: bool = True) -> None:
        """Take no new connections."""
        if self._server is not None:
            self._server.close()
        if close_connections:
            for one in list(self._connections):
                one.abort()

    async def wait_closed(self) -> None:
        """Wait until the last connection has ended."""
        if self._running:
            await asyncio.wait(set(self._running))


async def listen(
    handler: Serve, bound: list[socket.socket], tls: ssl.SSLContext | None = None
) -> list[PicowsServer]:
    """Serve rooms on sockets that are bound already; one server for each."""
    servers = []
    for one in bound:
        server = PicowsServer(handler)
        await server.start(one, tls)
        servers.append(server)
    return servers
