"""What a person asked for by key, click or written line, carried out on the application's parts.

One method for every request; movement itself is `vr_app.world.walker`, panels are `vr_app.hud`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import platformdirs

from vr_app.display.preferences import Preferences
from vr_app.drill_part import NUMBER
from vr_app.hud import HudEvent
from vr_app.people_part import REASON
from vr_app.sections_part import MAKE
from vr_app.settings import save_settings
from vr_app.world.walker import Vector

if TYPE_CHECKING:
    from vr_app.app import Application

# Pixels that a missing detail may be wide, by the setting of picture quality.
MAX_ERROR_PX: Final = {"low": 10.0, "medium": 4.0, "high": 2.0}


class Requests:
    """Carries out requests on one application. Frame thread only."""

    def __init__(self, app: Application, settings_file: Path | None) -> None:
        self._app = app
        self._settings_file = settings_file
        self._note_at: Vector | None = None
        self._viewpoint = -1
        self._by_name: dict[str, Callable[[], None]] = {
            "help": lambda: self._toggle("help"),
            "settings": lambda: self._toggle("settings"),
            "map": lambda: self._toggle("map"),
            "people": lambda: self._toggle("people"),
            "history": self._history,
            "layers": lambda: self._toggle("layers"),
            "sections": lambda: self._toggle("sections"),
            "xray": self._xray,
            "list-up": lambda: app.crew.move(-1),
            "list-down": lambda: app.crew.move(1),
            "write": app.hud.start_writing,
            "language": self._next_language,
            "fly": self._fly_or_walk,
            "teleport": self._teleport,
            "home": self._home,
            "use": self._use,
            "note": self._note,
            "drill": app.drill.start,
            "next-viewpoint": self._next_viewpoint,
            "picture": self._picture,
            "undo": app.session.undo,
            "send-held": app.session.send_held,
            "discard-held": app.session.discard_held,
            "escape": self._escape,
        }
        self.settings_changed(keep=False)

    def carry_out(self, request: str) -> None:
        """Do what a request names (`vr_app.controls.REQUESTS`)."""
        if request.startswith("choose-"):
            number = int(request.removeprefix("choose-"))
            if self._app.hud.is_open("people"):
                self._app.crew.act(number)
            elif self._app.hud.is_open("history"):
                self._app.past.act(number)
            elif self._app.hud.is_open("sections"):
                self._section(self._app.cuts.act_numbered(number))
            else:
                self._app.drill.choose_by_key(number)
        elif request in self._by_name:
            self._by_name[request]()

    def panel(self, event: HudEvent | None) -> None:
        """Do what a click on a panel or a written line means."""
        app = self._app
        if event is None:
            return
        if event.name == "quit":
            app.closed = True
        elif event.name == "say":
            app.session.command("message", {"text": event.text})
        elif event.name == "note" and self._note_at is not None:
            place = [float(value) for value in self._note_at]
            app.session.command("annotation", {"position": place, "text": event.text})
        elif event.name in ("choose", NUMBER):
            app.drill.choose(event.text.strip())
        elif event.name == "people":
            app.crew.click(event.text)
        elif event.name == "history":
            kind, _, number = event.text.partition(":")
            if kind == "act":
                app.past.act(int(number))
        elif event.name == "layers" and event.text == "xray":
            self._xray()
        elif event.name == "layers":
            app.layers.click(event.text)
        elif event.name == "legend":
            app.layers.legend(event.text)
        elif event.name == "sections":
            self._section(app.cuts.click(event.text))
        elif event.name == REASON:
            app.crew.ask_to_leave(event.text)
        elif event.name == "settings":
            self.settings_changed()
        elif event.name == "map" and event.pixel is not None:
            spot = app.plan.click(event.text, event.pixel)
            if spot is not None:
                app.walker.mode = "walk"
                app.go_to(np.asarray(spot))

    def settings_changed(self, keep: bool = True) -> None:
        """Let everything obey the settings, and keep them on this machine."""
        app = self._app
        settings = app.hud.settings
        app.display.look_scale = settings.mouse_sensitivity
        app.walker.fly_m_s = settings.fly_speed_m_s
        app.display.prefer(
            Preferences(
                surroundings=settings.surroundings == "on",
                highest_rate=settings.rate == "highest",
                steady=settings.mirror == "steady",
            )
        )
        app.sounds.wanted = settings.sounds == "on"
        app.twin.max_error_px = MAX_ERROR_PX.get(settings.quality, MAX_ERROR_PX["medium"])
        if keep and self._settings_file is not None:
            save_settings(self._settings_file, settings)

    def _say(self, message_id: str, seconds: float = 2.0, **arguments: object) -> None:
        hud = self._app.hud
        hud.notice(hud.translate(message_id, arguments), "info", time.monotonic(), seconds)

    def _toggle(self, panel: str) -> None:
        self._app.hud.toggle(panel)
        self._app.display.capture_pointer(False)

    def _next_language(self) -> None:
        self._app.hud.next_language()
        self.settings_changed()

    def _escape(self) -> None:
        self._app.lobby.skip()
        if not self._app.hud.escape():
            self._app.display.capture_pointer(False)

    def _fly_or_walk(self) -> None:
        walker = self._app.walker
        walker.mode = "walk" if walker.mode == "fly" else "fly"
        self._say("ui-notice-flying" if walker.mode == "fly" else "ui-notice-walking")

    def _teleport(self) -> None:
        app = self._app
        ground = app.twin.ground
        target = app.walker.teleport_target(ground) if ground is not None else None
        if target is None:
            self._say("ui-notice-teleport-blocked")
            return
        app.walker.mode = "walk"
        app.go_to(target)

    def _home(self) -> None:
        """Whoever is lost or stuck stands where people arrive."""
        app = self._app
        app.walker.mode = "walk"
        spawn = app.scene.spawn
        app.go_to(np.asarray(spawn.position, np.float64), float(np.radians(spawn.azimuth_deg)))
        self._say("ui-notice-home")

    def _use(self) -> None:
        app = self._app
        action = None if app.target is None else app.objects.possible_action(app.target)
        if app.target is not None and action is not None:
            app.session.command("object_state", {"object": app.target.id, "action": action})

    def _history(self) -> None:
        app = self._app
        if app.hud.is_open("history"):
            self._toggle("history")
        elif app.note is not None:
            app.past.open(app.note)

    def _xray(self) -> None:
        twin = self._app.twin
        twin.set_xray(not twin.xray)
        self._say("ui-notice-xray" if twin.xray else "ui-notice-no-xray")

    def _section(self, act: str | None) -> None:
        app = self._app
        if act in MAKE:
            app.cuts.make(act, app.walker.eye, app.walker.gaze, app.hit)
        elif act is not None:
            app.cuts.change(act)

    def _note(self) -> None:
        if self._app.hit is not None:
            self._note_at = self._app.hit
            self._app.hud.start_writing("note")

    def mark(self) -> None:
        """Leave a mark where the laser ends: a note without a keyboard."""
        app = self._app
        if app.hit is not None:
            place = [float(value) for value in app.hit]
            text = app.hud.translate("ui-note-mark")
            app.session.command("annotation", {"position": place, "text": text})
            app.sounds.play("mark")

    def _next_viewpoint(self) -> None:
        viewpoints = self._app.scene.viewpoints
        if viewpoints:
            self._viewpoint = (self._viewpoint + 1) % len(viewpoints)
            self._app.go_to_viewpoint(viewpoints[self._viewpoint].id)

    def _picture(self) -> None:
        from PIL import Image

        name = time.strftime("kenish-%Y%m%d-%H%M%S.png")
        path = platformdirs.user_pictures_path() / "Kenish" / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(self._app.display.still()).save(path)
        except OSError as error:
            self._say("app-picture-not-saved", 6.0, path=str(path), reason=str(error))
        else:
            self._say("ui-notice-saved", 6.0, path=str(path))
