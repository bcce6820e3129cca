"""A state that is being changed by one event: copies on first write and collects effects.

The elementary changes (a step starts, is done, is missed; a rule is broken) live here; what makes
them happen is `timeline` and `reducer`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from curricula.runner.context import Context, person_facts, room_context
from curricula.runner.effects import Caption, Clear, Effect, Ended, Prompt, Scored, SensorRelease
from curricula.runner.state import Person, State, Status, StepState, Violation
from curricula.schema import Rule, Step

TOUR_STEP_S = 30.0


class Draft:
    """The next state in the making. `effects` is what the room has to carry out."""

    def __init__(self, state: State) -> None:
        self.state = state.copy()
        self.setup = state.setup
        self.effects: list[Effect] = []
        self._own: set[str] = set()
        # What guards see, and what they answered, until something changes. In a class of thirty
        # most people look the same to a guard, so that it need be asked only once.
        self._room: Context | None = None
        self._facts: dict[str, tuple[Context, Hashable]] = {}
        self._answers: dict[tuple[str, Hashable], bool] = {}

    def edit(self, member: str) -> Person:
        """A person that this draft may change."""
        if member not in self._own:
            self.state.people[member] = self.state.people[member].copy()
            self._own.add(member)
        self._facts.pop(member, None)
        self.touched()
        return self.state.people[member]

    def touched(self) -> None:
        """Something that guards see has changed."""
        self._room = None
        self._answers.clear()

    def emit(self, effect: Effect) -> None:
        """Ask the room for something."""
        self.effects.append(effect)

    def holds(self, guard: str, person: Person | None = None, **more: object) -> bool:
        """Whether a guard holds now, about a person or about the room."""
        if self._room is None:
            self._room = room_context(self.state)
        me: Context = {}
        same: Hashable = None
        if person is not None:
            if person.member not in self._facts:
                current = self.state.people[person.member]
                self._facts[person.member] = person_facts(self.state, current)
            me, same = self._facts[person.member]
        key = (guard, same)
        if more or key not in self._answers:
            compiled = self.setup.guards[guard]
            known = {**self._room, "me": me, **more}
            answer = compiled.holds(
                {name: known[name] for name in compiled.variables & known.keys()}
            )
            if more:
                return answer
            self._answers[key] = answer
        return self._answers[key]

    # Steps

    def put_step(self, person: Person | None, step: Step, state: StepState) -> None:
        """Store a step's state: a person's own, or (None) the lane's."""
        if step.by == "anyone" or person is None:
            self.state.team[step.id] = state
            self.touched()
        else:
            self.edit(person.member).steps[step.id] = state

    def concerned(self, person: Person | None, step: Step) -> list[Person]:
        """The people a step's outcome counts for."""
        if step.by == "each" and person is not None:
            return [self.state.people[person.member]]
        return self.state.in_lane(self.setup.lane_of[step.id])

    def limit_s(self, step: Step) -> float | None:
        """The seconds a step may take in this mode; a tour never waits for long."""
        if self.setup.mode == "tour":
            return min(step.within_s or TOUR_STEP_S, TOUR_STEP_S)
        return step.within_s

    def open(self, person: Person | None, step: Step) -> None:
        """Open a step, from now on it may be done."""
        self.put_step(person, step, StepState("open", started=self.state.drill_t))

    def prompt(self, person: Person | None, step: Step) -> None:
        """Tell those whom an open step concerns what to do."""
        now = self.state.drill_t
        within = self.limit_s(step)
        deadline = None if within is None else round(now + within, 6)
        if self.setup.mode == "drill" and step.wait.choice is None:
            return  # A drill is silent: what to do is what is examined.
        choice = step.wait.choice
        for one in self.concerned(person, step):
            self.emit(Prompt(now, one.member, one.lane, step.id, step.say, "say", deadline, choice))
            if self.setup.mode == "practice" and step.why is not None:
                self.emit(Prompt(now, one.member, one.lane, step.id, step.why, "why"))

    def finish(
        self,
        person: Person | None,
        step: Step,
        status: Status,
        *,
        by: str | None = None,
        answer: str | int | None = None,
        reason: str = "",
    ) -> None:
        """Close a step as done, missed, wrong or excused; a missed one can still be done late."""
        now = self.state.drill_t
        old = self.state.team[step.id] if step.by == "anyone" else None
        if old is None:
            assert person is not None
            old = self.state.people[person.member].steps[step.id]
        people = self.concerned(person, step)
        if old.status in {"missed", "wrong"} and status == "done":
            new = replace(old, done_late=now, by=by, reason=reason or old.reason)
            outcome, points = "done_late", 0.0
        else:
            new = replace(old, status=status, finished=now, by=by, answer=answer, reason=reason)
            outcome, points = status, float(step.points if status == "done" else 0)
        self.put_step(person, step, new)
        for one in people:
            self.emit(Scored(now, one.member, step.id, outcome, points))
            if status not in {"missed", "wrong"}:
                self.emit(Clear(now, one.member, step.id))

    # Rules

    def violate(self, person: Person, rule: Rule) -> None:
        """Note that a person broke a rule, once."""
        now = self.state.drill_t
        value = self.state.sensor(rule.sensor) if rule.sensor is not None else None
        noted = None if value is None else round(value, 3)
        self.edit(person.member).violations[rule.id] = Violation(now, noted)
        self.emit(Scored(now, person.member, rule.id, "violated", -float(rule.points)))
        if self.setup.mode != "drill":
            self.emit(Prompt(now, person.member, person.lane, rule.id, rule.say, "rule"))

    # The end

    def end(self, verdict: str) -> None:
        """The drill is over: sensors are given back, prompts go."""
        now = self.state.drill_t
        self.state.phase = "ended"
        for datastream in sorted(self.state.led):
            self.emit(SensorRelease(now, datastream))
        self.emit(Ended(now, verdict))

    def caption(self, message: str, lanes: tuple[str, ...]) -> None:
        """Everybody in some lanes (none named: all) reads a message."""
        self.emit(Caption(self.state.drill_t, message, lanes or tuple(self.setup.drill.lanes)))
