"""The reducer: time, steps, rules, injects and the instructor's acts."""

from __future__ import annotations

from typing import Any

import pytest

from curricula.cast import self_cast
from curricula.errors import Refused
from curricula.loader import load_drill
from curricula.runner import AnyEvent, Setup, State, initial_state, make_setup, read_event, reduce
from curricula.runner.effects import Effect
from curricula.scoring import score_sheet

SOURCE = load_drill("fire_and_co")


class Play:
    """A running drill that is fed by short calls."""

    def __init__(self, crew: int = 1, control: int = 0, **options: Any) -> None:
        self.setup: Setup = make_setup(SOURCE.drill, self_cast(SOURCE.drill), **options)
        self.state: State = initial_state(self.setup)
        self.effects: list[Effect] = []
        self.log: list[AnyEvent] = []
        for number in range(crew):
            self("joined", 0, member=f"c{number}", lane="crew")
        for number in range(control):
            self("joined", 0, member=f"r{number}", lane="control_room")

    def __call__(self, type_: str, t: float, **fields: Any) -> list[Effect]:
        event = read_event({"type": type_, "t": t, **fields})
        self.state, effects = reduce(self.state, event)
        self.log.append(event)
        self.effects += effects
        return effects

    def act(self, t: float, act: str, **fields: Any) -> list[Effect]:
        return self("act", t, act=act, by="instructor", **fields)

    def use(self, t: float, event: str, member: str = "c0") -> list[Effect]:
        return self("object", t, member=member, object="thing", event=event)

    def go(self, t: float, place: str, inside: bool = True, member: str = "c0") -> list[Effect]:
        return self("place", t, member=member, place=place, inside=inside)

    def answer(self, t: float, choice: str, answer: Any, member: str = "c0") -> list[Effect]:
        return self("choice", t, member=member, choice=choice, answer=answer)

    def sheet(self) -> dict[str, Any]:
        return score_sheet(self.state)

    def person(self, member: str = "c0") -> dict[str, Any]:
        return next(one for one in self.sheet()["people"] if one["member"] == member)

    def step(self, step: str, member: str = "c0") -> dict[str, Any]:
        return next(one for one in self.person(member)["steps"] if one["id"] == step)


def finish_well(play: Play, start: float = 20.0, member: str = "c0") -> None:
    """One person does everything in time."""
    play.use(start, "alarm_raised", member)
    play.use(start + 10, "self_rescuer_donned", member)
    play.answer(start + 20, "seal_check", "inhale", member)
    play.go(start + 60, "refuge", member=member)
    play.use(start + 70, "refuge_door_closed", member)
    play.use(start + 80, "refuge_purged", member)
    play.answer(start + 90, "crew_count", 1, member)


def test_a_good_run_passes_with_full_points() -> None:
    play = Play()
    play.act(0, "start")
    finish_well(play)
    sheet = play.sheet()
    assert sheet["verdict"] == "passed"
    assert (play.person()["score"], play.person()["percent"]) == (100, 100.0)
    assert play.person()["lost"] == []
    assert play.effects[-1].as_json() == {"kind": "ended", "at": 110.0, "verdict": "finished"}


def test_without_a_self_rescuer_the_verdict_is_failed_with_value_and_limit() -> None:
    play = Play()
    play.act(0, "start")
    play.use(20, "alarm_raised")
    play("tick", 400)
    play.go(401, "refuge")
    lost = {one["item"]: one for one in play.person()["lost"]}
    assert lost["don_rescuer"]["critical"] and lost["don_rescuer"]["at"] == 50.0
    rule = lost["unmasked"]
    assert rule["critical"] and rule["limit"]["value"] == 200
    assert rule["limit"]["verified"] is False and rule["limit"]["profile"] == "site"
    assert 200 <= rule["value"] < 210 and rule["at"] == float(int(rule["at"]))
    play("tick", 721)
    assert play.sheet()["verdict"] == "failed"


def test_a_deadline_is_met_in_its_last_moment_and_missed_after_it() -> None:
    for late, status in ((0.0, "done"), (0.001, "missed")):
        play = Play()
        play.act(0, "start")
        play.use(20, "alarm_raised")
        play.use(50 + late, "self_rescuer_donned")
        assert play.step("don_rescuer")["status"] == status
        assert play.step("don_rescuer")["done_late"] == (None if late == 0 else 50.001)


def test_time_never_goes_backwards_and_a_refused_event_changes_nothing() -> None:
    play = Play()
    play.act(5, "start")
    before = play.sheet()
    with pytest.raises(Refused) as caught:
        play("tick", 4.9)
    assert caught.value.message_id == "drill-time-backwards"
    assert play.sheet() == before


@pytest.mark.parametrize("t", [float("nan"), float("inf"), -1.0, "soon"])
def test_events_without_a_proper_time_are_refused(t: Any) -> None:
    with pytest.raises(Refused):
        read_event({"type": "tick", "t": t})


def test_pausing_loses_no_time() -> None:
    plain, paused = Play(), Play()
    plain.act(0, "start")
    paused.act(0, "start")
    paused.act(15, "pause")
    paused.use(40, "alarm_raised")  # Nothing counts in a pause.
    assert paused.step("raise_alarm")["status"] == "open"
    paused.act(115, "resume")
    finish_well(plain, 20)
    finish_well(paused, 120)
    assert plain.sheet() == paused.sheet()


def test_two_people_get_credit_of_their_own() -> None:
    play = Play(crew=2)
    play.act(0, "start")
    play.use(20, "alarm_raised", "c0")
    play.use(30, "self_rescuer_donned", "c0")
    play("tick", 60)
    assert play.step("don_rescuer", "c0")["points"] == 30
    assert play.step("don_rescuer", "c1")["status"] == "missed"
    assert play.person("c0")["critical"] == []
    assert play.person("c1")["critical"] == ["don_rescuer"]
    # What one of them does for all is credited to all, with the name of who did it.
    assert play.step("raise_alarm", "c1")["points"] == 15
    assert play.step("raise_alarm", "c1")["by"] == "c0"


def test_who_comes_later_has_no_part_in_what_was_over() -> None:
    play = Play()
    play.act(0, "start")
    play("tick", 100)
    play("joined", 100, member="c9", lane="crew")
    assert play.step("raise_alarm", "c9")["reason"] == "joined_later"
    assert play.person("c9")["available"] == 85
    assert play.step("don_rescuer", "c9")["started"] == 100.0


def test_who_goes_away_is_not_failed_for_it() -> None:
    play = Play(crew=2)
    play.act(0, "start")
    play.use(20, "alarm_raised")
    play("left", 25, member="c1")  # with 25 seconds left to put the mask on
    play("tick", 721)
    assert play.person("c0")["critical"] == ["don_rescuer", "unmasked"]
    assert play.person("c1")["critical"] == []
    assert play.person("c1")["verdict"] == "incomplete"


def test_the_control_room_is_scored_against_the_plan() -> None:
    play = Play(control=1, mode="drill")
    play.act(0, "start")
    play.use(20, "alarm_raised")
    play.answer(25, "position", "inrush", "r0")
    assert play.step("name_position", "r0")["status"] == "wrong"
    play.answer(30, "withdrawal", "refuge", "r0")
    play.answer(35, "fan_order", "keep", "r0")
    assert play.step("decide_fan", "r0")["points"] == 30
    assert play.person("r0")["lost"][0]["value"] == "inrush"


@pytest.mark.parametrize(
    ("profile", "rule"),
    [("us", "fan_reversed"), ("site", "fan_reversed"), ("kz", "fan_against_plan")],
)
def test_which_rule_forbids_reversing_the_fan_depends_on_the_profile(
    profile: Any, rule: str
) -> None:
    play = Play(control=1, profile=profile)
    play.act(0, "start")
    play.use(20, "fan_reversed", "r0")
    assert play.person("r0")["critical"] == [rule]


def test_the_us_ceiling_is_never_a_rule_or_a_figure_of_the_kz_profile() -> None:
    play = Play(profile="kz")
    play.act(0, "start")
    play("tick", 400)
    assert "unmasked" not in play.person()["critical"]
    used = {one["id"]: one for one in play.sheet()["limits"]}
    assert used["co_ceiling"]["profile"] == "site" and used["co_ceiling"]["gap"]
    assert used["co_working_air"]["value"] == 17 and not used["co_working_air"]["verified"]
    assert {"id": "drill-sheet-gap", "limit": "co_ceiling", "profile": "kz"} in (
        play.sheet()["warnings"]
    )


def test_taking_the_mouthpiece_out_in_gas_is_critical_and_in_a_purged_refuge_is_not() -> None:
    for purge, critical in ((False, ["mouthpiece_out"]), (True, [])):
        play = Play()
        play.act(0, "start")
        play.use(20, "alarm_raised")
        play.use(30, "self_rescuer_donned")
        play.go(150, "refuge")
        play.use(155, "refuge_door_closed")
        if purge:
            play.use(160, "refuge_purged")
        play.use(165, "self_rescuer_removed")
        assert play.person()["critical"] == critical


def test_acts_of_the_instructor_on_injects() -> None:
    play = Play()
    play.act(0, "start")
    play.act(1, "skip", target="route_b_blocked")
    play.act(2, "delay", target="gas_rises", seconds=85)
    fired = play.act(3, "inject", target="fire")
    assert {one.kind for one in fired} >= {"sensor", "smoke", "caption", "prompt"}
    play("tick", 250)
    play.act(251, "repeat", target="fire")
    rows = {one["id"]: one for one in play.sheet()["injects"]}
    assert rows["route_b_blocked"] == {"id": "route_b_blocked", "fired": [], "skipped": True}
    assert rows["gas_rises"]["fired"] == [200.0]
    assert rows["fire"]["fired"] == [3.0, 251.0]


def test_an_override_needs_a_reason_and_is_kept_with_it() -> None:
    play = Play()
    play.act(0, "start")
    play("tick", 200)
    with pytest.raises(Refused):
        play.act(200, "override", target="don_rescuer", member="c0", outcome="done")
    assert play.person()["critical"] == ["don_rescuer", "unmasked"]
    for target in ("don_rescuer", "unmasked"):
        play.act(200, "override", target=target, member="c0", outcome="done", reason="headset fell")
    assert play.person()["critical"] == []
    assert play.step("don_rescuer")["points"] == 30
    kept = play.sheet()["interventions"]
    assert [one["reason"] for one in kept] == ["headset fell", "headset fell"]


def test_abort_and_modes() -> None:
    play = Play()
    play.act(0, "start")
    effects = play.act(50, "abort", reason="smoke alarm in the building")
    assert play.sheet()["verdict"] == "aborted"
    assert [one.kind for one in effects][-1] == "ended"
    assert any(one.kind == "sensor_release" for one in effects)
    tour = Play(mode="tour")
    tour.act(0, "start")
    tour("tick", 720)
    assert tour.sheet()["verdict"] == "completed"
    silent = Play(mode="drill")
    silent.act(0, "start")
    silent("tick", 60)
    assert not [one for one in silent.effects if one.kind == "prompt"]
    teaching = Play(mode="practice")
    teaching.act(0, "start")
    teaching("tick", 60)
    roles = [one.role for one in teaching.effects if one.kind == "prompt"]  # type: ignore[attr-defined]
    assert roles[:3] == ["say", "why", "hint"]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("pause", {}),
        ("resume", {}),
        ("inject", {"target": "fire"}),
        ("abort", {}),
    ],
)
def test_acts_that_do_not_fit_the_phase_are_refused(act: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Play().act(0, act, **fields)
    with pytest.raises(Refused):
        Play(crew=0).act(0, "start")


def test_a_lane_that_is_full_or_unknown_is_refused() -> None:
    play = Play(control=3)
    with pytest.raises(Refused) as caught:
        play("joined", 1, member="r9", lane="control_room")
    assert caught.value.message_id == "drill-lane-full"
    with pytest.raises(Refused):
        play("joined", 1, member="r9", lane="kitchen")


def test_a_wrong_answer_can_be_mended_in_practice_only() -> None:
    for mode, status in (("practice", "done"), ("drill", "wrong")):
        play = Play(mode=mode)
        play.act(0, "start")
        play.use(20, "alarm_raised")
        play.use(21, "self_rescuer_donned")
        play.answer(22, "seal_check", "take_out")
        play.answer(23, "seal_check", "inhale")
        assert play.step("check_seal")["status"] == status
        with pytest.raises(Refused):
            play.answer(24, "crew_count", "many")


def test_sensors_follow_the_drill_and_not_the_real_source() -> None:
    play = Play(seed=7)
    play("sensor", 0, datastream="co", value=3.0)
    play.act(0, "start")
    play("tick", 30)
    play("sensor", 31, datastream="co", value=3.0)
    led = next(one for one in play.effects if one.kind == "sensor")
    assert led.start == 3.0 and 50 <= led.end <= 80  # type: ignore[attr-defined]
    play("tick", 100)
    assert play.state.sensor("co") == led.end  # type: ignore[attr-defined]


@pytest.mark.parametrize(("order", "critical"), [("reverse", ["decide_fan"]), ("keep", [])])
def test_ordering_the_fan_against_the_plan_is_critical(order: str, critical: list[str]) -> None:
    play = Play(control=1, mode="drill")
    play.act(0, "start")
    play.use(20, "alarm_raised")
    play.answer(25, "position", "fire", "r0")
    play.answer(30, "withdrawal", "refuge", "r0")
    play.answer(35, "fan_order", order, "r0")
    assert play.person("r0")["critical"] == critical
