"""What a member sees of a drill, from the records that the server's drill listener writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from assets.text import translator
from sync_server.room.listener import ChoiceMade, MemberJoined, PlaceEntered
from tests.sync_server.drills.harness import START, Room
from vr_app.drill_view import DrillBoard, drill_time
from vr_app.ui.drill_panel import DrillView, paint_drill_panel

DRILL = "fire_and_co"


@dataclass(frozen=True)
class Record:
    kind: str
    version: int
    payload: dict[str, Any]


def records(room: Room) -> dict[str, Record]:
    kinds = {DRILL: "drill_state"} | {f"{DRILL}.{tag}": "drill_text" for tag in ("en", "kk", "ja")}
    return {name: Record(kind, 1, room.records[name]) for name, kind in kinds.items()}


def look(room: Room, t: float, me: str = "eng", language: str = "en") -> DrillView:
    view = DrillBoard().view(records(room), me, START + t, translator(language))
    assert view is not None
    return view


@pytest.fixture
def room() -> Room:
    one = Room(seed=1)
    one.hear(0, MemberJoined("eng", "engineer"))
    one.tick(0)
    return one


def test_no_drill_shows_nothing() -> None:
    board = DrillBoard()
    assert board.view({}, "eng", START, translator("en")) is None
    assert board.key_command({}) is None
    assert board.answer_command({}, "eng", 1) is None


def test_before_the_start_it_says_what_comes_and_that_nobody_reviewed_it(room: Room) -> None:
    view = look(room, 0)
    assert view.title == "Fire and carbon monoxide"
    assert "Press G to start." in view.hint and "Nobody has reviewed" in view.hint
    assert look(room, 0, language="kk").title == "Өрт және иіс газы"
    # A language without a record of its own falls back to English.
    assert look(room, 0, language="ru").title == view.title


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
    assert look(room, 30.6) == look(room, 30.61)  # nothing to paint anew


def test_a_question_is_answered_by_its_number(room: Room) -> None:
    room.act(0, "start")
    room.tick(25)
    room.use(26, "phone", "alarm_raised")
    room.use(27, "rescuer-1", "self_rescuer_donned")
    room.tick(28)
    view = look(room, 28)
    assert "1  Press the mouthpiece" in view.hint
    board = DrillBoard()
    command = board.answer_command(records(room), "eng", 1)
    assert command is not None
    assert command.payload == {"prompt": "seal_check", "option": "inhale"}
    assert board.answer_command(records(room), "eng", 4) is None
    assert board.answer_command(records(room), "somebody", 1) is None
    room.hear(29, ChoiceMade("eng", **command.payload))
    room.hear(30, PlaceEntered("eng", "refuge-1"))
    room.use(31, "door", "refuge_door_closed")
    room.use(32, "purge", "refuge_purged")
    room.tick(33)
    count = board.answer_command(records(room), "eng", 1)
    assert count is not None and count.payload == {"prompt": "crew_count", "option": "1"}
    room.hear(34, ChoiceMade("eng", **count.payload))
    room.tick(35)
    view = look(room, 35)
    assert (view.verdict, view.score, view.score_max) == ("passed", 100, 100)
    assert "Nothing was lost." in view.hint


def test_the_key_starts_pauses_and_goes_on(room: Room) -> None:
    board = DrillBoard()
    for second, act in ((1, "start"), (2, "pause"), (3, "resume"), (4, "pause")):
        command = board.key_command(records(room))
        assert command is not None and command.payload == {"act": act}
        room.act(second, act)
        room.tick(second)
    paused = room.records[DRILL]
    assert drill_time(paused, START + 1000) == paused["drill_t"]
    assert "Paused." in look(room, 1000).hint


def test_a_failure_names_what_was_critical_first_and_every_view_can_be_painted(room: Room) -> None:
    room.act(0, "start")
    for second in range(1, 722, 3):
        room.tick(second)
        for language in ("en", "ja") if second % 60 == 1 else ():
            assert paint_drill_panel(look(room, second, language=language), translator(language))
    view = look(room, 723)
    assert view.verdict == "failed"
    assert view.hint.startswith("-30  Put on your self-rescuer, now.")
    assert look(room, 723, me="watcher").verdict == "failed"
