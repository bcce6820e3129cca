"""Sockets by hand for the benchmark `attack`: upgrades and frames that no client would make.

Judges nothing; what a kind of attack does with it is in `_attack_kinds.py`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sync_server.wire.errors import Malformed
from sync_server.wire.messages import Refusal, decode_server

BINARY: Final = 0x2
TEXT: Final = 0x1
CONTINUATION: Final = 0x0
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA


@dataclass(slots=True)
class Target:
    """Whom to attack, from which addresses, for how long; what was seen is kept in `seen`."""

    host: str
    port: int
    http_port: int
    room: str
    seconds: float
    secret: bytes
    addresses: list[str]
    seed: int = 1
    connections: int = 200
    seen: Counter[str] = field(default_factory=Counter)
    end: float = 0.0

    def __post_init__(self) -> None:
        self.end = time.monotonic() + self.seconds

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.end


class Raw:
    """A TCP connection, perhaps upgraded."""

    def __init__(
        self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.target = target
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, target: Target, address: str, http: bool = False) -> Raw:
        """Connect from an address of ours. Raises OSError."""
        port = target.http_port if http else target.port
        try:
            reader, writer = await asyncio.open_connection(
                target.host, port, local_addr=(address, 0), limit=1 << 20
            )
        except OSError:
            target.seen["no connection"] += 1
            raise
        target.seen["connections"] += 1
        return cls(target, reader, writer)

    async def upgrade(self, *headers: str) -> bytes:
        """Ask for a WebSocket; the server's answer."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET /{self.target.room} HTTP/1.1",
            f"Host: {self.target.host}:{self.target.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(10):
            return await self.reader.readuntil(b"\r\n\r\n")

    def frame(self, data: bytes, opcode: int = BINARY, fin: bool = True, rsv: int = 0) -> None:
        """Write one masked frame."""
        self.write(framed(data, opcode, fin, rsv))

    def write(self, data: bytes) -> None:
        """Write bytes, unless the server has ended the connection already."""
        if not self.writer.transport.is_closing():
            self.writer.write(data)

    async def answers(self, seconds: float = 0.3) -> None:
        """Read what comes for a moment and count refusals by name."""
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(seconds):
                while True:
                    head = await self.reader.readexactly(2)
                    length = head[1] & 0x7F
                    if length == 126:
                        length = int.from_bytes(await self.reader.readexactly(2), "big")
                    elif length == 127:
                        length = int.from_bytes(await self.reader.readexactly(8), "big")
                    data = await self.reader.readexactly(length)
                    if head[0] & 0xF == BINARY and data[:1] != b"\x02":
                        with contextlib.suppress(Malformed):
                            message = decode_server(data)
                            if isinstance(message, Refusal):
                                self.target.seen[f"refused {message.message_id}"] += 1

    def close(self) -> None:
        """Drop it."""
        with contextlib.suppress(Exception):
            self.writer.transport.abort()


def framed(data: bytes, opcode: int = BINARY, fin: bool = True, rsv: int = 0) -> bytes:
    """A client's frame; the mask is zero, which is allowed and cheap."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    length = len(data)
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 65536:
        head = bytes((first, 0xFE)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + length.to_bytes(8, "big")
    return head + bytes(4) + data
