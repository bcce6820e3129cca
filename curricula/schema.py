"""A drill file as pydantic models: lanes, steps, injects, rules, limits, choices and debrief.

Text never stands in a drill, only message ids; reading the file is `curricula.loader`, what is
wrong beyond its shape is `curricula.linter`, and running it is `curricula.runner`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
MessageId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,79}$")]
Guard = Annotated[str, Field(min_length=1, max_length=400, description="A CEL expression.")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Bounds = tuple[Finite, Finite]
Language = Literal["en", "ru", "kk", "ja"]
Profile = Literal["kz", "jp", "who", "site", "us"]
Mode = Literal["practice", "drill", "tour"]
Value = bool | str


class Model(BaseModel):
    """Base of every drill model: immutable, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Review(Model):
    """Who has read a language's safety text; None for both: nobody has, and the drill says so."""

    reviewed_by: str | None = None
    reviewed_on: date | None = None

    @property
    def reviewed(self) -> bool:
        """Whether a person has put a name and a date to this language."""
        return self.reviewed_by is not None and self.reviewed_on is not None


class Binding(Model):
    """What an alias stands for in a scene: everything of a kind, or the ids that are listed."""

    kind: Name | None = Field(None, description="Kind of object or place, or observed property.")
    ids: tuple[Id, ...] = Field((), max_length=64)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.kind is None) == (not self.ids):
            raise ValueError("a binding has either 'kind' or 'ids'")
        return self


class Bindings(Model):
    """Every alias of the drill, in one block: all else in the file speaks in aliases."""

    objects: dict[Name, Binding] = {}
    places: dict[Name, Binding] = {}
    datastreams: dict[Name, Binding] = {}


class Track(Model):
    """A value that events set: of each person (is the mask on?) or of the room (the fan's mode)."""

    scope: Literal["person", "room"] = "person"
    initial: Value
    events: dict[Id, Value] = Field(min_length=1)


class LimitValue(Model):
    """A limit's number in one jurisdiction, with where it comes from."""

    value: Finite
    source: str = Field(min_length=3, max_length=300)
    verified: bool = Field(description="Whether somebody has read the source itself.")


class Limit(Model):
    """A quantity's limit; a profile without a number uses the `site`'s, and the sheet says so."""

    title: MessageId
    unit: str = Field(min_length=1, max_length=20, description="UCUM code.")
    values: dict[Profile, LimitValue] = Field(min_length=1)


class ResponsePlan(Model):
    """The position of the site's accident response plan that this drill is played against."""

    position: Id
    fan_mode: Literal["keep", "stop", "reverse"]
    source: str = Field(min_length=3, max_length=300)
    verified: bool


class Choice(Model):
    """A question that a person answers: one of some options, or a whole number."""

    ask: MessageId
    options: dict[Name, MessageId] = {}
    number: tuple[int, int] | None = Field(None, description="Smallest and largest answer.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.options) == (self.number is not None):
            raise ValueError("a choice has either 'options' or 'number'")
        return self


class Wait(Model):
    """What finishes a step: one of some events, a guard that becomes true, or a right answer."""

    event: Id | None = None
    any_of: tuple[Id, ...] = ()
    guard: Guard | None = None
    choice: Name | None = None
    right: Guard | None = Field(None, description="Over `answer`; every answer, if absent.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.event is not None, bool(self.any_of), self.guard is not None)
        if sum(ways) + (self.choice is not None) != 1:
            raise ValueError("a wait has one of 'event', 'any_of', 'guard', 'choice'")
        if self.right is not None and self.choice is None:
            raise ValueError("'right' goes with 'choice'")
        return self

    @property
    def events(self) -> tuple[str, ...]:
        """The events that finish the step."""
        return (self.event,) if self.event is not None else self.any_of


class Hint(Model):
    """Help after some seconds of a step; given by itself in practice, else by the instructor."""

    after_s: Seconds
    say: MessageId


class Step(Model):
    """One thing that a lane has to do."""

    id: Name
    say: MessageId
    why: MessageId | None = Field(None, description="Practice mode explains with it.")
    by: Literal["each", "anyone"] = Field(
        "each", description="Everybody in the lane for themselves, or one of them for all."
    )
    after: Name | None = Field(None, description="A step of any lane; absent: the one before.")
    after_inject: Name | None = Field(None, description="Nor does it start before this inject.")
    wait: Wait
    unless: Guard | None = Field(None, description="True at the step's start: it is excused.")
    within_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    points: int = Field(ge=0, le=100)
    late: Literal["score", "critical"] = "score"
    wrong: Literal["score", "critical"] = Field(
        "score", description="What a wrong answer is; in practice it can be mended instead."
    )
    limit_source: str = Field("", max_length=300, description="Where `within_s` comes from.")
    hints: tuple[Hint, ...] = ()


class Lane(Model):
    """A part in the drill and the room roles that may play it."""

    title: MessageId
    roles: tuple[Name, ...] = Field(min_length=1)
    capacity: int = Field(100, ge=1, le=1000)
    steps: tuple[Step, ...] = Field(min_length=1)


class Ramp(Model):
    """A sensor is led to a value; the twin shows it as simulated by the drill."""

    do: Literal["ramp"]
    sensor: Name
    to: Finite | Bounds = Field(description="A number, or bounds from which the seed draws one.")
    over_s: Seconds = 0.0
    spread: float = Field(
        0.0, ge=0, le=1, description="Instruments end between `to` * (1 - spread) and `to`."
    )


class Smoke(Model):
    """Smoke stands at a place."""

    do: Literal["smoke"]
    place: Name
    density: float = Field(ge=0, le=1)
    radius_m: float = Field(40.0, gt=0, le=2000)
    over_s: Seconds = 0.0


class Light(Model):
    """The fixed lights at a place go on or off."""

    do: Literal["light"]
    place: Name
    lit: bool


class Block(Model):
    """A place can no longer be passed, or can again."""

    do: Literal["block"]
    place: Name
    blocked: bool = True


class Put(Model):
    """An object is put into a state."""

    do: Literal["object"]
    object: Name
    state: Id


Change = Annotated[Ramp | Smoke | Light | Block | Put, Field(discriminator="do")]


class Inject(Model):
    """What happens to the trainees at a moment of the drill."""

    id: Name
    at_s: Seconds | Bounds = Field(description="Drill seconds, or bounds for the seed.")
    say: MessageId | None = None
    to: tuple[Name, ...] = Field((), description="Lanes that see `say`; empty: all.")
    changes: tuple[Change, ...] = ()


class Rule(Model):
    """What nobody may ever do; checked all the time, or when its `event` happens."""

    id: Name
    say: MessageId
    never: Guard
    event: Id | None = None
    lanes: tuple[Name, ...] = ()
    profiles: tuple[Profile, ...] = Field((), description="Where it holds; empty: everywhere.")
    verdict: Literal["critical", "score"] = "critical"
    points: int = Field(0, ge=0, le=100, description="Lost with verdict: score.")
    sensor: Name | None = Field(None, description="The value that the score sheet shows.")
    limit: Name | None = Field(None, description="The limit that the score sheet shows.")


class Question(Model):
    """A question that the debrief asks the group."""

    id: Name
    ask: MessageId
    steps: tuple[Name, ...] = Field((), description="The steps that it talks about.")


class Chart(Model):
    """A curve that the debrief shows, with its limit."""

    id: Name
    title: MessageId
    sensor: Name
    limit: Name | None = None


class Debrief(Model):
    """What the group looks at afterwards."""

    questions: tuple[Question, ...] = ()
    charts: tuple[Chart, ...] = ()


class Drill(Model):
    """A whole drill.yaml."""

    version: Literal[1]
    name: Name
    title: MessageId
    summary: MessageId
    duration_s: float = Field(gt=0, le=86_400)
    pass_mark: int = Field(ge=0, le=100)
    profile: Profile = "site"
    modes: tuple[Mode, ...] = ("practice", "drill")
    languages: dict[Language, Review]
    bindings: Bindings
    tracks: dict[Name, Track] = {}
    limits: dict[Name, Limit] = {}
    plan: ResponsePlan | None = None
    choices: dict[Name, Choice] = {}
    lanes: dict[Name, Lane] = Field(min_length=1)
    injects: tuple[Inject, ...] = ()
    rules: tuple[Rule, ...] = ()
    debrief: Debrief = Debrief()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for group, ids in {
            "step": [step.id for step in self.steps()],
            "inject": [one.id for one in self.injects],
            "rule": [one.id for one in self.rules],
        }.items():
            for one in ids:
                if ids.count(one) > 1:
                    raise ValueError(f"two {group}s are called {one}")
        return self

    def steps(self) -> list[Step]:
        """Every step of every lane, in file order."""
        return [step for lane in self.lanes.values() for step in lane.steps]

    def event_names(self) -> set[str]:
        """Every event that the drill waits for, tracks or forbids."""
        names = {name for step in self.steps() for name in step.wait.events}
        names |= {name for track in self.tracks.values() for name in track.events}
        return names | {rule.event for rule in self.rules if rule.event is not None}

    def message_ids(self) -> dict[str, str]:
        """Every message id in use, with the key where it stands first."""
        found: dict[str, str] = {}

        def note(message_id: str | None, key: str) -> None:
            if message_id is not None:
                found.setdefault(message_id, key)

        note(self.title, "title")
        note(self.summary, "summary")
        for name, limit in self.limits.items():
            note(limit.title, f"limits.{name}.title")
        for name, choice in self.choices.items():
            note(choice.ask, f"choices.{name}.ask")
            for option, message_id in choice.options.items():
                note(message_id, f"choices.{name}.options.{option}")
        for name, lane in self.lanes.items():
            note(lane.title, f"lanes.{name}.title")
            for i, step in enumerate(lane.steps):
                key = f"lanes.{name}.steps.{i}"
                note(step.say, f"{key}.say")
                note(step.why, f"{key}.why")
                for j, hint in enumerate(step.hints):
                    note(hint.say, f"{key}.hints.{j}.say")
        for i, inject in enumerate(self.injects):
            note(inject.say, f"injects.{i}.say")
        for i, rule in enumerate(self.rules):
            note(rule.say, f"rules.{i}.say")
        for i, question in enumerate(self.debrief.questions):
            note(question.ask, f"debrief.questions.{i}.ask")
        for i, chart in enumerate(self.debrief.charts):
            note(chart.title, f"debrief.charts.{i}.title")
        return found
