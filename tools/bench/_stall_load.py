"""Members of the benchmark `stall`: fifty who walk, of whom one stops reading for a while.

A process of its own with real client sockets; prints one JSON object. Whoever stalls takes one
message more and then nothing from its socket: it neither reads, sends nor notices a close.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync_server.wire.errors import Malformed  # noqa: E402
from sync_server.wire.limits import MAX_SERVER_MESSAGE  # noqa: E402
from sync_server.wire.messages import Hello, Welcome, decode_server, encode  # noqa: E402
from sync_server.wire.poses import (  # noqa: E402
    BATCH_FRAME,
    BatchDecoder,
    MemberPose,
    Placed,
    PoseEncoder,
)

HERTZ: Final = 20.0
SETTLE_S: Final = 10.0
FRESH_S: Final = 0.5  # a pose that was made no longer ago shows where somebody is now


def resident_mb(pid: int) -> float:
    """Memory of a process, MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("no VmRSS")


def pose(member: int, step: int) -> MemberPose:
    """Everything moves."""
    x = member % 10 + (step % 200) * 0.02
    y, z = float(member // 10), 1.6
    return MemberPose(
        Placed((x, y, z)), Placed((x + 0.2, y, 1.1)), Placed((x - 0.2, y, 1.1)), (x, y + 5, 1.0)
    )


class Walker:
    """A member who walks and reads, or does not read for a while."""

    def __init__(self, url: str, index: int) -> None:
        self.url = url
        self.index = index
        self.resume: str | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self.joins = 0
        self.heard: list[tuple[float, float]] = []  # when, age of the newest pose in it
        self.keep = False

    async def live(self) -> None:
        """Join, walk and read; come again when dropped."""
        while True:
            try:
                async with connect(
                    self.url,
                    compression=None,
                    proxy=None,
                    max_size=MAX_SERVER_MESSAGE,
                    max_queue=1,
                    ping_interval=None,
                    close_timeout=0.5,
                ) as socket:
                    hello = Hello(versions=[1], role="trainee", resume=self.resume)
                    await socket.send(encode(hello))
                    self.joins += 1
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._read(socket))
                        both.create_task(self._walk(socket))
            except* (ConnectionClosed, OSError):
                await asyncio.sleep(0.1)

    async def _read(self, socket: ClientConnection) -> None:
        decoder = BatchDecoder()
        while True:
            await self.reading.wait()
            data = await socket.recv()
            assert isinstance(data, bytes)
            if data[:1] == bytes((BATCH_FRAME,)):
                if self.index < 2:  # changes mean nothing without what came before them
                    now = time.time()
                    ages = [now - one.time_ms / 1000 for one in decoder.decode(data)]
                    if ages and self.keep:
                        self.heard.append((time.monotonic(), min(ages)))
                continue
            try:
                message = decode_server(data)
            except Malformed:
                continue
            if isinstance(message, Welcome):
                self.resume = message.resume

    async def _walk(self, socket: ClientConnection) -> None:
        encoder = PoseEncoder()
        step = 0
        while True:
            frame = encoder.encode(pose(self.index, step), int(time.time() * 1000))
            if frame is not None and self.reading.is_set():  # who hangs sends nothing either
                await socket.send(frame)
            step += 1
            await asyncio.sleep(1 / HERTZ)


async def run(config: dict[str, Any]) -> dict[str, Any]:
    """The whole story."""
    pid, stall_s = int(config["pid"]), float(config["stall_s"])
    walkers = [Walker(config["url"], index) for index in range(int(config["n"]))]
    tasks = [asyncio.create_task(walker.live()) for walker in walkers]
    await asyncio.sleep(SETTLE_S)
    stalled, other = walkers[0], walkers[1]
    other.keep = True
    before = resident_mb(pid)
    largest = before
    stalled.reading.clear()
    end = time.monotonic() + stall_s
    while time.monotonic() < end:
        await asyncio.sleep(0.25)
        largest = max(largest, resident_mb(pid))
    others = [age for _when, age in other.heard]
    stalled.heard.clear()
    stalled.keep = True
    woke = time.monotonic()
    stalled.reading.set()
    fresh: float | None = None
    while fresh is None and time.monotonic() - woke < 30:
        await asyncio.sleep(0.005)
        fresh = next((when - woke for when, age in stalled.heard if age <= FRESH_S), None)
    await asyncio.sleep(1.0)
    late = [age for when, age in stalled.heard if when - woke > 1.0]
    after = resident_mb(pid)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    others.sort()
    return {
        "rss_before_mb": round(before, 2),
        "rss_largest_mb": round(largest, 2),
        "rss_after_mb": round(after, 2),
        "fresh_after_s": fresh,
        "oldest_after_a_second_s": round(max(late), 3) if late else None,
        "joins_of_the_stalled": stalled.joins,
        "others_heard": len(others),
        "others_p99_age_s": round(others[int(len(others) * 0.99)], 4) if others else None,
    }


def main() -> None:
    """Run what the one argument (JSON) says."""
    print(json.dumps(asyncio.run(run(json.loads(sys.argv[1])))))


if __name__ == "__main__":
    main()
