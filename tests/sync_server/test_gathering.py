"""The gathering loop: what comes at once is taken at one look, and timers keep their time."""

from __future__ import annotations

import asyncio
import socket
import time

from sync_server.transport.gathering import CROWD, GatheringSelector

EVENT_READ = 1


def test_looks_lie_apart_while_something_comes_and_nothing_is_lost() -> None:
    a, b = socket.socketpair()
    selector = GatheringSelector(gather_s=0.05)
    try:
        selector.register(b, EVENT_READ, "b")
        a.send(b"x")
        begin = time.monotonic()
        assert [key.data for key, _ in selector.select(1.0)] == ["b"]
        first = time.monotonic()
        assert [key.data for key, _ in selector.select(1.0)] == ["b"]  # not read yet
        assert time.monotonic() - begin >= 0.05  # the second look waited
        assert selector.select(0) and selector.select(-1)  # asked not to wait: it does not
        assert time.monotonic() >= first
        b.recv(1)
        assert selector.select(0.01) == []
        assert set(selector.get_map()) == {b.fileno()}
        selector.unregister(b)
        assert not selector.get_map()
    finally:
        selector.close()
        a.close()
        b.close()


def test_a_crowd_is_looked_at_less_often() -> None:
    pairs = [socket.socketpair() for _ in range(CROWD)]
    selector = GatheringSelector(gather_s=0.0, crowd_gather_s=0.1)
    try:
        for _a, b in pairs[1:]:
            selector.register(b, EVENT_READ)
        for a, _b in pairs:
            a.send(b"x")
        assert len(selector.select(60.0)) == CROWD - 1
        assert len(selector.select(60.0)) == CROWD - 1  # too few for a crowd: no wait
        selector.register(pairs[0][1], EVENT_READ)
        crowd = time.monotonic()
        assert len(selector.select(60.0)) == CROWD
        assert len(selector.select(60.0)) == CROWD
        assert time.monotonic() - crowd >= 0.1
    finally:
        selector.close()
        for a, b in pairs:
            a.close()
            b.close()


def test_a_timer_is_not_held_up_by_gathering() -> None:
    a, b = socket.socketpair()
    selector = GatheringSelector(gather_s=30.0)
    try:
        selector.register(b, EVENT_READ)
        a.send(b"x")
        assert selector.select(1.0)
        begin = time.monotonic()
        selector.select(0.01)  # 30 s of gathering would be due
        assert time.monotonic() - begin < 20
    finally:
        selector.close()
        a.close()
        b.close()


def test_a_loop_on_it_serves_sockets_threads_and_signals() -> None:
    async def talk() -> bytes:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.read(100))
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(await asyncio.to_thread(bytes, b"hello"))
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
        return answer

    def loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(GatheringSelector())

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(talk()) == b"hello"
