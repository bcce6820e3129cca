"""`kenish bench attack`: members walk and talk while others send everything that no client should.

Server on one core, members on the other; the attackers share the members' core, get only what the
members leave of it (SCHED_IDLE) and come from other addresses of this machine. Each kind runs
alone, after a quiet time of the same length, and at the end all of them at once. How long members
and server waited for their core is printed with each, and how much processor the attackers had.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from websockets.asyncio.client import ClientConnection, connect  # noqa: E402

from assets.text import translator  # noqa: E402
from scenes.twin import save_scene  # noqa: E402
from sync_server.wire.limits import MAX_SERVER_MESSAGE  # noqa: E402
from sync_server.wire.messages import Hello, Welcome, decode_server, encode  # noqa: E402
from sync_server.wire.poses import BatchDecoder, MemberPose, Placed, PoseEncoder  # noqa: E402
from tools.bench._attackers import ALL  # noqa: E402
from tools.bench._report import Report, at_most  # noqa: E402
from tools.bench.start import bench_scene  # noqa: E402

RATE_HZ: Final = 20.0
WATCHERS: Final = 3  # members who look at what comes; the others only take it
STEP_M: Final = 0.25  # a member's number of steps is told by its place
STEPS: Final = 200  # 50 m, within one cell
RATIO_BOUND: Final = 1.5
# What an attack may leave behind: 10,000 connections that are turned away, their addresses' buckets
# (16,384 of about 300 bytes), 1,024 that wait with their buffers (about 20 kB each) and the
# allocator's own slack.
GROWTH_BOUND_MB: Final = 48.0
SETTLE_S: Final = 1.0
BEGIN_S: Final = 0.2  # an attack's first connections are on their way
PACKAGES: Final = ("websockets", "picows", "uvicorn", "PyJWT")
# A kind that leaves no trace in these counters was refused without a name.
TRACES: Final[dict[str, tuple[str, ...]]] = {
    "random_bytes": ("refused", "handshakes"),
    "mutations": ("refused", "malformed"),
    "oversized": ("refused", "malformed"),
    "wrong_order": ("refused",),
    "replayed": ("poses_over_rate", "pings_over_rate", "messages_slowed", "commands_refused"),
    "tickets": ("refused",),
    "slow_writing": ("refused",),
    "slow_reading": (),  # nobody is refused for it; what waits for them is bounded
    "compression": ("refused",),
    "control_flood": ("refused",),
    "flood": ("poses_over_rate", "pings_over_rate", "messages_slowed", "refused"),
    "http_requests": ("http_refused",),
    "http_flood": ("http_refused",),
    "half_open": ("refused",),
}


@dataclass(slots=True)
class Server:
    """A `kenish serve` process."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]
    log: Path
    state: Path

    def rss_mb(self) -> float:
        """Resident memory, MB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", text)
        assert found is not None
        return int(found[1]) / 1024

    def ran(self) -> tuple[float, float]:
        """Seconds of processor, and of waiting for it."""
        return ran(self.process.pid)

    def counters(self) -> Counter[str]:
        """Every counter by name, reasons added up and also one by one."""
        with urllib.request.urlopen(f"{self.said['http']}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        found: Counter[str] = Counter()
        for name, reason, value in re.findall(
            r'^kenish_(\w+)_total(?:\{[^}]*?(?:reason="([^"]*)")?[^}]*\})? (\S+)$', text, re.M
        ):
            found[name] += int(float(value))
            if reason:
                found[f"{name} {reason}"] += int(float(value))
        return found


def ran(pid: int) -> tuple[float, float]:
    """Seconds that a process's first thread has run, and that it was ready and did not run."""
    numbers = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    return int(numbers[0]) / 1e9, int(numbers[1]) / 1e9


@contextlib.contextmanager
def serving(folder: Path, core: int | None) -> Any:
    """A server with an open room, pinned to a core."""
    save_scene(folder / "twin", bench_scene())
    log, state = folder / "server.log", folder / "state"
    command = [sys.executable, "-m", "vr_app", "serve", str(folder / "twin"), "--port", "0"]
    command += ["--state", str(state), "--open", "engineer"]
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT)
    try:
        assert process.stdout is not None
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        yield Server(process, json.loads(process.stdout.readline()), log, state)
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


@dataclass(slots=True)
class Crowd:
    """Members who walk; how long each step took to reach the watchers, in milliseconds."""

    url: str
    members: int
    sent: dict[tuple[int, int], float] = field(default_factory=dict)
    ages: list[float] = field(default_factory=list)
    steps_sent: int = 0
    steps_seen: int = 0
    lost: int = 0

    async def live(self, ready: asyncio.Event) -> None:
        """Join one after another, then walk and watch until cancelled."""
        async with contextlib.AsyncExitStack() as stack:
            tasks = []
            for index in range(self.members):
                socket = await stack.enter_async_context(
                    connect(
                        self.url,
                        compression=None,
                        proxy=None,
                        max_size=MAX_SERVER_MESSAGE,
                        max_queue=None,
                        close_timeout=0.2,
                    )
                )
                await socket.send(encode(Hello(versions=[1], role="engineer", name=f"{index}")))
                first = await socket.recv()
                assert isinstance(first, bytes)
                welcome = decode_server(first)
                assert isinstance(welcome, Welcome), welcome
                watch = self._watch if index < WATCHERS else self._drain
                tasks.append(asyncio.create_task(watch(socket, welcome.me)))
                tasks.append(asyncio.create_task(self._walk(socket, welcome.me, index)))
            ready.set()
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()

    async def _walk(self, socket: ClientConnection, me: int, index: int) -> None:
        encoder = PoseEncoder()
        step, due = 0, time.perf_counter() + index / self.members / RATE_HZ
        while True:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            due += 1 / RATE_HZ
            step = (step + 1) % STEPS
            pose = MemberPose(Placed((float(index % 20), step * STEP_M, 1.6)))
            frame = encoder.encode(pose, int(time.time() * 1000))
            if frame is not None:
                self.sent[me, step] = time.perf_counter()
                self.steps_sent += WATCHERS if me > WATCHERS else WATCHERS - 1
                await socket.send(frame)

    async def _watch(self, socket: ClientConnection, me: int) -> None:
        decoder = BatchDecoder()
        last: dict[int, int] = {}
        async for data in socket:
            now = time.perf_counter()
            if not isinstance(data, bytes) or data[:1] != b"\x02":
                continue
            for sample in decoder.decode(data):
                step = round(sample.pose.head.position[1] / STEP_M)
                if sample.number != me and last.get(sample.number) != step:
                    last[sample.number] = step
                    began = self.sent.get((sample.number, step))
                    if began is not None and now - began < 5.0:
                        self.ages.append((now - began) * 1000)
                        self.steps_seen += 1
        self.lost += 1

    async def _drain(self, socket: ClientConnection, _me: int) -> None:
        async for _data in socket:
            pass
        self.lost += 1


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("inf")


@dataclass(slots=True)
class Phase:
    """What a stretch of time was like for the members and for the server's memory."""

    name: str
    p50_ms: float
    p99_ms: float
    rss_mb: float
    delivered: float
    server_cpu: float  # shares of the time: of its core, and of waiting for it
    server_waited: float
    members_cpu: float
    members_waited: float
    attackers_cpu: float
    seen: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)


async def phase(
    crowd: Crowd, server: Server, name: str, seconds: float, kinds: list[list[str]]
) -> Phase:
    """Watch the members for so long, with or without attackers."""
    before = server.counters()
    processes = [await asyncio.create_subprocess_exec(*one, stdin=-1, stdout=-1) for one in kinds]
    for process in processes:
        assert process.stdout is not None
        await process.stdout.readline()  # it is ready
    await asyncio.sleep(SETTLE_S)  # what the start of so many cost the members is over
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    await asyncio.sleep(BEGIN_S if kinds else 0.0)
    crowd.ages, crowd.steps_sent, crowd.steps_seen = [], 0, 0
    most = 0.0
    ran_before = (*server.ran(), *ran(os.getpid()))
    start = time.monotonic()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.25)
        most = max(most, server.rss_mb())
    took = time.monotonic() - start
    ran_after = (*server.ran(), *ran(os.getpid()))
    shares = [round((b - a) / took, 3) for a, b in zip(ran_before, ran_after, strict=True)]
    ages, sent, seen_steps = crowd.ages, crowd.steps_sent, crowd.steps_seen
    seen: Counter[str] = Counter()
    for process in processes:
        output, _ = await process.communicate()
        with contextlib.suppress(ValueError):
            seen.update(json.loads(output))
    attackers_cpu = seen.pop("cpu_ms", 0) / 1000 / (seconds + BEGIN_S)
    counted = await asyncio.to_thread(server.counters)
    counted.subtract(before)
    return Phase(
        name,
        round(percentile(ages, 0.5), 2),
        round(percentile(ages, 0.99), 2),
        round(most, 1),
        round(seen_steps / sent if sent else 0.0, 4),
        *shares,
        round(attackers_cpu, 3),
        dict(seen),
        {key: value for key, value in sorted(counted.items()) if value > 0},
    )


def unnamed(phases: list[Phase]) -> list[str]:
    """Refusals that were not counted, counted less than seen, or have no words."""
    found = []
    english = translator("en")
    for one in phases:
        if not one.seen:
            continue
        for key, value in one.seen.items():
            if not key.startswith("refused "):
                continue
            message_id = key.removeprefix("refused ")
            counter = f"refused {message_id.removeprefix('server-')}"
            if one.counted.get(counter, 0) < value:
                found.append(f"{one.name}: {message_id} {value} > {one.counted.get(counter, 0)}")
            if english(message_id, {}) in {"", message_id}:
                found.append(f"{one.name}: {message_id} has no words")
        traces = TRACES.get(one.name, ())
        if traces and not any(one.counted.get(trace) for trace in traces):
            found.append(f"{one.name}: no trace in {', '.join(traces)}")
    return found


async def measure(options: argparse.Namespace, report: Report) -> None:
    """Everything, in one process beside the server's and the attackers'."""
    cores = os.cpu_count() or 1
    if cores > 1:
        os.sched_setaffinity(0, {1})
    with (
        tempfile.TemporaryDirectory(prefix="kenish-attack-") as folder,
        serving(Path(folder), 0 if cores > 1 else None) as server,
    ):
        crowd = Crowd(f"{server.said['ws']}/{server.said['rooms'][0]}", options.members)
        ready = asyncio.Event()
        living = asyncio.create_task(crowd.live(ready))
        await ready.wait()
        await phase(crowd, server, "warming up", options.seconds, [])
        first_rss = server.rss_mb()
        phases: list[Phase] = []
        for kind in options.kinds:
            phases.append(await phase(crowd, server, "quiet", options.seconds, []))
            one = [attacker(server, kind, options)]
            phases.append(await phase(crowd, server, kind, options.seconds, one))
            print(phases[-2].p99_ms, phases[-1], file=sys.stderr)
        if len(options.kinds) > 1:
            phases.append(await phase(crowd, server, "quiet", options.seconds, []))
            every = [attacker(server, kind, options) for kind in options.kinds]
            phases.append(await phase(crowd, server, "all at once", options.seconds, every))
        assert not living.done(), "a member's connection ended"
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        log = server.log.read_text(encoding="utf-8")
    judge(report, phases, first_rss, log, crowd.lost)


def attacker(server: Server, kind: str, options: argparse.Namespace) -> list[str]:
    """The command line of one attacker."""
    host, port = server.said["ws"].split("//")[1].rsplit(":", 1)
    http_port = server.said["http"].rsplit(":", 1)[1]
    here = str(ROOT / "tools" / "bench" / "_attackers.py")
    where = [host, server.said["rooms"][0], str(server.state), port, http_port]
    first = ALL.index(kind) * options.addresses  # each from addresses of its own
    numbers = [options.addresses, first, options.connections, options.seconds + BEGIN_S]
    return [sys.executable, here, kind, *where, *map(str, numbers)]


def judge(report: Report, phases: list[Phase], first_rss: float, log: str, lost: int) -> None:
    """Goals from what was seen."""
    quiet = statistics.median(one.p99_ms for one in phases if one.name == "quiet")
    attacks = [one for one in phases if one.name != "quiet"]
    worst = max(attacks, key=lambda one: one.p99_ms)
    growth = max(one.rss_mb for one in attacks) - first_rss
    names = unnamed(phases)
    tracebacks = log.count("Traceback") + log.count("CRITICAL")
    report.measured |= {
        "quiet_p99_ms": quiet,
        "worst": worst.name,
        "rss_before_mb": round(first_rss, 1),
        "unnamed": names,
        "members_lost": lost,
        "log_lines": log.count("\n"),
        "log_last": log.splitlines()[-5:],
        "phases": [asdict(one) for one in phases],
    }
    report.goals += [
        at_most("attack.p99_ratio", worst.p99_ms / quiet, RATIO_BOUND, "1"),
        at_most("attack.rss_growth_mb", growth, GROWTH_BOUND_MB, "MB"),
        at_most("attack.unnamed_refusals", len(names), 0, "refusals"),
        at_most("attack.tracebacks", tracebacks, 0, "tracebacks"),
        at_most("attack.members_lost", lost, 0, "members"),
    ]


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="short phases, fewer connections")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--kind", dest="kinds", action="append", choices=ALL)
    options = parser.parse_args()
    options.kinds = options.kinds or list(ALL)
    options.members = 16 if options.quick else 30
    options.seconds = 3.0 if options.quick else 12.0
    options.connections = 2000 if options.quick else 10_000
    options.addresses = 50 if options.quick else 200
    parameters = {k: v for k, v in vars(options).items() if k not in {"json"}}
    report = Report(parameters | {"rate_hz": RATE_HZ})
    if not Path("/proc/self/status").exists():
        reason = "needs Linux: memory is read from /proc, attackers come from 127.0.0.0/8"
        report.not_judged.append({"name": "attack", "reason": reason})
    else:
        asyncio.run(measure(options, report))
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
