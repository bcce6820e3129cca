"""`kenish bench soak`: whether a server that many come to and leave keeps its size.

Half an hour with 50 bots that join, leave, lose their line and resume, with notes, messages,
pictures, simulated sensors and a recording; memory, tasks, threads and descriptors are watched.
It judges only how they grow after the first third, when everything has been used once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from websockets.sync.client import connect  # noqa: E402

from scenes.schema import Datastream, Place, Scene, Sensor, Simulation  # noqa: E402
from scenes.twin import save_scene  # noqa: E402
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SUPPORTED_VERSIONS  # noqa: E402
from sync_server.wire.messages import (  # noqa: E402
    Ack,
    Bye,
    Command,
    Hello,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME  # noqa: E402
from tools.bench._report import Goal, Report, at_most  # noqa: E402

MINUTES: Final = 30.0
QUICK_MINUTES: Final = 2.0
BOTS: Final = 50
CHURN_S: Final = 60.0
COMMANDS: Final = 0.1  # a second and bot
# Before: so many commands that the room remembers as many deletions as it ever does (5,000).
FILLING_S: Final = 40.0
FILLING_COMMANDS: Final = 12.0
SAMPLE_S: Final = 2.0
PHOTO_S: Final = 5.0
RSS_BOUND_MB_PER_HOUR: Final = 20.0
GROWTH_BOUND: Final = 10.0  # tasks, threads and descriptors, over the judged time
PACKAGES: Final = ("websockets", "picows", "mcap", "pydantic", "starlette", "uvicorn")


def soak_scene() -> Scene:
    """A dozen places to walk between and a dozen simulated sensors."""
    stream = {"property": "co", "unit": "[ppm]", "range": (0.0, 500.0), "interval_s": 1.0}
    return Scene(
        name="soak",
        places=[
            Place(id=f"place-{i}", title={"en": f"Place {i}"}, position=(i * 12.0, 5.0, 0.0))
            for i in range(12)
        ],
        sensors=[
            Sensor(
                id=f"sensor-{i}",
                title={"en": f"Sensor {i}"},
                position=(i * 12.0, 0.0, 2.0),
                datastreams=[
                    Datastream(
                        id=f"co-{i}",
                        simulation=Simulation(mean=5.0, amplitude=2.0, period_s=60.0),
                        **stream,
                    )
                ],
            )
            for i in range(12)
        ],
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What the server's process holds at one moment."""

    seconds: float
    rss_mb: float
    threads: int
    fds: int
    tasks: int
    members: int
    records: int


def size_of(pid: int, metrics: str, seconds: float) -> Size:
    """Ask the system and the server."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(metrics, timeout=30) as answer:
        text = answer.read().decode()

    def metric(name: str) -> int:
        found = re.search(rf"^kenish_{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"the server tells no kenish_{name}")
        return int(float(found[1]))

    return Size(
        seconds=round(seconds, 3),
        rss_mb=round(int(fields["VmRSS"].split()[0]) / 1024, 3),
        threads=int(fields["Threads"]),
        fds=len(os.listdir(f"/proc/{pid}/fd")),  # noqa: PTH208
        tasks=metric("tasks"),
        members=metric("members"),
        records=metric("records"),
    )


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The least-squares slope per second."""
    mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    if spread == 0:
        return 0.0
    return sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread


def judged(sizes: Sequence[Size]) -> list[Size]:
    """The last two thirds: before, caches fill and everybody comes."""
    begin = sizes[0].seconds + (sizes[-1].seconds - sizes[0].seconds) / 3
    return [one for one in sizes if one.seconds >= begin]


def goals_of(sizes: Sequence[Size]) -> tuple[list[Goal], dict[str, Any]]:
    """The goals, and what else the samples say."""
    kept = judged(sizes)
    times = [one.seconds for one in kept]
    length = times[-1] - times[0]
    # The number of members comes and goes, and tasks and sockets with it: by member they are flat.
    members = [float(one.members) for one in kept]

    def growth(values: Sequence[float]) -> float:
        return slope(times, values) * length

    per_task = _without(members, [float(one.tasks) for one in kept])
    per_fd = _without(members, [float(one.fds) for one in kept])
    rss = slope(times, [one.rss_mb for one in kept]) * 3600
    goals = [
        at_most("soak.rss_slope_mb_per_hour", rss, RSS_BOUND_MB_PER_HOUR, "MB/h"),
        at_most("soak.tasks_growth", growth(per_task), GROWTH_BOUND, "tasks"),
        at_most("soak.fds_growth", growth(per_fd), GROWTH_BOUND, "descriptors"),
        at_most(
            "soak.threads_growth",
            growth([float(one.threads) for one in kept]),
            GROWTH_BOUND,
            "threads",
        ),
    ]
    told = {
        "judged_s": round(length, 1),
        "rss_mb": {"first": kept[0].rss_mb, "last": kept[-1].rss_mb},
        "rss_mb_at_start": sizes[0].rss_mb,
        "tasks": {"first": kept[0].tasks, "last": kept[-1].tasks},
        "fds": {"first": kept[0].fds, "last": kept[-1].fds},
        "threads": {"first": kept[0].threads, "last": kept[-1].threads},
        "members": {"fewest": min(members), "most": max(members)},
        "records": {"first": kept[0].records, "last": kept[-1].records},
    }
    return goals, told


def _without(members: Sequence[float], values: Sequence[float]) -> list[float]:
    """The values less what goes with the number of members (by least squares)."""
    share = slope(members, values)
    mean = sum(members) / len(members)
    return [value - share * (count - mean) for value, count in zip(values, members, strict=True)]


def picture(number: int) -> bytes:
    """A small PNG, each number another."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes((number * 7 + x * y) % 256 for x in range(16)) for y in range(16))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


class Photographer:
    """A member that joins, uploads a picture, puts it into the room, takes the last one away."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        self.taken = 0
        self.failures: list[str] = []
        self._address = address
        self._stop = stop
        self.thread = threading.Thread(target=self._run, name="photographer", daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(PHOTO_S):
            try:
                self._visit()
                self.taken += 1
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}"[:200])

    def _visit(self) -> None:
        with connect(
            self._address, compression=None, max_size=MAX_SERVER_MESSAGE, proxy=None
        ) as socket:
            hello = Hello(versions=list(SUPPORTED_VERSIONS), role="engineer", display="photo")
            socket.send(encode(hello))
            welcome = self._await(socket, Welcome)
            data = picture(self.taken)
            request = urllib.request.Request(
                f"{welcome.http.rstrip('/')}/rooms/{welcome.room}/files",
                data=data,
                method="POST",
                headers={
                    "Authorization": f"Bearer {welcome.http_token}",
                    "Content-Type": "image/png",
                },
            )
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=30) as answer:
                stored = json.loads(answer.read())
            photo = {
                "file": stored["sha256"],
                "media_type": "image/png",
                "width": 16,
                "height": 16,
                "position": [1.0, 2.0, 1.6],
            }
            created = self._command(socket, "photo", "create", photo)
            self._command(socket, "photo", "delete", {}, created)
            socket.send(encode(Bye()))

    def _command(
        self, socket: Any, kind: str, op: Any, payload: dict[str, Any], record: str | None = None
    ) -> str:
        from ulid import ULID

        command = Command(id=str(ULID()), kind=kind, op=op, payload=payload, record=record)
        socket.send(encode(command))
        self._await(socket, Ack)
        return command.id

    @staticmethod
    def _await(socket: Any, kind: type[Any]) -> Any:
        while True:
            data = socket.recv(timeout=30)
            if data[0] != BATCH_FRAME:
                message = decode_server(data)
                if isinstance(message, kind):
                    return message
                if message.type in {"error", "refused"}:
                    raise RuntimeError(message.message_id)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """A server with a simulated mine that records what happens."""
    save_scene(folder / "twin", soak_scene())
    (folder / "recordings").mkdir()
    command = [sys.executable, "-m", "vr_app", "serve", str(folder / "twin"), "--port", "0"]
    command += ["--state", str(folder / "state"), "--open", "engineer", "--simulate"]
    command += ["--record", str(folder / "recordings"), "--record-minutes", "10"]
    with (folder / "server.log").open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=ROOT)
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)


def soak(minutes: float, bots: int, folder: Path) -> tuple[list[Size], dict[str, Any]]:
    """Let them come and go; the samples and what the bots saw."""
    with serving(folder) as (server, said):
        address = f"{said['ws']}/{said['rooms'][0]}"
        metrics = f"{said['http']}/metrics"
        command = [sys.executable, "-m", "vr_app", "bots", str(bots), address, "--json"]
        command += ["--seconds", str(minutes * 60), "--role", "engineer"]
        command += ["--commands", str(COMMANDS), "--churn", str(CHURN_S)]
        filling = [*command[: command.index("--seconds")], "--seconds", str(FILLING_S)]
        filling += ["--role", "engineer", "--commands", str(FILLING_COMMANDS)]
        subprocess.run(filling, stdout=subprocess.DEVNULL, cwd=ROOT, check=True)
        stop = threading.Event()
        photographer = Photographer(address, stop)
        crowd = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
        try:
            photographer.thread.start()
            sizes: list[Size] = []
            begun = time.monotonic()
            while crowd.poll() is None:
                if server.poll() is not None:
                    raise RuntimeError("the server ended")
                sizes.append(size_of(said["pid"], metrics, time.monotonic() - begun))
                if sys.stderr.isatty():
                    print(f"\r\x1b[K{sizes[-1]}", end="", file=sys.stderr)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    crowd.wait(SAMPLE_S)
            assert crowd.stdout is not None
            seen = json.loads(crowd.stdout.read())
        finally:
            stop.set()
            crowd.terminate()
            crowd.wait(30)
            photographer.thread.join(60)
    recordings = sorted((folder / "recordings").iterdir())
    seen["photos"] = {"taken": photographer.taken, "failures": photographer.failures[:5]}
    seen["recording_bytes"] = [one.stat().st_size for one in recordings]
    seen["server_log"] = (folder / "server.log").read_text(encoding="utf-8")[-2000:]
    # The last sample may be of a moment when the bots had gone already.
    return [one for one in sizes if one.seconds <= minutes * 60], seen


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MINUTES:g} minutes")
    parser.add_argument("--minutes", type=float, default=None, help=f"instead of {MINUTES:g}")
    parser.add_argument("--bots", type=int, default=BOTS)
    parser.add_argument("--samples", type=Path, help="write every sample to this file as JSON")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    minutes = options.minutes or (QUICK_MINUTES if options.quick else MINUTES)
    report = Report(
        {
            "minutes": minutes,
            "bots": options.bots,
            "churn_s": CHURN_S,
            "commands_per_bot_s": COMMANDS,
            "photo_every_s": PHOTO_S,
        }
    )
    if not Path("/proc/self/status").exists():
        report.not_judged.append({"name": "soak.*", "reason": "there is no /proc here"})
        report.show(PACKAGES)
        return
    with tempfile.TemporaryDirectory(prefix="kenish-soak-") as folder:
        sizes, seen = soak(minutes, options.bots, Path(folder))
    if options.samples is not None:
        options.samples.write_text(json.dumps([asdict(one) for one in sizes]), encoding="utf-8")
    if len(judged(sizes)) < 10:
        report.not_judged.append({"name": "soak.*", "reason": "too few samples"})
    else:
        goals, told = goals_of(sizes)
        if minutes < MINUTES / 2:
            # In two minutes the allocator has not settled: the slope would tell of that.
            reason = f"{minutes:g} minutes are too short for a slope"
            slope_goal = goals.pop(0)
            told["rss_slope_mb_per_hour"] = slope_goal.value
            report.not_judged.append({"name": slope_goal.name, "reason": reason})
        report.goals += goals
        report.measured |= told
    report.measured["samples"] = len(sizes)
    report.measured["bots"] = seen
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
