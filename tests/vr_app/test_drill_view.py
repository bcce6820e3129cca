"""What a drill shows to one member, from payloads as a room could send them, broken ones too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.text import translator
from scenes.schema import Place, Scene, Spawn
from vr_app.drill_view import MAX_OPTIONS, drill_time, drill_view, open_choice, smoke_at

TEXT = translator("en")
SCENE = Scene(
    name="mine",
    places=[Place(id="fire", title={"en": "Fire"}, position=(0.0, 0.0, 0.0))],
    spawn=Spawn(position=(0.0, 0.0, 0.0)),
)
RUNNING: dict[str, Any] = {"phase": "running", "room_time": 100.0, "drill_t": 10.0, "speed": 2.0}


def running(prompt: dict[str, Any], **more: Any) -> dict[str, Any]:
    person = {"lane": "crew", "prompts": [prompt], "step": 2, "steps": 5}
    return RUNNING | {"people": {"me": person, "other": {"lane": "control"}}} | more


def test_drill_time_runs_with_the_room_only_while_the_drill_runs() -> None:
    assert drill_time(RUNNING, 103.0) == 16.0
    assert drill_time(RUNNING, 90.0) == 10.0  # a room clock behind the record's
    assert drill_time(RUNNING | {"phase": "paused"}, 103.0) == 10.0
    assert drill_time({}, 103.0) == 0.0


def test_the_time_left_is_in_whole_seconds_and_never_below_zero() -> None:
    payload = running({"message": "m", "started": 0.0, "deadline": 20.0})
    view = drill_view(payload, "me", 100.2, TEXT)
    assert (view.time_left_s, view.time_total_s) == (10.0, 20.0)
    assert drill_view(payload, "me", 500.0, TEXT).time_left_s == 0.0
    assert (view.step, view.steps) == (2, 5)
    assert drill_view(running({"message": "m"}), "me", 100.0, TEXT).time_left_s is None


def test_the_latest_caption_of_my_lane_is_shown_for_twenty_seconds() -> None:
    captions = [
        {"message": "to-all", "at": 0.0, "lanes": []},
        {"message": "to-control", "at": 8.0, "lanes": ["control"]},
    ]
    payload = running({"message": "m"}, captions=captions)
    assert drill_view(payload, "me", 100.0, TEXT).hint == "to-all"
    assert drill_view(payload, "other", 100.0, TEXT).hint == "to-control"
    assert drill_view(payload, "me", 106.0, TEXT).hint == ""


def test_a_verdict_that_is_none_of_ours_is_none() -> None:
    ended = {"phase": "ended", "people": {"me": {"verdict": "passed", "score": 80}}}
    assert drill_view(ended, "me", 0.0, TEXT).verdict == "passed"
    ended["people"]["me"]["verdict"] = "exploded"  # type: ignore[index]
    view = drill_view(ended, "me", 0.0, TEXT)
    assert view.verdict is None and view.prompt == TEXT("ui-drill-over")


def test_questions_have_bounded_options_or_a_range() -> None:
    many = {"id": "q", "ask": "which", "options": {f"o{n}": f"text {n}" for n in range(50)}}
    choice = open_choice(running({"choice": many}), "me", TEXT)
    assert choice is not None and len(choice.options) == MAX_OPTIONS
    assert choice.options[0] == ("o0", "text 0")
    number = {"id": "q", "ask": "how many", "number": [1, 30]}
    choice = open_choice(running({"choice": number}), "me", TEXT)
    assert choice is not None and choice.number == (1, 30)
    assert open_choice(running({"choice": many}, phase="paused"), "me", TEXT) is None
    assert open_choice(running({"choice": {"ask": "no id"}}), "me", TEXT) is None
    assert open_choice(running({"choice": many}), "somebody", TEXT) is None


def test_smoke_grows_with_time_and_thins_with_distance() -> None:
    smoke = {"kind": "smoke", "place": "fire", "density": 0.8, "radius_m": 100.0}
    payload = RUNNING | {"world": [smoke | {"at": 10.0, "over_s": 20.0}]}
    near, far, outside = (5.0, 0.0, 0.0), (80.0, 0.0, 0.0), (101.0, 0.0, 0.0)
    assert smoke_at(payload, SCENE, near, 100.0) == 0.0
    assert smoke_at(payload, SCENE, near, 105.0) == pytest.approx(0.4)
    assert smoke_at(payload, SCENE, near, 1000.0) == pytest.approx(0.8)
    assert 0.0 < smoke_at(payload, SCENE, far, 1000.0) < 0.8
    assert smoke_at(payload, SCENE, outside, 1000.0) == 0.0
    assert smoke_at(payload | {"phase": "ended"}, SCENE, near, 1000.0) == 0.0


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = """people me prompts choice id number options captions at lanes world kind place density
    radius_m deadline started hints message"""
names = st.sampled_from(NAMES.split())
values = st.recursive(
    leaves | st.sampled_from(["smoke", "fire"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=24,
)


@given(
    st.dictionaries(names, values, max_size=8),
    st.sampled_from(["waiting", "running", "paused", "ended", "else"]),
)
def test_no_payload_stops_the_picture(payload: dict[str, Any], phase: str) -> None:
    whole = payload | {"phase": phase, "title": "t"}
    view = drill_view(whole, "me", 5.0, TEXT)
    assert view.time_left_s is None or view.time_left_s >= 0
    open_choice(whole, "me", TEXT)
    assert 0.0 <= smoke_at(whole, SCENE, (1.0, 0.0, 0.0), 5.0) <= 1.0, json.dumps(str(whole))
