"""Plays a drill in simulated time with scripted trainees who know only what the drill file says.

They look one act ahead with the real runner; nothing about any particular drill stands here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, Literal, get_args

from curricula.cast import SceneFacts
from curricula.errors import Refused
from curricula.runner import AnyEvent, Setup, State, initial_state, reduce
from curricula.runner.events import Act, Chosen, Joined, ObjectUsed, PlaceChanged, Tick
from curricula.runner.state import Person
from curricula.schema import Step

Trainee = Literal["perfect", "late", "rule-breaking", "aborting", "random"]
TRAINEES: Final[tuple[str, ...]] = get_args(Trainee)
REACTION_S: Final = 5.0
DAWDLE: Final = 0.9  # The rule-breaker uses this share of every step's time.
TEMPTATION_S: Final = 20.0  # How often the rule-breaker looks for a rule to break.
INSTRUCTOR: Final = "instructor"


class Rehearsal:
    """One run in simulated time. `log` is every event in order; `state` is where it led."""

    def __init__(
        self, setup: Setup, trainee: Trainee, *, people: int = 1, facts: SceneFacts | None = None
    ) -> None:
        self.setup = setup
        self.trainee = trainee
        self.state: State = initial_state(setup)
        self.log: list[AnyEvent] = []
        self._people = people
        self._emitters = facts.emitters if facts is not None else {}
        self._random = random.Random(setup.seed)

    def run(self) -> State:
        """Play to the end of the drill and return the final state."""
        for lane, one in self.setup.drill.lanes.items():
            for number in range(min(self._people, one.capacity)):
                self._do(Joined(t=0.0, member=f"{lane}-{number + 1}", lane=lane))
        self._do(Act(t=0.0, act="start", by=INSTRUCTOR))
        second = 0
        while self.state.phase == "running":
            second += 1
            self._do(Tick(t=float(second)))
            for member in list(self.state.people):
                if self.state.phase == "running":
                    self._play(self.state.people[member])
            if self.trainee == "aborting" and self.state.phase == "running" and self._half_done():
                reason = "the trainee asked to stop"
                self._do(Act(t=self.state.t, act="abort", by=INSTRUCTOR, reason=reason))
        return self.state

    def _do(self, event: AnyEvent) -> None:
        self.state, _ = reduce(self.state, event)
        self.log.append(event)

    def _half_done(self) -> bool:
        """Whether somebody has done half of their steps."""
        lanes = self.setup.drill.lanes
        return any(
            2
            * sum(self.state.step(one, step.id).status == "done" for step in lanes[one.lane].steps)
            >= len(lanes[one.lane].steps)
            for one in self.state.people.values()
        )

    def _play(self, person: Person) -> None:
        if self.trainee == "random":
            if self._random.random() < 0.08:
                acts = list(self._possible(person))
                self._do(acts[self._random.randrange(len(acts))])
            return
        if self.trainee == "rule-breaking" and self.state.drill_t % TEMPTATION_S == 0:
            for act in self._possible(person):
                if self._breaks(person, act):
                    self._do(act)
                    return
        for step in self.setup.drill.lanes[person.lane].steps:
            if self._due(person, step):
                solution = self._solve(person, step)
                if solution is not None:
                    self._do(solution)
                return

    def _due(self, person: Person, step: Step) -> bool:
        """Whether the trainee gets round to a step now."""
        at = self.state.step(person, step.id)
        late = self.trainee == "late"
        if at.started is None or not (at.status == "open" or (late and at.status == "missed")):
            return False
        if at.done_late is not None:
            return False
        wait = REACTION_S
        if late and step.within_s is not None:
            wait = step.within_s + REACTION_S
        elif self.trainee == "rule-breaking":
            if step.late == "critical":
                return False
            wait = DAWDLE * (step.within_s or REACTION_S)
        return self.state.drill_t - at.started >= wait

    def _possible(self, person: Person) -> Iterator[AnyEvent]:
        """Every act a person could do now, in a fixed order."""
        t, member, setup = self.state.t, person.member, self.setup
        for event in sorted(setup.drill.event_names()):
            objects = sorted(self._emitters.get(event, ()))
            yield ObjectUsed(
                t=t, member=member, object=objects[0] if objects else "object", event=event
            )
        for ids in setup.cast.places.values():
            for place in ids[:1]:
                inside = place not in person.places
                yield PlaceChanged(t=t, member=member, place=place, inside=inside)
        for name, choice in setup.drill.choices.items():
            answers: list[str | int] = list(choice.options)
            if choice.number is not None:
                answers = list(range(choice.number[0], min(choice.number[1], 60) + 1))
            for answer in answers:
                yield Chosen(t=t, member=member, choice=name, answer=answer)

    def _after(self, act: AnyEvent) -> State | None:
        try:
            return reduce(self.state, act)[0]
        except Refused:
            return None

    def _breaks(self, person: Person, act: AnyEvent) -> bool:
        after = self._after(act)
        known = person.violations
        return after is not None and len(after.people[person.member].violations) > len(known)

    def _solve(self, person: Person, step: Step) -> AnyEvent | None:
        """An act that does the step and breaks no rule, found by trying."""
        for act in self._possible(person):
            after = self._after(act)
            if after is None:
                continue
            then = after.people[person.member]
            at = after.step(then, step.id)
            done = at.status == "done" or at.done_late is not None
            if done and len(then.violations) == len(person.violations):
                return act
        return None
