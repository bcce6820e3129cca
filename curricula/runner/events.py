"""What can happen to a running drill: the events of its log, as immutable models.

`t` is seconds on the room clock since the log began (not drill time: a pause makes them differ).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from curricula.errors import Refused

LogTime = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
Identity = Annotated[str, Field(min_length=1, max_length=128)]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(max_length=500)]


class Event(BaseModel):
    """Base of every event."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    t: LogTime


class Joined(Event):
    """A person takes part in a lane; again after `Left`, they go on where they were."""

    type: Literal["joined"] = "joined"
    member: Identity
    lane: Word


class Left(Event):
    """A person is gone; what they could not do meanwhile is excused, not failed."""

    type: Literal["left"] = "left"
    member: Identity


class ObjectUsed(Event):
    """A person did something to an object, which emitted `event`."""

    type: Literal["object"] = "object"
    member: Identity
    object: Word
    event: Word


class PlaceChanged(Event):
    """A person came to a place of the scene, or left it."""

    type: Literal["place"] = "place"
    member: Identity
    place: Word
    inside: bool


class SensorValue(Event):
    """A sensor reported. Ignored where the drill itself leads the datastream."""

    type: Literal["sensor"] = "sensor"
    datastream: Word
    value: Annotated[float, Field(allow_inf_nan=False)]


class Chosen(Event):
    """A person answered a choice: an option's name or a whole number."""

    type: Literal["choice"] = "choice"
    member: Identity
    choice: Word
    answer: Annotated[str, Field(max_length=64)] | int


class Tick(Event):
    """Time passed. How often ticks come never changes a score."""

    type: Literal["tick"] = "tick"


class Act(Event):
    """What the instructor does: part of the log, so that replay and score stay honest.

    `target` is an inject (inject, skip, delay, repeat), a step (skip, hint, override) or a rule
    (override); `member` narrows hint, skip and override to one person.
    """

    type: Literal["act"] = "act"
    act: Literal[
        "start", "pause", "resume", "abort", "inject", "skip", "delay", "repeat", "hint", "override"
    ]
    by: Identity
    target: Word | None = None
    member: Identity | None = None
    seconds: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    outcome: Literal["done", "excused"] | None = None
    reason: Reason = ""


AnyEvent = Annotated[
    Joined | Left | ObjectUsed | PlaceChanged | SensorValue | Chosen | Tick | Act,
    Field(discriminator="type"),
]
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def read_event(content: Any) -> AnyEvent:
    """One event from untrusted data. Raises `Refused`."""
    try:
        return _EVENT.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "event"
        raise Refused("drill-event-invalid", key=key, reason=first["msg"]) from error


def log_lines(events: Iterable[AnyEvent]) -> str:
    """A log as text: one JSON object a line, in order."""
    return "".join(
        json.dumps(event.model_dump(), ensure_ascii=False, sort_keys=True) + "\n"
        for event in events
    )


def read_log(text: str) -> list[AnyEvent]:
    """The events of a log's text. Raises `Refused` at the first line that is none."""
    try:
        return [read_event(json.loads(line)) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise Refused("drill-event-invalid", key="line", reason=str(error)) from error
