"""`kenish bench line`: a room over 300 ms, 50 ms of jitter and 2 % loss, and through 100 outages.

Two network namespaces, joined by `_tun_link.py`: the real server and members in one, members in the
other, each end a process. Needs root, Linux and TUN devices. It builds nothing.

A pose crosses the line once: members at the server's end watch those at the far end and the other
way round. All processes share the machine's monotonic clock, so that the walkers' true path and
the true room time (from a session at the server's own end, without the line) are known.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from scenes.schema import Scene  # noqa: E402
from scenes.twin import save_scene  # noqa: E402
from tools.bench._report import Goal, Report, at_most  # noqa: E402

RTT_S: Final = 0.3
JITTER_S: Final = 0.05
LOSS: Final = 0.02
STEP_BOUND_CM: Final = 10.0
SETTLE_S: Final = 12.0  # until the buffers know the line, and the clocks were looked at
CLEARED_UP_S: Final = 300.0  # TCP waits up to two minutes between tries after a long outage
PACKAGES = ("websockets", "msgpack", "pydantic")


class Process:
    """A program with lines in and out."""

    def __init__(self, space: str | None, *command: str) -> None:
        inside = ["ip", "netns", "exec", space] if space else []
        self._process = subprocess.Popen(
            [*inside, sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def tell(self, line: str) -> None:
        """A line for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Its next line; empty where it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self) -> str:
        """Close its stdin and give its last line."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()
        text = self._process.stdout.read()
        self._process.stdout.close()
        self._process.wait(60)
        return text.strip().rsplit("\n", 1)[-1]

    def close(self) -> None:
        """It is gone afterwards."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Setting:
    """The line and the server; `member` starts one end's members."""

    def __init__(self, folder: Path, congestion: str, loss: float) -> None:
        self._stack = contextlib.ExitStack()
        self.name = f"kl{os.getpid() % 100000}"
        here = "tools/bench"
        line = [f"--rtt={RTT_S}", f"--jitter={JITTER_S}", f"--loss={loss}"]
        self.link = Process(
            None, f"{here}/_tun_link.py", self.name, *line, f"--congestion={congestion}"
        )
        self._stack.callback(self.link.close)
        if self.link.hear().strip() != "ready":
            self.close()
            raise SystemExit("no TUN devices or no network namespaces here (root on Linux needed)")
        twin = folder / "twin"
        save_scene(twin, Scene(name="line"))
        options = ["serve", str(twin), "--state", str(folder / "state"), "--open", "engineer"]
        self.server = Process(
            f"{self.name}-a", "-m", "vr_app", *options, "--host", "0.0.0.0", "--port", "0"
        )
        self._stack.callback(self.server.close)
        said = json.loads(self.server.hear())
        port = said["ws"].rsplit(":", 1)[1]
        self.url = f"ws://10.77.0.1:{port}/line"

    def member(self, end: str, *options: str) -> Process:
        """A process with members; it has joined when this returns."""
        command = ["tools/bench/_line_member.py", self.url, "--end", end, *options]
        process = Process(f"{self.name}-{'a' if end == 'near' else 'b'}", *command)
        self._stack.callback(process.close)
        if process.hear().strip() != "ready":
            raise SystemExit(f"the members at the {end} end did not join")
        return process

    def close(self) -> None:
        """Everything ends."""
        self._stack.close()


@contextlib.contextmanager
def setting(congestion: str = "cubic", loss: float = LOSS) -> Iterator[Setting]:
    """A line with a server, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        one = Setting(Path(folder), congestion, loss)
        try:
            yield one
        finally:
            one.close()


def steady(seconds: float, clocks: int, congestion: str, loss: float) -> dict[str, Any]:
    """People who walk and watch over the line, without outages."""
    with setting(congestion, loss) as room:
        near = room.member("near", "--walkers=1", "--watch", "--clocks=1", "--truth")
        far = room.member("far", "--walkers=1", "--first-lane=1", "--watch", f"--clocks={clocks}")
        time.sleep(SETTLE_S)
        for one in (near, far):
            one.tell("clear")
        time.sleep(seconds)
        there, here = json.loads(far.end()), json.loads(near.end())
        carried = room.link.end()
    truth = float(np.median(here["clocks"][0]))
    return {
        "down": there["watcher"]["near-walker-0"],
        "up": here["watcher"]["far-walker-1"],
        "arrival_ms": lateness(there["arrivals"], truth, "near-walker-0"),
        "arrival_up_ms": lateness(here["arrivals"], truth, "far-walker-1"),
        "clock_error_ms": clock_errors(there["clocks"], truth),
        "packets_and_lost": carried,
    }


def lateness(arrivals: list[tuple[float, float, str]], truth: float, of: str) -> dict[str, float]:
    """How old somebody's poses are when they come, ms; `held`: the share of them that stood behind
    a lost packet."""
    late = np.asarray([(came + truth - made) * 1000 for came, made, name in arrivals if name == of])
    found = np.percentile(late, [5, 50, 95, 99, 100])
    names = ("p5", "p50", "p95", "p99", "max")
    held = float(np.mean(late > (RTT_S / 2 + JITTER_S) * 1000.0))
    values = {name: round(float(one), 1) for name, one in zip(names, found, strict=True)}
    return values | {"held": round(held, 4)}


def clock_errors(clocks: list[list[float]], truth: float) -> dict[str, float]:
    """Absolute errors of room time, ms, from ten seconds after joining on."""
    errors = np.abs(np.concatenate([np.asarray(one) for one in clocks]) - truth) * 1000.0
    found = np.percentile(errors, [50, 95, 100])
    return {n: round(float(v), 2) for n, v in zip(("p50", "p95", "max"), found, strict=True)}


def outage_plan(count: int, longest_s: float, longer: list[float]) -> list[tuple[str, float]]:
    """Kinds and lengths; half a second to `longest_s`, evenly in the logarithm, and some more."""
    chance = random.Random(11)
    kinds = ("down both", "down there", "down back", "unplug")
    plan = [
        (kinds[i % 4], float(np.exp(chance.uniform(np.log(0.5), np.log(longest_s)))))
        for i in range(count)
    ]
    for index, length in enumerate(longer):
        plan.insert((index + 1) * len(plan) // (len(longer) + 1), (kinds[index % 4], length))
    return plan


def outages(plan: list[tuple[str, float]], far_members: int) -> dict[str, Any]:
    """Marks are left all the time, while the line breaks again and again."""
    chance = random.Random(12)
    with setting() as room, tempfile.TemporaryDirectory() as folder:
        kept = f"--folder={folder}"
        near = room.member("near", "--markers=1", "--every=1.0", kept)
        far = room.member("far", f"--markers={far_members}", "--every=0.7", kept)
        begun = time.monotonic()
        for kind, length in plan:
            time.sleep(chance.uniform(0.3, 4.0))
            room.link.tell(kind)
            time.sleep(length)
            room.link.tell("up")
        mended = time.monotonic()
        for one in (near, far):
            one.tell("quiet")
        settled = wait_settled((near, far), mended)
        late = room.member("near", "--markers=1", "--every=1e9")  # sees the room as it is stored
        results = [json.loads(one.end()) for one in (near, far, late)]
    ends = [one for result in results for one in result["markers"]]
    return judged(ends[:-1], ends[-1]["seen"]) | {
        "outages": len(plan),
        "away_s": round(sum(length for _kind, length in plan), 1),
        "seconds": round(mended - begun, 1),
        "settled_s": round(settled, 2),
    }


def wait_settled(ends: tuple[Process, ...], since: float) -> float:
    """Seconds from `since` until everybody is back and has nothing to send."""
    while True:
        states = []
        for one in ends:
            one.tell("state")
            states += json.loads(one.hear())
        now = time.monotonic()
        if all(state == "joined" and not waits for state, waits in states):
            return now - since
        if now - since > CLEARED_UP_S:
            raise SystemExit(f"not settled: {states}")
        time.sleep(0.1)


def judged(markers: list[dict[str, Any]], stored: dict[str, int]) -> dict[str, Any]:
    """Each mark exactly once, in its author's order, the same everywhere."""
    asked = [one for marker in markers for one in marker["asked"]]
    lost = [one for one in asked if one not in stored]
    disordered = 0
    for marker in markers:
        numbers = [stored[one] for one in marker["asked"] if one in stored]
        disordered += sum(b <= a for a, b in itertools.pairwise(numbers))
        disordered += marker["accepted"] != marker["asked"]
    differing = sum(marker["seen"] != stored for marker in markers)
    return {
        "commands": len(asked),
        "lost": len(lost),
        "refused": sum(len(marker["refused"]) for marker in markers),
        "extra": len(stored) - len(set(asked) & set(stored)),
        "disordered": disordered,
        "members_that_differ": differing,
    }


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="shorter, and ten outages")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise SystemExit("network namespaces need root")
    seconds, clocks = (30.0, 10) if options.quick else (180.0, 20)
    longer = [] if options.quick else [60.0, 240.0, 1200.0]
    plan = outage_plan(10 if options.quick else 97, 4.0 if options.quick else 20.0, longer)
    report = Report(
        {
            "round_trip_ms": RTT_S * 1000,
            "jitter_ms": JITTER_S * 1000,
            "one_way_ms": [(RTT_S / 2 + s * JITTER_S / 2) * 1000 for s in (-1, 1)],
            "loss": LOSS,
            "seconds": seconds,
            "joins_for_the_clock": clocks,
            "outages": len(plan),
            "congestion": "cubic",
        }
    )
    main_run = steady(seconds, clocks, "cubic", LOSS)
    report.measured["line"] = main_run
    if (
        not options.quick
    ):  # what the losses cost, and what the system's other algorithm makes of them
        report.measured["without_loss"] = steady(60.0, 2, "cubic", 0.0)
        with contextlib.suppress(SystemExit):  # a kernel without it
            report.measured["with_bbr"] = steady(60.0, 2, "bbr", LOSS)
    broken = outages(plan, 2 if options.quick else 4)
    report.measured["outages"] = broken
    judge(report, main_run, broken)
    report.show(PACKAGES)


def judge(report: Report, run: dict[str, Any], broken: dict[str, Any]) -> None:
    """The goals."""
    ways = (run["down"], run["up"])
    age = max(way["age_ms"]["p95"] for way in ways)
    rms = max(way["error_cm"]["rms"] for way in ways)
    p95 = max(way["error_cm"]["p95"] for way in ways)
    report.measured["line.pose_age_p95_ms"] = round(age, 1)
    report.measured["line.error_rms_cm"] = round(rms, 2)
    report.measured["line.error_p95_cm"] = round(p95, 2)
    step = max(way["max_step_cm"] for way in ways)
    clock = run["clock_error_ms"]["p95"]
    wrong = sum(
        broken[name] for name in ("lost", "refused", "extra", "disordered", "members_that_differ")
    )
    report.goals += [
        at_most("line.max_step_cm", step, STEP_BOUND_CM, "cm"),
        at_most("line.clock_p95_ms", clock, JITTER_S * 1000 / 10, "ms"),
        Goal("line.lost_commands", wrong, 0, "commands", wrong == 0),
    ]
    for name in ("line.pose_age_p95_ms", "line.error_rms_cm", "line.error_p95_cm"):
        report.not_judged.append({"name": name, "reason": "the issue sets no bound"})


if __name__ == "__main__":
    main()
