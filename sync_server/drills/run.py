"""One run of a drill: its state, its event log, and the clock that maps room time to log time.

Pure: told the room's time with every call; never writes a record itself.
"""

from __future__ import annotations

from typing import Any, Final

from curricula.errors import Refused
from curricula.runner import AnyEvent, State, initial_state, read_event, reduce
from curricula.runner.effects import Caption, Effect, SensorRelease
from sync_server.drills.script import DrillScript

CAPTIONS_KEPT: Final = 8


class DrillRun:
    """A run that began at room time `began`. `pending` are events that no record holds yet."""

    def __init__(self, script: DrillScript, began: float) -> None:
        self.script = script
        self.began = began
        self.id = f"{script.name}-{int(began * 1000)}"
        self.state: State = initial_state(script.setup)
        self.pending: list[AnyEvent] = []
        self.captions: list[Caption] = []
        self.released: list[str] = []
        self.refused = 0
        self.parts = 0

    def log_time(self, now: float) -> float:
        """Seconds of the log at a room time; never earlier than its last event."""
        t = round((now - self.began) * self.script.options.speed, 3)
        return max(t, self.state.t)

    def feed(self, now: float, type_: str, **fields: Any) -> list[Effect] | None:
        """Let something happen now. None where the drill refuses it; it is then not in the log."""
        before = self.state.phase
        try:
            event = read_event({"type": type_, "t": self.log_time(now), **fields})
            self.state, effects = reduce(self.state, event)
        except Refused:
            self.refused += 1
            return None
        # Ticks never change a score; only the one that ends the drill is worth keeping.
        if type_ != "tick" or self.state.phase != before:
            self.pending.append(event)
        for effect in effects:
            if isinstance(effect, Caption):
                self.captions = [*self.captions, effect][-CAPTIONS_KEPT:]
            elif isinstance(effect, SensorRelease):
                self.released.append(effect.datastream)
        return effects

    @property
    def over(self) -> bool:
        """Whether the verdict stands."""
        return self.state.phase == "ended"

    def take_log(self, limit: int) -> dict[str, Any] | None:
        """The next part of the log as a `drill_log` payload, at most `limit` events; None: no
        event waits. The first part has the header that replaying needs."""
        if not self.pending:
            return None
        events, self.pending = self.pending[:limit], self.pending[limit:]
        part = self.parts
        self.parts += 1
        payload: dict[str, Any] = {
            "id": f"{self.id}.{part}",
            "drill": self.script.name,
            "run": self.id,
            "part": part,
            "events": [event.model_dump(exclude_none=True) for event in events],
        }
        if part == 0:
            payload["header"] = self.script.header()
        return payload
