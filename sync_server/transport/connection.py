"""What a room's host needs of a member's connection, whatever library carries it.

An interface only: `websockets_listener` and `picows_listener` implement it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Protocol

PING_INTERVAL_S: Final = 10.0
PING_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 2.0
HANDSHAKE_TIMEOUT_S: Final = 10.0
MAX_QUEUE: Final = 64  # messages that wait to be handled; then the socket is not read
# Frames of any kind: four times what a program of ours ever sends, and what an outage saves up.
FRAMES_A_SECOND: Final = 500.0
FRAME_BURST: Final = 1000.0
PONG_BACKLOG: Final = 64 * 1024  # bytes of pongs that wait for somebody who only asks


class Connection(Protocol):
    """An open, bidirectional stream of binary messages. Nothing here blocks or waits."""

    @property
    def remote(self) -> str:
        """The other side's address and port, for the log."""
        ...

    @property
    def address(self) -> str:
        """The other side's address without the port, for limits by address."""
        ...

    @property
    def host(self) -> str:
        """The host name (without port) that the other side used to get here."""
        ...

    @property
    def origin(self) -> str:
        """The page that opened it (the `Origin` header); empty where it is no browser."""
        ...

    @property
    def secure(self) -> bool:
        """Whether it came in through our own TLS."""
        ...

    @property
    def fault(self) -> str:
        """Why we dropped it, as a message id: `server-flood` (more frames than FRAMES_A_SECOND),
        `server-frames` (no WebSocket frames, or too large); empty where we did not."""
        ...

    def header(self, name: str) -> str:
        """A header of the upgrade request; empty where there is none."""
        ...

    def backlog(self) -> int:
        """Bytes that were sent but not yet taken by the system."""
        ...

    def send_framed(self, frame: bytes) -> None:
        """Send a message that `framed` has prepared, the same bytes to many."""
        ...

    def send_if_idle(self, frame: bytes) -> bool:
        """Send it only where nothing waits; False where something does."""
        ...

    def divert(self, first_byte: int, handler: Callable[[bytes], None]) -> None:
        """Hand binary messages that begin with that byte to `handler` at once: they no longer
        come out of `messages`. The handler raises nothing."""
        ...

    def messages(self) -> AsyncIterator[bytes | str]:
        """What the other side sends, until it closes."""
        ...

    def gone(self) -> asyncio.Future[None]:
        """Done when the other side is gone; not to be cancelled."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close politely, within a few seconds."""
        ...

    def abort(self) -> None:
        """Drop the connection and everything that waits to be sent."""
        ...


Serve = Callable[[Connection, str], Awaitable[None]]  # connection, path


class Listening(Protocol):
    """A socket that is served."""

    def close(self, close_connections: bool = True) -> None:
        """Take no new connections; `close_connections=False` leaves those that there are."""
        ...

    async def wait_closed(self) -> None:
        """Wait until the last connection has ended."""
        ...


def framed(message: bytes) -> bytes:
    """A binary WebSocket frame from a server (unmasked, no extension): made once for many."""
    length = len(message)
    if length < 126:
        return bytes((0x82, length)) + message
    if length < 65536:
        return b"\x82\x7e" + length.to_bytes(2, "big") + message
    return b"\x82\x7f" + length.to_bytes(8, "big") + message


def host_of(header: str) -> str:
    """The host of a Host header, without its port; brackets stay around an IPv6 address."""
    if header.startswith("["):
        return header[: header.find("]") + 1]
    return header.rsplit(":", 1)[0] if ":" in header else header
