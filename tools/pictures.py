"""Makes the pictures of README and docs: `python tools/pictures.py` (in the environment of Kenish).

Runs the demonstration without a screen, then shows map, sections, x-ray and a field's colours, and
stores smaller JPEGs in docs/pictures.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from scenes.twin import open_twin  # noqa: E402
from vr_app.app import Application  # noqa: E402
from vr_app.controls import Wishes  # noqa: E402
from vr_app.demo.bundled import ensure_bundled_twin  # noqa: E402
from vr_app.demo.server_child import ServerChild  # noqa: E402
from vr_app.display.base import open_display  # noqa: E402
from vr_app.joining import save_picture, wait_joined  # noqa: E402
from vr_app.session import RoomSession  # noqa: E402
from vr_app.stream.source import FolderSource  # noqa: E402
from vr_app.ui.settings_panel import Settings  # noqa: E402
from vr_app.world.walker import Intent  # noqa: E402

OUT = ROOT / "docs" / "pictures"
WIDTH = 1120
TIMEOUT_S = 120.0


def store(picture: Path) -> None:
    """A picture as a smaller JPEG in docs/pictures."""
    with Image.open(picture) as large:
        size = (WIDTH, round(large.height * WIDTH / large.width))
        small = large.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    OUT.mkdir(parents=True, exist_ok=True)
    small.save(OUT / f"{picture.stem}.jpg", quality=86, optimize=True)
    print(OUT / f"{picture.stem}.jpg")


def settle(app: Application) -> None:
    """Frames until everything in view is there and painted."""
    end = time.monotonic() + TIMEOUT_S
    still = 0
    while time.monotonic() < end and still < 40:
        app.frame(0.05, Wishes(Intent()))
        still = still + 1 if app.twin.ready and app.painter.idle else 0


def looking_pictures(app: Application, out: Path) -> None:
    """Looking through rock, in the colours of the grade, and a section with its panel."""
    app.session.command("layer_state", {"layer": "ore", "visible": True, "opacity": 1.0})
    app.go_to_viewpoint("drive")
    app.frame(0.02, Wishes(Intent(), ["xray", "layers"]))
    settle(app)
    save_picture(app.display, out / "xray.png")
    app.frame(0.02, Wishes(Intent(), ["xray", "sections"]))
    app.session.command("section", {"point": [20, 0, -40], "normal": [0, -1, 0]})
    app.walker.mode = "fly"
    app.look_from(np.array([60.0, -330.0, 40.0]), math.radians(350), math.radians(-10))
    settle(app)
    save_picture(app.display, out / "section.png")


def window_pictures(out: Path) -> None:
    """The window with the plan map open at the main sump, and looks at the rock."""
    twin = ensure_bundled_twin()
    scene = open_twin(twin).scene
    with tempfile.TemporaryDirectory() as state:
        options = ("--port", "0", "--open", "engineer", "--simulate", "--state", state)
        server = ServerChild(twin, *options)
        display = open_display("offscreen")
        listening = server.wait_listening()
        address = f"{listening.ws}/{listening.rooms[0]}"
        session = RoomSession(address, "Daniyar", "engineer", "en", "offscreen")
        session.start()
        wait_joined(session, address)
        app = Application(display, FolderSource(twin), scene, session, Settings(), "Daniyar")
        app.go_to_viewpoint("drive")
        app.frame(0.02, Wishes(Intent(), ["map"]))
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end and not (app.twin.ready and app.plan.ready):
            app.frame(0.02, Wishes(Intent()))
        for _ in range(40):  # the map is painted anew a few times a second
            app.frame(0.05, Wishes(Intent()))
        save_picture(display, out / "map.png")
        app.frame(0.02, Wishes(Intent(), ["map"]))
        looking_pictures(app, out)
        app.close()
        session.close()
        server.stop()


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = [sys.executable, "-m", "vr_app", "demo", "--headless", "--out", folder]
        subprocess.run(command, check=True, cwd=ROOT)
        window_pictures(out)
        for picture in sorted(out.glob("*.png")):
            store(picture)


if __name__ == "__main__":
    main()
