"""Properties of any run: determinism, replay, indifference to ticks, bounds, no NaN."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.cast import self_cast
from curricula.errors import Refused
from curricula.loader import load_drill
from curricula.runner import (
    AnyEvent,
    initial_state,
    log_lines,
    make_setup,
    read_event,
    read_log,
    reduce,
    replay,
)
from curricula.scoring import canonical, score_sheet

DRILL = load_drill("fire_and_co").drill
CAST = self_cast(DRILL)
MEMBERS = ["a", "b", "r"]
STEPS = [step.id for step in DRILL.steps()]
TARGETS = [*STEPS, *(one.id for one in DRILL.injects), *(one.id for one in DRILL.rules)]

member = st.sampled_from([*MEMBERS, "stranger"])
one_event: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "member": member,
            "object": st.just("thing"),
            "event": st.sampled_from(sorted(DRILL.event_names())),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("place"),
            "member": member,
            "place": st.sampled_from(["refuge", "fresh_air", "route_b"]),
            "inside": st.booleans(),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("choice"),
            "member": member,
            "choice": st.sampled_from(sorted(DRILL.choices)),
            "answer": st.sampled_from(["inhale", "fire", "refuge", "wait", 1, 2, 41]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("sensor"),
            "datastream": st.just("co"),
            "value": st.floats(0, 3000),
        }
    ),
    st.fixed_dictionaries({"type": st.just("left"), "member": member}),
    st.fixed_dictionaries(
        {"type": st.just("joined"), "member": member, "lane": st.sampled_from(["crew", "bar"])}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("act"),
            "by": st.just("i"),
            "act": st.sampled_from(
                [
                    "pause",
                    "resume",
                    "abort",
                    "inject",
                    "skip",
                    "delay",
                    "repeat",
                    "hint",
                    "override",
                ]
            ),
            "target": st.sampled_from(TARGETS),
            "member": st.none() | st.sampled_from(MEMBERS),
            "seconds": st.none() | st.floats(1, 60),
            "reason": st.sampled_from(["", "fair"]),
        }
    ),
)
timed = st.tuples(st.floats(0, 90, allow_nan=False), one_event)


def run(
    moves: list[tuple[float, dict[str, Any]]], mode: Any, seed: int, ticks: float | None = None
) -> tuple[list[AnyEvent], str]:
    """Play moves (seconds after the last one, event); refused ones are left out of the log."""
    state = initial_state(make_setup(DRILL, CAST, mode=mode, seed=seed))
    log: list[AnyEvent] = []

    def feed(content: dict[str, Any]) -> None:
        nonlocal state
        event = read_event(content)
        try:
            state, _ = reduce(state, event)
        except Refused:
            return
        log.append(event)

    for name, lane in (("a", "crew"), ("b", "crew"), ("r", "control_room")):
        feed({"type": "joined", "t": 0.0, "member": name, "lane": lane})
    feed({"type": "act", "t": 0.0, "act": "start", "by": "i"})
    now = 0.0
    for wait, content in moves:
        until = now + wait
        while ticks is not None and now + ticks < until:
            now += ticks
            feed({"type": "tick", "t": now})
        now = until
        feed({**content, "t": now})
    feed({"type": "tick", "t": now + 1000})
    return log, canonical(score_sheet(state))


@settings(max_examples=30, deadline=None)
@given(
    moves=st.lists(timed, max_size=25),
    mode=st.sampled_from(["practice", "drill", "tour"]),
    seed=st.integers(0, 1000),
    ticks=st.floats(0.3, 20),
)
def test_any_log_replays_to_the_same_sheet(
    moves: list[tuple[float, dict[str, Any]]], mode: Any, seed: int, ticks: float
) -> None:
    log, sheet = run(moves, mode, seed)
    # The log survives being written and read, and gives the same sheet byte for byte.
    setup = make_setup(DRILL, CAST, mode=mode, seed=seed)
    assert canonical(score_sheet(replay(setup, read_log(log_lines(log))))) == sheet
    # How often time is told changes nothing.
    assert run(moves, mode, seed, ticks)[1] == sheet
    content = json.loads(sheet)
    for person in content["people"]:
        assert 0 <= person["score"] <= person["available"] <= 100
        if person["critical"] and mode != "tour":
            assert person["verdict"] in {"failed", "aborted", "running"}
    assert not any(isinstance(x, float) and not math.isfinite(x) for x in _numbers(content))


def _numbers(content: Any) -> list[float]:
    if isinstance(content, dict):
        return [x for value in content.values() for x in _numbers(value)]
    if isinstance(content, list):
        return [x for value in content for x in _numbers(value)]
    return [content] if isinstance(content, float) else []


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(["a", "b"]), at=st.floats(15, 60))
def test_the_order_of_simultaneous_acts_of_two_people_is_irrelevant(
    order: list[str], at: float
) -> None:
    def moves(names: list[str]) -> list[tuple[float, dict[str, Any]]]:
        return [
            (
                at if number == 0 else 0.0,
                {"type": "object", "member": name, "object": "x", "event": "self_rescuer_donned"},
            )
            for number, name in enumerate(names)
        ]

    assert run(moves(order), "drill", 0)[1] == run(moves(["a", "b"]), "drill", 0)[1]


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(timed.filter(lambda one: one[1].get("member") != "b"), max_size=20))
def test_nobody_fails_for_what_another_did(moves: list[tuple[float, dict[str, Any]]]) -> None:
    """Whatever a and r do, b breaks no rule that only one's own acts break."""
    own = {"mouthpiece_out", "fan_reversed"}
    kept = [one for one in moves if one[1]["type"] != "act"]
    sheet = json.loads(run(kept, "drill", 0)[1])
    b = next(one for one in sheet["people"] if one["member"] == "b")
    assert not own & set(b["critical"])
