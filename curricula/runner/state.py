"""The state of a running drill: people, steps, tracks, sensors, injects, the clock and the verdict.

Treated as immutable by everyone but the reducer's own draft; holds no clock and no randomness.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from curricula.runner.effects import Effect
from curricula.runner.setup import Setup
from curricula.schema import Value

Phase = Literal["waiting", "running", "paused", "ended"]
Status = Literal["waiting", "open", "done", "missed", "wrong", "excused"]


@dataclass(frozen=True, slots=True)
class StepState:
    """How far a step is, for one person or (steps by anyone) for a lane. Times are drill seconds.

    `finished`: when it was done, missed or excused; `done_late`: when a missed step was done after
    all; `by`: who did it; `answer`: the answer that was judged.
    """

    status: Status = "waiting"
    started: float | None = None
    finished: float | None = None
    done_late: float | None = None
    by: str | None = None
    answer: str | int | None = None
    hints: int = 0
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether the next step may start."""
        return self.status in {"done", "missed", "wrong", "excused"}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a person broke: when, with which value; `lifted` by an instructor's reason."""

    at: float
    value: float | None
    lifted: bool = False
    reason: str = ""


@dataclass(slots=True)
class Person:
    """One person who takes part."""

    member: str
    lane: str
    joined: float
    present: bool = True
    tracks: dict[str, Value] = field(default_factory=dict)
    did: dict[str, float] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    steps: dict[str, StepState] = field(default_factory=dict)
    violations: dict[str, Violation] = field(default_factory=dict)

    def copy(self) -> Person:
        """A copy that shares nothing that can change."""
        return replace(
            self,
            tracks=dict(self.tracks),
            did=dict(self.did),
            steps=dict(self.steps),
            violations=dict(self.violations),
        )


@dataclass(frozen=True, slots=True)
class Led:
    """A datastream that the drill leads: a straight line in drill time, then constant."""

    start: float
    end: float
    since: float
    over_s: float

    def at(self, drill_t: float) -> float:
        """The value at a drill second."""
        if drill_t >= self.since + self.over_s:
            return self.end
        return self.start + (self.end - self.start) * ((drill_t - self.since) / self.over_s)

    def moving(self, drill_t: float) -> bool:
        """Whether it still changes after this drill second."""
        return drill_t < self.since + self.over_s


@dataclass(frozen=True, slots=True)
class InjectState:
    """When an inject is due, and when it happened (more than once, if repeated)."""

    due: float
    fired: tuple[float, ...] = ()
    skipped: bool = False

    @property
    def pending(self) -> bool:
        """Whether it is still to come."""
        return not self.fired and not self.skipped


@dataclass(frozen=True, slots=True)
class Intervention:
    """An instructor's act that touched somebody's score."""

    at: float
    act: str
    by: str
    target: str
    member: str | None
    outcome: str
    reason: str


@dataclass(slots=True)
class State:
    """Everything that the log so far has led to. `t`: log seconds; `drill_t`: drill seconds."""

    setup: Setup
    t: float = 0.0
    drill_t: float = 0.0
    phase: Phase = "waiting"
    aborted: str | None = None
    # Drill time runs from `resumed_drill_t` at log time `resumed_t`.
    resumed_t: float = 0.0
    resumed_drill_t: float = 0.0
    people: dict[str, Person] = field(default_factory=dict)
    team: dict[str, StepState] = field(default_factory=dict)
    tracks: dict[str, Value] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    sensors: dict[str, float] = field(default_factory=dict)
    led: dict[str, Led] = field(default_factory=dict)
    injects: dict[str, InjectState] = field(default_factory=dict)
    world: dict[str, Effect] = field(default_factory=dict)
    interventions: tuple[Intervention, ...] = ()

    def copy(self) -> State:
        """A copy whose containers are its own; people are shared until edited."""
        return replace(
            self,
            people=dict(self.people),
            team=dict(self.team),
            tracks=dict(self.tracks),
            first=dict(self.first),
            sensors=dict(self.sensors),
            led=dict(self.led),
            injects=dict(self.injects),
            world=dict(self.world),
        )

    def value(self, datastream: str) -> float | None:
        """What a datastream shows at the state's drill second; None: never heard of."""
        led = self.led.get(datastream)
        return led.at(self.drill_t) if led is not None else self.sensors.get(datastream)

    def sensor(self, alias: str) -> float | None:
        """The highest value among the datastreams of an alias."""
        ids = self.setup.cast.datastreams.get(alias, ())
        values = [v for v in (self.value(one) for one in ids) if v is not None]
        return max(values) if values else None

    def step(self, person: Person, step_id: str) -> StepState:
        """How far a step is for a person: their own state, or their lane's."""
        if self.setup.step_of[step_id].by == "anyone":
            return self.team[step_id]
        return person.steps[step_id]

    def in_lane(self, lane: str, *, present: bool = True) -> list[Person]:
        """The people of a lane, in the order in which they came."""
        return [p for p in self.people.values() if p.lane == lane and (p.present or not present)]


def initial_state(setup: Setup) -> State:
    """A drill that nobody has joined and nobody has started."""
    drill = setup.drill
    return State(
        setup,
        team={step.id: StepState() for step in drill.steps() if step.by == "anyone"},
        tracks={name: one.initial for name, one in drill.tracks.items() if one.scope == "room"},
        injects={name: InjectState(due) for name, due in setup.inject_times.items()},
    )
