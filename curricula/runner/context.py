"""The variables that guards see, built from a state; the one place that defines their names.

Only reads the state.
"""

from __future__ import annotations

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
    }
    plan = drill.plan
    return {
        "t": state.drill_t,
        "since": {event: state.drill_t - first for event, first in state.first.items()},
        "sensor": {alias: value for alias, value in sensors.items() if value is not None},
        "limit": {name: one.value for name, one in setup.limits.items()},
        "lane": {name: sum(1 for p in present if p.lane == name) for name in drill.lanes},
        "room": {**state.tracks, "at": counts, "people": len(present)},
        "plan": {"position": plan.position, "fan_mode": plan.fan_mode} if plan is not None else {},
    }


def person_context(state: State, room: Context, person: Person) -> Context:
    """What a guard about one person sees besides: me.TRACK, me.at.PLACE, me.did.EVENT, me.lane."""
    setup = state.setup
    at = {alias: not person.places.isdisjoint(ids) for alias, ids in setup.cast.places.items()}
    did = {event: event in person.did for event in setup.drill.event_names()}
    return {**room, "me": {**person.tracks, "at": at, "did": did, "lane": person.lane}}
