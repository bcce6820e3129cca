"""What a room's events come to in the picture, with real layers and panels, without a window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import pytest
from panda3d.core import NodePath

from scenes.schema import (
    AlarmBand,
    Datastream,
    ObjectAction,
    Scene,
    SceneObject,
    Sensor,
    Spawn,
)
from vr_app.drill_part import DrillPart
from vr_app.hud import Hud
from vr_app.overlay.notes import NoteLayer
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.sensor_labels import SensorLabelLayer
from vr_app.room_view import MESSAGES_KEPT, RoomView
from vr_app.session import (
    CommandRefused,
    LatestValue,
    MemberJoined,
    MemberView,
    ObservationsArrived,
    Record,
    RecordEvent,
    RoomFacts,
    SessionEvent,
    SessionStatus,
    StatusChanged,
)
from vr_app.ui.settings_panel import Settings
from vr_app.world.objects import ObjectLayer

SCENE = Scene(
    name="mine",
    spawn=Spawn(position=(0.0, 0.0, 0.0)),
    sensors=[
        Sensor(
            id="co",
            title={"en": "CO at the sump"},
            position=(1.0, 0.0, 1.0),
            datastreams=[
                Datastream(
                    id="co-1",
                    property="co",
                    unit="[ppm]",
                    range=(0, 500),
                    interval_s=60,
                    bands=[AlarmBand(level="alarm", above=35, source="test")],
                )
            ],
        )
    ],
    objects=[
        SceneObject(
            id="valve",
            kind="valve",
            title={"en": "Valve"},
            position=(2.0, 0.0, 1.0),
            states=["open", "closed"],
            initial="open",
            actions=[ObjectAction(id="close", title={"en": "Close"}, to_state="closed", event="c")],
        )
    ],
)


class Room:
    """A room that says what a test wants, in place of a session with its network."""

    me = "m-self"
    status = SessionStatus("joined")
    unsettled = held = 0
    away_s = 0.0
    line = (4, 0.01, 0.001)
    names: ClassVar[dict[str, str]] = {"m-absent": "Mukhtar"}
    facts = RoomFacts()

    def __init__(self) -> None:
        self.events: list[SessionEvent] = []
        self.present: list[MemberView] = []

    def poll(self) -> list[SessionEvent]:
        events, self.events = self.events, []
        return events

    def members(self) -> list[MemberView]:
        return self.present


class Bench:
    def __init__(self) -> None:
        self.room = Room()
        self.painter = PaintQueue()
        root = NodePath("scene")
        self.hud = Hud(NodePath("screen"), Settings(), self.painter)
        self.notices: list[str] = []
        self.hud.notice = lambda text, *_more: self.notices.append(text)  # type: ignore[method-assign]
        self.objects = ObjectLayer(SCENE.objects, root)
        self.notes = NoteLayer(root, self.painter)
        session: Any = self.room
        self.view = RoomView(
            SCENE,
            session,
            self.hud,
            SensorLabelLayer(root, SCENE.sensors, self.hud.translate, self.painter),
            self.notes,
            self.objects,
            DrillPart(SCENE, session, self.hud),
            "Me",
        )
        self._number = 0

    def happen(self, *events: SessionEvent, now: float = 0.0) -> None:
        self.room.events += events
        self.view.update(now)

    def record(
        self,
        op: Literal["added", "changed", "deleted"],
        kind: str,
        payload: dict[str, Any],
        record: str = "",
        author: str = "m-other",
    ) -> RecordEvent:
        self._number += 1
        number = self._number
        return RecordEvent(
            op,
            Record(
                record or f"r{number}", kind, author, number, 1, 1.7e9, MappingProxyType(payload)
            ),
        )

    def said(self) -> list[tuple[str, str]]:
        return [(one.author, one.text) for one in self.hud._messages]


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.painter.close()


def test_messages_name_their_authors_and_the_oldest_are_forgotten(bench: Bench) -> None:
    bench.happen(MemberJoined("m-other", "Aigerim"))
    texts = [bench.record("added", "message", {"text": f"{n}"}) for n in range(MESSAGES_KEPT + 5)]
    bench.happen(*texts, bench.record("added", "message", {"text": "mine"}, author="m-self"))
    assert len(bench.view._messages) == MESSAGES_KEPT
    assert bench.said()[-2:] == [("Aigerim", str(MESSAGES_KEPT + 4)), ("Me", "mine")]
    bench.happen(bench.record("added", "message", {"text": "hi"}, author="m-01JABCDEFGH"))
    assert bench.said()[-1] == ("CDEFGH", "hi")  # somebody who had gone before we came


def test_a_message_that_is_deleted_goes_and_is_not_said_again(bench: Bench) -> None:
    bench.happen(
        bench.record("added", "message", {"text": "rude"}, "a"),
        bench.record("added", "message", {"text": "kind"}, "b"),
    )
    bench.happen(bench.record("deleted", "message", {"text": "rude"}, "a"))
    assert [text for _author, text in bench.said()] == ["kind"]


def test_notes_come_change_and_go(bench: Bench) -> None:
    note = {"position": [1.0, 2.0, 3.0], "text": "crack"}
    bench.happen(bench.record("added", "annotation", note, "n"))
    bench.happen(bench.record("changed", "annotation", note | {"text": "wider"}, "n"))
    assert len(bench.notes) == 1
    bench.happen(bench.record("deleted", "annotation", note, "n"))
    assert len(bench.notes) == 0


def test_objects_follow_their_records_and_come_back(bench: Bench) -> None:
    state = {"object": "valve", "action": "close", "state": "closed", "event": "c"}
    bench.happen(bench.record("added", "object_state", state, "valve"))
    assert bench.objects.states["valve"] == "closed"
    bench.happen(bench.record("deleted", "object_state", state, "valve"))
    assert bench.objects.states["valve"] == "open"
    bench.happen(bench.record("added", "object_state", state | {"object": "unknown"}, "x"))


def test_an_alarm_is_said_once_when_it_begins_and_again_when_it_returns(bench: Bench) -> None:
    def value(result: float, now: float) -> list[str]:
        bench.notices.clear()
        latest = LatestValue(time.time(), result, "good", "measured")
        bench.happen(ObservationsArrived({"co-1": latest}), now=now)
        return list(bench.notices)

    (alarm,) = value(100.0, 10.0)
    assert "CO at the sump" in alarm and "100" in alarm and "ppm" in alarm
    assert value(110.0, 20.0) == []
    assert value(5.0, 30.0) == []
    assert len(value(90.0, 40.0)) == 1
    assert bench.view.observations == 4


def test_a_lost_room_stands_there_until_it_is_back(bench: Bench) -> None:
    bench.room.status = SessionStatus("reconnecting", "session-reconnecting")
    bench.happen(StatusChanged(bench.room.status))
    assert bench.hud._standing is not None
    bench.room.status = SessionStatus("joined")
    bench.happen(StatusChanged(bench.room.status))
    assert bench.hud._standing is None


def test_a_kind_that_nobody_here_knows_changes_nothing(bench: Bench) -> None:
    bench.happen(bench.record("added", "hologram", {"anything": 1}))
    assert bench.view.records == 1 and bench.notices == [] and bench.said() == []


def test_a_server_that_stores_nothing_is_said_until_it_does_again(bench: Bench) -> None:
    bench.happen(CommandRefused("", "server-stores-nothing", {}))
    text = bench.hud.translate("server-stores-nothing")
    assert bench.hud._standing == (text, "warning")
    bench.happen(now=3600.0)
    assert bench.hud._standing == (text, "warning")
    bench.happen(CommandRefused("", "server-stores-again", {}), now=3601.0)
    assert bench.hud._standing is None
    assert bench.notices == [bench.hud.translate("server-stores-again")]


def test_who_comes_back_to_a_server_is_told_anew_whether_it_stores(bench: Bench) -> None:
    bench.happen(CommandRefused("", "server-stores-nothing", {}))
    bench.room.status = SessionStatus("reconnecting", "session-reconnecting")
    bench.happen()
    bench.room.status = SessionStatus("joined")
    bench.happen()
    assert bench.hud._standing is None
