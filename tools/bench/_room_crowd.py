"""The load of the capacity search: members who all move, of whom two read what they hear.

The others' messages are thrown away in the kernel and only their bytes counted. Colyseus' two
sample members are its own client in a node process on the same core. Prints one JSON object.
"""

from __future__ import annotations

import json
import math
import os
import select
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgpack  # type: ignore[import-untyped]
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync_server.wire.poses import PoseEncoder  # noqa: E402
from tools.bench._room_loader import KenishMember, process_cpu_s, walk  # noqa: E402

RING: Final = 64
FIRST_STEP: Final = 96
SAMPLES: Final = 2
MASK: Final = b"\x37\xfa\x21\x3d"
PONG: Final = b"\x8a\x80" + MASK
PONG_EVERY_S: Final = 2.0
SINK: Final = bytearray(1 << 22)
DRAIN_S: Final = 1.0


def masked(data: bytes) -> bytearray:
    """A binary frame from a client, shorter than 126 bytes."""
    assert len(data) < 126
    cover = (MASK * (len(data) // 4 + 1))[: len(data)]
    body = bytes(a ^ b for a, b in zip(data, cover, strict=True))
    return bytearray(bytes((0x82, 0x80 | len(data))) + MASK + body)


class Wire:
    """One websocket over a plain socket."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.sock = socket.create_connection((parts.hostname, parts.port), 60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self.sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        if b" 101 " not in head:
            raise ConnectionError(head[:200].decode())
        self.bytes = 0
        self.left = b""  # of a frame that the socket took only in part

    def more(self) -> None:
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("closed")
        self.data += data

    def whole(self) -> list[bytes]:
        """The binary messages that are complete."""
        found, data, at = [], self.data, 0
        while len(data) - at >= 2:
            size, start = data[at + 1] & 127, at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < start + size:
                break
            if data[at] & 15 == 2:
                found.append(data[start : start + size])
            at = start + size
        self.data = data[at:]
        return found

    def send(self, frame: bytes | bytearray) -> bool:
        """Whether the frame was taken; it is dropped where the server does not read."""
        try:
            if self.left:
                self.left = self.left[self.sock.send(self.left) :]
                if self.left:
                    return False
            done = self.sock.send(frame)
            self.left = bytes(frame[done:])
        except BlockingIOError:
            return False
        return True


class Crowd:
    """One run."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.n, self.url, self.pid = int(config["n"]), str(config["url"]), int(config["pid"])
        self.seconds, self.warm = float(config["seconds"]), float(config["warm"])
        self.kenish = config["wire"] == "kenish"
        self.epoll = select.epoll()
        self.wires: dict[int, Wire] = {}
        self.order: list[Wire] = []
        self.samples: dict[int, list[tuple[float, bytes]]] = {}
        self.node: subprocess.Popen[str] | None = None
        self.numbers: dict[int, int] = {}

    def join(self, index: int) -> None:
        if self.kenish:
            wire = Wire(self.url)
            hello = {"type": "hello", "versions": [1], "role": "trainee", "name": f"m{index}"}
            wire.sock.sendall(masked(msgpack.packb(hello)))
            welcome = None
            while welcome is None:
                wire.more()
                for one in wire.whole():
                    if one[0] >= 0x80 and welcome is None:
                        message = msgpack.unpackb(one)
                        if message["type"] == "refused":
                            raise ConnectionError(message["english"])
                        welcome = message if message["type"] == "welcome" else None
            self.numbers[welcome["me"]] = index
        else:
            ask = urllib.request.Request(
                f"{self.url}/matchmake/joinOrCreate/pose",
                b"{}",
                {"Content-Type": "application/json", "Accept": "application/json"},
            )
            with urllib.request.urlopen(ask, timeout=60) as answer:
                seat = json.load(answer)
            where = f"{self.url}/{seat['processId']}/{seat['roomId']}"
            wire = Wire(f"{where}?sessionId={seat['sessionId']}")
            wire.sock.settimeout(60)
            told: list[bytes] = wire.whole()
            while not told:
                wire.more()
                told = wire.whole()
            assert told[0][0] == 10
            wire.sock.sendall(masked(b"\x0a"))
        wire.sock.setblocking(False)
        fd = wire.sock.fileno()
        self.wires[fd] = wire
        self.order.append(wire)
        if self.kenish and index < SAMPLES:
            self.samples[fd] = []
        self.epoll.register(fd, select.EPOLLIN)

    def listen(self, wait: float) -> None:
        """Take what has come; what is not a sample's is only counted."""
        for fd, _event in self.epoll.poll(wait, 128):
            wire = self.wires[fd]
            try:
                if fd in self.samples:
                    now, before = time.perf_counter(), len(wire.data)
                    wire.more()
                    wire.bytes += len(wire.data) - before
                    self.samples[fd] += [(now, one) for one in wire.whole()]
                else:
                    got = wire.sock.recv_into(SINK, len(SINK), socket.MSG_TRUNC)
                    if not got:
                        raise ConnectionError("closed")
                    wire.bytes += got
            except BlockingIOError:
                continue

    def bank(self, index: int) -> list[bytearray]:
        if not self.kenish:
            values = [[k * 0.01 + i for i in range(24)] for k in range(RING)]
            return [masked(b"\x11\xa1p" + struct.pack("<IId24f", 0, 0, 0, *v)) for v in values]
        encoder = PoseEncoder()
        steps = [FIRST_STEP + k % RING for k in range(RING + 1)]
        made = [encoder.encode(walk(index, step), 0) for step in steps]
        frames = [made[RING], *made[1:RING]]
        self.first = masked(made[0] or b"")
        return [masked(one) for one in frames if one is not None]

    def run(self) -> dict[str, Any]:
        crowd = self.n
        if not self.kenish:
            self.node = subprocess.Popen(
                ["node", "colyseus_samples.mjs", json.dumps({"url": self.url, "samples": SAMPLES})],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert self.node.stdin and self.node.stdout
            self.node.stdout.readline()
            crowd -= SAMPLES
        banks: list[list[bytearray]] = []
        shared = None if self.kenish else self.bank(0)
        ponged = time.perf_counter()
        for index in range(crowd):
            self.join(index)
            banks.append(shared if shared is not None else self.bank(index))
            if self.kenish:
                self.order[-1].send(self.first)
            self.listen(0)
            if time.perf_counter() - ponged > PONG_EVERY_S:
                ponged = time.perf_counter()
                for wire in self.order:
                    wire.send(PONG)
        start = time.perf_counter() + 0.3
        begin, end = start + self.warm, start + self.warm + self.seconds
        if self.node and self.node.stdin:
            self.node.stdin.write(json.dumps([start * 1e3, begin * 1e3, end * 1e3]) + "\n")
            self.node.stdin.flush()
        sent: list[list[float]] = [[] for _ in range(crowd)]
        marks: list[tuple[float, float, list[int]]] = []
        step = position = 0
        # The time lies behind 6 bytes of framing: covers of the mask at its own offset.
        at = 8 if self.kenish else 6 + 3 + 4
        size = 4 if self.kenish else 12
        cover = int.from_bytes((MASK * 8)[at - 6 : at - 6 + size], "little")
        ponged = start
        while True:
            when = start + (step + position / crowd) / 20
            while (now := time.perf_counter()) < when:
                self.listen(when - now)
            if not marks and when >= begin:
                marks.append(self.mark())
            if when >= end:
                break
            frame = banks[position][step % RING]
            if self.kenish:
                stamp = int(time.time() * 1000) & 0xFFFFFFFF
            else:
                stamp = int.from_bytes(struct.pack("<Id", step + 1, now * 1e3), "little")
            frame[at : at + size] = (stamp ^ cover).to_bytes(size, "little")
            if step and step % 40 == 0:
                self.order[position].send(PONG)
            if self.order[position].send(frame):
                sent[position].append(now)
            else:
                sent[position].append(math.nan)
            position += 1
            if position == crowd:
                position, step = 0, step + 1
                self.listen(0)
        marks.append(self.mark())
        took = time.perf_counter() - begin
        until = time.perf_counter() + DRAIN_S
        while time.perf_counter() < until:
            self.listen(0.05)
        counted = sum(begin <= t < end for times in sent for t in times)
        late, own = self.heard(sent, begin, end)
        told = {"bytes": 0.0, "cpu_s": 0.0}
        if self.node and self.node.stdout:
            told = json.loads(self.node.stdout.readline())
            late = told.pop("late")  # type: ignore[arg-type]
            self.node.wait(10)
        wanted = counted * SAMPLES - own
        gained = np.array(marks[1][2]) - np.array(marks[0][2])
        return {
            "n": self.n,
            "seconds": round(took, 3),
            "cpu_s": marks[1][0] - marks[0][0],
            "loader_cpu_s": marks[1][1] - marks[0][1] + told["cpu_s"],
            "p50_ms": float(np.quantile(late, 0.5)) if len(late) else math.inf,
            "p99_ms": float(np.quantile(late, 0.99)) if len(late) else math.inf,
            "delivered": len(late) / max(wanted, 1),
            "sent_hertz": round(counted / crowd / self.seconds, 2),
            "bytes_a_client_s": round(float(gained.mean()) / took),
            "bytes_a_sample_s": round(
                (float(gained[:SAMPLES].mean()) if self.kenish else told["bytes"]) / took
            ),
        }

    def mark(self) -> tuple[float, float, list[int]]:
        return process_cpu_s(self.pid), time.process_time(), [one.bytes for one in self.order]

    def heard(self, sent: list[list[float]], begin: float, end: float) -> tuple[list[float], int]:
        """Kenish's samples: how late each pose of the others was, and how many were their own."""
        KenishMember.numbers = self.numbers
        late, times = [], [np.array(one) for one in sent]
        for receiver, told in enumerate(self.samples.values()):
            seen = set()
            for when, data in told:
                for index, step in KenishMember.parse(data):
                    if index == receiver:
                        continue
                    newest = int(np.searchsorted(times[index], when)) - 1
                    number = newest - (newest - (step - FIRST_STEP)) % RING
                    if number < 0 or (index, number) in seen:
                        continue
                    seen.add((index, number))
                    if begin <= sent[index][number] < end:
                        late.append((when - sent[index][number]) * 1000)
        own = sum(begin <= t < end for one in sent[: len(self.samples)] for t in one)
        return late, own


if __name__ == "__main__":
    print(json.dumps(Crowd(json.loads(sys.argv[1])).run()))
    sys.stdout.flush()
    os._exit(0)
