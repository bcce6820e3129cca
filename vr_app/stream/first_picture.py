"""Draws one complete picture of a twin from its arrival point, as fast as a window could show it.

The benchmark `start` times it; it is also the shortest program that shows a twin.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.display.base import open_display
from vr_app.stream.source import FolderSource
from vr_app.world.twin_view import TwinView, load_scene
from vr_app.world.walker import EYE_HEIGHT_M, gaze

TIMEOUT_S: Final = 60.0
LOADING_BUDGET_S: Final = 0.05  # nothing is on screen yet that could stutter


def first_picture(folder: str) -> npt.NDArray[np.uint8]:
    """(720, 1280, 3) uint8 RGB of the twin in `folder`, with every tile in view."""
    source = FolderSource(Path(folder))
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(load_scene, source)
        display = open_display("offscreen", (1280, 720))
        scene = reading.result()
    view = TwinView(source, scene, display.scene_root)
    azimuth = float(np.radians(scene.spawn.azimuth_deg))
    eye = np.asarray(scene.spawn.position, np.float64) + np.array([0.0, 0.0, EYE_HEIGHT_M])
    display.set_eye(eye, azimuth, 0.0)
    arrived = threading.Event()
    end = time.monotonic() + TIMEOUT_S
    while not view.complete and time.monotonic() < end:
        view.update(display.views(), eye, gaze(azimuth, 0.0), 0.0, 0.02, LOADING_BUDGET_S)
        arrived.wait(0.001)
    display.draw()
    return display.picture()
