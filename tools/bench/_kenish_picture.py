"""One picture of a twin as Kenish draws it, without a screen: what other viewers are compared with.

Runs in a process of its own: `python -m tools.bench._kenish_picture TWIN OUT x y z azimuth pitch`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

from vr_app.display.base import open_display
from vr_app.stream.source import FolderSource
from vr_app.world.twin_view import TwinView, load_scene
from vr_app.world.walker import gaze

TIMEOUT_S = 120.0
SIZE = (1280, 720)


def main() -> None:
    """Draw until every tile in view is there, write the picture, print what was drawn."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    place = np.array([float(word) for word in sys.argv[3:6]])
    azimuth, pitch = (float(np.radians(float(word))) for word in sys.argv[6:8])
    source = FolderSource(folder)
    display = open_display("offscreen", SIZE)
    view = TwinView(source, load_scene(source), display.scene_root)
    display.set_eye(place, azimuth, pitch)
    moment = threading.Event()
    end = time.monotonic() + TIMEOUT_S
    settled = 0
    while settled < 30 and time.monotonic() < end:
        view.update(display.views(), place, gaze(azimuth, pitch), 0.0, 0.02, 0.05)
        settled = settled + 1 if view.complete else 0
        moment.wait(0.002)
    display.draw()
    Image.fromarray(display.picture()).save(out)
    counts = view.streamer.counts()
    print(
        json.dumps(
            {
                "tiles_drawn": counts.tiles_drawn,
                "triangles_drawn": counts.triangles_drawn,
                "problems": list(view.streamer.problems),
                "complete": bool(view.complete),
            }
        )
    )
    view.close()
    display.close()


if __name__ == "__main__":
    main()
