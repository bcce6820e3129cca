"""The variables that guards see, built from a state; the one place that defines their names.

Only reads the state.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from curricula.runner.state import Person, State

Context = dict[str, Any]


def room_context(state: State) -> Context:
    """What every guard sees.

    t: drill seconds; since.EVENT: seconds since it first happened (absent before); sensor.ALIAS;
    limit.NAME; lane.NAME: people present; room.TRACK, room.at.PLACE: how many people are there;
    plan.position, plan.fan_mode.
    """
    setup = state.setup
    drill = setup.drill
    present = [person for person in state.people.values() if person.present]
    sensors = {alias: state.sensor(alias) for alias in setup.cast.datastreams}
    counts = {
        alias: sum(1 for person in present if not person.places.isdisjoint(ids))
        for alias, ids in setup.cast.places.items()
        if alias in setup.asked_places
    }
    plan = drill.plan
    return {
        "t": state.drill_t,
        "since": {
            event: state.drill_t - state.first[event]
            for event in setup.asked_events
            if event in state.first
        },
        "sensor": {alias: value for alias, value in sensors.items() if value is not None},
        "limit": {name: one.value for name, one in setup.limits.items()},
        "lane": {name: sum(1 for p in present if p.lane == name) for name in drill.lanes},
        "room": {**state.tracks, "at": counts, "people": len(present)},
        "plan": {"position": plan.position, "fan_mode": plan.fan_mode} if plan is not None else {},
    }


def person_facts(state: State, person: Person) -> tuple[Context, Hashable]:
    """What a guard about one person sees besides, as `me`: me.TRACK, me.at.PLACE, me.did.EVENT,
    me.lane. The second value is equal for people of whom a guard sees the same."""
    setup = state.setup
    at = {
        alias: not person.places.isdisjoint(setup.cast.places[alias])
        for alias in setup.asked_places
    }
    did = {event: event in person.did for event in setup.asked_events}
    facts = {**person.tracks, "at": at, "did": did, "lane": person.lane}
    same = (person.lane, *person.tracks.values(), *at.values(), *did.values())
    return facts, same
