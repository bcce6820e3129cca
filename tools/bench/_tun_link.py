"""Two network namespaces joined by a line of our own making: delay, jitter, loss and outages.

A program of its own (`python _tun_link.py NAME ...`), so that nothing else delays its packets; it
is told what to do by lines on stdin and undoes everything when that ends. Needs root and Linux.

Each direction is a queue whose length rises and falls: every 60 ms a new delay is drawn, uniformly
from half the round trip minus to plus half the jitter, and between two of them it changes evenly.
So no packet overtakes another (TCP would take that for loss), and a busy direction waits no longer
than a quiet one, unless the line has a bandwidth: then packets leave one after another at that
rate, and those that would wait longer than the buffer holds are lost. Loss is independent for
every packet.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000
MTU: Final = 1500
DRAW_S: Final = 0.06
BUFFER_S: Final = 0.2  # of traffic that waits before a line of limited bandwidth
ADDRESSES: Final = ("10.77.0.1", "10.77.0.2")


def run(*command: str) -> None:
    """A command that must succeed."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def open_tun(name: str) -> int:
    """A TUN device's file descriptor. Raises OSError where there are none."""
    device = Path("/dev/net/tun")
    if not device.exists():
        device.parent.mkdir(exist_ok=True)
        os.mknod(device, 0o600 | 0o020000, os.makedev(10, 200))
    descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor


@dataclass(slots=True)
class Way:
    """One direction. `down`: everything is lost."""

    source: int
    sink: int
    down: bool = False
    last: float = 0.0
    drawn: tuple[float, float, float] = (0.0, 0.0, 0.0)  # when, delay share then, share after it
    packets: int = 0
    lost: int = 0
    free_at: float = 0.0  # when the last packet has left
    carried: int = 0  # bytes
    queue: list[tuple[float, int, bytes]] = field(default_factory=list)


class Line:
    """Both directions; `step` does what is due."""

    def __init__(
        self,
        a: int,
        b: int,
        rtt_s: float,
        jitter_s: float,
        loss: float,
        seed: int,
        bytes_per_s: float = float("inf"),
    ):
        self.ways = (Way(a, b), Way(b, a))
        self.rtt_s, self.jitter_s, self.loss = rtt_s, jitter_s, loss
        self.bytes_per_s = bytes_per_s
        self._chance = random.Random(seed)

    def take(self, way: Way) -> None:
        """Packets that wait at a device."""
        while True:
            try:
                packet = os.read(way.source, MTU + 100)
            except BlockingIOError:
                return
            now = time.monotonic()
            way.packets += 1
            if way.down or self._chance.random() < self.loss:
                way.lost += 1
                continue
            leaves = max(now, way.free_at) + len(packet) / self.bytes_per_s
            if leaves - now > BUFFER_S:
                way.lost += 1
                continue
            way.free_at = leaves
            way.carried += len(packet)
            way.last = max(way.last, leaves + self._delay(way, now))
            heapq.heappush(way.queue, (way.last, way.packets, packet))

    def _delay(self, way: Way, now: float) -> float:
        when, before, after = way.drawn
        while now >= when + DRAW_S:
            # A direction that was silent needs no more than the last two draws.
            when = max(when + DRAW_S, now - DRAW_S)
            before, after = after, self._chance.uniform(-0.5, 0.5)
        way.drawn = (when, before, after)
        share = before + (after - before) * (now - when) / DRAW_S
        return self.rtt_s / 2 + share * self.jitter_s

    def deliver(self) -> float:
        """Hand over what is due; seconds until the next one."""
        now = time.monotonic()
        wait = 0.05
        for way in self.ways:
            while way.queue and way.queue[0][0] <= now:
                packet = heapq.heappop(way.queue)[2]
                if not way.down:  # what was under way when it broke is lost too
                    with contextlib.suppress(OSError):  # the device is down, or full
                        os.write(way.sink, packet)
            if way.queue:
                wait = min(wait, max(way.queue[0][0] - now, 0.0))
        return wait


class Namespaces:
    """The two ends, named NAME-a and NAME-b, and the devices in them."""

    def __init__(self, name: str, congestion: str) -> None:
        self._congestion = congestion
        self.names = (f"{name}-a", f"{name}-b")
        self._tuns = (f"{name}ta", f"{name}tb")
        self.descriptors: list[int] = []

    def make(self) -> None:
        """Create them. Raises OSError or CalledProcessError."""
        for space, tun, address in zip(self.names, self._tuns, ADDRESSES, strict=True):
            run("ip", "netns", "add", space)
            self.descriptors.append(open_tun(tun))
            run("ip", "link", "set", tun, "netns", space)
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", tun)
            run("ip", "-n", space, "link", "set", "lo", "up")
            self.carrier(space, True)

    def carrier(self, space: str, up: bool) -> None:
        """Plug or unplug a device."""
        index = self.names.index(space)
        tun = self._tuns[index]
        run("ip", "-n", space, "link", "set", tun, "up" if up else "down")
        if up:  # the system's setting is the whole machine's; a route's is ours
            way = ("10.77.0.0/24", "dev", tun, "src", ADDRESSES[index])
            run("ip", "-n", space, "route", "replace", *way, "congctl", self._congestion)

    def remove(self) -> None:
        """Take them away, as far as they are there."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        for space in self.names:
            with contextlib.suppress(subprocess.CalledProcessError):
                run("ip", "netns", "del", space)


def obey(command: str, line: Line, spaces: Namespaces) -> None:
    """`down both|there|back`, `unplug`, `up`, `line RTT JITTER LOSS` (seconds, share)."""
    match command.split():
        case ["down", which]:
            line.ways[0].down = which in ("both", "back")
            line.ways[1].down = which in ("both", "there")
        case ["unplug"]:
            spaces.carrier(spaces.names[1], False)
        case ["up"]:
            for way in line.ways:
                way.down = False
            spaces.carrier(spaces.names[1], True)
        case ["line", rtt, jitter, loss]:
            line.rtt_s, line.jitter_s, line.loss = float(rtt), float(jitter), float(loss)


def main() -> None:
    """Make the line, say so on stdout, carry packets until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--rtt", type=float, default=0.3)
    parser.add_argument("--jitter", type=float, default=0.05)
    parser.add_argument("--loss", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--congestion", default="cubic")
    parser.add_argument("--mbit", type=float, default=0.0, help="each way; 0: no limit")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the namespaces go with us
    spaces = Namespaces(options.name, options.congestion)
    try:
        spaces.make()
        a, b = spaces.descriptors
        rate = options.mbit * 1e6 / 8 or float("inf")
        line = Line(a, b, options.rtt, options.jitter, options.loss, options.seed, rate)
        print("ready", flush=True)
        carry(line, spaces)
        sent: list[Any] = [[way.packets, way.lost] for way in line.ways]
        print(sent, flush=True)
    finally:
        spaces.remove()


def carry(line: Line, spaces: Namespaces) -> None:
    """Packets and commands until stdin ends."""
    wait = 0.0
    os.set_blocking(sys.stdin.fileno(), False)
    told = b""
    sources = [way.source for way in line.ways]
    while True:
        ready, _, _ = select.select([*sources, sys.stdin.fileno()], [], [], wait)
        for way in line.ways:
            if way.source in ready:
                line.take(way)
        if sys.stdin.fileno() in ready:
            data = os.read(sys.stdin.fileno(), 4096)
            if not data:
                return
            *commands, told = (told + data).split(b"\n")
            for command in commands:
                obey(command.decode(), line, spaces)
        wait = line.deliver()


if __name__ == "__main__":
    main()
