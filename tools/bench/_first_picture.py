"""The picture half of `kenish bench start`: seconds from process start to a first picture.

"ours" is the bundled twin from its arrival point with every tile that is in view; "empty" is a
bare ShowBase with the same buffer. Each run is a process of its own and reads its picture back.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]

_EMPTY = """
from panda3d.core import load_prc_file_data
load_prc_file_data("", '''load-display p3headlessgl
gl-version 3 3
audio-library-name null
framebuffer-multisample 1
multisamples 4
win-size 1280 720
print-pipe-types 0
notify-level-device fatal''')
from direct.showbase.ShowBase import ShowBase
base = ShowBase(windowType="offscreen")
base.graphics_engine.render_frame()
base.win.get_screenshot().get_ram_image_as("RGB")
"""

_OURS = """
import sys
from vr_app.stream.first_picture import first_picture
first_picture(sys.argv[1])
"""


def _run(code: str, *arguments: str) -> float:
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code + "\nprint('drawn', flush=True)\n", *arguments],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    seconds = time.perf_counter() - begun
    process.kill()
    process.wait()
    if line.strip() != b"drawn":
        raise RuntimeError("the process ended without a picture")
    return seconds


def measure(runs: int, folder: Path | None = None) -> dict[str, list[float]]:
    """{"empty_s": [...], "ours_s": [...]}; alternating, after one warm run of each. `folder` is
    the twin; None: the bundled one."""
    from vr_app.demo.bundled import ensure_bundled_twin

    twin = str(folder or ensure_bundled_twin())
    result: dict[str, list[float]] = {"empty_s": [], "ours_s": []}
    for run in range(runs + 1):
        empty, ours = _run(_EMPTY), _run(_OURS, twin)
        if run:
            result["empty_s"].append(empty)
            result["ours_s"].append(ours)
    return result
