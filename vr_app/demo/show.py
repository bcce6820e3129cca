"""Runs the demonstration: server child, display, companion, then a person or the scripted visit."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import platformdirs

from scenes.schema import Scene
from scenes.twin import open_twin
from vr_app.app import Application
from vr_app.console import Console
from vr_app.controls import Wishes
from vr_app.demo.companion import make_companion
from vr_app.demo.server_child import LastingServer
from vr_app.demo.visit import LENGTH_S, Visit
from vr_app.display.base import has_screen, open_display
from vr_app.files import make_folder, write_file
from vr_app.joining import MAX_FRAME_S, save_picture, wait_joined
from vr_app.session import RoomSession
from vr_app.settings import load_settings, settings_file
from vr_app.stream.source import FolderSource
from vr_app.world.walker import Intent

READY_TIMEOUT_S: Final = 60.0
POINTING_TIMEOUT_S: Final = 4.0
LINGER_S: Final = 0.8


def run_demo(twin: Path, headless: bool, out: Path, size: tuple[int, int], console: Console) -> int:
    """The demonstration in the given twin. Without a screen, the visit writes into `out`."""
    scene = open_twin(twin).scene
    headless = headless or not has_screen()
    with ExitStack() as stack:
        if headless:
            make_folder(out)
            # A visit starts from nothing, so that its figures are of this visit alone.
            state = Path(tempfile.mkdtemp(prefix="kenish-demo-"))
            stack.callback(shutil.rmtree, state, ignore_errors=True)
            options = ["--record", str(out / "session.mcap")]
        else:
            state = platformdirs.user_data_path("kenish", appauthor=False) / "demo"
            options = _drill_options(scene)
        room = scene.name
        common = ("--room", room, "--open", "engineer", "--simulate", "--state", str(state))
        server = LastingServer(twin, *common, *options)
        stack.callback(server.stop)
        # A visit looks the same on every machine: what a person once chose does not count.
        kept = None if headless else settings_file()
        settings = load_settings(kept, console.language, console.chosen)
        # The window opens while the server starts.
        display = open_display("offscreen" if headless else "desktop", size)
        stack.callback(display.close)
        address = f"{server.wait_listening().ws}/{room}"
        name = console.text("demo-visitor-name")
        session = RoomSession(address, name, "engineer", settings.language, display.name)
        stack.callback(session.close)
        session.start()
        wait_joined(session, address)
        app = Application(display, FolderSource(twin), scene, session, settings, name, kept)
        stack.callback(app.close)
        _wait_floor(app)
        if app.twin.ground is not None:
            companion = make_companion(address, scene, app.twin.ground, app.hud.translate)
            stack.callback(companion.close)
            companion.start()
        if headless:
            report = _visit(app, scene, out, console)
            _finish(report, out, console)
        else:
            _walk(app, server)
    return 0


def _drill_options(scene: Scene) -> list[str]:
    """The fire drill, where the mine has what it is about; a person starts it with a key."""
    objects = {thing.kind for thing in scene.objects}
    places = {place.kind for place in scene.places}
    fits = {"self_rescuer", "telephone"} <= objects and {"refuge", "portal"} <= places
    return ["--drill", "fire_and_co"] if fits else []


def _wait_floor(app: Application) -> None:
    """Draw until the floor is known: people and companion stand on it."""
    end = time.monotonic() + READY_TIMEOUT_S
    while app.twin.ground is None and not app.twin.failed and time.monotonic() < end:
        app.frame(0.02, Wishes(Intent()))


def _walk(app: Application, server: LastingServer) -> None:
    last = time.monotonic()
    while not app.closed:
        now = time.monotonic()
        server.keep_alive(now)
        app.frame(min(now - last, MAX_FRAME_S))
        last = now


def _stand(app: Application, visit: Visit, seconds: float) -> None:
    moment = visit.at(seconds)
    app.walker.mode = "fly"  # the script says where to be, also on slopes and stairs
    app.look_from(moment.eye, moment.azimuth_rad, moment.pitch_rad)


def _settle(app: Application, visit: Visit, seconds: float) -> None:
    """Load what a stop shows before its time runs, as if the visitor had lingered."""
    end = time.monotonic() + READY_TIMEOUT_S
    _stand(app, visit, seconds)
    app.frame(0.02, Wishes(Intent()))
    while not app.twin.ready and not app.twin.failed and time.monotonic() < end:
        app.frame(0.02, Wishes(Intent()))


def _visit(app: Application, scene: Scene, out: Path, console: Console) -> dict[str, Any]:
    """The scripted visit in real time; pictures on the way. Returns the figures."""
    visit = Visit(scene)
    app.hud.bare(True)
    _settle(app, visit, 0.0)
    app.times.clear()
    waiting = sorted(visit.pictures().items(), key=lambda item: item[1])
    triangles: list[int] = []
    begun = last = time.monotonic()
    while (now := time.monotonic()) - begun < LENGTH_S:
        seconds = now - begun
        _stand(app, visit, seconds)
        app.frame(min(now - last, MAX_FRAME_S), Wishes(Intent()))
        last = now
        triangles.append(app.twin.streamer.counts().triangles_drawn)
        console.progress("demo-visiting", int(seconds * 10), int(LENGTH_S * 10))
        while waiting and seconds >= waiting[0][1]:
            _take_picture(app, visit, *waiting.pop(0), out)
            last = time.monotonic()
    for stop, at in waiting:
        _take_picture(app, visit, stop, at, out)
    counts = app.twin.streamer.counts()
    return {
        "frames": app.times.frames,
        "frame_ms": app.times.summary(),
        "triangles_drawn": int(np.max(triangles)) if triangles else 0,
        "triangles_total": counts.triangles_total,
        "tiles": counts.tiles_total,
        "members": len(app.session.members()) + 1,
        "observations": app.room.observations,
        "records": len(app.session.records),
        "renderer": app.display.renderer(),
    }


def _take_picture(app: Application, visit: Visit, stop: str, at: float, out: Path) -> None:
    """The picture of a stop, complete: also on a machine that draws a frame in seconds."""
    begun = time.monotonic()
    while True:
        _stand(app, visit, at)
        app.frame(0.02, Wishes(Intent()))
        waited = time.monotonic() - begun
        # The companion points most of the time; the picture of both is one of that.
        awaited = stop == "together" and waited < POINTING_TIMEOUT_S and not _somebody_points(app)
        # Labels are looked at a few times a second: they need a moment here, not elsewhere.
        lingered = waited > LINGER_S
        settled = lingered and app.twin.ready and app.painter.idle and not awaited
        if settled or app.twin.failed or waited > READY_TIMEOUT_S:
            break
    app.frame(0.02, Wishes(Intent()))
    save_picture(app.display, out / f"{stop}.png")


def _somebody_points(app: Application) -> bool:
    return any(m.pose is not None and m.pose.pointer for m in app.session.members())


def _finish(report: dict[str, Any], out: Path, console: Console) -> None:
    write_file(out / "demo.json", json.dumps(report, indent=1).encode())
    console.say("demo-done", folder=str(out), frames=report["frames"])
    console.result(report)
