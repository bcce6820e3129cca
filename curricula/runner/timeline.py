"""Moves a draft through drill time: injects, deadlines, hints, standing guards, the end.

Whatever is due happens at its own second in a fixed order, so how often ticks come changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from curricula.runner.draft import Draft
from curricula.runner.effects import (
    BlockAt,
    Effect,
    LightAt,
    ObjectState,
    Prompt,
    SensorOverride,
    SmokeAt,
)
from curricula.runner.setup import draw
from curricula.runner.state import Led, Person, StepState
from curricula.schema import Block, Change, Inject, Light, Ramp, Rule, Smoke, Step

# What comes first among things that are due in the same instant.
INJECT, GRID, HINT, DEADLINE, END = range(5)
Due = tuple[float, int, str, str]


def open_steps(draft: Draft) -> Iterator[tuple[Person | None, Step, StepState]]:
    """Every (person or None for the lane, step, its state), in file order then order of arrival."""
    for step in draft.setup.drill.steps():
        if step.by == "anyone":
            yield None, step, draft.state.team[step.id]
        else:
            for person in draft.state.in_lane(draft.setup.lane_of[step.id], present=False):
                yield person, step, person.steps[step.id]


def _next_due(draft: Draft, until: float) -> Due | None:
    """What happens next, at or before drill second `until`: (second, order, member, name)."""
    state, setup = draft.state, draft.setup
    dues: list[Due] = [
        (max(one.due, state.drill_t), INJECT, "", name)
        for name, one in state.injects.items()
        if one.pending and one.due <= until
    ]
    moving = setup.watches_sensors and any(led.moving(state.drill_t) for led in state.led.values())
    if (setup.follows_time or moving) and math.floor(state.drill_t) + 1 <= until:
        dues.append((float(math.floor(state.drill_t) + 1), GRID, "", ""))
    if setup.drill.duration_s <= until:
        dues.append((setup.drill.duration_s, END, "", ""))
    for person, step, at in open_steps(draft):
        if at.status != "open" or at.started is None:
            continue
        member = "" if person is None else person.member
        within = draft.limit_s(step)
        # An act in the very second of its deadline is in time: only later is it missed.
        if within is not None and round(at.started + within, 6) < until:
            dues.append((round(at.started + within, 6), DEADLINE, member, step.id))
        if setup.mode == "practice" and at.hints < len(step.hints):
            hint_at = round(at.started + step.hints[at.hints].after_s, 6)
            if hint_at <= until:
                dues.append((max(hint_at, state.drill_t), HINT, member, step.id))
    return min(dues) if dues else None


def advance(draft: Draft, until: float) -> None:
    """Let drill time pass up to drill second `until`, doing all that is due."""
    state = draft.state
    while state.phase == "running":
        due = _next_due(draft, until)
        if due is None:
            state.drill_t = until
            draft.touched()
            return
        state.drill_t, order, member, name = due
        draft.touched()
        if order == END:
            close(draft)
            return
        if order == INJECT:
            fire(draft, next(one for one in draft.setup.drill.injects if one.id == name))
        elif order in {HINT, DEADLINE}:
            step = draft.setup.step_of[name]
            person = state.people[member] if member else None
            if order == HINT:
                give_hint(draft, person, step)
            else:
                _miss(draft, person, step)
        settle(draft)


def _miss(draft: Draft, person: Person | None, step: Step) -> None:
    # Nobody can be late who is not there, and a tour only shows.
    away = not any(one.present for one in draft.concerned(person, step))
    excused = away or draft.setup.mode == "tour"
    reason = "tour" if draft.setup.mode == "tour" else "away" if away else ""
    draft.finish(person, step, "excused" if excused else "missed", reason=reason)


def give_hint(draft: Draft, person: Person | None, step: Step) -> None:
    """Show the next hint of a step, if it has one left."""
    at = draft.state.team[step.id] if person is None else person.steps[step.id]
    if at.hints >= len(step.hints):
        return
    for one in draft.concerned(person, step):
        message = step.hints[at.hints].say
        draft.emit(Prompt(draft.state.drill_t, one.member, one.lane, step.id, message, "hint"))
    draft.put_step(person, step, replace(at, hints=at.hints + 1))


def fire(draft: Draft, inject: Inject) -> None:
    """Let an inject happen now."""
    state = draft.state
    old = state.injects[inject.id]
    state.injects[inject.id] = replace(old, fired=(*old.fired, state.drill_t))
    for number, change in enumerate(inject.changes):
        for effect in _effects(draft, f"{inject.id}.{number}", change):
            draft.emit(effect)
    if inject.say is not None:
        draft.caption(inject.say, inject.to)
    draft.touched()


def _effects(draft: Draft, key: str, change: Change) -> Iterator[Effect]:
    state, cast = draft.state, draft.setup.cast
    now = state.drill_t
    if isinstance(change, Ramp):
        end = draft.setup.number(key, change.to)
        for number, datastream in enumerate(cast.datastreams.get(change.sensor, ())):
            start = state.value(datastream) or 0.0
            # The first one reaches the value itself, so that what is meant to happen does.
            low = end * (1 - change.spread) if number else end
            own = draw(draft.setup.seed, f"{key}.{datastream}", low, end)
            state.led[datastream] = Led(start, own, now, change.over_s)
            yield SensorOverride(now, datastream, start, own, change.over_s)
        return
    if isinstance(change, Smoke | Light | Block):
        for place in cast.places.get(change.place, ()):
            effect: Effect
            if isinstance(change, Smoke):
                effect = SmokeAt(now, place, change.density, change.radius_m, change.over_s)
            elif isinstance(change, Light):
                effect = LightAt(now, place, change.lit)
            else:
                effect = BlockAt(now, place, change.blocked)
            state.world[f"{effect.kind}:{place}"] = effect
            yield effect
        return
    for one in cast.objects.get(change.object, ()):
        put = ObjectState(now, one, change.state)
        state.world[f"object:{one}"] = put
        yield put


def settle(draft: Draft) -> None:
    """Start what may start, finish what is fulfilled, check the rules, and end if all is over."""
    if draft.state.phase != "running":
        return
    while _start_steps(draft) or _check_waits(draft):
        pass
    for rule in draft.setup.rules:
        if rule.event is None:
            for person in list(draft.state.people.values()):
                check_rule(draft, person, rule)
    if _all_over(draft):
        close(draft)


def _all_over(draft: Draft) -> bool:
    """Whether nobody who is here has anything left to do; an empty room waits for people."""
    if not any(person.present for person in draft.state.people.values()):
        return False
    return all(at.over for person, step, at in open_steps(draft) if _here(draft, person, step))


def _here(draft: Draft, person: Person | None, step: Step) -> bool:
    if person is not None:
        return person.present
    return bool(draft.state.in_lane(draft.setup.lane_of[step.id]))


def check_rule(draft: Draft, person: Person, rule: Rule) -> None:
    """Note a violation if the rule is broken by this person now, and was not before."""
    person = draft.state.people[person.member]
    concerned = person.present and (not rule.lanes or person.lane in rule.lanes)
    if not concerned or rule.id in person.violations or draft.setup.mode == "tour":
        return
    if draft.holds(rule.never, person):
        draft.violate(person, rule)


def _ready(draft: Draft, person: Person | None, step: Step) -> bool:
    """Whether the step before is over: for the person, or for all of the lane it belongs to."""
    if step.after_inject is not None and draft.state.injects[step.after_inject].pending:
        return False
    before = draft.setup.before[step.id]
    if before is None:
        return True
    state, earlier = draft.state, draft.setup.step_of[before]
    lane = draft.setup.lane_of[before]
    same = lane == draft.setup.lane_of[step.id]
    people = state.in_lane(lane)
    if not people:
        return not same  # An empty lane never holds up another.
    if earlier.by == "anyone":
        return state.team[before].over
    if same and person is not None:
        return person.steps[before].over
    over = [one.steps[before].over for one in people]
    return all(over) if same else any(over)


def _start_steps(draft: Draft) -> bool:
    changed = False
    for person, step, at in list(open_steps(draft)):
        if at.status != "waiting" or not _ready(draft, person, step):
            continue
        if not _here(draft, person, step):
            continue
        draft.open(person, step)
        changed = True
        if step.unless is not None and draft.holds(step.unless, person):
            draft.finish(person, step, "excused", reason="unless")
            continue
        doers = draft.concerned(person, step)
        early = [one for one in doers if any(event in one.did for event in step.wait.events)]
        if early:  # Doing the right thing before being told is no fault.
            draft.finish(person, step, "done", by=early[0].member)
            continue
        draft.prompt(person, step)
    return changed


def _check_waits(draft: Draft) -> bool:
    changed = False
    for person, step, at in list(open_steps(draft)):
        guard = step.wait.guard
        unfinished = at.status == "open" or (at.status == "missed" and at.done_late is None)
        if guard is None or not unfinished or (person is not None and not person.present):
            continue
        if draft.holds(guard, person):
            draft.finish(person, step, "done", by=None if person is None else person.member)
            changed = True
    return changed


def close(draft: Draft) -> None:
    """End the drill at its own time: what is still open was not done."""
    for person, step, at in list(open_steps(draft)):
        if at.status == "open":
            _miss(draft, person, step)
    draft.end("finished")
