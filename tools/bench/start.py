"""`kenish bench start`: how long a server takes until it listens, a window until its first picture.

Each run is a process of its own. It builds nothing: a twin is written to a temporary folder.

The picture half lives in `tools/bench/_first_picture.py`: `measure(runs) -> {"empty_s": [...],
"ours_s": [...]}`, seconds from process start to the first picture of an empty ShowBase and of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from scenes.schema import Datastream, Place, Scene, Sensor, Simulation  # noqa: E402
from scenes.twin import save_scene  # noqa: E402
from tools.bench._report import Report, at_most  # noqa: E402

SERVER_BOUND_S = 1.0
PICTURE_BOUND_S = 0.5
PACKAGES = ("websockets", "pydantic", "msgpack", "starlette", "uvicorn", "panda3d")
STOP_TIMEOUT_S = 15.0


def bench_scene(sensors: int = 60, places: int = 60) -> Scene:
    """A scene of a real mine's size: reading it is a part of the start."""
    stream = {"property": "co", "unit": "[ppm]", "range": (0.0, 500.0)}
    return Scene(
        name="bench",
        places=[
            Place(id=f"place-{i}", title={"en": f"Place {i}"}, position=(i * 10.0, 0.0, -i * 1.0))
            for i in range(places)
        ],
        sensors=[
            Sensor(
                id=f"sensor-{i}",
                title={"en": f"Sensor {i}"},
                position=(i * 10.0, 1.0, -i * 1.0),
                datastreams=[Datastream(id=f"co-{i}", simulation=Simulation(mean=5.0), **stream)],
            )
            for i in range(sensors)
        ],
    )


def start_once(twin: Path, state: Path) -> float:
    """Seconds from process start to the JSON line; the port must answer then."""
    command = [sys.executable, "-m", "vr_app", "serve", str(twin), "--port", "0"]
    command += ["--state", str(state), "--open", "engineer", "--simulate"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - begin
        json.loads(line)["ws"]
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
    return seconds


def measure_server(runs: int) -> list[float]:
    """Start times; one more run comes first, so that files are in the system's cache."""
    with tempfile.TemporaryDirectory() as folder:
        twin = Path(folder) / "twin"
        save_scene(twin, bench_scene())
        return [start_once(twin, Path(folder) / "state") for _ in range(runs + 1)][1:]


def measure_picture(runs: int) -> dict[str, list[float]] | None:
    """The picture half, or None where it is not there."""
    with contextlib.suppress(ModuleNotFoundError):
        module: Any = importlib.import_module("tools.bench._first_picture")
        result: dict[str, list[float]] = module.measure(runs)
        return result
    return None


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="3 runs instead of 10")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    runs = 3 if options.quick else 10
    report = Report({"runs": runs, "warm": True})
    server = measure_server(runs)
    report.measured["server_s"] = [round(one, 4) for one in server]
    report.goals.append(at_most("start.server_s", statistics.median(server), SERVER_BOUND_S, "s"))
    picture = measure_picture(runs)
    if picture is None:
        reason = "tools/bench/_first_picture.py or panda3d is missing"
        report.not_judged.append({"name": "start.first_picture_s", "reason": reason})
    else:
        beyond = statistics.median(picture["ours_s"]) - statistics.median(picture["empty_s"])
        report.measured |= {k: [round(one, 4) for one in v] for k, v in picture.items()}
        report.goals.append(at_most("start.first_picture_s", beyond, PICTURE_BOUND_S, "s"))
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
