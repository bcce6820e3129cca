"""Entering a room: session first, then the twin from where the room says, then frames."""

from __future__ import annotations

import getpass
import io
import time
from collections import deque
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from assets.text import translator
from sync_server.wire.messages import Role
from vr_app.app import Application
from vr_app.console import Console
from vr_app.controls import Wishes
from vr_app.display.base import Display, open_display
from vr_app.errors import CommandError, CommandRefused
from vr_app.files import write_file
from vr_app.identity import identity_file
from vr_app.session import RoomSession
from vr_app.session.trust import trusting
from vr_app.settings import load_settings, settings_file
from vr_app.stream.cache_options import CacheOptions
from vr_app.stream.cached_source import CachedSource
from vr_app.stream.http_source import HttpSource
from vr_app.world.twin_view import load_scene
from vr_app.world.walker import Intent

MAX_NAME: Final = 80
JOIN_TIMEOUT_S: Final = 20.0
SETTLE_TIMEOUT_S: Final = 30.0
MAX_FRAME_S: Final = 0.25
AGES_KEPT: Final = 200_000  # pose ages, of all members


@dataclass(frozen=True, slots=True)
class JoinOptions:
    """What `kenish join` can be told."""

    address: str
    name: str = ""
    role: Role = "engineer"
    ticket: str | None = None
    authority: Path | None = None  # a site's own, PEM
    display: str = "auto"
    validate: bool = False  # OpenXR checks every call to the headset
    size: tuple[int, int] = (1280, 720)
    viewpoint: str | None = None
    meet: str | None = None
    laser: bool = False
    seconds: float | None = None
    picture: Path | None = None
    cache: CacheOptions = field(default_factory=CacheOptions)


def wait_joined(session: RoomSession, address: str, timeout_s: float = JOIN_TIMEOUT_S) -> None:
    """Wait until the session is in the room. Raises `CommandError` with the reason it is not."""
    end = time.monotonic() + timeout_s
    while session.status.state != "joined":
        status = session.status
        if status.state == "refused":
            raise CommandError(status.message_id, **status.arguments)
        if status.state == "reconnecting" and status.message_id:
            raise CommandError(status.message_id, **status.arguments)
        if time.monotonic() > end:
            raise CommandError("join-no-answer", address=address)
        time.sleep(0.02)


def joined_or_away(session: RoomSession, address: str, may_wait: bool) -> bool:
    """Wait until the session is in the room; False where nobody can be reached there and there is
    something to show meanwhile. Raises `CommandError`."""
    try:
        wait_joined(session, address)
    except CommandError:
        if not may_wait or session.status.state not in ("reconnecting", "connecting"):
            raise
        return False
    return True


def save_picture(display: Display, path: Path) -> None:
    """The present scene as a PNG. Raises `CommandRefused` where it cannot be written."""
    from PIL import Image

    png = io.BytesIO()
    Image.fromarray(display.still()).save(png, "PNG")
    write_file(path, png.getvalue())


def person_name(given: str) -> str:
    """The name that was given, or this machine's user's; empty: the room gives a number."""
    # A longer one is no name that the room takes, and no plate could show it.
    return (given.strip() or _user_name())[:MAX_NAME]


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user has no name
        return ""


def join_room(options: JoinOptions, console: Console) -> int:
    """Run until the window is closed, `seconds` are over, or Ctrl-C."""
    settings = load_settings(settings_file(), console.language, console.chosen)
    name = person_name(options.name)
    tls = trusting(options.authority)
    identity = identity_file(options.address, name, options.role, options.ticket)
    cache, seen = options.cache.open()
    who = identity.stem
    last_seen = seen.load(who)
    session = RoomSession(
        options.address,
        name,
        options.role,
        settings.language,
        "desktop",
        options.ticket,
        resume_file=identity,
        tls=tls,
        patient=last_seen is not None,
    )
    with ExitStack() as stack:
        stack.callback(session.close)
        session.start()
        # The window opens while the room answers.
        display = open_display(
            options.display,
            options.size,
            f"Kenish – {options.address}",
            translator(settings.language),
            options.validate,
        )
        stack.callback(display.close)
        if not joined_or_away(session, options.address, may_wait=last_seen is not None):
            console.say("join-offline", address=options.address)
        server = HttpSource(
            lambda: session.http_base, lambda: session.http_token, tls, options.address
        )
        source = CachedSource(
            server, cache, seen, who, last_seen, lambda: session.status.state == "refused"
        )
        stack.callback(source.close)
        scene = load_scene(source)
        known = [point.id for point in scene.viewpoints]
        if options.viewpoint not in (None, *known):
            raise CommandRefused(
                "join-no-viewpoint", name=options.viewpoint, known=", ".join(known) or "–"
            )
        app = Application(display, source, scene, session, settings, name, settings_file())
        stack.callback(app.close)
        if options.viewpoint is not None:
            app.go_to_viewpoint(options.viewpoint)
        measured = run_frames(app, options) | {"files": asdict(source.counts())}
        if options.picture is not None:
            save_picture(display, options.picture)
    if options.seconds is not None:
        age = measured["pose_age_ms"]["p95"]
        console.say("join-measured", **measured["frame_ms"], age="–" if age is None else age)
        console.result(measured)
    return 0


def run_frames(app: Application, options: JoinOptions) -> dict[str, Any]:
    """Frames until the person leaves; {frames, frame_ms, pose_age_ms, members}."""
    ages: deque[float] = deque(maxlen=AGES_KEPT)
    end: float | None = None
    begun = last = time.monotonic()
    to_meet = options.meet
    while not app.closed:
        now = time.monotonic()
        if to_meet is not None and app.meet(to_meet):
            to_meet = None
        if options.seconds is not None and end is None:
            # The time runs from the first complete picture on, or what is measured is loading.
            if app.twin.ready or now - begun > SETTLE_TIMEOUT_S:
                end = now + options.seconds
                app.times.clear()
                ages.clear()
        elif end is not None and now > end:
            break
        wishes = None
        if options.laser:
            wishes = Wishes(Intent(), laser=True)
        app.frame(min(now - last, MAX_FRAME_S), wishes)
        last = now
        ages.extend(m.pose_age_s * 1000.0 for m in app.session.members() if m.pose is not None)
    return {
        "frames": app.times.frames,
        "frame_ms": app.times.summary(),
        "pose_age_ms": _percentiles(ages),
        "members": len(app.session.members()) + 1,
        "renderer": app.display.renderer(),
    }


def _percentiles(values: Collection[float]) -> dict[str, float | None]:
    if not values:
        return {"p50": None, "p95": None, "max": None}
    found = np.percentile(list(values), [50, 95, 100])
    return {n: round(float(v), 1) for n, v in zip(("p50", "p95", "max"), found, strict=True)}
