"""`kenish bench headset`: our own CPU of a headset's frame, one eye against two in the same run.

The big twin of bench stream, seen so that as many tiles are drawn as ever are; the eyes are the
headset display's own, the driver draws nothing (Mesa's no-op driver), so that it is our time and
Panda3D's. No runtime is needed: what a runtime adds is waiting and its own compositor.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench import _big_twin  # noqa: E402
from tools.bench._report import Report, at_least, at_most  # noqa: E402

PACKAGES: Final = ("panda3d", "numpy", "meshopt")
MILLION: Final = 8.0
FRAMES: Final = 900  # of each kind, in turns
BLOCK: Final = 90
HZ: Final = 90.0
SIZE: Final = (64, 64)  # of an eye: pixels are the GPU's
EYE_HEIGHT_PX: Final = 2000.0
HALF_IPD_M: Final = 0.032
FINE_PX: Final = 0.02  # everything is worth its finest tiles: as many as are ever drawn


def measure(folder: Path, frames: int) -> dict[str, Any]:
    """In a process of its own; needs no screen."""
    import numpy as np

    from vr_app.display.headset.eyes import Eyes
    from vr_app.display.headset.poses import EyeView, Fov
    from vr_app.display.offscreen import OffscreenDisplay
    from vr_app.display.simulator import orientation
    from vr_app.display.tracking import RigPose
    from vr_app.frame_rest import FrameRest
    from vr_app.stream.source import FolderSource
    from vr_app.stream.views import View
    from vr_app.world.arrival import around, overview
    from vr_app.world.noise import prepare_noise
    from vr_app.world.twin_view import TwinView, load_scene
    from vr_app.world.walker import gaze

    prepare_noise()
    display = OffscreenDisplay(SIZE)
    source = FolderSource(folder)
    twin = TwinView(source, load_scene(source), display.scene_root)
    twin.max_error_px = FINE_PX
    base: Any = display.base
    for region in list(base.win.get_display_regions()):
        region.set_active(False)  # the window is not what is measured
    eyes = Eyes(base, display.scene_root, SIZE, (0.05, 5000.0))
    eyes.show(True)
    regions = [one for one in eyes.buffer.get_display_regions() if one.get_camera()]
    assert len(regions) == 2
    edges = Fov(math.radians(-50), math.radians(48), math.radians(45), math.radians(-50))
    rest = FrameRest()
    while not twin.streamer.started:
        twin.update([], np.zeros(3), gaze(0.0, 0.0), 0.0, 0.0)
        time.sleep(0.001)
    bounds = around(tree.root.box for tree in twin.streamer.trees)
    assert bounds is not None
    place, _, pitch = overview(bounds)

    def looks(number: int) -> list[EyeView]:
        turn = orientation(0.2 * math.sin(number / 60.0), pitch)
        right = np.array([turn[0] ** 2 + turn[1] ** 2, 2 * turn[0] * turn[3], 0.0])
        right /= np.linalg.norm(right)
        middle = np.array([0.0, 0.0, 1.6])
        return [EyeView(RigPose(middle + s * HALF_IPD_M * right, turn), edges) for s in (-1, 1)]

    def views(number: int) -> list[View]:
        scale = EYE_HEIGHT_PX / SIZE[1]
        return [
            View(one.position, one.planes, one.pixels_per_radian * scale)
            for one in eyes.views(looks(number))
        ]

    def frame(number: int, both: bool) -> float:
        """Milliseconds of this thread: choose, locate once more, cull and draw."""
        regions[1].set_active(both)
        begun = time.thread_time()
        seen = views(number)
        twin.update(seen if both else seen[:1], place, gaze(0.0, pitch), 0.0, 1 / HZ)
        eyes.look(looks(number))
        base.graphics_engine.render_frame()
        took = (time.thread_time() - begun) * 1000
        rest.rest(0.002)
        return took

    eyes.place_rig(place - np.array([0.0, 0.0, 1.6]), 0.0)
    end = time.monotonic() + 90.0
    number = 0
    while time.monotonic() < end and not (twin.complete and number > 200):
        frame(number % 400, True)
        number += 1
        time.sleep(0.001)
    rest.begin()
    found: dict[bool, list[float]] = {False: [], True: []}
    blocks: list[float] = []
    before, visible = sys.getallocatedblocks(), 0
    number = 0
    while len(found[True]) < frames:
        medians = {}
        for both in (False, True):
            times = [frame(number + n, both) for n in range(BLOCK)]
            found[both] += times
            medians[both] = statistics.median(times)
            visible = max(visible, twin.streamer.counts().tiles_drawn)
        blocks.append(medians[True] / medians[False])
        number += BLOCK
    allocated = (sys.getallocatedblocks() - before) / (2 * len(found[True]))
    rest.end()
    two = np.array(found[True])
    return {
        "visible": visible,
        "mono_p50_ms": float(np.median(found[False])),
        "stereo_p50_ms": float(np.median(two)),
        "cpu_p99_ms": float(np.percentile(two, 99)),
        "cpu_max_ms": float(two.max()),
        "frames": len(two),
        "frames_over_budget": int((two > 1000 / HZ).sum()),
        "ratios": [round(one, 4) for one in blocks],
        "stereo_ratio": statistics.median(blocks),
        "blocks_kept_per_frame": round(allocated, 3),
    }


def main() -> None:
    """Measure in a child, judge, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a third of the frames")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    frames = FRAMES // 3 if options.quick else FRAMES
    if options.child is not None:
        print(json.dumps(measure(options.child, frames)), flush=True)
        return
    folder = _big_twin.twin_folder(MILLION)
    command = [sys.executable, str(Path(__file__).resolve()), "--child", str(folder)]
    done = subprocess.run(
        [*command, *(["--quick"] if options.quick else [])],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "GALLIUM_NOOP": "1"},
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found = json.loads(done.stdout.splitlines()[-1])
    report = Report({"million": MILLION, "frames": frames, "block": BLOCK, "hertz": HZ})
    report.measured["frames"] = found
    report.goals += [
        at_most("headset.stereo_ratio", found["stereo_ratio"], 1.3, "ratio"),
        at_most("headset.cpu_p99_ms", found["cpu_p99_ms"], 5.5, "ms"),
        at_most("headset.frames_over_budget", found["frames_over_budget"], 0, "frames"),
        at_least("headset.visible_tiles", found["visible"], 230, "tiles"),
    ]
    for name in ("headset.pose_error_mm", "headset.restart_s", "headset.growth_mb"):
        reason = "needs a runtime: tests/headset, run by tools/openxr_root/run.py"
        report.not_judged.append({"name": name, "reason": reason})
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
