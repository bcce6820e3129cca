"""One flight of `kenish bench stream`, in a process of its own: prints one JSON object.

Two eyes on a tiny target at 90 frames a second; what is counted is the frame thread's own CPU
time, garbage collection included. Run by tools/bench/stream.py.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from panda3d.core import Camera  # noqa: E402

from tools.bench import _big_twin  # noqa: E402
from vr_app.display.offscreen import OffscreenDisplay  # noqa: E402
from vr_app.frame_rest import FrameRest  # noqa: E402
from vr_app.stream.source import FolderSource  # noqa: E402
from vr_app.stream.views import View, frustum_planes  # noqa: E402
from vr_app.world.noise import prepare_noise  # noqa: E402
from vr_app.world.twin_view import TwinView, load_scene  # noqa: E402
from vr_app.world.walker import gaze  # noqa: E402

HZ: Final = 90.0
SIZE: Final = (64, 32)
EYE_HEIGHT_PX: Final = 2000.0  # of the headset that the errors are counted for
BETWEEN_EYES_M: Final = 0.064
SPEEDS: Final = (40.0, 12.0)  # metres a second outside and under ground
NEIGHBOURS: Final = 24  # quiet frames that one in which a tile arrived is compared with
FINE_PX: Final = 1.0  # a quarter of what the program allows itself: more tiles than it ever shows


class StereoDisplay(OffscreenDisplay):
    """Two eyes side by side on a tiny target, with a headset's errors in pixels."""

    def __init__(self) -> None:
        super().__init__(SIZE)
        base: Any = self.base
        base.win.get_display_region(0).set_active(False)
        for region in list(base.win.get_display_regions()):
            if region.get_camera() == base.cam:
                region.set_active(False)
        self._lens.set_fov(100.0, 100.0)
        self._cameras = []
        for number in (0, 1):
            camera = base.camera.attach_new_node(Camera(f"eye {number}", self._lens))
            camera.set_x((number - 0.5) * BETWEEN_EYES_M)
            region = base.win.make_display_region(number * 0.5, number * 0.5 + 0.5, 0.0, 1.0)
            region.set_camera(camera)
            self._cameras.append(camera)

    def views(self) -> list[View]:
        """Both eyes."""
        found = []
        for camera in self._cameras:
            matrix = self.base.render.get_mat(camera) * self._lens.get_projection_mat()
            rows = np.array([[matrix.get_cell(r, c) for c in range(4)] for r in range(4)]).T
            place = camera.get_pos(self.base.render)
            position = np.array([place.x, place.y, place.z])
            pixels = EYE_HEIGHT_PX / (2 * math.tan(math.radians(50.0)))
            found.append(View(position, frustum_planes(rows), pixels))
        return found


def flight(way: npt.NDArray[np.float64], frames: int) -> npt.NDArray[np.float64]:
    """(frames, 3): half of the time over the pit, then at once along the drifts."""
    places = []
    for points, speed in ((way[:40], SPEEDS[0]), (way[40:], SPEEDS[1])):
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        at = np.arange(frames // 2) * (speed / HZ)
        at = np.minimum(at, along[-1])
        places.append(np.stack([np.interp(at, along, points[:, k]) for k in range(3)], axis=1))
    return np.concatenate(places)


class Run:
    """One display with the twin on it, frame by frame."""

    def __init__(self, folder: Path, budget: int) -> None:
        prepare_noise()
        self.display = StereoDisplay()
        source = FolderSource(folder)
        self.view = TwinView(source, load_scene(source), self.display.scene_root)
        self.view.max_error_px = FINE_PX
        self.streamer = self.view.streamer
        if budget:
            self.streamer.set_budget(budget)
        self.rest = FrameRest()
        self.frame_ms: list[float] = []
        self.update_ms: list[float] = []
        self.arrived: list[bool] = []
        self.visible = 0
        self.trace = hashlib.sha256()
        self._due = 0.0

    def settle(self, eye: npt.NDArray[np.float64]) -> None:
        """Until everything in view of the first place is there."""
        end = time.monotonic() + 60.0
        while not self.view.complete and time.monotonic() < end:
            self.frame(eye, 0.0, 0.0, pace=False)
            time.sleep(0.001)
        self.rest.begin()
        for store in (self.frame_ms, self.update_ms, self.arrived):
            store.clear()

    def frame(
        self, eye: npt.NDArray[np.float64], azimuth: float, pitch: float, pace: bool = True
    ) -> None:
        """One frame, at its time."""
        begun, wall = time.thread_time(), time.perf_counter()
        before = self.streamer.attached
        self.display.set_eye(eye, azimuth, pitch)
        self.view.update(self.display.views(), eye, gaze(azimuth, pitch), 0.0, 1 / HZ)
        updated = time.thread_time()
        self.display.draw()
        self._due = max(self._due, wall) + 1 / HZ
        left = self._due - time.perf_counter()
        self.rest.rest(left if pace else 0.002)
        self.frame_ms.append((time.thread_time() - begun) * 1000)
        self.update_ms.append((updated - begun) * 1000)
        self.arrived.append(self.streamer.attached != before)
        self.visible = max(self.visible, self.streamer.counts().tiles_drawn)
        pause = self._due - time.perf_counter()
        if pace and pause > 0:
            time.sleep(pause)

    def trace_shown(self) -> None:
        """Take what is shown into the trace."""
        # By address: numbers tell which layer happened to be read first.
        names = sorted(f"{b.tree.layer.id}/{b.address}" for b in self.streamer.shown)
        self.trace.update(";".join(names).encode())

    def figures(self) -> dict[str, Any]:
        """What was measured."""
        frames, updates = np.array(self.frame_ms), np.array(self.update_ms)
        arrived = np.array(self.arrived)
        arrived[1:] |= arrived[:-1]  # what came is shown, and others go, in the frame after
        extra = beyond_neighbours(frames, arrived)
        counts = self.streamer.counts()
        return {
            "frames": len(frames),
            "cpu_p50_ms": float(np.median(frames)),
            "cpu_p99_ms": float(np.percentile(frames, 99)),
            "cpu_max_ms": float(frames.max()),
            "update_p99_ms": float(np.percentile(updates, 99)),
            "update_max_ms": float(updates.max()),
            "arrivals": int(arrived.sum()),
            "arrival_p99_ms": float(np.percentile(extra, 99)),
            "arrival_max_ms": float(extra.max()),
            "frames_over_budget": int((frames > 1000.0 / HZ).sum()),
            "visible_max": self.visible,
            "bytes_loaded": counts.bytes_loaded,
            "error_factor": counts.error_factor,
            "tiles": self.streamer.attached,
            "forgotten": counts.forgotten,
            "missed": counts.missed,
            "failed": counts.failed,
            "trace": self.trace.hexdigest()[:16],
        }


def beyond_neighbours(
    frames: npt.NDArray[np.float64], marked: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """How much longer each marked frame took than the median of the nearest quiet ones."""
    quiet = np.nonzero(~marked)[0]
    found = [0.0]
    for number in np.nonzero(marked)[0]:
        nearest = quiet[np.argsort(np.abs(quiet - number))[:NEIGHBOURS]]
        found.append(float(frames[number] - (np.median(frames[nearest]) if len(nearest) else 0.0)))
    return np.array(found)


def resident_mb() -> float:
    """Of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def fly(folder: Path, frames: int, budget: int, hurry: bool = False) -> dict[str, Any]:
    """The flight; in a `hurry` as fast as frames come."""
    places = flight(_big_twin.way(folder), frames)
    run = Run(folder, budget)
    run.settle(places[0])
    for number, place in enumerate(places):
        ahead = places[min(number + 45, len(places) - 1)] - place
        # A head that looks about while it flies.
        azimuth = math.atan2(ahead[0], ahead[1]) + 0.6 * math.sin(number / 70.0)
        run.frame(place, azimuth, 0.3 * math.sin(number / 110.0), pace=not hurry)
    return run.figures()


def fly_repeatably(folder: Path, steps: int) -> dict[str, Any]:
    """The same way in steps, each until all has arrived: what is shown must repeat."""
    places = flight(_big_twin.way(folder), steps * 60)[::60]
    run = Run(folder, 0)
    while not run.streamer.started:
        run.streamer.update([])  # which layer is known first is chance
        time.sleep(0.001)
    for number, place in enumerate(places):
        end = time.monotonic() + 30.0
        run.display.set_eye(place, number * 0.3, 0.0)
        while time.monotonic() < end:
            # The tiles alone: how far dust lets one see depends on how long one has looked.
            run.streamer.update(run.display.views(), 0.05, math.inf, FINE_PX)
            if run.streamer.started and run.streamer.idle:
                break
            time.sleep(0.0005)
        run.trace_shown()
    return {"trace": run.trace.hexdigest()[:16], "tiles": run.streamer.attached}


def wander(folder: Path, minutes: float, budget: int) -> dict[str, Any]:
    """To and fro through the twin for some minutes."""
    way = _big_twin.way(folder)
    run = Run(folder, budget)
    run.settle(way[0])
    generator = np.random.default_rng(1)
    place, target, wait = way[0].copy(), way[1], 0
    end = time.monotonic() + minutes * 60
    first, memory = time.monotonic() + min(60.0, minutes * 15), []
    frame = 0
    while time.monotonic() < end:
        frame += 1
        step = target - place
        length = float(np.linalg.norm(step))
        if length < 0.5 or wait > 900:
            target = way[int(generator.integers(len(way)))]
            wait = 0
            if generator.random() < 0.3:
                place = way[int(generator.integers(len(way)))].copy()  # a teleport
            continue
        wait += 1
        place = place + step / length * min(length, 15.0 / HZ)
        run.frame(place, math.atan2(step[0], step[1]) + math.sin(frame / 90.0), 0.0)
        if frame % 90 == 0 and time.monotonic() > first:
            memory.append(resident_mb())
        if frame % 50_000 == 0:
            for store in (run.frame_ms, run.update_ms, run.arrived):
                del store[:25_000]
    result = run.figures()
    tenth = max(len(memory) // 10, 1)
    result["rss_growth_mb"] = float(np.median(memory[-tenth:]) - np.median(memory[:tenth]))
    result["rss_mb"] = float(max(memory))
    result["thrash"] = result["missed"] / max(result["forgotten"], 1)
    return result


def main() -> None:
    """Parse, fly, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["fly", "repeat", "wander"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("amount", type=float)
    parser.add_argument("--budget", type=int, default=0)
    parser.add_argument("--hurry", action="store_true")
    options = parser.parse_args()
    if options.kind == "fly":
        result = fly(options.folder, int(options.amount), options.budget, options.hurry)
    elif options.kind == "repeat":
        result = fly_repeatably(options.folder, int(options.amount))
    else:
        result = wander(options.folder, options.amount, options.budget)
    print(json.dumps(result), flush=True)
    gc.enable()


if __name__ == "__main__":
    main()
