"""The kinds of hostile traffic, each one coroutine over one connection.

Made for the benchmark `attack` and for tests; none of them says whether it was refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from ulid import ULID

from sync_server.room.tickets import Ticket, sign
from sync_server.wire.messages import AskHistory, Bye, Command, Hello, Ping, encode
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from tools.bench._hostile_socket import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Raw,
    framed,
)


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
        raw.write(chance.randbytes(chance.randrange(1, 5000)))
    else:
        await raw.upgrade()
        raw.write(chance.randbytes(chance.randrange(1, 5000)))
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
        raw.write(line + b"X: y\r\n" * 5000)
    elif kind == 1:
        await raw.upgrade()
        raw.write(bytes((0x82, 0xFF)) + (1 << 62).to_bytes(8, "big") + bytes(2000))
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
        raw.write(bytes((byte,)))
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
            raw.write(burst)
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
            raw.write(burst)
            await raw.writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.001):
                    await raw.reader.read(1 << 16)


async def http_requests(raw: Raw, chance: random.Random) -> None:
    """Slow, broken, forbidden and packed requests to the port of the files."""
    kind = chance.randrange(5)
    if kind == 0:
        raw.write(b"GET /twin/scene.yaml HTTP/1.1\r\nHost: x\r\nX: ")
        while not raw.target.over and not raw.writer.transport.is_closing():
            raw.write(b"y")
            await asyncio.sleep(0.5)
        return
    if kind == 1:
        raw.write(chance.randbytes(chance.randrange(1, 3000)) + b"\r\n\r\n")
    elif kind == 2:
        raw.write(b"GET /twin/tiles/../../secret HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
    elif kind == 3:
        body = zlib.compress(bytes(1_000_000))
        head = (
            "POST /rooms/x/files HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
            f"Content-Encoding: deflate\r\nContent-Length: {len(body)}\r\n"
            "Authorization: Bearer x.y.z\r\n\r\n"
        )
        raw.write(head.encode() + body)
    else:
        raw.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
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
            raw.write(burst)
            await raw.writer.drain()
            if not await raw.reader.read(1 << 16):
                return


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
