"""A member that does not read, on a real socket: each bound alone holds, and costs nobody else.

Each test keeps the other cures out of the way, so that it fails without its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync_server.transport import outbox, picows_listener, pose_flush, websockets_listener
from sync_server.transport.connection import Connection
from sync_server.transport.host import RoomHost
from sync_server.wire.limits import MAX_MEMBERS
from sync_server.wire.messages import Hello, RecordChanged, decode_member, encode
from sync_server.wire.poses import LARGEST_ENTRY, MemberPose, Placed, PoseEncoder
from tests.sync_server.support import DEADLINE_S
from tests.sync_server.test_host import Disk, Ear, join, make_host, say, until
from tests.sync_server.test_transports import frame, upgrade

LISTENERS = {"picows": picows_listener, "websockets": websockets_listener}
ENOUGH = 4_000_000  # bytes; far more than any bound here, and than this kernel's buffers take

ENOUGH_POSES = 1_200_000


class Hall:
    """A room on a listening socket, one deaf member in it, and one who hears everything."""

    def __init__(self, host: RoomHost) -> None:
        self.host = host
        self.connection: Connection | None = None
        self.number = -1
        self.ear: Ear = Ear()
        self.speaker = -1
        self.largest = 0  # bytes that waited for the deaf member

    async def serve(self, connection: Connection, _path: str) -> None:
        """What the reception does, without its questions."""
        messages = connection.messages()
        first = await anext(messages)
        assert isinstance(first, bytes)
        hello = decode_member(first)
        assert isinstance(hello, Hello)
        self.connection = connection
        self.number = self.host.join(connection, hello, "")
        async for _message in messages:
            pass
        self.host.leave(self.number)

    @property
    def dropped(self) -> bool:
        return self.host.room.members.get(self.number) is None

    async def heard(self, count: int) -> None:
        """Wait until the one who reads has heard so many changes."""
        await until(lambda: len(self.ear.of(RecordChanged)) == count)

    def look(self) -> None:
        assert self.connection is not None
        if not self.dropped:
            self.largest = max(self.largest, self.connection.backlog())


@pytest.fixture(params=sorted(LISTENERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(name: str, tmp_path: Path, test: Callable[[Hall], Any]) -> None:
    async def inside() -> None:
        host = make_host(Disk(tmp_path / "mine.sqlite3"))
        hall = Hall(host)
        bound = socket.create_server(("127.0.0.1", 0))
        servers: list[Any] = list(await LISTENERS[name].listen(hall.serve, [bound]))
        loop = asyncio.get_running_loop()
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            async with asyncio.timeout(DEADLINE_S):
                deaf.setblocking(False)
                await loop.sock_connect(deaf, bound.getsockname())
                await loop.sock_sendall(deaf, upgrade())
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += await loop.sock_recv(deaf, 1)
                hello = encode(Hello(versions=[1], role="engineer"))
                await loop.sock_sendall(deaf, frame(2, hello))
                await until(lambda: hall.number >= 0)
                hall.ear, hall.speaker = join(host)
                await test(hall)
        finally:
            deaf.close()
            for one in servers:
                one.close()
            await host.close()
            for one in servers:
                await one.wait_closed()
            bound.close()

    asyncio.run(inside())


def without_the_seconds_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "STUCK_S", math.inf)
    patch.setattr(outbox, "LATE_S", math.inf)


def test_events_that_pile_up_drop_the_member_by_their_bytes_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_seconds_rules(monkeypatch)

    async def test(hall: Hall) -> None:
        said = 0
        while not hall.dropped and said * 2000 < ENOUGH:
            for _ in range(20):
                say(hall.host, hall.speaker, "x" * 1990)
            said += 20
            await hall.heard(said)  # nobody else waits
            hall.look()
        assert hall.dropped
        assert outbox.EVENT_BACKLOG / 2 < hall.largest <= outbox.EVENT_BACKLOG

    run(name, tmp_path, test)


def walking(number: int, step: int) -> MemberPose:
    here = Placed((number * 0.5, float(step), 1.6))
    return MemberPose(here, here, here, (float(step), 1.0, 2.0))


def test_poses_never_wait_for_a_member_that_does_not_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_seconds_rules(monkeypatch)

    async def test(hall: Hall) -> None:
        host = hall.host
        walks = {join(host)[1]: PoseEncoder() for _ in range(60)}
        for number in (hall.number, hall.speaker):  # who only watches is told less often
            own = PoseEncoder().encode(walking(number, 0), 0)
            assert own is not None
            host.pose(0.0, number, own)
        frames = [
            {
                number: encoder.encode(walking(number, step), step)
                for number, encoder in walks.items()
            }
            for step in range(3)
        ]
        before = hall.ear.batches
        steps = ENOUGH_POSES // (len(walks) * LARGEST_ENTRY)
        for step in range(steps):
            for number, packed in frames[min(step, 1 + step % 2)].items():
                assert packed is not None
                host.pose(float(step), number, packed)
            host._flush()  # the real one, as soon as there is something
            if step % 50 == 0:
                await asyncio.sleep(0)
                hall.look()
        assert hall.ear.batches - before > steps / 2  # who reads is told all the time
        assert not hall.dropped
        assert hall.largest <= pose_flush.BYTES_A_SECOND * MAX_MEMBERS * pose_flush.BURST_S
        assert host.poses_left_out() > steps / 2

    run(name, tmp_path, test)


def test_a_member_that_takes_nothing_is_dropped_after_some_seconds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far below every bound in bytes, and nothing more is ever sent to it."""
    monkeypatch.setattr(outbox, "STUCK_S", 0.5)
    monkeypatch.setattr(outbox, "LATE_S", math.inf)

    async def test(hall: Hall) -> None:
        ticks = asyncio.create_task(hall.host.run())
        try:
            assert hall.connection is not None
            said = 0
            while (
                not hall.dropped and hall.connection.backlog() == 0
            ):  # until the kernel's buffers are full
                say(hall.host, hall.speaker, "x" * 1990)
                said += 1
                await hall.heard(said)
            hall.look()
            assert hall.largest < outbox.EVENT_BACKLOG / 4
            await until(lambda: hall.dropped)
        finally:
            ticks.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticks

    run(name, tmp_path, test)
