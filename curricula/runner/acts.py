"""What each act of the instructor does to a drill; refuses acts that make no sense.

Every act that touches a score is kept with who did it and why.
"""

from __future__ import annotations

from dataclasses import replace

from curricula.errors import Refused
from curricula.runner.draft import Draft
from curricula.runner.effects import Scored
from curricula.runner.events import Act
from curricula.runner.state import Intervention, Person, StepState
from curricula.runner.timeline import fire, give_hint, open_steps
from curricula.schema import Inject, Step

PHASES = {
    "start": ("waiting",),
    "pause": ("running",),
    "resume": ("paused",),
    "abort": ("running", "paused"),
    "inject": ("running",),
    "repeat": ("running",),
    "skip": ("running", "paused"),
    "delay": ("running", "paused"),
    "hint": ("running",),
    # A score may be put right afterwards too.
    "override": ("running", "paused", "ended"),
}


def act(draft: Draft, event: Act) -> None:
    """Carry out an act. Raises `Refused` if it does not fit the phase or names nothing."""
    state = draft.state
    if state.phase not in PHASES[event.act]:
        raise Refused("drill-act-phase", act=event.act, phase=state.phase)
    if event.member is not None and event.member not in state.people:
        raise Refused("drill-act-unknown", act=event.act, target=event.member)
    if event.act == "start":
        if not state.people:
            raise Refused("drill-nobody")
        _run(draft)
    elif event.act == "resume":
        _run(draft)
    elif event.act == "pause":
        state.phase = "paused"
    elif event.act == "abort":
        state.aborted = event.reason
        _note(draft, event, "aborted")
        draft.end("aborted")
    elif event.act in {"inject", "repeat"}:
        fire(draft, _inject(draft, event))
    elif event.act == "delay":
        _delay(draft, event)
    elif event.act == "skip":
        _skip(draft, event)
    elif event.act == "hint":
        for person, step, at in _targets(draft, event):
            if at.status == "open":
                give_hint(draft, person, step)
        _note(draft, event, "hint")
    else:
        _override(draft, event)


def _run(draft: Draft) -> None:
    state = draft.state
    state.phase = "running"
    state.resumed_t = state.t
    state.resumed_drill_t = state.drill_t


def _note(draft: Draft, event: Act, outcome: str) -> None:
    draft.state.interventions = (
        *draft.state.interventions,
        Intervention(
            draft.state.drill_t,
            event.act,
            event.by,
            event.target or "",
            event.member,
            outcome,
            event.reason,
        ),
    )


def _find_inject(draft: Draft, name: str | None) -> Inject | None:
    return next((one for one in draft.setup.drill.injects if one.id == name), None)


def _inject(draft: Draft, event: Act) -> Inject:
    inject = _find_inject(draft, event.target)
    if inject is None:
        raise Refused("drill-act-unknown", act=event.act, target=event.target or "")
    return inject


def _delay(draft: Draft, event: Act) -> None:
    inject = _inject(draft, event)
    state = draft.state.injects[inject.id]
    if not state.pending or event.seconds is None:
        raise Refused("drill-act-unknown", act=event.act, target=inject.id)
    draft.state.injects[inject.id] = replace(state, due=round(state.due + event.seconds, 6))


def _targets(draft: Draft, event: Act) -> list[tuple[Person | None, Step, StepState]]:
    if event.target not in draft.setup.step_of:
        raise Refused("drill-act-unknown", act=event.act, target=event.target or "")
    return [
        (person, step, at)
        for person, step, at in open_steps(draft)
        if step.id == event.target
        and (event.member is None or person is None or person.member == event.member)
    ]


def _skip(draft: Draft, event: Act) -> None:
    inject = _find_inject(draft, event.target)
    if inject is not None:
        draft.state.injects[inject.id] = replace(draft.state.injects[inject.id], skipped=True)
        return
    for person, step, at in _targets(draft, event):
        if at.status in {"waiting", "open"}:
            draft.finish(person, step, "excused", reason=event.reason or "skipped")
    _note(draft, event, "excused")


def _override(draft: Draft, event: Act) -> None:
    """Put a step's outcome right, or lift a broken rule; never without a reason."""
    if not event.reason.strip():
        raise Refused("drill-override-reason")
    if event.target in {rule.id for rule in draft.setup.rules}:
        broken = [
            person
            for person in draft.state.people.values()
            if event.target in person.violations and event.member in {None, person.member}
        ]
        for one in broken:
            violations = draft.edit(one.member).violations
            old = violations[event.target]
            violations[event.target] = replace(old, lifted=True, reason=event.reason)
            draft.emit(Scored(draft.state.drill_t, one.member, event.target, "lifted", 0.0))
        _note(draft, event, "lifted")
        return
    outcome = event.outcome or "excused"
    for person, step, at in _targets(draft, event):
        finished = draft.state.drill_t
        new = replace(at, status=outcome, finished=finished, reason=event.reason, by=event.by)
        draft.put_step(person, step, new)
        for one in draft.concerned(person, step):
            points = float(step.points if outcome == "done" else 0)
            draft.emit(Scored(finished, one.member, step.id, outcome, points))
    _note(draft, event, outcome)
