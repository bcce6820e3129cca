"""The `drill_state` record: what every client needs to show a drill, as plain values.

Message ids only, never text; members by their pseudonyms only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curricula.runner import State, prompts_of
from curricula.runner.state import Person
from curricula.scoring import score_sheet
from sync_server.drills.run import DrillRun
from sync_server.drills.script import DrillScript

Json = dict[str, Any]


def drill_state(
    script: DrillScript,
    run: DrillRun | None,
    lanes: Mapping[str, str],
    now: float,
    problem: Json | None,
) -> Json:
    """The payload.

    {drill, title, summary, mode, profile, speed, phase: waiting|running|paused|ended, room_time,
    drill_t, duration_s, lanes: {NAME: {title, roles, capacity}}, chosen: {MEMBER: LANE},
    people: {MEMBER: see `_person`}, captions: [{message, at, lanes}], world: [{kind, ...}],
    led: [DATASTREAM], verdict, sheet, problem: {id, arguments} or null}. While `phase` is
    running, drill time at room time r is drill_t + (r - room_time) * speed.
    """
    drill = script.setup.drill
    payload: Json = {
        "drill": drill.name,
        "title": drill.title,
        "summary": drill.summary,
        "digest": script.setup.digest,
        "mode": script.setup.mode,
        "profile": script.setup.profile,
        "speed": script.options.speed,
        "phase": "waiting",
        "room_time": now,
        "drill_t": 0.0,
        "duration_s": drill.duration_s,
        "lanes": {
            name: {"title": lane.title, "roles": list(lane.roles), "capacity": lane.capacity}
            for name, lane in drill.lanes.items()
        },
        "chosen": dict(lanes),
        "people": {},
        "captions": [],
        "world": [],
        "led": [],
        "verdict": None,
        "sheet": None,
        "problem": problem,
    }
    if run is not None:
        payload.update(_of_run(run))
    return payload


def _of_run(run: DrillRun) -> Json:
    state = run.state
    sheet = score_sheet(state)
    rows = {row["member"]: row for row in sheet["people"]}
    return {
        "run": run.id,
        "phase": state.phase,
        "drill_t": state.drill_t,
        "people": {
            member: _person(state, person, rows[member]) for member, person in state.people.items()
        },
        "captions": [
            {"message": one.message, "at": one.at, "lanes": list(one.lanes)} for one in run.captions
        ],
        "world": [] if run.over else [effect.as_json() for effect in state.world.values()],
        "led": [] if run.over else sorted(state.led),
        "verdict": sheet["verdict"] if run.over else None,
        "sheet": sheet if run.over else None,
    }


def _person(state: State, person: Person, row: Json) -> Json:
    """One person: {lane, present, prompts, step, steps, score, available, critical, verdict}.

    `prompts` as `curricula.runner.prompts_of` gives them; `step` counts from 1; in a silent drill
    `score` and `critical` are null until the end.
    """
    steps = row["steps"]
    over = sum(one["status"] not in {"waiting", "open"} for one in steps)
    ended = state.phase == "ended"
    shown = ended or state.setup.mode != "drill"
    return {
        "lane": person.lane,
        "present": person.present,
        "prompts": [] if ended else prompts_of(state, person),
        "step": min(over + 1, len(steps)),
        "steps": len(steps),
        "score": row["score"] if shown else None,
        "available": row["available"],
        "critical": row["critical"] if shown else None,
        "verdict": row["verdict"] if ended else None,
    }
