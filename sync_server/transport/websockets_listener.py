"""The `websockets` library behind our interface: listens, upgrades, sets the socket's options.

Knows no room and no message; a plain HTTP request is answered with one helpful line.
"""

from __future__ import annotations

import http
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from sync_server.transport.connection import Connection
from sync_server.wire.limits import MAX_MEMBER_MESSAGE

Serve = Callable[[Connection, str], Awaitable[None]]  # connection, path

PING_INTERVAL_S: Final = 10.0
PING_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 2.0
# Unsent bytes that the kernel may hold: without this 4.3 MB (57 s) of stale poses wait there.
NOT_SENT_LOW_WATER: Final = 16384
_TCP_NOTSENT_LOWAT: Final = getattr(socket, "TCP_NOTSENT_LOWAT", None) or (
    25 if hasattr(socket, "TCP_CORK") else None  # Linux's number, where Python does not name it
)


class WebsocketConnection:
    """One upgraded connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        request = connection.request
        header = request.headers.get("Host", "") if request is not None else ""
        self.host = host_of(header)
        address = connection.remote_address
        self.remote = f"{address[0]}:{address[1]}" if address else "?"
        raw = connection.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _TCP_NOTSENT_LOWAT is not None:
                raw.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER)

    def backlog(self) -> int:
        """Bytes that wait in this process."""
        return self._connection.transport.get_write_buffer_size()

    def send_framed(self, frame: bytes) -> None:
        """Write a prepared frame. Data frames of a server carry no state, so that between whole
        messages (we never send fragments) writing past the protocol object is sound."""
        if self._connection.protocol.state is State.OPEN:
            self._connection.transport.write(frame)

    async def messages(self) -> AsyncIterator[bytes | str]:
        """What comes, until either side closes."""
        try:
            async for message in self._connection:
                yield message
        except ConnectionClosed:
            return

    async def close(self, code: int, reason: str) -> None:
        """Closing handshake; the library cuts it off after CLOSE_TIMEOUT_S."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Drop it."""
        self._connection.transport.abort()


def host_of(header: str) -> str:
    """The host of a Host header, without its port; brackets stay around an IPv6 address."""
    if header.startswith("["):
        return header[: header.find("]") + 1]
    return header.rsplit(":", 1)[0] if ":" in header else header


def _answer_plain_http(connection: ServerConnection, request: Request) -> Response | None:
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return None
    text = "This is a Kenish room server. Enter it with: kenish join ws://HOST:PORT/ROOM\n"
    response: Response = connection.respond(http.HTTPStatus.UPGRADE_REQUIRED, text)
    response.headers.update(Headers({"Upgrade": "websocket"}))
    return response


class _OneLine(logging.Filter):
    """Handshakes that failed are the other side's mistake: one line, no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.exc_text = None
        return True


_ONE_LINE: Final = _OneLine()  # one for all listeners: adding it again changes nothing


async def listen(handler: Serve, sockets: list[socket.socket]) -> list[Server]:
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
            compression=None,
            max_size=MAX_MEMBER_MESSAGE,
            max_queue=64,
            open_timeout=10,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            process_request=_answer_plain_http,
            server_header="kenish",
            logger=logger,
        )
        for one in sockets
    ]
