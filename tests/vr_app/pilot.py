"""Drives a whole application off screen, frame by frame, in a room of a real server."""

from __future__ import annotations

import time
from collections.abc import Callable

from vr_app.app import Application
from vr_app.controls import Wishes
from vr_app.display.base import Display
from vr_app.joining import wait_joined
from vr_app.session import RoomSession
from vr_app.stream.http_source import HttpSource
from vr_app.ui.settings_panel import Settings
from vr_app.world.twin_view import load_scene
from vr_app.world.walker import Intent

DEADLINE_S = 60.0


class Pilot:
    """Drives an application frame by frame and waits for what it should come to."""

    def __init__(
        self,
        display: Display,
        address: str,
        name: str = "Pilot",
        role: str = "engineer",
        ticket: str | None = None,
    ) -> None:
        self.session = RoomSession(address, name, role, "en", "offscreen", ticket)
        self.session.start()
        wait_joined(self.session, address)
        assert self.session.http_base is not None
        source = HttpSource(self.session.http_base, lambda: self.session.http_token)
        self.display = display
        self.app = Application(display, source, load_scene(source), self.session, Settings(), name)
        self.until(lambda: self.app.twin.ready)

    def do(self, *requests: str, seconds: float = 0.05, **intent: float) -> None:
        """One frame with these requests and movement."""
        self.app.frame(seconds, Wishes(Intent(**intent), list(requests)))

    def until(self, condition: Callable[[], bool]) -> None:
        """Frames until the condition holds; fails after a generous deadline."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "it never came to that"
            self.do()

    def close(self) -> None:
        # The display outlives the pilot.
        self.app.rest.end()
        self.app.twin.close()
        self.app.painter.close()
        for layer in (self.app.labels, self.app.notes, self.app.people):
            layer.remove()
        self.session.close()
