"""What the room says, put into the picture: labels, notes, objects, messages, notices.

Takes session events on the frame thread; never sends anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from scenes.schema import Scene
from vr_app.drill_part import DrillPart
from vr_app.hud import NOTICE_S, Hud
from vr_app.line_view import LineView, facts_notices, lead_notice
from vr_app.overlay.notes import NoteLayer
from vr_app.overlay.sensor_labels import SensorLabelLayer
from vr_app.session import (
    CommandRefused,
    CommandWithdrawn,
    HistoryArrived,
    MemberJoined,
    MemberLeft,
    ObservationsArrived,
    Record,
    RecordEvent,
    RoomFacts,
    RoomSession,
    SessionNotice,
    StatusChanged,
)
from vr_app.session.room_facts import layer_facts
from vr_app.session.state import LatestValue
from vr_app.ui import theme
from vr_app.ui.message_panel import ChatMessage
from vr_app.ui.notices import Tone
from vr_app.ui.numbers import number_text, unit_text
from vr_app.ui.theme import Colour
from vr_app.world.layer_facts import LayerFacts
from vr_app.world.objects import ObjectLayer

MESSAGES_KEPT: Final = 50
ALARM_CHECK_S: Final = 1.0
LONG_NOTICE_S: Final = 15.0
# Notices of the session that ask for nothing.
QUIET: Final = frozenset({"session-nothing-to-undo", "session-undo-not-yet"})
STORES_NOTHING: Final = "server-stores-nothing"
STORES_AGAIN: Final = "server-stores-again"
ShowLayer = Callable[[str, LayerFacts | None], None]  # None: as the scene has it


class RoomView:
    """Applies what happens in a room to the layers that show it."""

    def __init__(
        self,
        scene: Scene,
        session: RoomSession,
        hud: Hud,
        labels: SensorLabelLayer,
        notes: NoteLayer,
        objects: ObjectLayer,
        drill: DrillPart,
        my_name: str,
        show_layer: ShowLayer | None = None,
    ) -> None:
        self._scene, self._session, self._hud = scene, session, hud
        self._labels, self._notes, self._objects = labels, notes, objects
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._my_name = my_name
        self._messages: list[Record] = []
        self._alarms: set[str] = set()
        self._alarms_checked = 0.0
        self._drill = drill
        self._show_layer = show_layer
        self._line = LineView(session, hud, scene.withheld_layers, not scene.layers)
        self.facts = RoomFacts()
        self.take_history: Callable[[HistoryArrived], None] = lambda _answer: None
        self.take_section: Callable[[Record, bool], None] = lambda _record, _gone: None
        self.observations = 0
        self.records = 0

    def colour_of(self, member_id: str) -> Colour:
        """The colour of a member, the same for everybody."""
        return theme.member_colour(self._numbers.get(member_id, 0))

    def name_of(self, member_id: str) -> str:
        """A member's name as known here; short pseudonym for those who have gone."""
        if member_id == self._session.me:
            return self._my_name
        if member_id == "server":
            return "Kenish"
        absent = self._session.names.get(member_id, member_id[-6:])
        return self._names.get(member_id, absent)

    def update(self, now: float) -> None:
        """Once a frame: take the session's events; `now` in local monotonic seconds."""
        for member in self._session.members():
            self._names[member.id] = member.name
            self._numbers[member.id] = member.number
        for event in self._session.poll():
            self._apply(event, now)
        self._line.update(now)
        if now - self._alarms_checked > ALARM_CHECK_S:
            self._alarms_checked = now
            self._announce_alarms(now)

    def _apply(self, event: object, now: float) -> None:
        say = self._hud.translate
        if isinstance(event, ObservationsArrived):
            self._observe(event.values)
        elif isinstance(event, RecordEvent):
            self._apply_record(event, now)
        elif isinstance(event, HistoryArrived):
            self.take_history(event)
        elif isinstance(event, MemberJoined):
            self._names[event.id] = event.name
            self._hud.notice(say("ui-notice-joined", {"name": event.name}), "info", now)
        elif isinstance(event, MemberLeft):
            self._hud.notice(say("ui-notice-left", {"name": event.name}), "info", now)
        elif isinstance(event, CommandRefused) and event.message_id == STORES_NOTHING:
            self._line.stores(False)  # it stands there until it is over
        elif isinstance(event, CommandRefused) and event.message_id == STORES_AGAIN:
            self._line.stores(True)
            self._hud.notice(say(event.message_id), "good", now)
        elif isinstance(event, CommandRefused):
            self._hud.notice(say(event.message_id, event.arguments), "warning", now)
        elif isinstance(event, CommandWithdrawn):
            self._hud.notice(say("ui-notice-undone"), "info", now)
        elif isinstance(event, SessionNotice):
            tone: Tone = "info" if event.message_id in QUIET else "warning"
            seconds = NOTICE_S if event.message_id in QUIET else LONG_NOTICE_S
            self._hud.notice(say(event.message_id, event.arguments), tone, now, seconds)
        elif isinstance(event, StatusChanged) and event.status.state == "joined":
            members = len(self._session.members()) + 1
            self._hud.notice(say("ui-notice-connected", {"members": members}), "info", now)

    def _take_facts(self, now: float) -> None:
        before, after, me = self.facts, self._session.facts, self._session.me
        self.facts = after
        say = self._hud.translate
        for message_id in facts_notices(before, after, me):
            self._hud.notice(say(message_id), "warning", now, LONG_NOTICE_S)
        leads = lead_notice(before, after, me)
        if leads:
            name = self.name_of(after.lead) if after.lead is not None else ""
            self._hud.notice(say(leads, {"name": name}), "info", now)

    def _take_layer(self, record: Record, gone: bool) -> None:
        if self._show_layer is not None:
            facts = None if gone else layer_facts(record)
            self._show_layer(str(record.payload.get("layer")), facts)

    def _observe(self, values: Mapping[str, LatestValue]) -> None:
        self.observations += len(values)
        heard = time.time()
        for datastream, value in values.items():
            self._labels.observe(
                datastream, value.time, value.result, value.quality, value.origin, heard
            )

    def _apply_record(self, event: RecordEvent, now: float) -> None:
        record = event.record
        payload = record.payload
        self.records += 1
        if record.kind == "annotation":
            if event.op == "deleted":
                self._notes.hide(record.id)
            else:
                author, colour = self.name_of(record.author), self.colour_of(record.author)
                if record.waiting:
                    author = f"{author} · {self._hud.translate('ui-mark-waiting')}"
                    colour = theme.STALE
                self._notes.show(
                    record.id, payload["position"], author, str(payload["text"]), colour
                )
        elif record.kind == "message":
            others = [one for one in self._messages if one.id != record.id]
            gone = event.op == "deleted"  # by a moderator
            self._messages = others if gone else [*others, record][-MESSAGES_KEPT:]
            self._show_messages(now)
        elif record.kind == "object_state" and "state" in payload:
            thing = str(payload["object"])
            if event.op == "deleted":
                self._objects.reset(thing)
            else:
                self._objects.show({thing: str(payload["state"])})
        elif record.kind == "room_state":
            self._take_facts(now)
        elif record.kind == "layer_state":
            self._take_layer(record, event.op == "deleted")
        elif record.kind == "section":
            self.take_section(record, event.op == "deleted")
        elif record.kind == "drill_state":
            self._drill.take_state(None if event.op == "deleted" else payload)
        elif record.kind == "drill_text":
            self._drill.take_text(payload)

    def _show_messages(self, now: float) -> None:
        shown = [
            ChatMessage(
                self.name_of(record.author),
                str(record.payload["text"]),
                self.colour_of(record.author),
                self._time_of(record),
                mine=record.author == self._session.me,
            )
            for record in self._messages
        ]
        self._hud.messages(shown, now)

    def _time_of(self, record: Record) -> str:
        if record.waiting:
            return self._hud.translate("ui-mark-waiting")
        return time.strftime("%H:%M", time.localtime(record.time))

    def _announce_alarms(self, now: float) -> None:
        """Say each alarm once when it begins."""
        say = self._hud.translate
        wall = time.time()
        for sensor in self._scene.sensors:
            if self._labels.state_of(sensor.id, wall) != "alarm":
                self._alarms.discard(sensor.id)
            elif sensor.id not in self._alarms:
                self._alarms.add(sensor.id)
                label = self._labels.label_of(sensor.id, wall)
                worst = next(r for r in label.readings if r.state == "alarm")
                unit = unit_text(worst.unit, say)
                number = number_text(worst.value or 0.0, worst.decimals, say.language)
                value = f"{worst.name} {number} {unit}".strip()
                arguments = {"sensor": label.title, "value": value}
                self._hud.notice(say("ui-notice-alarm", arguments), "error", now)
