"""The server's drill records against the view of one member: both sides of one contract."""

from __future__ import annotations

import pytest

from assets.text import Translator, translator
from sync_server.room.listener import ChoiceMade, MemberJoined, PlaceEntered
from tests.sync_server.drills.fire_scene import fire_scene
from tests.sync_server.drills.harness import START, Room
from vr_app.drill_view import drill_time, drill_view, open_choice, smoke_at
from vr_app.ui.drill_panel import DrillView, paint_drill_panel

DRILL = "fire_and_co"


@pytest.fixture
def room() -> Room:
    one = Room(seed=1)
    one.hear(0, MemberJoined("eng", "engineer"))
    one.tick(0)
    return one


def texts(room: Room, language: str = "en") -> Translator:
    tags = ("en", "ru", "kk", "ja")
    return Translator(
        language, sources={tag: room.records[f"{DRILL}.{tag}"]["ftl"] for tag in tags}
    )


def look(room: Room, t: float, me: str = "eng", language: str = "en") -> DrillView:
    return drill_view(room.records[DRILL], me, START + t, texts(room, language))


def test_a_waiting_drill_says_what_comes_in_the_members_language(room: Room) -> None:
    assert look(room, 0).title == "Fire and carbon monoxide"
    assert look(room, 0, language="kk").title == "Өрт және иіс газы"
    assert look(room, 0).prompt.startswith("A fire underground")


def test_a_running_step_shows_prompt_time_and_score(room: Room) -> None:
    room.act(0, "start")
    for second in range(1, 31):
        room.tick(second)
    view = look(room, 30.5)
    state = room.records[DRILL]
    prompt = state["people"]["eng"]["prompts"][0]
    assert view.prompt == "Raise the alarm at a telephone."
    assert (view.step, view.steps, view.score, view.score_max) == (1, 7, 0, 100)
    left = prompt["deadline"] - drill_time(state, START + 30.5)
    assert view.time_left_s is not None and 0 <= view.time_left_s - left < 1
    assert view.time_total_s == pytest.approx(60)
    near_the_fire = (0.0, 90.0, 1.6)
    assert smoke_at(state, fire_scene(), near_the_fire, START + 60) > 0.1
    assert smoke_at(state, fire_scene(), (400.0, 90.0, 1.6), START + 60) == 0


def test_questions_are_shown_and_their_answers_lead_to_the_verdict(room: Room) -> None:
    room.act(0, "start")
    room.tick(25)
    room.use(26, "phone", "alarm_raised")
    room.use(27, "rescuer-1", "self_rescuer_donned")
    room.tick(28)
    question = open_choice(room.records[DRILL], "eng", texts(room))
    assert question is not None and question.ask == "How do you check the seal?"
    assert [answer for answer, _ in question.options] == ["inhale", "ask_mate", "take_out"]
    assert open_choice(room.records[DRILL], "somebody", texts(room)) is None
    room.hear(29, ChoiceMade("eng", question.id, "inhale"))
    room.hear(30, PlaceEntered("eng", "refuge-1"))
    room.use(31, "door", "refuge_door_closed")
    room.use(32, "purge", "refuge_purged")
    room.tick(33)
    count = open_choice(room.records[DRILL], "eng", texts(room))
    assert count is not None and (count.options, count.number) == ((), (0, 40))
    room.hear(34, ChoiceMade("eng", count.id, "1"))
    room.tick(35)
    view = look(room, 35)
    assert (view.verdict, view.score, view.score_max) == ("passed", 100, 100)


def test_a_pause_stops_the_view_and_a_failure_can_be_painted(room: Room) -> None:
    room.act(1, "start")
    room.act(11, "pause")
    room.tick(12)
    paused = room.records[DRILL]
    assert drill_time(paused, START + 1000) == paused["drill_t"] == 10.0
    room.act(20, "resume")
    for second in range(21, 740, 3):
        room.tick(second)
        if second % 60 == 0:
            assert paint_drill_panel(look(room, second, language="ja"), translator("ja"))
    assert look(room, 741).verdict == "failed"
