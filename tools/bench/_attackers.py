"""Hostile traffic for the benchmark `attack` and for tests: each kind is one coroutine.

Speaks to sockets by hand, because no decent client would send any of this. It never judges.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from ulid import ULID  # noqa: E402

from sync_server.room.tickets import Ticket, sign  # noqa: E402
from sync_server.storage.folder import StateFolder  # noqa: E402
from sync_server.wire.errors import Malformed  # noqa: E402
from sync_server.wire.messages import (  # noqa: E402
    AskHistory,
    Bye,
    Command,
    Hello,
    Ping,
    Refusal,
    decode_server,
    encode,
)
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder  # noqa: E402

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
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(10):
            return await self.reader.readuntil(b"\r\n\r\n")

    def frame(self, data: bytes, opcode: int = BINARY, fin: bool = True, rsv: int = 0) -> None:
        """Write one masked frame."""
        self.writer.write(framed(data, opcode, fin, rsv))

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


def hello(**more: object) -> bytes:
    """A hello that an open room would take."""
    return encode(Hello.model_validate({"versions": [1], "role": "visitor", "name": "x"} | more))


def honest() -> list[bytes]:
    """One of each message that a member sends."""
    pose = PoseEncoder().encode(MemberPose(Placed((1.0, 2.0, 3.0)), pointer=(1.0, 1.0, 1.0)), 5)
    assert pose is not None
    mark = {"position": [1, 2, 3], "text": "t"}
    act = {"object": "valve", "action": "close"}
    return [
        hello(),
        encode(Command(id=str(ULID()), kind="annotation", payload=mark)),
        encode(Command(id=str(ULID()), kind="message", payload={"text": "hostile"})),
        encode(Command(id=str(ULID()), kind="object_state", payload=act)),
        encode(AskHistory(id=str(ULID()), record="room")),
        encode(Ping(sent=1.0)),
        pose,
        encode(Bye()),
    ]


def mutated(chance: random.Random, messages: list[bytes]) -> bytes:
    """A message with some bytes changed, cut, doubled or made up."""
    kind = chance.random()
    if kind < 0.2:
        return chance.randbytes(chance.randrange(1, 300))
    data = bytearray(chance.choice(messages))
    for _ in range(chance.randrange(5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if kind > 0.9:
        del data[chance.randrange(len(data)) :]
    elif kind > 0.8:
        data += data[chance.randrange(len(data)) :] * 3
    return bytes(data) or b"\0"


# -- the kinds -----------------------------------------------------------------------------------


async def random_bytes(raw: Raw, chance: random.Random) -> None:
    """No HTTP at all, or no WebSocket after the upgrade."""
    if chance.random() < 0.5:
        raw.writer.write(chance.randbytes(chance.randrange(1, 5000)))
    else:
        await raw.upgrade()
        raw.writer.write(chance.randbytes(chance.randrange(1, 5000)))
    await raw.answers()


async def mutations(raw: Raw, chance: random.Random) -> None:
    """Real traffic with changes, by somebody who is in or not."""
    await raw.upgrade()
    messages = honest()
    if chance.random() < 0.8:
        raw.frame(messages[0])
    for _ in range(30):
        opcode = BINARY if chance.random() < 0.95 else TEXT
        raw.frame(mutated(chance, messages), opcode)
    await raw.answers()


async def oversized(raw: Raw, chance: random.Random) -> None:
    """Too large, by length, by content or by fragments."""
    kind = chance.randrange(4)
    if kind == 0:
        line = b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n"
        raw.writer.write(line + b"X: y\r\n" * 5000)
    elif kind == 1:
        await raw.upgrade()
        raw.writer.write(bytes((0x82, 0xFF)) + (1 << 62).to_bytes(8, "big") + bytes(2000))
    elif kind == 2:
        await raw.upgrade()
        raw.frame(hello())
        raw.frame(encode(Command(id=str(ULID()), kind="message", payload={"text": "x" * 60_000})))
    else:
        await raw.upgrade()
        raw.frame(hello(name="x"))
        raw.frame(b"x", BINARY, fin=False)
        for _ in range(40):
            raw.frame(b"x" * 1000, CONTINUATION, fin=False)
    await raw.answers()


async def wrong_order(raw: Raw, chance: random.Random) -> None:
    """Everything, but not when it is due."""
    await raw.upgrade()
    messages = honest()
    chance.shuffle(messages)
    for message in messages * 3:
        raw.frame(message)
    await raw.answers()


async def replayed(raw: Raw, chance: random.Random) -> None:
    """The same conversation again and again, with its command ids."""
    await raw.upgrade()
    for message in _REPLAYED * 5:
        raw.frame(message)
    await raw.answers()


_REPLAYED: Final = honest()[:-1]


async def tickets(raw: Raw, chance: random.Random) -> None:
    """Forged, expired, too long, used twice, of another room, of another kind."""
    now, secret = time.time(), raw.target.secret
    fields = {"member": f"m-{chance.randrange(99)}", "id": str(ULID())}
    good = Ticket(fields["member"], raw.target.room, "visitor", now + 60, "always-the-same")
    other = Ticket(fields["member"], "elsewhere", "admin", now + 60, fields["id"])
    late = Ticket(fields["member"], raw.target.room, "admin", now - 600, fields["id"])
    long = Ticket(fields["member"], raw.target.room, "admin", now + 86400, fields["id"])
    texts = [
        sign(bytes(32), "ticket", good),
        sign(secret, "ticket", good),
        sign(secret, "ticket", other),
        sign(secret, "ticket", late),
        sign(secret, "ticket", long),
        sign(secret, "http", good),
        chance.randbytes(60).hex(),
        "e30.e30.",
    ]
    text = chance.choice(texts)
    await raw.upgrade()
    # A role that no room is open for: only the ticket could let them in.
    way = "ticket" if chance.random() < 0.7 else "resume"
    raw.frame(hello(role="admin", **{way: text}))
    await raw.answers()


async def slow_writing(raw: Raw, chance: random.Random) -> None:
    """One byte now and then: of the upgrade, or of the hello."""
    data = f"GET /{raw.target.room} HTTP/1.1\r\nHost: x\r\n".encode()
    if chance.random() < 0.5:
        await raw.upgrade()
        data = framed(hello())
    for byte in data:
        raw.writer.write(bytes((byte,)))
        await asyncio.sleep(0.7)
        if raw.target.over:
            return


async def slow_reading(raw: Raw, chance: random.Random) -> None:
    """A member who asks for much and reads nothing."""
    raw.writer.transport.set_write_buffer_limits(high=0)
    await raw.upgrade()
    raw.reader._transport.pause_reading()  # type: ignore[attr-defined]
    raw.frame(hello())
    while not raw.target.over and not raw.writer.transport.is_closing():
        for message in (encode(Ping(sent=1.0)), encode(AskHistory(id=str(ULID()), record="room"))):
            raw.frame(message)
        await asyncio.sleep(0.1)


async def compression(raw: Raw, chance: random.Random) -> None:
    """Ten megabytes of zeros in ten kilobytes, over both ports."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)
    answer = await raw.upgrade("Sec-WebSocket-Extensions: permessage-deflate")
    if b"permessage-deflate" in answer:
        raw.target.seen["compression was negotiated"] += 1
    raw.frame(bomb[:16000], BINARY, rsv=4)
    await raw.answers()


async def control_flood(raw: Raw, chance: random.Random) -> None:
    """Pings, pongs and the smallest fragments, as fast as they are taken."""
    await raw.upgrade()
    raw.frame(hello())
    kind = chance.randrange(4)
    if kind == 0:
        burst = framed(b"p" * 100, PING) * 200
    elif kind == 1:
        burst = framed(b"", PONG) * 500
    elif kind == 2:
        burst = framed(b"", BINARY, fin=False) + framed(b"", CONTINUATION, fin=False) * 500
    else:
        burst = framed(b"") * 500
    with contextlib.suppress(OSError):
        while not raw.target.over and not raw.writer.transport.is_closing():
            raw.writer.write(burst)
            await raw.writer.drain()
            burst = burst if kind != 2 else framed(b"", CONTINUATION, fin=False) * 500
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.001):
                    await raw.reader.read(1 << 16)


async def flood(raw: Raw, chance: random.Random) -> None:
    """A member who sends well-formed messages as fast as they are taken."""
    await raw.upgrade()
    raw.frame(hello())
    pose, ping = honest()[6], honest()[5]
    one = [framed(pose), framed(ping), framed(encode(Command(id=str(ULID()), kind="nothing")))]
    burst = chance.choice(one) * 200
    with contextlib.suppress(OSError):
        while not raw.target.over and not raw.writer.transport.is_closing():
            raw.writer.write(burst)
            await raw.writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.001):
                    await raw.reader.read(1 << 16)


async def http_requests(raw: Raw, chance: random.Random) -> None:
    """Slow, broken, forbidden and packed requests to the port of the files."""
    kind = chance.randrange(5)
    if kind == 0:
        raw.writer.write(b"GET /twin/scene.yaml HTTP/1.1\r\nHost: x\r\nX: ")
        while not raw.target.over and not raw.writer.transport.is_closing():
            raw.writer.write(b"y")
            await asyncio.sleep(0.5)
        return
    if kind == 1:
        raw.writer.write(chance.randbytes(chance.randrange(1, 3000)) + b"\r\n\r\n")
    elif kind == 2:
        raw.writer.write(b"GET /twin/tiles/../../secret HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
    elif kind == 3:
        body = zlib.compress(bytes(1_000_000))
        head = (
            "POST /rooms/x/files HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
            f"Content-Encoding: deflate\r\nContent-Length: {len(body)}\r\n"
            "Authorization: Bearer x.y.z\r\n\r\n"
        )
        raw.writer.write(head.encode() + body)
    else:
        raw.writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(0.3):
            while await raw.reader.read(1 << 16):
                pass


async def http_flood(raw: Raw, chance: random.Random) -> None:
    """Requests one behind the other, as fast as they are taken."""
    path = chance.choice(("/health", "/twin/scene.yaml", "/twin/walk/walk.npz"))
    burst = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 50
    with contextlib.suppress(OSError):
        while not raw.target.over and not raw.writer.transport.is_closing():
            raw.writer.write(burst)
            await raw.writer.drain()
            if not await raw.reader.read(1 << 16):
                return


async def half_open(target: Target) -> None:
    """As many connections as there are descriptors for, that say nothing or half a request."""
    held: list[Raw] = []

    async def one(index: int) -> None:
        address = target.addresses[index % len(target.addresses)]
        with contextlib.suppress(OSError):
            raw = await Raw.open(target, address)
            held.append(raw)
            if index % 2:
                raw.writer.write(b"GET /mine HTTP/1.1\r\nHost: x\r\n")

    for start in range(0, target.connections, 100):
        if target.over:
            break
        await asyncio.gather(*(one(start + index) for index in range(100)))
    target.seen["held at once"] = len(held)
    await asyncio.sleep(max(target.end - time.monotonic(), 0))
    for raw in held:
        raw.close()


Kind = Callable[[Raw, random.Random], Awaitable[None]]
KINDS: Final[dict[str, Kind]] = {
    "random_bytes": random_bytes,
    "mutations": mutations,
    "oversized": oversized,
    "wrong_order": wrong_order,
    "replayed": replayed,
    "tickets": tickets,
    "slow_writing": slow_writing,
    "slow_reading": slow_reading,
    "compression": compression,
    "control_flood": control_flood,
    "flood": flood,
    "http_requests": http_requests,
    "http_flood": http_flood,
}
# How many connections each kind keeps going at a time.
AT_ONCE: Final[dict[str, int]] = {"slow_writing": 200, "slow_reading": 20, "http_requests": 40}
ALL: Final = (*KINDS, "half_open")


async def attack(name: str, target: Target) -> Counter[str]:
    """Attack in one way until the time is up; what was seen."""
    if name == "half_open":
        await half_open(target)
        return target.seen

    async def attacker(index: int) -> None:
        chance = random.Random(target.seed * 1000 + index)
        while not target.over:
            address = target.addresses[index % len(target.addresses)]
            raw = None
            try:
                raw = await Raw.open(target, address, http=name.startswith("http"))
                async with asyncio.timeout(max(target.end - time.monotonic(), 0) + 0.5):
                    await KINDS[name](raw, chance)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await asyncio.sleep(0.05)
            finally:
                if raw is not None:
                    raw.close()
            await asyncio.sleep(0)

    await asyncio.gather(*(attacker(index) for index in range(AT_ONCE.get(name, 16))))
    return target.seen


def addresses(count: int, first: int = 0) -> list[str]:
    """Addresses of this machine that members do not use: 127.1.0.2 and on, from the nth."""
    return [f"127.1.{(first + n) // 250}.{(first + n) % 250 + 2}" for n in range(count)]


def main() -> None:
    """Attack as a process of its own, with what is left of the processor."""
    parser = argparse.ArgumentParser()
    for name in ("kind", "host", "room", "state"):
        parser.add_argument(name)
    for name in ("port", "http_port", "addresses", "first", "connections"):
        parser.add_argument(name, type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    target = Target(
        options.host,
        options.port,
        options.http_port,
        options.room,
        options.seconds,
        StateFolder(Path(options.state)).secret(),
        addresses(options.addresses, options.first),
        connections=options.connections,
    )
    print(json.dumps(asyncio.run(attack(options.kind, target))))


if __name__ == "__main__":
    main()
