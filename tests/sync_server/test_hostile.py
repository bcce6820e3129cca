"""Hostile traffic on a real server: mutated messages, half-open connections; others go on."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from pathlib import Path

import pytest
from ulid import ULID
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from sync_server.wire.messages import Ack, Bye, Command, Hello, Ping, encode
from sync_server.wire.poses import BatchDecoder, MemberPose, Placed, PoseEncoder
from tests.sync_server.support import (
    DEADLINE_S,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
)

CONNECTIONS = 150
MESSAGES = 25


def honest() -> list[bytes]:
    """One of each message that a member sends."""
    mark = {"position": [1, 2, 3], "text": "t"}
    valve = {"object": "valve", "action": "close"}
    pose = PoseEncoder().encode(MemberPose(Placed((1.0, 2.0, 3.0)), pointer=(1.0, 1.0, 1.0)), 5)
    assert pose is not None
    return [
        encode(Hello(versions=[1], role="engineer", name="x")),
        encode(Command(id=str(ULID()), kind="annotation", payload=mark)),
        encode(Command(id=str(ULID()), kind="object_state", payload=valve)),
        encode(Ping(sent=1.0)),
        pose,
        encode(Bye()),
    ]


def mutated(chance: random.Random, messages: list[bytes]) -> bytes | str:
    """A message with some bytes changed, random bytes, something too large, or text."""
    kind = chance.random()
    if kind < 0.05:
        return "text"
    if kind < 0.2:
        return chance.randbytes(chance.randrange(1, 200))
    data = bytearray(chance.choice(messages))
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if kind > 0.97:
        data += bytes(chance.randrange(20_000))
    return bytes(data)


async def attack(url: str, seed: int) -> None:
    chance, messages = random.Random(seed), honest()
    for _ in range(CONNECTIONS // 6):
        with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError):
            async with connect(url, compression=None, proxy=None, close_timeout=0.2) as one:
                if chance.random() < 0.8:
                    await one.send(messages[0])
                for _ in range(MESSAGES):
                    await one.send(mutated(chance, messages))
                    if chance.random() < 0.3:
                        await asyncio.sleep(0)


async def attack_all(url: str) -> None:
    await asyncio.gather(*(attack(url, seed) for seed in range(6)))


@pytest.fixture
def server(tmp_path: Path):  # type: ignore[no-untyped-def]
    twin = make_twin(tmp_path / "twin")
    with running_server(twin, tmp_path / "state", "--open", "engineer") as one:
        yield one


def test_members_go_on_through_mutated_traffic(server: ServerProcess) -> None:
    half_open: list[socket.socket] = []
    with raw_member(server.url) as walker, raw_member(server.url) as witness:
        try:
            for index in range(100):
                one = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S)
                half_open.append(one)
                if index % 2:
                    one.sendall(b"GET /mine HTTP/1.1\r\nHost: x\r\n")
            asyncio.run(attack_all(server.url))
        finally:
            for one in half_open:
                one.close()
        # Both are still members, commands are stored, poses are passed on to everybody.
        wish = walker.command("message", {"text": "still here"})
        while walker.receive_until(Ack).id != wish:
            pass
        frame = PoseEncoder().encode(MemberPose(Placed((77.0, 8.0, 9.0))), 1)
        assert frame is not None
        walker.socket.send(frame)
        decoder = BatchDecoder()
        seen = False
        while not seen:
            data = witness.socket.recv(timeout=DEADLINE_S)
            if isinstance(data, bytes) and data[0] == 2:
                for sample in decoder.decode(data):
                    mine = sample.number == walker.joined.me
                    seen |= mine and abs(sample.pose.head.position[0] - 77.0) < 0.01
    log = server.log()
    assert "Traceback" not in log and "ERROR" not in log
    assert server.stop() == 0
