"""Both libraries behind one interface: the same messages, bounds and goodbyes on real sockets."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sync_server.transport import listeners, picows_listener, websockets_listener
from sync_server.transport.connection import PONG_BACKLOG, Connection, framed
from sync_server.wire.errors import Refused
from sync_server.wire.limits import MAX_MEMBER_MESSAGE
from tests.sync_server.support import DEADLINE_S

LISTENERS = {"picows": picows_listener, "websockets": websockets_listener}
Handler = Callable[[Connection, str], Awaitable[None]]


class Port:
    """A listening socket whose connections go to a handler."""

    def __init__(self, name: str, handler: Handler) -> None:
        self._listen = LISTENERS[name].listen
        self._handler = handler
        self._servers: list[Any] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/mine?x=1"

    async def __aenter__(self) -> Port:
        self._servers = list(await self._listen(self._handler, [self._socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._servers:
            one.close()
        async with asyncio.timeout(DEADLINE_S):
            for one in self._servers:
                await one.wait_closed()
        self._socket.close()

    def client(self, **more: Any) -> connect:
        return connect(self.url, compression=None, proxy=None, max_size=None, **more)

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Upgraded by hand, then bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(upgrade())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101")
        return reader, writer


def upgrade(extra: str = "") -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /mine HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extra}"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


async def server_frame(reader: asyncio.StreamReader) -> bytes:
    """The content of the next whole frame."""
    first, length = await reader.readexactly(2)
    assert first == 0x82
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    return await reader.readexactly(length)


def frame(kind: int, data: bytes, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """A client's frame."""
    length = len(data)
    size = bytes((length,)) if length < 126 else b"\x7e" + struct.pack(">H", length)
    first = (0x80 if fin else 0) | rsv << 4 | kind
    if not masked:
        return bytes((first,)) + size + data
    return bytes((first, size[0] | 0x80)) + size[1:] + bytes(4) + data


async def echo(connection: Connection, _path: str) -> None:
    async for message in connection.messages():
        data = message if isinstance(message, bytes) else b"text:" + message.encode()
        connection.send_framed(framed(data))


@pytest.fixture(params=sorted(LISTENERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(test: Awaitable[None]) -> None:
    async def inside() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await test

    asyncio.run(inside())


async def close_code(reader: asyncio.StreamReader) -> int | None:
    """The code of the close frame that comes; None where the socket just ends."""
    data = b""
    while chunk := await reader.read(4096):
        data += chunk
    return int.from_bytes(data[2:4], "big") if data[:1] == b"\x88" else None


def test_what_a_connection_knows_of_its_request(name: str) -> None:
    async def test() -> None:
        seen: list[tuple[object, ...]] = []

        async def look(one: Connection, path: str) -> None:
            seen.append((path, one.address, one.host, one.origin, one.secure, one.header("X-Of")))
            assert one.remote.startswith("127.0.0.1:")
            await one.close(4001, "looked")

        async with Port(name, look) as port:
            extra = {"X-Of": "mine"}
            async with port.client(origin="https://a.example", additional_headers=extra) as one:
                with pytest.raises(ConnectionClosed) as closed:
                    await one.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "looked")
        wanted = ("/mine?x=1", "127.0.0.1", "127.0.0.1", "https://a.example", False, "mine")
        assert seen == [wanted]

    run(test())


def test_messages_of_every_size_come_whole_and_in_order(name: str) -> None:
    async def test() -> None:
        sizes = [0, 1, 125, 126, 127, 2000, MAX_MEMBER_MESSAGE - 1, MAX_MEMBER_MESSAGE]
        async with Port(name, echo) as port, port.client() as one:
            for size in sizes:
                await one.send(bytes([size % 251]) * size)
            for size in sizes:
                assert await one.recv() == bytes([size % 251]) * size
            await one.send("құрмет")
            assert await one.recv() == "text:құрмет".encode()
            await one.send([b"in", b"", b" several ", b"frames"])  # fragments
            assert await one.recv() == b"in several frames"
            waiter = await one.ping(b"there?")
            await waiter

    run(test())


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (frame(2, b"x" * (MAX_MEMBER_MESSAGE + 1)), {1009}),
        (frame(2, b"x" * 9000, fin=False) + frame(0, b"x" * 9000), {1009}),
        (frame(2, b"x", masked=False), {1002}),
        (frame(2, b"x", rsv=4), {1002}),
        (frame(3, b"x"), {1002}),
        (frame(0, b"x"), {1002}),
        (frame(2, b"x", fin=False) + frame(2, b"y"), {1002}),
        (frame(9, b"x", fin=False), {1002}),
        (frame(9, b"x" * 126), {1002}),
        (frame(1, b"\xff\xfe"), {1007}),
        (frame(8, b"\x03\xe8"), {1000}),
        (frame(8, b""), {1000, 1005}),
    ],
)
def test_a_broken_frame_ends_the_connection_with_its_code(
    name: str, sent: bytes, codes: set[int]
) -> None:
    async def test() -> None:
        async with Port(name, echo) as port:
            reader, writer = await port.raw()
            writer.write(sent)
            code = await close_code(reader)
            assert code in codes or (code is None and 1005 in codes) or code == 0
            writer.close()

    run(test())


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET /mine HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 40_000 + b"\r\n\r\n",
        b"POST /mine HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        upgrade().replace(b"Version: 13", b"Version: 12"),
        upgrade().replace(b"Sec-WebSocket-Key", b"Sec-WebSocket-Kex"),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_upgrade_never_becomes_a_connection(name: str, sent: bytes) -> None:
    async def test() -> None:
        async def never(_connection: Connection, _path: str) -> None:
            raise AssertionError("upgraded")

        async with Port(name, never) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
            writer.write(sent)
            if not sent.startswith(b"GET"):
                writer.write_eof()
            try:
                answer = await reader.read()
            except ConnectionResetError:
                answer = b""
            assert not answer.startswith(b"HTTP/1.1 101")
            if sent.startswith(b"GET / HTTP"):
                assert answer.startswith(b"HTTP/1.1 426") and b"kenish join ws://" in answer
            writer.close()

    run(test())


def test_diverted_messages_go_past_the_others(name: str) -> None:
    async def test() -> None:
        fast: list[bytes] = []
        slow: list[bytes | str] = []

        async def handler(one: Connection, _path: str) -> None:
            one.divert(1, fast.append)
            async for message in one.messages():
                slow.append(message)
                one.send_framed(framed(b"ok"))

        async with Port(name, handler) as port, port.client() as one:
            await one.send(b"\x01a")
            await one.send([b"\x01", b"b"])
            await one.send(b"\x02c")
            await one.send(b"")
            await one.send("\x01d")
            for _ in range(3):
                assert await one.recv() == b"ok"
        assert fast == [b"\x01a", b"\x01b"]
        assert slow == [b"\x02c", b"", "\x01d"]

    run(test())


async def fill(writer: asyncio.StreamWriter, piece: bytes, limit: int) -> int:
    """Write until the other side takes no more for a second, or `limit` bytes are gone."""
    sent = 0
    while sent < limit:
        writer.write(piece)
        try:
            async with asyncio.timeout(1.0):
                await writer.drain()
        except TimeoutError:
            break
        sent += len(piece)
    return sent


def test_what_nobody_handles_is_not_read_either(name: str) -> None:
    """64 messages wait, then the sender does: memory of the server is not the sender's."""

    async def test() -> None:
        go_on = asyncio.Event()
        count = 0

        async def late(one: Connection, _path: str) -> None:
            nonlocal count
            await go_on.wait()
            async for _message in one.messages():
                count += 1

        async with Port(name, late) as port:
            reader, writer = await port.raw()
            limit = 64 * 1024 * 1024
            sent = await fill(writer, frame(2, b"x" * 16_000), limit)
            assert sent < limit
            go_on.set()
            await writer.drain()
            writer.write(frame(8, b"\x03\xe8"))
            await close_code(reader)
            writer.close()
        assert count >= sent // 16_010

    run(test())


def test_pings_that_nobody_reads_the_answers_of_fill_no_memory(name: str) -> None:
    async def test() -> None:
        largest = 0

        async def watch(one: Connection, _path: str) -> None:
            nonlocal largest

            async def look() -> None:
                nonlocal largest
                while True:
                    largest = max(largest, one.backlog())
                    await asyncio.sleep(0.002)

            looking = asyncio.create_task(look())
            async for _message in one.messages():
                pass
            looking.cancel()

        async with Port(name, watch) as port:
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.connect(("127.0.0.1", port.port))
            raw.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(raw, upgrade())
            assert b" 101 " in await loop.sock_recv(raw, 200)
            pings = frame(9, b"x" * 125) * 500
            try:
                for _ in range(120):  # 8 MB of pings
                    await loop.sock_sendall(raw, pings)
            except ConnectionError:
                pass
            raw.close()
        assert largest < PONG_BACKLOG + 256 * 1024

    run(test())


def test_a_close_that_nobody_answers_ends_all_the_same(name: str) -> None:
    async def test() -> None:
        ended = asyncio.Event()

        async def goodbye(one: Connection, _path: str) -> None:
            one.send_framed(framed(b"x" * 8_000_000))  # more than any buffer between takes
            await one.close(4005, "full")
            ended.set()

        async with Port(name, goodbye) as port:
            _reader, writer = await port.raw()
            writer.transport.pause_reading()
            await ended.wait()
            writer.transport.abort()

    run(test())


def test_idle_sends_that_fill_a_line_arrive_once_and_in_order(name: str) -> None:
    async def test() -> None:
        told: list[bytes] = []
        full, empty = asyncio.Event(), asyncio.Event()

        async def send(one: Connection, _path: str) -> None:
            # Uneven sizes, so that the line takes a part of the one that fills it.
            for turn in range(100_000):
                content = turn.to_bytes(4, "big") * (1 + turn * 7919 % 5000)
                if not one.send_if_idle(framed(content)):
                    break
                told.append(content)
            one.send_framed(framed(b"event"))
            told.append(b"event")
            full.set()
            await empty.wait()
            while not one.send_if_idle(framed(b"last")):  # noqa: ASYNC110
                await asyncio.sleep(0)  # asyncio has yet to hear that all is gone
            told.append(b"last")
            await one.gone()

        heard: list[bytes] = []
        async with Port(name, send) as port:
            reader, writer = await port.raw()  # which takes 128 kB by itself, and no more
            await full.wait()
            while not heard or heard[-1] != b"last":
                heard.append(await server_frame(reader))
                if heard[-1] == b"event":
                    empty.set()
            writer.close()
        assert 10 < len(heard) < 100_000
        assert heard == told

    run(test())


def test_an_idle_send_waits_behind_nothing(name: str) -> None:
    async def test() -> None:
        results: list[bool] = []

        async def send(one: Connection, _path: str) -> None:
            results.append(one.send_if_idle(framed(b"first")))
            one.send_framed(framed(b"x" * 8_000_000))
            results.append(one.send_if_idle(framed(b"second")))
            assert one.backlog() > 0
            async for _message in one.messages():
                results.append(one.send_if_idle(framed(b"third")))

        async with Port(name, send) as port:
            client: ClientConnection
            async with port.client() as client:
                assert await client.recv() == b"first"
                assert len(await client.recv()) == 8_000_000
                await client.send(b"done")
                assert await client.recv() == b"third"
        assert results == [True, False, True]

    run(test())


def test_the_library_can_be_named_and_a_wrong_name_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wanted in listeners.TRANSPORTS:
        monkeypatch.setenv(listeners.VARIABLE, wanted)
        assert listeners.transport_name() == wanted
    monkeypatch.setenv(listeners.VARIABLE, "carrier pigeon")
    with pytest.raises(Refused) as refused:
        listeners.transport_name()
    assert refused.value.message_id == "server-transport"
    monkeypatch.delenv(listeners.VARIABLE)
    assert listeners.transport_name() in listeners.TRANSPORTS


def test_a_gone_connection_waits_for_no_collection() -> None:
    # A server collects cycles rarely, so that poses are not held up: whoever has left and is part
    # of one would stay for half an hour, with all that the room held for it.
    async def hold(connection: Connection, _path: str) -> None:
        about = [connection]
        connection.divert(1, lambda _frame: about.clear())
        async for _message in connection.messages():
            connection.send_framed(framed(b"seen"))

    def here() -> int:
        return sum(type(one) is picows_listener.PicowsConnection for one in gc.get_objects())

    async def scenario() -> None:
        async with Port("picows", hold) as port:
            gc.collect()
            before = here()
            gc.disable()
            try:
                for _ in range(3):
                    async with port.client() as client:
                        await client.send(b"\x05")
                        assert await client.recv() == b"seen"
                async with asyncio.timeout(DEADLINE_S):
                    while here() > before:  # noqa: ASYNC110 - nothing tells of an object's end
                        await asyncio.sleep(0.01)
            finally:
                gc.enable()

    asyncio.run(scenario())
