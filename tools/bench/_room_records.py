"""Fills a room with records for a benchmark, by one member after the other.

Speaks the protocol through sockets of its own; it measures nothing.
"""

from __future__ import annotations

import asyncio

from ulid import ULID
from websockets.asyncio.client import connect

from sync_server.wire.limits import MAX_SERVER_MESSAGE
from sync_server.wire.messages import Ack, Command, CommandRefused, Hello, decode_server, encode
from sync_server.wire.poses import BATCH_FRAME

WRITERS = 50  # each may say two hundred things at once, then it is slowed down
TIMEOUT_S = 120.0


async def _write(url: str, writer: int, count: int) -> None:
    async with connect(
        url, compression=None, proxy=None, max_size=MAX_SERVER_MESSAGE, max_queue=None
    ) as socket:
        await socket.send(encode(Hello(versions=[1], role="engineer", name=f"Writer {writer}")))
        acknowledged = sent = 0
        while acknowledged < count:
            while sent < min(acknowledged + 40, count):
                position = [float(sent % 100), float(writer), 1.5]
                payload = {"position": position, "text": f"Crack {sent} seen by writer {writer}"}
                command = Command(id=str(ULID()), kind="annotation", payload=payload)
                await socket.send(encode(command))
                sent += 1
            data = await socket.recv()
            assert isinstance(data, bytes)
            if data[0] == BATCH_FRAME:
                continue
            message = decode_server(data)
            if isinstance(message, CommandRefused):
                raise RuntimeError(f"refused: {message.message_id}")
            acknowledged += isinstance(message, Ack)


def write_records(url: str, count: int) -> None:
    """Write `count` annotations. Raises RuntimeError or TimeoutError where they are not taken."""

    async def all_in_turn() -> None:
        async with asyncio.timeout(TIMEOUT_S):
            for writer in range(WRITERS):
                await _write(url, writer, -(-count // WRITERS))

    asyncio.run(all_in_turn())
