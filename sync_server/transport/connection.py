"""What a room's host needs of a member's connection, whatever library carries it.

An interface only: `websockets_listener` has the one implementation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Connection(Protocol):
    """An open, bidirectional stream of binary messages. Nothing here blocks or waits."""

    @property
    def remote(self) -> str:
        """The other side's address, for the log."""
        ...

    @property
    def host(self) -> str:
        """The host name (without port) that the other side used to get here."""
        ...

    def backlog(self) -> int:
        """Bytes that were sent but not yet taken by the system."""
        ...

    def send_framed(self, frame: bytes) -> None:
        """Send a message that `framed` has prepared, the same bytes to many."""
        ...

    def messages(self) -> AsyncIterator[bytes | str]:
        """What the other side sends, until it closes."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close politely, within a few seconds."""
        ...

    def abort(self) -> None:
        """Drop the connection and everything that waits to be sent."""
        ...


def framed(message: bytes) -> bytes:
    """A binary WebSocket frame from a server (unmasked, no extension): made once for many."""
    length = len(message)
    if length < 126:
        return bytes((0x82, length)) + message
    if length < 65536:
        return b"\x82\x7e" + length.to_bytes(2, "big") + message
    return b"\x82\x7f" + length.to_bytes(8, "big") + message
