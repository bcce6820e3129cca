"""`kenish bench stream`: what a big twin costs the frame, the memory and the line.

A twin of 8 million triangles (tools/bench/_big_twin.py, baked once and kept in the user's cache).
Each figure is from a process of its own; the driver draws nothing where CPU time is counted
(Mesa's no-op driver), so that it is our own time and Panda3D's, not a software GPU's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench import _big_twin, _first_picture  # noqa: E402
from tools.bench._report import Report, at_most  # noqa: E402

PACKAGES: Final = ("panda3d", "numpy", "meshopt", "websockets")
MILLION: Final = 8.0
FRAMES: Final = 3000
BUDGET: Final = 256 * 10**6
TIGHT_BUDGET: Final = 48 * 10**6
MINUTES: Final = 30.0
NO_DRAWING: Final = {"GALLIUM_NOOP": "1"}
# Mesa alone has that driver: elsewhere the real one's time is in the figures.
FLIGHT: Final = "tools/bench/_stream_flight.py"


def run(kind: str, folder: Path, amount: float, *options: str, noop: bool = True) -> dict[str, Any]:
    """What tools/bench/_stream_flight.py printed. Raises RuntimeError where it crashed."""
    command = [sys.executable, FLIGHT, kind, str(folder), str(amount), *options]
    environment = {**os.environ, **(NO_DRAWING if noop else {})}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    if done.returncode:
        raise RuntimeError(f"ended with {done.returncode}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def flight(report: Report, folder: Path) -> None:
    """The flight, twice the same way in steps, and with little memory."""
    one = run("fly", folder, FRAMES)
    report.measured["flight"] = one
    report.goals += [
        at_most("stream.cpu_p99_ms", one["cpu_p99_ms"], 5.0, "ms"),
        at_most("stream.arrival_p99_ms", one["arrival_p99_ms"], 2.0, "ms"),
        at_most("stream.frames_over_budget", one["frames_over_budget"], 0, "frames"),
        at_most("stream.visible_max", one["visible_max"], 300, "tiles"),
    ]
    traces = {run("repeat", folder, 30)["trace"] for _ in range(2)}
    report.goals.append(at_most("stream.selection_traces", len(traces), 1, "different"))


def wandering(report: Report, folder: Path, minutes: float) -> None:
    """With a budget of 256 MB, and for a tenth of the time with one that is far too small."""
    one = run("wander", folder, minutes, f"--budget={BUDGET}")
    report.measured["wandering"] = one
    report.goals += [
        at_most("stream.thrash", one["thrash"], 0.01, "share"),
        at_most("stream.rss_growth_mb", one["rss_growth_mb"], 20.0, "MB"),
    ]
    tight = run("wander", folder, max(minutes / 10, 0.5), f"--budget={TIGHT_BUDGET}")
    report.measured["wandering_in_48_mb"] = tight


def first_picture(report: Report, folder: Path, runs: int) -> None:
    """From process start to a picture of the whole view, less an empty window's."""
    times = _first_picture.measure(runs, folder)
    beyond = statistics.median(times["ours_s"]) - statistics.median(times["empty_s"])
    report.measured["first_picture"] = {k: [round(s, 4) for s in v] for k, v in times.items()}
    report.goals.append(at_most("stream.first_picture_s", beyond, 0.5, "s"))


def slow_line(report: Report, folder: Path) -> None:
    """Full detail at the start view over 200 ms and 20 Mbit/s, beside the whole glb."""
    from tools.bench import _slow_line

    try:
        report.measured["slow_line"] = _slow_line.measure(folder, _big_twin.whole_file(MILLION))
    except (SystemExit, OSError, RuntimeError) as error:
        report.not_judged.append({"name": "slow_line", "reason": str(error)})


def loop(times: int, folder: Path) -> Report:
    """The streaming test again and again, drawn by whatever driver is there."""
    crashes: list[str] = []
    for number in range(times):
        try:
            run("fly", folder, 180, f"--budget={TIGHT_BUDGET}", "--hurry", noop=False)
        except RuntimeError as error:
            crashes.append(f"{number}: {error}")
        if (number + 1) % 10 == 0:
            print(f"{number + 1} runs, {len(crashes)} crashes", file=sys.stderr, flush=True)
    report = Report({"runs": times})
    report.measured["crashes"] = crashes[:10]
    report.goals.append(at_most("stream.crashes", len(crashes), 0, f"of {times}"))
    return report


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="wander for 1 minute instead of 30")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--loop", type=int, metavar="N", help="run the streaming test N times")
    parser.add_argument("--only", choices=["flight", "wander", "picture", "line"])
    options = parser.parse_args()
    folder = _big_twin.twin_folder(MILLION)
    if options.loop:
        loop(options.loop, folder).show(PACKAGES)
        return
    minutes = 1.0 if options.quick else MINUTES
    report = Report({"million": MILLION, "frames": FRAMES, "minutes": minutes, "fine_px": 1.0})
    parts: dict[str, Callable[[], None]] = {
        "flight": lambda: flight(report, folder),
        "picture": lambda: first_picture(report, folder, 3 if options.quick else 10),
        "line": lambda: slow_line(report, folder),
        "wander": lambda: wandering(report, folder, minutes),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            print(name, file=sys.stderr, flush=True)
            part()
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
