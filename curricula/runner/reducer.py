"""The reducer: a state and one event in, the next state and its effects out.

Pure and deterministic: no clock, no randomness, no input or output; an event that is refused
leaves the state as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from curricula.errors import Refused
from curricula.runner.acts import act
from curricula.runner.draft import Draft
from curricula.runner.effects import Effect
from curricula.runner.events import (
    Act,
    AnyEvent,
    Chosen,
    Joined,
    Left,
    ObjectUsed,
    PlaceChanged,
    SensorValue,
)
from curricula.runner.setup import Setup
from curricula.runner.state import Person, State, StepState, initial_state
from curricula.runner.timeline import advance, check_rule, open_steps, settle
from curricula.schema import Step, Track


def reduce(state: State, event: AnyEvent) -> tuple[State, list[Effect]]:
    """Apply one event.

    Raises `Refused` for time that goes backwards, a lane that does not exist or is full, and acts
    that make no sense; `state` is never changed.
    """
    if event.t < state.t:
        raise Refused("drill-time-backwards", t=event.t, now=state.t)
    draft = Draft(state)
    now = draft.state
    now.t = event.t
    if now.phase == "running":
        # Microseconds: differences of clock readings must not make 60.000000001 of 60.
        elapsed = round(now.resumed_drill_t + (event.t - now.resumed_t), 6)
        advance(draft, max(elapsed, now.drill_t))
    if isinstance(event, Act):
        act(draft, event)
        settle(draft)
    elif now.phase != "ended" and _apply(draft, event):
        settle(draft)
    return draft.state, draft.effects


def replay(setup: Setup, events: Iterable[AnyEvent]) -> State:
    """The state that a whole log leads to."""
    state = initial_state(setup)
    for event in events:
        state, _ = reduce(state, event)
    return state


def _apply(draft: Draft, event: AnyEvent) -> bool:
    """Apply an event that is no act; whether anything that guards see may have changed."""
    if isinstance(event, Joined):
        return _join(draft, event)
    if isinstance(event, SensorValue):
        draft.state.sensors[event.datastream] = event.value
        draft.touched()
        return event.datastream not in draft.state.led
    member = getattr(event, "member", None)
    if member is None or member not in draft.state.people:
        return False  # A tick, or somebody who only watches.
    if isinstance(event, Left):
        draft.edit(member).present = False
        return True
    if not draft.state.people[member].present:
        return False
    if isinstance(event, PlaceChanged):
        person = draft.edit(member)
        here = frozenset((event.place,))
        person.places = person.places | here if event.inside else person.places - here
        return True
    if isinstance(event, ObjectUsed):
        _use(draft, draft.edit(member), event)
        return True
    if isinstance(event, Chosen):
        return _choose(draft, draft.state.people[member], event)
    return False


def _join(draft: Draft, event: Joined) -> bool:
    lane = draft.setup.drill.lanes.get(event.lane)
    if lane is None:
        raise Refused(
            "drill-lane-unknown", lane=event.lane, known=" ".join(draft.setup.drill.lanes)
        )
    people = draft.state.people
    known = people.get(event.member)
    if known is not None and known.lane != event.lane and draft.state.phase != "waiting":
        raise Refused("drill-lane-fixed", lane=known.lane)
    others = [p for p in draft.state.in_lane(event.lane) if p.member != event.member]
    if len(others) >= lane.capacity:
        raise Refused("drill-lane-full", lane=event.lane, limit=lane.capacity)
    if known is not None and known.lane == event.lane:
        draft.edit(event.member).present = True
        return True
    tracks = draft.setup.drill.tracks.items()
    people[event.member] = Person(
        event.member,
        event.lane,
        draft.state.drill_t,
        tracks={name: one.initial for name, one in tracks if one.scope == "person"},
        steps={step.id: StepState() for step in lane.steps if step.by == "each"},
    )
    draft.edit(event.member)
    return True


def _track(track: Track, event: str, tracks: dict[str, bool | str], name: str) -> None:
    if event in track.events:
        tracks[name] = track.events[event]


def _use(draft: Draft, person: Person, event: ObjectUsed) -> None:
    state, setup = draft.state, draft.setup
    for name, track in setup.drill.tracks.items():
        tracks = person.tracks if track.scope == "person" else state.tracks
        _track(track, event.event, tracks, name)
    if state.phase != "running":
        return
    person.did.setdefault(event.event, state.drill_t)
    state.first.setdefault(event.event, state.drill_t)
    draft.touched()
    for rule in setup.rules:
        if rule.event == event.event:
            check_rule(draft, person, rule)
    for owner, step, at in list(open_steps(draft)):
        if event.event in step.wait.events and _may_finish(person, owner, step, at, setup):
            draft.finish(owner, step, "done", by=person.member)


def _may_finish(
    person: Person, owner: Person | None, step: Step, at: StepState, setup: Setup
) -> bool:
    mine = setup.lane_of[step.id] == person.lane
    mine = mine and (owner is None or owner.member == person.member)
    return mine and (at.status == "open" or (at.status == "missed" and at.done_late is None))


def _choose(draft: Draft, person: Person, event: Chosen) -> bool:
    state, setup = draft.state, draft.setup
    choice = setup.drill.choices.get(event.choice)
    if state.phase != "running" or choice is None:
        return False
    if choice.number is not None:
        low, high = choice.number
        fits = isinstance(event.answer, int) and low <= event.answer <= high
    else:
        fits = event.answer in choice.options
    if not fits:
        raise Refused("drill-answer-invalid", choice=event.choice, answer=str(event.answer))
    changed = False
    for owner, step, at in list(open_steps(draft)):
        if step.wait.choice != event.choice or not _may_finish(person, owner, step, at, setup):
            continue
        right = step.wait.right
        changed = True
        if right is None or draft.holds(right, person, answer=event.answer):
            draft.finish(owner, step, "done", by=person.member, answer=event.answer)
        elif setup.mode == "drill" and at.status == "open":
            draft.finish(owner, step, "wrong", by=person.member, answer=event.answer)
        else:  # Practice: they may think again.
            draft.put_step(owner, step, replace(at, answer=event.answer))
    return changed
