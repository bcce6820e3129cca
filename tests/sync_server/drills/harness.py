"""A drill listener in a room of two tables: the records that it writes, the values it overrides."""

from __future__ import annotations

from typing import Any

from curricula.loader import load_drill
from curricula.scoring import canonical
from sync_server.drills.listener import DrillListener
from sync_server.drills.replay import sheet_of_records
from sync_server.drills.script import DrillOptions, load_script
from sync_server.room.listener import Action, DrillActed, ObjectEvent, Override, Write
from tests.sync_server.drills.fire_scene import fire_scene

START = 1_795_449_474.0


class Room:
    """A listener with the records that it writes. Times are seconds since its start."""

    def __init__(self, **options: Any) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.overrides: dict[str, float | None] = {}
        self.writes: list[Write] = []
        script = load_script(DrillOptions("fire_and_co", **options), fire_scene())
        self.listener = DrillListener(script, self.records.get)

    def take(self, actions: Any) -> None:
        for action in list[Action](actions):
            if isinstance(action, Override):
                self.overrides[action.datastream] = action.result
                continue
            self.writes.append(action)
            keys = {"drill_state": "drill", "drill_text": "id", "drill_log": "id"}
            if action.op == "delete":
                self.records.pop(action.record or "", None)
            else:
                self.records[action.payload[keys[action.kind]]] = action.payload

    def hear(self, t: float, event: Any) -> None:
        self.take(self.listener.on_event(START + t, event))

    def tick(self, t: float) -> dict[str, Any]:
        self.take(self.listener.on_tick(START + t))
        return self.records["fire_and_co"]

    def act(self, t: float, act: str, member: str = "eng", **fields: Any) -> None:
        self.hear(t, DrillActed(member, {"act": act, **fields}))

    def use(self, t: float, thing: str, event: str, member: str = "eng") -> None:
        self.hear(t, ObjectEvent(member, thing, "x", event))

    def sheet(self) -> dict[str, Any]:
        sheet = self.records["fire_and_co"]["sheet"]
        assert isinstance(sheet, dict)
        return sheet

    def replayed(self) -> str:
        """The sheet of the first run, recomputed from its records."""
        run = next(w.payload["run"] for w in self.writes if w.kind == "drill_log")
        parts = [one for one in self.records.values() if one.get("run") == run and "part" in one]
        return canonical(sheet_of_records(load_drill("fire_and_co"), parts))
