"""One attacker of the benchmark `attack`: a kind of hostile traffic from addresses of its own.

Run as a process that gets only what the members leave of their core. It says that it is ready,
waits for a line, attacks, and prints what it saw as one JSON object, its processor time with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sync_server.storage.folder import StateFolder  # noqa: E402
from tools.bench._attack_kinds import KINDS  # noqa: E402
from tools.bench._hostile_socket import Raw, Target  # noqa: E402

# How many connections each kind keeps going at a time.
AT_ONCE: Final[dict[str, int]] = {"slow_writing": 200, "slow_reading": 20, "http_requests": 40}
ALL: Final = (*KINDS, "half_open")


async def half_open(target: Target) -> None:
    """As many connections as there are descriptors for, that say nothing or half a request."""
    held: list[Raw] = []

    async def one(index: int) -> None:
        address = target.addresses[index % len(target.addresses)]
        with contextlib.suppress(OSError):
            raw = await Raw.open(target, address)
            held.append(raw)
            if index % 2:
                raw.write(b"GET /mine HTTP/1.1\r\nHost: x\r\n")

    for start in range(0, target.connections, 100):
        if target.over:
            break
        await asyncio.gather(*(one(start + index) for index in range(100)))
    target.seen["held at once"] = len(held)
    await asyncio.sleep(max(target.end - time.monotonic(), 0))
    for raw in held:
        raw.close()


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


def give_way() -> None:
    """Let the members' programs run first: the server is to be measured, not a core's queue."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    with contextlib.suppress(OSError, AttributeError):
        # A lower priority alone is not enough: 14 such processes would still take half the core.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> None:
    """Attack as a process of its own, with what is left of the processor."""
    parser = argparse.ArgumentParser()
    for name in ("kind", "host", "room", "state"):
        parser.add_argument(name)
    for name in ("port", "http_port", "addresses", "first", "connections"):
        parser.add_argument(name, type=int)
    parser.add_argument("seconds", type=float)
    options = parser.parse_args()
    give_way()
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print("ready", flush=True)
    sys.stdin.readline()  # so that a start of Python is no part of an attack
    began = time.process_time()
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
    seen = asyncio.run(attack(options.kind, target))
    seen["cpu_ms"] = round(1000 * (time.process_time() - began))
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
