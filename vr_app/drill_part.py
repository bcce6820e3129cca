"""A person's part in the room's drill: shows it on the panels, sends starts and answers.

What is shown is decided by `vr_app.drill_view`; scoring is the server's alone.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from assets.text import Translator
from scenes.schema import Scene
from vr_app.drill_view import (
    START,
    OpenChoice,
    drill_view,
    invites,
    open_choice,
    part_choice,
    smoke_at,
)
from vr_app.hud import Hud
from vr_app.session import RoomSession
from vr_app.world.walker import Vector

NUMBER: Final = "choose-number"
WAITING_SHOWN_S: Final = 20.0


class DrillPart:
    """The first drill of the room, for one member. Frame thread only."""

    def __init__(self, scene: Scene, session: RoomSession, hud: Hud) -> None:
        self._scene, self._session, self._hud = scene, session, hud
        self._sources: dict[str, str] = {}
        self._text: Translator = hud.translate
        self._texts_changed = False
        self._reading: threading.Thread | None = None
        self._state: Mapping[str, Any] | None = None
        self._choice: OpenChoice | None = None
        self._shown_since: float | None = None
        self.smoke = 0.0

    def take_text(self, payload: Mapping[str, Any]) -> None:
        """A `drill_text` record: the drill's messages in one language."""
        self._sources[str(payload.get("language"))] = str(payload.get("ftl", ""))
        self._texts_changed = True

    def take_state(self, payload: Mapping[str, Any] | None) -> None:
        """A `drill_state` record, or None once it is gone."""
        before = self.phase
        self._state = payload
        if payload is not None and self.phase != before:
            self._shown_since = None

    def _speak(self) -> None:
        """Read the drill's texts in a worker, where they have changed: it takes 0.1 s."""
        language = self._hud.translate.language
        if self._reading is not None and self._reading.is_alive():
            return
        if not self._texts_changed and self._text.language == language:
            return
        self._texts_changed = False
        sources = dict(self._sources)

        def read() -> None:
            self._text = Translator(language, sources=sources)

        self._reading = threading.Thread(target=read, name="drill texts", daemon=True)
        self._reading.start()

    def update(self, room_time: float, eye: Vector) -> None:
        """Once a frame."""
        self._speak()
        state, me = self._state, self._session.me
        if state is None or me is None:
            self._hud.drill(None)
            self._hud.choice("", ())
            self.smoke = 0.0
            return
        if self._shown_since is None:
            self._shown_since = room_time
        # A drill that nobody starts must not stand in the picture for hours.
        if self._hud.wants_pointer:
            self._shown_since = room_time  # who looked at a panel sees again what can be done
        idle = invites(state, me) and room_time - self._shown_since > WAITING_SHOWN_S
        self._hud.drill(None if idle else drill_view(state, me, room_time, self._text))
        self._choice = open_choice(state, me, self._text)
        if self._choice is None and not idle:
            role, may = self._session.role or "", "run_drill" in self._session.permissions
            self._choice = part_choice(state, me, role, may, self._text)
        if self._choice is None:
            self._hud.choice("", ())
        elif self._choice.number is not None:
            self._hud.choice(self._choice.ask, (("number", self._text("ui-drill-type-number")),))
        else:
            self._hud.choice(self._choice.ask, self._choice.options)
        self.smoke = smoke_at(state, self._scene, eye.tolist(), room_time)

    @property
    def phase(self) -> str | None:
        """The phase that the panels show: waiting, running, ...; None while there is no drill."""
        return None if self._state is None else str(self._state.get("phase"))

    @property
    def asking(self) -> bool:
        """Whether a question waits for an answer."""
        return self._choice is not None

    def start(self) -> None:
        """Ask the room to start the drill, if it waits for that."""
        if self.phase in ("waiting", "ended"):
            self._session.command("drill_act", {"act": "start"})

    def choose_by_key(self, number: int) -> None:
        """The answer beside a number key."""
        choice = self._choice
        if choice is None:
            return
        if choice.number is not None:
            self._hud.start_writing(NUMBER)
        elif number <= len(choice.options):
            self.choose(choice.options[number - 1][0])

    def choose(self, answer: str) -> None:
        """Give an answer by name."""
        if self._choice is None:
            return
        if self._choice.number is not None and answer == "number":
            self._hud.start_writing(NUMBER)
            return
        if answer == START:
            self.start()
            return
        self._session.command("choice", {"prompt": self._choice.id, "option": answer})
