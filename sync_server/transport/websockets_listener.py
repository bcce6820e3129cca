"""The `websockets` library behind our interface: listens, upgrades, sets the socket's options.

Knows no room and no message; a plain HTTP request is answered with one helpful line.
"""

from __future__ import annotations

import asyncio
import http
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers, MultipleValuesError
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

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
from sync_server.wire.limits import MAX_MEMBER_MESSAGE

_PIECE: Final = 1024  # bytes that are read at once: 170 of the smallest frames
_FAULTS: Final = frozenset({1002, 1007, 1009})  # codes with which the library refuses frames
PLAIN_HTTP: Final = "This is a Kenish room server. Enter it with: kenish join ws://HOST:PORT/ROOM\n"


class WebsocketConnection:
    """One upgraded connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._transport: Any = connection.transport
        self._divert: tuple[int, Callable[[bytes], None]] | None = None
        self.host = host_of(self.header("Host"))
        self.origin = self.header("Origin")
        address = connection.remote_address
        self.address = str(address[0]) if address else "?"
        self.remote = f"{address[0]}:{address[1]}" if address else "?"
        self.secure = self._transport.get_extra_info("ssl_object") is not None
        sockets.prepare(self._transport.get_extra_info("socket"))

    @property
    def fault(self) -> str:
        """Why we dropped it."""
        if isinstance(self._connection, _BoundedConnection) and self._connection.flooded:
            return "server-flood"
        sent = self._connection.protocol.close_sent
        return "server-frames" if sent is not None and sent.code in _FAULTS else ""

    def header(self, name: str) -> str:
        """A header of the upgrade request."""
        request = self._connection.request
        if request is None:
            return ""
        try:
            return request.headers.get(name, "")
        except MultipleValuesError:
            return ""

    def backlog(self) -> int:
        """Bytes that wait in this process."""
        waiting: int = self._transport.get_write_buffer_size()
        return waiting

    def send_framed(self, frame: bytes) -> None:
        """Write a prepared frame. Data frames of a server carry no state, so that between whole
        messages (we never send fragments) writing past the protocol object is sound."""
        if self._connection.protocol.state is State.OPEN:
            self._transport.write(frame)

    def send_if_idle(self, frame: bytes) -> bool:
        """Write a prepared frame where nothing waits."""
        if self._transport.get_write_buffer_size():
            return False
        self.send_framed(frame)
        return True

    def divert(self, first_byte: int, handler: Callable[[bytes], None]) -> None:
        """Messages with that first byte go to the handler."""
        self._divert = first_byte, handler

    async def messages(self) -> AsyncIterator[bytes | str]:
        """What comes, until either side closes."""
        try:
            async for message in self._connection:
                if (
                    self._divert is not None
                    and isinstance(message, bytes)
                    and message
                    and message[0] == self._divert[0]
                ):
                    self._divert[1](message)
                else:
                    yield message
        except ConnectionClosed:
            return

    def gone(self) -> asyncio.Future[None]:
        """Done when the socket is closed."""
        return self._connection.connection_lost_waiter

    async def close(self, code: int, reason: str) -> None:
        """Closing handshake, cut off after CLOSE_TIMEOUT_S: the library alone would first wait
        until everything is sent."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._connection.close(code, reason)
        except TimeoutError:
            self.abort()

    def abort(self) -> None:
        """Drop it."""
        self._transport.abort()


class _BoundedConnection(ServerConnection):
    """Whoever asks for pongs and does not read them is dropped before they fill the memory."""

    _pongs = 0
    flooded = False

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._frames = Bucket(FRAMES_A_SECOND, FRAME_BURST)

    def process_event(self, event: Any) -> None:
        """Count frames, those that the library answers by itself among them."""
        if self._frames.take(time.monotonic()):
            super().process_event(event)
        elif not self.flooded:
            self.flooded = True
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what comes in pieces: of a flood nothing more is read once it is known as one."""
        if len(data) <= _PIECE:  # as nearly always
            self._take(data)
            return
        for start in range(0, len(data), _PIECE):
            if self.flooded:
                return
            self._take(data[start : start + _PIECE])

    def _take(self, data: bytes) -> None:
        """Count what an incoming piece makes the library answer by itself."""
        before = self.transport.get_write_buffer_size()
        super().data_received(data)
        after = self.transport.get_write_buffer_size()
        self._pongs = 0 if after == 0 else self._pongs + max(after - before, 0)
        if self._pongs > PONG_BACKLOG:
            self.transport.abort()


def _answer_plain_http(connection: ServerConnection, request: Request) -> Response | None:
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return None
    response: Response = connection.respond(http.HTTPStatus.UPGRADE_REQUIRED, PLAIN_HTTP)
    response.headers.update(Headers({"Upgrade": "websocket"}))
    return response


class _OneLine(logging.Filter):
    """Handshakes that failed are the other side's mistake: one line, no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.exc_text = None
        return True


_ONE_LINE: Final = _OneLine()  # one for all listeners: adding it again changes nothing


async def listen(
    handler: Serve, bound: list[socket.socket], tls: ssl.SSLContext | None = None
) -> list[Server]:
    """Serve rooms on sockets that are bound already; one server for each."""
    logger = logging.getLogger("kenish.socket")
    logger.addFilter(_ONE_LINE)

    async def handle(connection: ServerConnection) -> None:
        request = connection.request
        path = request.path if request is not None else "/"
        await handler(WebsocketConnection(connection), path)

    return [
        await serve(
            handle,
            sock=one,
            ssl=tls,
            compression=None,
            max_size=MAX_MEMBER_MESSAGE,
            max_queue=MAX_QUEUE,
            open_timeout=HANDSHAKE_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            process_request=_answer_plain_http,
            create_connection=_BoundedConnection,
            server_header="kenish",
            logger=logger,
        )
        for one in bound
    ]
