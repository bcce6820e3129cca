"""Plays a drill along in a room: who takes part, what they do, what the room is to show.

A `RoomListener`: pure, told the time, and answering with records and sensor overrides only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sync_server.drills.payloads import drill_state
from sync_server.drills.run import DrillRun
from sync_server.drills.script import DrillScript
from sync_server.room.listener import (
    Action,
    ChoiceMade,
    DrillActed,
    MemberJoined,
    MemberLeft,
    ObjectEvent,
    Override,
    PlaceEntered,
    PlaceLeft,
    RoomEvent,
    SensorValue,
    Write,
)

LANE_CHOICE: Final = "drill.lane"  # the prompt that a member answers to take a part
AUTOSTART_AFTER_S: Final = 3.0
LOG_EVERY_S: Final = 1.0
LOG_PART: Final = 100  # events in one record
LEAD_MOVING_S: Final = 1.0  # how often a sensor that the drill moves is told
LEAD_STEADY_S: Final = 3.0
Lookup = Callable[[str], Mapping[str, Any] | None]


class DrillListener:
    """One drill in one room. `lookup` gives the payload of a living record by its id."""

    def __init__(self, script: DrillScript, lookup: Lookup) -> None:
        self.script = script
        self.run: DrillRun | None = None
        self._lookup = lookup
        self._roles: dict[str, str] = {}
        self._lanes: dict[str, str] = {}
        self._places: dict[str, set[str]] = {}
        self._bound_places = {one for ids in script.cast.places.values() for one in ids}
        self._bound_streams = {one for ids in script.cast.datastreams.values() for one in ids}
        self._values: dict[str, float] = {}
        self._problem: dict[str, Any] | None = None
        self._dirty = True
        self._texts_told = False
        self._first_came: float | None = None
        self._log_due = 0.0
        self._led: dict[str, tuple[float, float]] = {}  # datastream -> (value, when told)

    # -- events --------------------------------------------------------------------------------

    def on_event(self, now: float, event: RoomEvent) -> Sequence[Action]:
        """Something has happened in the room."""
        match event:
            case MemberJoined(member, role):
                self._come(now, member, role)
            case MemberLeft(member):
                self._go(now, member)
            case ObjectEvent(member, thing, _action, name):
                self._feed(now, "object", member=member, object=thing, event=name)
            case PlaceEntered(member, place) if place in self._bound_places:
                self._places.setdefault(member, set()).add(place)
                self._feed(now, "place", member=member, place=place, inside=True)
            case PlaceLeft(member, place) if place in self._bound_places:
                self._places.get(member, set()).discard(place)
                self._feed(now, "place", member=member, place=place, inside=False)
            case SensorValue(datastream, result, quality):
                self._observe(now, datastream, result, quality)
            case ChoiceMade(member, prompt, option) if prompt == LANE_CHOICE:
                self._choose_lane(now, member, option)
            case ChoiceMade(member, prompt, option):
                self._feed(
                    now, "choice", member=member, choice=prompt, answer=self._answer(prompt, option)
                )
            case DrillActed(member, content):
                return self._act(now, member, content)
        return []

    def _feed(self, now: float, type_: str, **fields: Any) -> None:
        run = self.run
        if run is None or run.over or fields.get("member", "") not in {"", *run.state.people}:
            return  # Somebody who only watches.
        run.feed(now, type_, **fields)
        self._dirty = True

    def _answer(self, choice: str, option: str) -> str | int:
        one = self.script.setup.drill.choices.get(choice)
        if one is not None and one.number is not None and option.isascii() and option.isdecimal():
            return int(option[:6])
        return option

    def _observe(self, now: float, datastream: str, result: float | None, quality: str) -> None:
        if datastream not in self._bound_streams or result is None or quality != "good":
            return
        if self.run is not None and datastream in self.run.state.led:
            return  # Our own value, on its way back to us.
        if self._values.get(datastream) == result:
            return
        self._values[datastream] = result
        if self.run is not None and not self.run.over:
            self.run.feed(now, "sensor", datastream=datastream, value=result)

    # -- people --------------------------------------------------------------------------------

    def _come(self, now: float, member: str, role: str) -> None:
        self._roles[member] = role
        run = self.run
        if run is not None and not run.over and member in run.state.people:
            lane = run.state.people[member].lane
            self._lanes[member] = lane
            run.feed(now, "joined", member=member, lane=lane)
        elif role == "trainee" or self.script.options.autostart:
            lane_open = self._open_lane(role)
            if lane_open is not None:
                self._take_part(now, member, lane_open)
        self._dirty = True

    def _go(self, now: float, member: str) -> None:
        self._feed(now, "left", member=member)
        for table in (self._roles, self._lanes, self._places):
            table.pop(member, None)
        self._dirty = True

    def _open_lane(self, role: str) -> str | None:
        """The first lane that the role may play and that has room."""
        taken = list(self._lanes.values())
        for name, lane in self.script.setup.drill.lanes.items():
            if role in lane.roles and taken.count(name) < lane.capacity:
                return name
        return None

    def _choose_lane(self, now: float, member: str, lane: str) -> None:
        one = self.script.setup.drill.lanes.get(lane)
        others = [n for m, n in self._lanes.items() if m != member]
        if one is None or self._roles.get(member) not in one.roles:
            self._refuse("drill-lane-unknown", lane=lane, known=" ".join(self._known_lanes()))
        elif others.count(lane) >= one.capacity:
            self._refuse("drill-lane-full", lane=lane, limit=one.capacity)
        else:
            self._take_part(now, member, lane)

    def _known_lanes(self) -> list[str]:
        return list(self.script.setup.drill.lanes)

    def _take_part(self, now: float, member: str, lane: str) -> None:
        run = self.run
        self._dirty = True
        if run is not None and not run.over:
            if run.feed(now, "joined", member=member, lane=lane) is None:
                old = run.state.people[member].lane if member in run.state.people else lane
                self._refuse("drill-lane-fixed", lane=old)
                return
            self._tell_places(now, run, member)
        self._lanes[member] = lane
        if self._first_came is None:
            self._first_came = now

    def _tell_places(self, now: float, run: DrillRun, member: str) -> None:
        for place in sorted(self._places.get(member, ())):
            run.feed(now, "place", member=member, place=place, inside=True)

    def _refuse(self, message_id: str, **arguments: Any) -> None:
        self._problem = {"id": message_id, "arguments": arguments}
        self._dirty = True

    # -- acts ----------------------------------------------------------------------------------

    def _act(self, now: float, member: str, content: dict[str, Any]) -> list[Action]:
        self._problem = None
        self._dirty = True
        if content["act"] == "start" and (self.run is None or self.run.over):
            return self._start(now, member)
        if self.run is None:
            self._refuse("drill-act-phase", act=content["act"], phase="waiting")
            return []
        if self.run.feed(now, "act", by=member, **content) is None:
            self._refuse("drill-act-phase", act=content["act"], phase=self.run.state.phase)
        return []

    def _start(self, now: float, by: str) -> list[Action]:
        if not self._lanes and by in self._roles:
            # Whoever starts a drill that nobody plays wants to play it.
            lane = self._open_lane(self._roles[by])
            if lane is not None:
                self._lanes[by] = lane
        if not self._lanes:
            self._refuse("drill-nobody")
            return []
        run = DrillRun(self.script, now)
        for datastream, value in sorted(self._values.items()):
            run.feed(now, "sensor", datastream=datastream, value=value)
        for member, lane in self._lanes.items():
            run.feed(now, "joined", member=member, lane=lane)
            self._tell_places(now, run, member)
        run.feed(now, "act", act="start", by=by)
        actions = self._flush_log(now, everything=True)
        self.run = run
        self._led = {}
        self._dirty = True
        return [*actions, *self._reset_objects()]

    def _reset_objects(self) -> list[Action]:
        """Put every object that the drill listens to back to how the scene has it: nobody starts
        with the self-rescuer that somebody else has worn."""
        names = self.script.setup.drill.event_names()
        used = {one for name in names for one in self.script.facts.emitters.get(name, ())}
        return [
            Write("object_state", op="delete", record=one)
            for one in sorted(used)
            if self._lookup(one) is not None
        ]

    # -- time ----------------------------------------------------------------------------------

    def on_tick(self, now: float) -> Sequence[Action]:
        """Time has passed: the drill goes on, and what has changed is told."""
        actions: list[Action] = [] if self._texts_told else self._tell_texts()
        came = self._first_came
        waited = came is not None and now - came >= AUTOSTART_AFTER_S / self.script.options.speed
        if self.script.options.autostart and self.run is None and self._lanes and waited:
            actions += self._start(now, "server")
        run = self.run
        if run is not None and run.state.phase == "running":
            if run.feed(now, "tick"):
                self._dirty = True
            actions += self._lead(now, run)
        if run is not None and run.released:
            actions += [Override(one, None) for one in run.released]
            run.released = []
        if run is not None and (now >= self._log_due or run.over):
            self._log_due = now + LOG_EVERY_S
            actions += self._flush_log(now, everything=run.over)
        if self._dirty:
            self._dirty = False
            payload = drill_state(self.script, run, self._lanes, now, self._problem)
            actions.append(Write("drill_state", payload))
        return actions

    def _tell_texts(self) -> list[Action]:
        self._texts_told = True
        languages = self.script.setup.drill.languages
        actions: list[Action] = []
        for language, ftl in self.script.texts.items():
            review = languages.get(language)  # type: ignore[call-overload]
            record = f"{self.script.name}.{language}"
            payload = {
                "id": record,
                "drill": self.script.name,
                "language": language,
                "reviewed": review is not None and review.reviewed,
                "ftl": ftl,
            }
            if self._lookup(record) != payload:
                actions.append(Write("drill_text", payload))
        return actions

    def _lead(self, now: float, run: DrillRun) -> list[Action]:
        """Show the sensor values that the drill leads; often enough to be seen moving."""
        actions: list[Action] = []
        for datastream, led in run.state.led.items():
            value = round(led.at(run.state.drill_t), 3)
            shown, when = self._led.get(datastream, (None, float("-inf")))
            every = LEAD_STEADY_S if value == shown else LEAD_MOVING_S
            if now - when >= every:
                self._led[datastream] = (value, now)
                actions.append(Override(datastream, value))
        return actions

    def _flush_log(self, now: float, everything: bool) -> list[Action]:
        actions: list[Action] = []
        run = self.run
        while run is not None and (part := run.take_log(LOG_PART)) is not None:
            actions.append(Write("drill_log", part))
            if not everything:
                break
        return actions
