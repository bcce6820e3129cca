"""`kenish bench replay`: whether a replay shows what was live, and how it copes with a long file.

A session of bots is recorded, replayed at speed 1 and 4 and compared with what a member saw live.
Then a file of two hours with 30 people is made, opened, and sought at random.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from ulid import ULID  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

from scenes.twin import save_scene  # noqa: E402
from sync_server.recording.contents import (  # noqa: E402
    Clock,
    Keyframe,
    Pose,
    RecordEntry,
    Snapshot,
    pose_json,
)
from sync_server.recording.mcap_file import McapFile  # noqa: E402
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SUPPORTED_VERSIONS  # noqa: E402
from sync_server.wire.messages import (  # noqa: E402
    Command,
    Hello,
    RecordChanged,
    Records,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME  # noqa: E402
from tools.bench._capture import Capture, capture, caught_up, compare_poses, story  # noqa: E402
from tools.bench._report import Report, at_most  # noqa: E402
from tools.bench.soak import soak_scene  # noqa: E402
from vr_app.bots.crowd import run_crowd  # noqa: E402
from vr_app.bots.member import BotOptions  # noqa: E402
from vr_app.session.bot import Script, WalkScript  # noqa: E402

PEOPLE: Final = 30
RATE: Final = 20
SEEKS: Final = 20
PACKAGES: Final = ("mcap", "zstandard", "websockets", "picows", "pydantic")


@contextlib.contextmanager
def program(*arguments: str) -> Iterator[dict[str, Any]]:
    """A server or a replay that listens; what it said, with its address."""
    command = [sys.executable, "-m", "vr_app", *arguments, "--port", "0"]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        said["listening_s"] = time.monotonic() - begun
        yield said | {"url": f"{said['ws']}/{said['rooms'][0]}"}
    finally:
        process.terminate()
        process.wait(60)


async def record(url: str, bots: int, seconds: float) -> Capture:
    """Let bots live and see what they do."""
    seen = Capture()
    watching = asyncio.create_task(capture(url, seen))
    await seen.joined.wait()
    options = BotOptions(url, commands=1.0, churn_s=10.0, role="engineer")
    await run_crowd(bots, options, seconds, asyncio.Event())
    await caught_up(url, seen)
    watching.cancel()
    await watching
    return seen


async def watch(url: str) -> Capture:
    """See a replay to its end."""
    seen = Capture()
    watching = asyncio.create_task(capture(url, seen))
    while not (seen.states and not seen.states[-1]["playing"]):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    watching.cancel()
    await watching
    return seen


def measure_likeness(folder: Path, report: Report, bots: int, seconds: float) -> None:
    """Record, replay, compare."""
    twin, file = folder / "twin", folder / "session.mcap"
    save_scene(twin, soak_scene())
    serve = ("serve", str(twin), "--state", str(folder / "state"), "--open", "engineer")
    with program(*serve, "--simulate", "--record", str(file)) as said:
        live = asyncio.run(record(said["url"], bots, seconds))
    # At speed 4 poses come at 80 Hz: now and then two of one member fall into one millisecond.
    for speed, missing in ((1, 0.001), (4, 0.01)):
        options = ("--twin", str(twin), "--speed", str(speed), "--open", "engineer")
        with program("replay", str(file), *options) as said:
            shown = asyncio.run(watch(said["url"]))
        first = shown.recorded_time(min(t for one in shown.poses.values() for t, _ in one))
        last = max(t for one in live.poses.values() for t, _ in one)
        # Times are whole milliseconds of the room's clock on both ways.
        near_s = 0.002 * (1 + speed)
        found = compare_poses(live, shown, near_s, first + 0.1 * speed, last)
        told, lived = story(shown.changes), story(live.changes)
        differ = sum(a != b for a, b in zip(told, lived, strict=False))
        differ += abs(len(told) - len(lived))
        name = f"replay.x{speed}"
        report.goals += [
            at_most(f"{name}_position_error_m", found.largest_m, 2**-10, "m"),
            at_most(f"{name}_orientation_error_deg", found.largest_deg, 0.275, "deg"),
            at_most(f"{name}_time_error_ms", found.largest_s * 1000, near_s * 1000, "ms"),
            at_most(f"{name}_poses_missing", found.missing / max(found.poses, 1), missing, "share"),
            at_most(f"{name}_records_differ", differ, 0, "records"),
        ]
        report.measured[name] = {
            "that_differ": [two for two in zip(lived, told, strict=False) if two[0] != two[1]][:3],
            "poses_compared": found.poses,
            "poses_missing": found.missing,
            "record_changes": len(lived),
        }


def long_recording(path: Path, minutes: float) -> dict[str, Any]:
    """A file as the recorder would have written it in so long, made at once."""
    begun = time.monotonic()
    metadata = {"room": "soak", "epoch": "e", "started": "0", "part": "1"}
    file = McapFile(path, metadata | {"scene": "soak", "scene_sha256": ""})
    chance = random.Random(1)
    people = [f"m-{number:026d}" for number in range(PEOPLE)]
    walks = [
        WalkScript(Script(waypoints=[(chance.uniform(-200, 200), i * 3.0, 0.0) for i in range(9)]))
        for _ in people
    ]
    # The same minute of walking again and again: what is measured is reading, not walking.
    walked = [
        [json.dumps(pose_json(m, w.pose(step / RATE))).encode() for step in range(60 * RATE)]
        for m, w in zip(people, walks, strict=True)
    ]
    start = 1_700_000_000_000_000_000
    kept: list[dict[str, Any]] = []
    for second in range(int(minutes * 60)):
        at = start + second * 1_000_000_000
        if second % 300 == 0:
            snapshot = {"number": second, "part": 0, "last": True, "records": kept}
            file.write(Snapshot, at, at, json.dumps(snapshot).encode())
        if second % 5 == 0:
            place = second % 60 * RATE
            members = [
                {
                    "member": member,
                    "role": "trainee",
                    "language": "en",
                    "display": "headset",
                    "time": at / 1e9,
                    "pose": json.loads(walked[index][place]),
                }
                for index, member in enumerate(people)
            ]
            keyframe = {"members": members, "observations": []}
            file.write(Keyframe, at, at, json.dumps(keyframe).encode())
        file.write(Clock, at, at, json.dumps({"room_time": at / 1e9}).encode())
        for step in range(RATE):
            moment = at + step * (1_000_000_000 // RATE)
            for index in range(PEOPLE):
                data = walked[index][second % 60 * RATE + step]
                file.write(Pose, moment, moment - 5_000_000, data)
        number = second + 1
        record: dict[str, Any] = {
            "id": f"r-{number}",
            "kind": "annotation",
            "author": people[second % PEOPLE],
        }
        record |= {"number": number, "version": 1, "time": at / 1e9}
        record |= {"payload": {"position": [1.0, 2.0, 3.0], "text": f"note {number}"}}
        kept.append(record)
        last = at + 999_000_000
        entry = {"number": number, "command": str(ULID()), "author": record["author"]}
        entry |= {"kind": "annotation", "op": "create", "record": record["id"]}
        entry |= {"time": at / 1e9, "payload": record["payload"]}
        file.write(RecordEntry, last, last, json.dumps(entry).encode())
        file.flush()
    file.finish()
    return {
        "minutes": minutes,
        "people": PEOPLE,
        "bytes": path.stat().st_size,
        "making_s": round(time.monotonic() - begun, 1),
    }


def _receive(socket: Any, kind: type[Any]) -> Any:
    while True:
        data = socket.recv(timeout=120)
        if data[0] != BATCH_FRAME:
            message = decode_server(data)
            if isinstance(message, kind):
                return message


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def open_and_seek(url: str, duration_s: float) -> tuple[float, list[float]]:
    """Seconds until the first people are shown, and until each of some random moments is."""
    begun = time.monotonic()
    while True:
        with connect(url, compression=None, max_size=MAX_SERVER_MESSAGE, proxy=None) as socket:
            hello = Hello(versions=list(SUPPORTED_VERSIONS), role="engineer", display="bench")
            socket.send(encode(hello))
            welcome = _receive(socket, Welcome)
            if len(welcome.members) > PEOPLE:
                break
        time.sleep(0.01)
    shown, seeks, chance = time.monotonic() - begun, [], random.Random(2)
    with connect(
        url, compression=None, max_size=MAX_SERVER_MESSAGE, max_queue=None, proxy=None
    ) as socket:
        hello = Hello(versions=list(SUPPORTED_VERSIONS), role="engineer", display="bench")
        socket.send(encode(hello))
        while not _receive(socket, Records).last:
            pass
        for _ in range(SEEKS):
            target = chance.uniform(0, duration_s)
            act = {"act": "seek", "at_s": target}
            begun = time.monotonic()
            socket.send(encode(Command(id=str(ULID()), kind="replay_act", payload=act)))
            # The first answer says where it goes, the second that it is there.
            there = 0
            while there < 2:
                changed = _receive(socket, RecordChanged).record
                there += changed.kind == "replay_state"
            seeks.append(time.monotonic() - begun)
    return shown, seeks


def measure_length(folder: Path, report: Report, minutes: float) -> None:
    """Make the long file, open it, seek in it."""
    file = folder / "long.mcap"
    report.measured["long_file"] = long_recording(file, minutes)
    options = ("--twin", str(folder / "twin"), "--open", "engineer")
    for name, cut in (("whole", 0), ("cut", 100_000)):  # a crash leaves no index behind
        if cut:
            with file.open("r+b") as out:
                out.truncate(file.stat().st_size - cut)
        with program("replay", str(file), *options) as said:
            shown, seeks = open_and_seek(said["url"], said["duration_s"])
            rss = _rss_mb(said["pid"]) if Path("/proc").exists() else 0.0
        report.goals += [
            at_most(f"replay.open_{name}_s", said["listening_s"] + shown, 5.0, "s"),
            at_most(f"replay.seek_{name}_p95_s", sorted(seeks)[int(0.95 * len(seeks))], 2.0, "s"),
            at_most(f"replay.rss_{name}_mb", rss, 300.0, "MB"),
        ]
        report.measured[f"seeks_{name}_median_s"] = round(statistics.median(seeks), 3)


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="shorter sessions and files")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    bots, seconds, minutes = (8, 8.0, 10.0) if options.quick else (30, 60.0, 120.0)
    report = Report({"bots": bots, "session_s": seconds, "long_file_minutes": minutes})
    with tempfile.TemporaryDirectory(prefix="kenish-replay-bench-") as folder:
        measure_likeness(Path(folder), report, bots, seconds)
        measure_length(Path(folder), report, minutes)
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
