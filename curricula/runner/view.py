"""What people see of a running drill now: their open prompts with the time left.

Derived from a state alone, for those who join in the middle and for the room's record.
"""

from __future__ import annotations

from typing import Any

from curricula.runner.draft import TOUR_STEP_S
from curricula.runner.state import Person, State
from curricula.schema import Step


def prompts_of(state: State, person: Person) -> list[dict[str, Any]]:
    """The open prompts of a person, oldest first.

    Each: {step, message, why, hints: [message], deadline: drill second or null, choice:
    {id, ask, options: {answer: message}} or {id, ask, number: [low, high]} or null}.
    """
    setup = state.setup
    found: list[dict[str, Any]] = []
    for step in setup.drill.lanes[person.lane].steps:
        at = state.step(person, step.id)
        if at.status != "open" or at.started is None:
            continue
        practice = setup.mode != "drill"
        if not practice and step.wait.choice is None and not at.hints:
            continue
        within = (
            min(step.within_s or TOUR_STEP_S, TOUR_STEP_S)
            if setup.mode == "tour"
            else (step.within_s)
        )
        found.append(
            {
                "step": step.id,
                "message": step.say,
                "why": step.why if setup.mode == "practice" else None,
                "hints": [hint.say for hint in step.hints[: at.hints]],
                "started": at.started,
                "deadline": None if within is None else round(at.started + within, 6),
                "choice": _choice(state, step),
            }
        )
    return sorted(found, key=lambda one: float(one["started"]))


def _choice(state: State, step: Step) -> dict[str, Any] | None:
    name = step.wait.choice
    if name is None:
        return None
    choice = state.setup.drill.choices[name]
    if choice.number is not None:
        return {"id": name, "ask": choice.ask, "number": list(choice.number)}
    return {"id": name, "ask": choice.ask, "options": dict(choice.options)}
