"""The score sheet: for every person what was earned, and for every point lost what, when and why.

Computed from a state alone; its canonical JSON is the same byte for byte for the same log.
"""

from __future__ import annotations

import json
from typing import Any

from curricula.runner.state import Person, State, StepState, Violation
from curricula.schema import Rule, Step

SHEET_VERSION = 1
Json = dict[str, Any]


def canonical(sheet: Json) -> str:
    """A sheet as JSON with sorted keys and no spaces; refuses what JSON cannot say (NaN)."""
    return json.dumps(
        sheet, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def score_sheet(state: State) -> Json:
    """The sheet of a run, finished or not (then the verdict is "running")."""
    setup = state.setup
    drill = setup.drill
    people = [_person(state, person) for person in state.people.values()]
    limits = [one.as_json() for _, one in sorted(setup.limits.items())]
    return {
        "version": SHEET_VERSION,
        "drill": drill.name,
        "title": drill.title,
        "digest": setup.digest,
        "mode": setup.mode,
        "profile": setup.profile,
        "seed": setup.seed,
        "verdict": _verdict(state, people),
        "seconds": _round(state.drill_t),
        "pass_mark": drill.pass_mark,
        "people": people,
        "injects": [
            {"id": name, "fired": [_round(t) for t in one.fired], "skipped": one.skipped}
            for name, one in state.injects.items()
        ],
        "interventions": [
            {
                "at": _round(one.at),
                "act": one.act,
                "by": one.by,
                "target": one.target,
                "member": one.member,
                "outcome": one.outcome,
                "reason": one.reason,
            }
            for one in state.interventions
        ],
        "aborted": state.aborted,
        "limits": limits,
        "warnings": _warnings(state),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _warnings(state: State) -> list[Json]:
    """What a reader must know before trusting the sheet: message id and arguments."""
    setup = state.setup
    found: list[Json] = []
    for name, one in sorted(setup.limits.items()):
        if one.gap:
            found.append({"id": "drill-sheet-gap", "limit": name, "profile": setup.profile})
        elif not one.verified:
            found.append({"id": "drill-sheet-unverified", "limit": name, "profile": one.profile})
    for name in sorted(set(setup.drill.limits) - set(setup.limits)):
        found.append({"id": "drill-sheet-no-limit", "limit": name, "profile": setup.profile})
    plan = setup.drill.plan
    if plan is not None and not plan.verified:
        found.append({"id": "drill-sheet-plan", "limit": plan.position, "profile": setup.profile})
    for language, review in setup.drill.languages.items():
        if not review.reviewed:
            found.append({"id": "drill-sheet-unreviewed", "language": language})
    return found


def _verdict(state: State, people: list[Json]) -> str:
    if state.phase != "ended":
        return "running"
    if state.aborted is not None:
        return "aborted"
    if state.setup.mode == "tour":
        return "completed"
    verdicts = {one["verdict"] for one in people}
    for verdict in ("failed", "incomplete", "passed"):
        if verdict in verdicts:
            return verdict
    return "not_scored"


def _person(state: State, person: Person) -> Json:
    drill = state.setup.drill
    steps: list[Json] = []
    lost: list[Json] = []
    critical: list[str] = []
    earned = available = deducted = 0
    absent = False
    for step in drill.lanes[person.lane].steps:
        at = _outcome(state, person, step)
        steps.append(_step_row(step, at))
        if at.status == "excused":
            continue
        available += step.points
        if at.status == "done":
            earned += step.points
            continue
        absent = absent or at.status in {"waiting", "open"}
        if at.status in {"missed", "wrong"}:
            lost.append(_lost_step(step, at))
            if _is_critical(step, at):
                critical.append(step.id)
    for rule in state.setup.rules:
        violation = person.violations.get(rule.id)
        if violation is None or violation.lifted:
            continue
        lost.append(_lost_rule(state, rule, violation))
        deducted += rule.points if rule.verdict == "score" else 0
        if rule.verdict == "critical":
            critical.append(rule.id)
    score = max(0, earned - deducted)
    percent = round(100 * score / available, 1) if available else None
    lost.sort(key=lambda row: (row["at"], row["item"]))
    return {
        "member": person.member,
        "lane": person.lane,
        "joined": _round(person.joined),
        "present": person.present,
        "score": score,
        "available": available,
        "percent": percent,
        "critical": critical,
        "verdict": _person_verdict(state, person, percent, critical, absent),
        "lost": lost,
        "steps": steps,
    }


def _person_verdict(
    state: State, person: Person, percent: float | None, critical: list[str], absent: bool
) -> str:
    if state.phase != "ended":
        return "running"
    if state.aborted is not None:
        return "aborted"
    if state.setup.mode == "tour":
        return "completed"
    if critical:
        return "failed"
    away = any(
        _outcome(state, person, step).reason == "away"
        for step in state.setup.drill.lanes[person.lane].steps
    )
    if away or (absent and not person.present):
        return "incomplete"
    if percent is None:
        return "not_scored"
    return "passed" if percent >= state.setup.drill.pass_mark else "failed"


def _outcome(state: State, person: Person, step: Step) -> StepState:
    """A step's state as it counts for a person: a lane's step that was over before they came is
    neither their merit nor their fault."""
    at = state.step(person, step.id)
    before = at.finished is not None and at.finished < person.joined
    if step.by == "anyone" and before:
        return StepState("excused", at.started, at.finished, by=at.by, reason="joined_later")
    return at


def _step_row(step: Step, at: StepState) -> Json:
    return {
        "id": step.id,
        "status": at.status,
        "points": step.points if at.status == "done" else 0,
        "of": step.points,
        "started": _round(at.started),
        "finished": _round(at.finished),
        "done_late": _round(at.done_late),
        "by": at.by,
        "answer": at.answer,
        "hints": at.hints,
        "reason": at.reason,
    }


def _is_critical(step: Step, at: StepState) -> bool:
    return (step.wrong if at.status == "wrong" else step.late) == "critical"


def _lost_step(step: Step, at: StepState) -> Json:
    taken = None
    if at.done_late is not None and at.started is not None:
        taken = _round(at.done_late - at.started)
    limit = None
    if step.within_s is not None:
        limit = {"value": step.within_s, "unit": "s", "source": step.limit_source}
    return {
        "item": step.id,
        "kind": "late" if at.status == "missed" else "wrong",
        "message": step.say,
        "points": step.points,
        "critical": _is_critical(step, at),
        "at": _round(at.finished),
        "value": at.answer if at.status == "wrong" else taken,
        "unit": "s" if at.status == "missed" else "",
        "limit": limit,
    }


def _lost_rule(state: State, rule: Rule, violation: Violation) -> Json:
    limit = state.setup.limits.get(rule.limit) if rule.limit is not None else None
    return {
        "item": rule.id,
        "kind": "rule",
        "message": rule.say,
        "points": rule.points if rule.verdict == "score" else 0,
        "critical": rule.verdict == "critical",
        "at": _round(violation.at),
        "value": _round(violation.value),
        "unit": limit.unit if limit is not None else "",
        "limit": limit.as_json() if limit is not None else None,
    }
