"""The drill in a pure room: who takes part, what is recorded, what sensors show."""

from __future__ import annotations

import pytest

from curricula.errors import Refused
from curricula.loader import load_drill
from curricula.scoring import canonical
from sync_server.drills.replay import sheet_of_records
from sync_server.drills.script import DrillOptions, load_script
from sync_server.room.listener import (
    ChoiceMade,
    MemberJoined,
    MemberLeft,
    PlaceEntered,
    SensorValue,
)
from tests.sync_server.drills.fire_scene import fire_scene
from tests.sync_server.drills.harness import Room


def well(room: Room, member: str = "eng", start: float = 20.0) -> None:
    room.use(start, "phone", "alarm_raised", member)
    room.use(start + 5, "rescuer-1", "self_rescuer_donned", member)
    room.hear(start + 10, ChoiceMade(member, "seal_check", "inhale"))
    room.hear(start + 40, PlaceEntered(member, "refuge-1"))
    room.use(start + 45, "door", "refuge_door_closed", member)
    room.use(start + 50, "purge", "refuge_purged", member)
    room.hear(start + 55, ChoiceMade(member, "crew_count", "1"))


def test_an_engineer_alone_starts_plays_and_passes_and_the_records_prove_it() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    assert room.tick(0.2)["phase"] == "waiting"
    room.act(1, "start")
    room.tick(1)
    for second in range(2, 22):
        room.tick(second)
    state = room.tick(22)
    prompt = state["people"]["eng"]["prompts"][0]
    assert (prompt["message"], state["people"]["eng"]["lane"]) == ("fire-say-alarm", "crew")
    assert prompt["deadline"] > state["drill_t"]
    well(room, start=22)
    state = room.tick(80)
    assert (state["phase"], state["verdict"]) == ("ended", "passed")
    assert state["people"]["eng"]["score"] == 100
    assert room.replayed() == canonical(room.sheet())


def test_texts_in_four_languages_are_records_and_are_not_written_again() -> None:
    room = Room()
    room.tick(0)
    texts = [one.payload for one in room.writes if one.kind == "drill_text"]
    assert {one["language"] for one in texts} == {"en", "ru", "kk", "ja"}
    assert all("fire-title" in one["ftl"] and one["reviewed"] is False for one in texts)
    again = Room()
    again.records.update(room.records)
    again.tick(0)
    assert [one.kind for one in again.writes] == ["drill_state"]


def test_the_sensor_is_led_along_the_ramp_and_given_back_at_the_end() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    room.hear(0, SensorValue("co-1", 4.0, "good"))
    room.act(1, "start")
    seen = []
    for second in range(2, 260):
        state = room.tick(second)
        room.hear(second, SensorValue("co-1", room.overrides.get("co-1") or 4.0, "good"))
        seen.append(room.overrides.get("co-1"))
    assert seen[0] is None  # before the fire the drill touches nothing
    values = [one for one in seen if one is not None]
    assert values == sorted(values) and values[0] < 10 and 500 <= values[-1] <= 700
    assert state["led"] == ["co-1"]
    assert {one["kind"] for one in state["world"]} == {"smoke", "block", "light"}
    room.act(260, "abort", reason="enough")
    state = room.tick(261)
    assert room.overrides["co-1"] is None
    assert (state["verdict"], state["led"], state["world"]) == ("aborted", [], [])
    # What the drill shows itself is no news to it: only the real value before the fire is logged.
    events = [one for part in room.records.values() for one in part.get("events", ())]
    assert [one["value"] for one in events if one["type"] == "sensor"] == [4.0]


def test_a_drill_that_runs_out_of_time_replays_to_the_same_sheet() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    room.act(1, "start")
    for second in range(2, 740, 2):
        room.tick(second)
    assert room.sheet()["verdict"] == "failed"
    assert room.replayed() == canonical(room.sheet())


def test_who_only_watches_takes_no_part_and_trainees_do_by_themselves() -> None:
    room = Room()
    room.hear(0, MemberJoined("watcher", "observer"))
    room.hear(0, MemberJoined("boss", "instructor"))
    room.act(1, "start", "boss")
    state = room.tick(1)
    assert (state["phase"], state["problem"]["id"]) == ("waiting", "drill-nobody")
    room.hear(2, MemberJoined("t1", "trainee"))
    room.hear(2, ChoiceMade("boss", "drill.lane", "crew"))  # not for instructors
    assert room.tick(2)["problem"]["id"] == "drill-lane-unknown"
    room.act(3, "start", "boss")
    room.use(4, "rescuer-1", "self_rescuer_donned", "watcher")
    state = room.tick(4)
    assert list(state["people"]) == ["t1"] and state["problem"] is None


def test_a_member_chooses_a_lane_before_the_start_and_keeps_it_then() -> None:
    room = Room()
    room.hear(0, MemberJoined("t1", "trainee"))
    room.hear(0, MemberJoined("t2", "trainee"))
    room.hear(0, ChoiceMade("t2", "drill.lane", "control_room"))
    assert room.tick(0)["chosen"] == {"t1": "crew", "t2": "control_room"}
    room.act(1, "start", "t1")
    room.hear(2, ChoiceMade("t2", "drill.lane", "crew"))
    state = room.tick(2)
    assert state["problem"] == {"id": "drill-lane-fixed", "arguments": {"lane": "control_room"}}
    assert state["people"]["t2"]["lane"] == "control_room"


def test_leaving_and_coming_back_goes_on_in_the_same_lane() -> None:
    room = Room()
    for member in ("t1", "t2"):
        room.hear(0, MemberJoined(member, "trainee"))
    room.act(1, "start", "t1")
    room.hear(5, MemberLeft("t2"))
    assert room.tick(5)["people"]["t2"]["present"] is False
    room.hear(9, MemberJoined("t2", "trainee"))
    state = room.tick(9)
    assert state["people"]["t2"]["present"] is True and state["people"]["t2"]["lane"] == "crew"


def test_acts_that_make_no_sense_are_told_and_not_logged() -> None:
    room = Room()
    room.hear(0, MemberJoined("t1", "trainee"))
    room.act(1, "pause", "t1")
    assert room.tick(1)["problem"]["id"] == "drill-act-phase"
    room.act(2, "start", "t1")
    room.act(3, "override", "t1", target="don_rescuer", outcome="done", reason="")
    assert room.tick(3)["problem"] is not None
    room.act(4, "abort", "t1")
    room.tick(5)
    assert room.replayed() == canonical(room.sheet())


def test_a_second_run_starts_afresh_with_objects_put_back() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    room.act(1, "start")
    room.tick(1)
    room.records["rescuer-1"] = {"object": "rescuer-1", "state": "worn"}
    room.act(2, "abort")
    room.tick(2)
    room.act(3, "start")
    state = room.tick(3)
    assert "rescuer-1" not in room.records
    assert (state["phase"], state["verdict"], state["drill_t"]) == ("running", None, 0.0)


def test_autostart_and_speed() -> None:
    room = Room(autostart=True, speed=10.0)
    room.hear(0, MemberJoined("eng", "engineer"))
    assert room.tick(0.1)["phase"] == "waiting"
    assert room.tick(0.4)["phase"] == "running"
    assert room.tick(5.4)["drill_t"] == 50.0


def test_a_silent_drill_shows_no_prompt_and_no_score_before_its_end() -> None:
    room = Room(mode="drill")
    room.hear(0, MemberJoined("eng", "engineer"))
    room.act(1, "start")
    state = room.tick(40)
    person = state["people"]["eng"]
    assert person["prompts"] == [] and person["score"] is None
    assert state["captions"][0]["message"] == "fire-caption-smoke"


def test_a_drill_that_does_not_fit_the_scene_is_refused() -> None:
    scene = fire_scene()
    scene.objects = [one for one in scene.objects if one.id != "phone"]
    with pytest.raises(Refused) as caught:
        load_script(DrillOptions("fire_and_co"), scene)
    assert caught.value.message_id in {"drill-lint-event", "drill-lint-unbound"}


def test_a_log_with_a_part_missing_or_of_another_drill_is_refused() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    room.act(1, "start")
    for second in range(2, 8):
        room.use(second, "fan", "fan_started")
        room.tick(second)
    parts = [one for one in room.records.values() if "part" in one]
    assert len(parts) > 2
    source = load_drill("fire_and_co")
    with pytest.raises(Refused) as caught:
        sheet_of_records(source, [one for one in parts if one["part"] != 1])
    assert caught.value.message_id == "drill-log-incomplete"
    parts[0]["header"]["digest"] = "0" * 64
    with pytest.raises(Refused) as caught:
        sheet_of_records(source, parts)
    assert caught.value.message_id == "drill-log-other"


def test_after_a_crash_the_drill_waits_again_and_what_was_logged_can_be_read() -> None:
    room = Room()
    room.hear(0, MemberJoined("eng", "engineer"))
    room.act(1, "start")
    for second in range(2, 60):
        room.tick(second)
        room.hear(second, PlaceEntered("eng", "decline-1"))
    again = Room()
    again.records.update(room.records)
    assert again.tick(0)["phase"] == "waiting"
    parts = [one for one in again.records.values() if "part" in one]
    sheet = sheet_of_records(load_drill("fire_and_co"), parts)
    assert sheet["verdict"] == "running" and sheet["people"][0]["member"] == "eng"
