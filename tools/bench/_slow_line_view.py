"""A program at the far end of a line: joins, and loads a twin until nothing finer is wanted.

Prints one line of JSON: seconds since it began to connect, and bytes. It draws nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from vr_app.display.base import open_display  # noqa: E402
from vr_app.joining import wait_joined  # noqa: E402
from vr_app.session import RoomSession  # noqa: E402
from vr_app.stream import fetch_queue, http_source  # noqa: E402
from vr_app.stream.cached_source import CachedSource  # noqa: E402
from vr_app.stream.disk_cache import DiskCache  # noqa: E402
from vr_app.stream.http_source import HttpSource  # noqa: E402
from vr_app.stream.seen_twins import SeenTwins  # noqa: E402
from vr_app.world.twin_view import TwinView, load_scene  # noqa: E402
from vr_app.world.walker import EYE_HEIGHT_M, gaze  # noqa: E402

LONGEST_S = 90.0


def main() -> None:
    """Load and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--connections", type=int, default=fetch_queue.CONNECTIONS)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--plain", action="store_true", help="without zstd")
    parser.add_argument("--floor", action="store_true", help="wait for the floor too")
    parser.add_argument("--file", help="fetch this one file instead")
    options = parser.parse_args()
    fetch_queue.FetchQueue.__init__.__defaults__ = (options.connections,)  # type: ignore[attr-defined]
    if options.plain:
        http_source.zstandard = None  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        result = measure(options, options.cache or Path(folder))
    print(json.dumps(result), flush=True)


def measure(options: argparse.Namespace, cache: Path) -> dict[str, object]:
    """Seconds and bytes."""
    display = open_display("offscreen", (1280, 720))
    begun = time.monotonic()
    seen = SeenTwins(cache)
    session = RoomSession(options.address, "far")
    session.start()
    wait_joined(session, options.address)
    joined_s = time.monotonic() - begun
    server = HttpSource(lambda: session.http_base, lambda: session.http_token)
    if options.file:
        begun = time.monotonic()
        size = len(server.read(options.file))
        seconds = time.monotonic() - begun
        return {"seconds": round(seconds, 2), "bytes": size, "on_the_wire": server.wire_bytes}
    source = CachedSource(server, DiskCache(cache), seen, "far", seen.load("far"))
    scene = load_scene(source)
    scene_s = time.monotonic() - begun
    view = TwinView(source, scene, display.scene_root)
    azimuth = float(np.radians(scene.spawn.azimuth_deg))
    eye = np.asarray(scene.spawn.position, np.float64) + np.array([0.0, 0.0, EYE_HEIGHT_M])
    display.set_eye(eye, azimuth, 0.0)
    first_s = full_s = lit_s = floor_s = None
    done = False
    while not done and time.monotonic() - begun < LONGEST_S:
        view.update(display.views(), eye, gaze(azimuth, 0.0), 0.0, 0.02, 0.01)
        now = round(time.monotonic() - begun, 2)
        if first_s is None and view.streamer.counts().tiles_drawn:
            first_s = now
        if full_s is None and view.streamer.started and view.streamer.idle:
            full_s, counts = now, asdict(source.counts())
        if lit_s is None and view.surface is not None:
            lit_s = now
        if view.failed:
            floor_s = -1.0
        if floor_s is None and view.ground is not None:
            floor_s = now
        done = None not in (full_s, lit_s) and (floor_s is not None or not options.floor)
        time.sleep(0.005)
    streamed = view.streamer.counts()
    return {
        "joined_s": round(joined_s, 2),
        "scene_s": round(scene_s, 2),
        "first_tile_s": first_s,
        "full_detail_s": full_s,
        "map_s": lit_s,
        "floor_s": floor_s,
        "at_full_detail": counts if full_s is not None else None,
        "in_all": asdict(source.counts()),
        "tiles": streamed.tiles_drawn,
        "triangles": streamed.triangles_drawn,
        "problems": view.streamer.problems[:5],
    }


if __name__ == "__main__":
    main()
