"""The load of the benchmark `room`: N members who all move, and what each hears, when.

A process of its own, pinned by who starts it; prints one JSON object. It knows three wires: our
own, and for peers plain float records, one or many to a message.
"""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import random
import struct
import sys
import time
from array import array
from pathlib import Path
from typing import Any, ClassVar, Final

import msgpack  # type: ignore[import-untyped]
import numpy as np
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync_server.wire.poses import (  # noqa: E402
    BATCH_FRAME,
    BATCH_HEADER_SIZE,
    PARTS,
    POSE_FRAME,
    MemberPose,
    Placed,
    PoseEncoder,
)

CYCLE: Final = 256  # poses of a member's walk; its place says which one it is
STRIDE_M: Final = 2.0**-4
RECORD: Final = struct.Struct("<IId24f")  # member, sequence, time, head, hands, hit point
KEY_BYTES: Final = 48
BIN_MS: Final = 0.05
BINS: Final = 400_000  # 20 s
DRAIN_S: Final = 1.5
TICKS: Final = os.sysconf("SC_CLK_TCK")
_SIZES: Final = [sum(s for b, s in PARTS if mask & b) for mask in range(32)]


def process_cpu_s(pid: int) -> float:
    """User and system seconds of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def walk(member: int, step: int) -> MemberPose:
    """Everything moves: head, hands and hit point, with turns; the place along x is the step."""
    x = member % 10 + (step - CYCLE // 2) * STRIDE_M
    turn = 0.02 * step
    quaternion = (math.cos(turn), 0.1 * math.sin(turn), 0.2 * math.sin(turn), math.sin(turn))
    y, swing = float(member // 10), 0.2 * math.sin(0.3 * step)
    return MemberPose(
        Placed((x, y, 1.6), quaternion),
        Placed((x + 0.3, y + swing, 1.1), quaternion),
        Placed((x - 0.3, y - swing, 1.1), quaternion),
        (x + 5.0 + swing, y + 9.0, 1.0 + swing),
    )


class Heard:
    """What all members heard: messages by content once, arrivals by number."""

    def __init__(self, parse: Any) -> None:
        self._parse = parse
        self._known: dict[tuple[bytes, int], int] = {}
        self.contents: list[list[tuple[int, int]]] = []
        self.times, self.content, self.receiver = array("d"), array("I"), array("I")
        self.bytes = 0
        self.frames = 0
        self.counting = False

    def take(self, receiver: int, frame: WSFrame) -> None:
        """A message for one of the members."""
        now = time.perf_counter()
        view = frame.get_payload_as_memoryview()
        size = len(view)
        key = (bytes(view[:KEY_BYTES]), size)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.contents)
            self.contents.append(self._parse(bytes(view)))
        self.times.append(now)
        self.content.append(number)
        self.receiver.append(receiver)
        if self.counting:
            self.frames += 1
            self.bytes += size + (2 if size < 126 else 4 if size < 65536 else 10)


class Member(WSListener):
    """One connection."""

    def __init__(self, index: int, heard: Heard) -> None:
        self.index = index
        self.heard = heard
        self.transport: WSTransport | None = None
        self.number = -1
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, _transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            if self.number >= 0:
                self.heard.take(self.index, frame)
            else:
                self.control(frame.get_payload_as_bytes())

    def control(self, data: bytes) -> None:
        raise NotImplementedError

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"member {self.index} was turned away"))


class KenishMember(Member):
    """Says hello, and reads our batches."""

    numbers: ClassVar[dict[int, int]] = {}  # of all of them: the room's number to ours

    def hello(self) -> bytes:
        hello = {"type": "hello", "versions": [1], "role": "trainee", "name": f"m{self.index}"}
        packed: bytes = msgpack.packb(hello)
        return packed

    def control(self, data: bytes) -> None:
        if data[0] == BATCH_FRAME:
            return
        message = msgpack.unpackb(data)
        if message["type"] == "welcome":
            self.number = message["me"]
            self.numbers[self.number] = self.index
            self.ready.set_result(None)
        elif message["type"] == "refused":
            self.ready.set_exception(ConnectionError(message["english"]))

    @classmethod
    def parse(cls, data: bytes) -> list[tuple[int, int]]:
        """[(member, step)] of a batch; the step is read from the head's east offset."""
        if data[0] != BATCH_FRAME:
            return []
        told, position = [], BATCH_HEADER_SIZE
        while position < len(data):
            number = data[position] | data[position + 1] << 8
            mask = data[position + 2]
            start = position + 4
            position = start + _SIZES[mask]
            index = cls.numbers.get(number, -1)
            if index < 0 or not mask & 2:
                continue
            (east,) = struct.unpack_from("<h", data, start + (4 if mask & 1 else 0))
            step = round((east / 1024 - index % 10) / STRIDE_M) + CYCLE // 2
            told.append((index, step))
        return told

    def frames(self) -> list[bytes]:
        """A member's walk, packed; the time is put in when it is sent."""
        encoder = PoseEncoder()
        packed = [encoder.encode(walk(self.index, step % CYCLE), 0) for step in range(CYCLE + 1)]
        bank = [frame for frame in (packed[CYCLE], *packed[1:CYCLE]) if frame is not None]
        assert len(bank) == CYCLE and len({len(frame) for frame in bank}) == 1
        return bank


class RecordMember(Member):
    """Sends 112 bytes of floats and reads such records, one or many to a message."""

    def __init__(self, index: int, heard: Heard) -> None:
        super().__init__(index, heard)
        self.number = index
        self.ready.set_result(None)

    @staticmethod
    def parse(data: bytes) -> list[tuple[int, int]]:
        return [(one[0], one[1] % CYCLE) for one in RECORD.iter_unpack(data)]


class Load:
    """One run."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.n = int(config["n"])
        self.hertz = float(config.get("hertz", 20))
        self.seconds = float(config["seconds"])
        self.warm = float(config.get("warm", 2.0))
        self.pid = int(config["pid"])
        self.url = str(config["url"])
        self.kind = KenishMember if config["wire"] == "kenish" else RecordMember
        self.heard = Heard(self.kind.parse)
        self.members: list[Member] = []
        self.sent: list[list[float]] = [[] for _ in range(self.n)]  # by member, by sequence

    async def connect(self) -> None:
        """All members, a few at a time."""
        gate = asyncio.Semaphore(8)

        async def one(index: int) -> Member:
            async with gate:
                member = self.kind(index, self.heard)
                await ws_connect(
                    lambda: member,
                    self.url,
                    max_frame_size=1 << 20,
                    websocket_handshake_timeout=60,
                )
                if isinstance(member, KenishMember) and member.transport is not None:
                    member.transport.send(WSMsgType.BINARY, member.hello())
                await asyncio.wait_for(member.ready, 60)
                return member

        self.members = list(await asyncio.gather(*map(one, range(self.n))))

    async def run(self) -> dict[str, Any]:
        """Connect, move, listen; the figures."""
        await self.connect()
        banks = [m.frames() if isinstance(m, KenishMember) else [] for m in self.members]
        for member in self.members:
            if isinstance(member, KenishMember) and member.transport is not None:
                first = PoseEncoder().encode(walk(member.index, 0), 0)
                assert first is not None
                member.transport.send(WSMsgType.BINARY, first)
        await asyncio.sleep(0.2)
        gc.collect()
        gc.freeze()
        gc.disable()
        chance = random.Random(1)
        start = time.perf_counter() + 0.1
        period = 1 / self.hertz
        due = sorted((start + chance.random() * period, index) for index in range(self.n))
        begin, end = start + self.warm, start + self.warm + self.seconds
        marks: list[tuple[float, float]] = []
        step, position = 0, 0
        while True:
            when = due[position][0] + step * period
            if not marks and when >= begin:
                marks.append((process_cpu_s(self.pid), time.process_time()))
                self.heard.counting = True
            if when >= end:
                break
            wait = when - time.perf_counter()
            await asyncio.sleep(max(wait, 0))
            self.send(due[position][1], banks)
            position += 1
            if position == self.n:
                position, step = 0, step + 1
        marks.append((process_cpu_s(self.pid), time.process_time()))
        self.heard.counting = False
        took = time.perf_counter() - begin
        await asyncio.sleep(DRAIN_S)
        return self.result(begin, end, took, marks)

    def send(self, index: int, banks: list[list[bytes]]) -> None:
        """One member's next pose."""
        member = self.members[index]
        sent = self.sent[index]
        if member.transport is None or member.transport.is_disconnected:
            return
        number = len(sent)
        if banks[index]:
            frame = banks[index][number % CYCLE]
            now_ms = int(time.time() * 1000) & 0xFFFFFFFF
            data = frame[:2] + now_ms.to_bytes(4, "little") + frame[6:]
            assert data[0] == POSE_FRAME
        else:
            values = [number * 0.01 + k for k in range(24)]
            data = RECORD.pack(index, number, time.time(), *values)
        sent.append(time.perf_counter())
        member.transport.send(WSMsgType.BINARY, data)

    def result(
        self, begin: float, end: float, took: float, marks: list[tuple[float, float]]
    ) -> dict[str, Any]:
        """Latencies of every record at every receiver but its sender, exactly once each."""
        longest = max(map(len, self.sent))
        sent = np.full((self.n, longest), np.nan)
        for index, times in enumerate(self.sent):
            sent[index, : len(times)] = times
        counted = (sent >= begin) & (sent < end)
        bins = np.zeros(BINS, dtype=np.int64)
        seen = np.zeros((self.n, self.n * longest), dtype=bool)
        flat_sent, flat_counted = sent.ravel(), counted.ravel()
        times = np.frombuffer(self.heard.times)
        content = np.frombuffer(self.heard.content, dtype=np.uint32)
        receivers = np.frombuffer(self.heard.receiver, dtype=np.uint32)
        order = np.argsort(content, kind="stable")
        bounds = np.searchsorted(content[order], np.arange(len(self.heard.contents) + 1))
        for number, told in enumerate(self.heard.contents):
            which = order[bounds[number] : bounds[number + 1]]
            if not told or not len(which):
                continue
            first = times[which[0]]
            members = np.array([one[0] for one in told])
            steps = np.array([one[1] for one in told])
            # The wire says the step modulo the cycle: it is the newest one sent before arrival.
            latest = (flat_sent.reshape(self.n, longest)[members] <= first).sum(axis=1) - 1
            sequence = latest - (latest - steps) % CYCLE
            flat = members * longest + sequence
            good = (sequence >= 0) & (members >= 0)
            flat, members = flat[good], members[good]
            keep = flat_counted[flat]
            flat, members = flat[keep], members[keep]
            for arrival in which:
                receiver = receivers[arrival]
                new = (members != receiver) & ~seen[receiver, flat]
                mine = flat[new]
                seen[receiver, mine] = True
                late_ms = (times[arrival] - flat_sent[mine]) * 1000
                np.add.at(bins, np.minimum(late_ms / BIN_MS, BINS - 1).astype(np.int64), 1)
        total = int(bins.sum())
        shares = np.cumsum(bins) / max(total, 1)

        def quantile(share: float) -> float:
            return float(np.searchsorted(shares, share) + 1) * BIN_MS if total else math.inf

        (server_0, loader_0), (server_1, loader_1) = marks
        return {
            "n": self.n,
            "seconds": round(took, 3),
            "cpu_s": round(server_1 - server_0, 3),
            "loader_cpu_s": round(loader_1 - loader_0, 3),
            "p50_ms": round(quantile(0.5), 2),
            "p99_ms": round(quantile(0.99), 2),
            "delivered": round(total / max(int(counted.sum()) * (self.n - 1), 1), 5),
            "sent_hertz": round(int(counted.sum()) / self.n / self.seconds, 2),
            "bytes_a_client_s": round(self.heard.bytes / self.n / took),
            "frames_a_client_s": round(self.heard.frames / self.n / took, 1),
        }


def main() -> None:
    """Run what the one argument (JSON) says."""
    load = Load(json.loads(sys.argv[1]))
    print(json.dumps(asyncio.run(load.run())))


if __name__ == "__main__":
    main()
