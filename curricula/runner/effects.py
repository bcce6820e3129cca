"""What a running drill wants done in the room: shown texts, sensor values, smoke, lights, doors.

Plain immutable values; carrying them out is the server's and the displays' work.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

Argument = str | int | float


@dataclass(frozen=True, slots=True)
class Effect:
    """Base of every effect. `at` is drill time, seconds."""

    kind: ClassVar[str] = "effect"
    at: float

    def as_json(self) -> dict[str, Any]:
        """A plain map with its kind."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Prompt(Effect):
    """One person is told what to do (`role`: say, why or hint), until the step is over."""

    kind: ClassVar[str] = "prompt"
    member: str
    lane: str
    step: str
    message: str
    role: str
    deadline: float | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Clear(Effect):
    """A step's prompts go away."""

    kind: ClassVar[str] = "clear"
    member: str
    step: str


@dataclass(frozen=True, slots=True)
class Caption(Effect):
    """Everybody in some lanes reads (and hears) a message."""

    kind: ClassVar[str] = "caption"
    message: str
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SensorOverride(Effect):
    """A datastream goes in a straight line from `start` to `end` within `over_s`, then stays."""

    kind: ClassVar[str] = "sensor"
    datastream: str
    start: float
    end: float
    over_s: float


@dataclass(frozen=True, slots=True)
class SensorRelease(Effect):
    """A datastream follows its real source again."""

    kind: ClassVar[str] = "sensor_release"
    datastream: str


@dataclass(frozen=True, slots=True)
class SmokeAt(Effect):
    """Smoke of a density (0 to 1) stands at a place."""

    kind: ClassVar[str] = "smoke"
    place: str
    density: float
    radius_m: float
    over_s: float


@dataclass(frozen=True, slots=True)
class LightAt(Effect):
    """The fixed lights at a place."""

    kind: ClassVar[str] = "light"
    place: str
    lit: bool


@dataclass(frozen=True, slots=True)
class BlockAt(Effect):
    """A place can be passed or not."""

    kind: ClassVar[str] = "block"
    place: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class ObjectState(Effect):
    """An object is put into a state."""

    kind: ClassVar[str] = "object"
    object: str
    state: str


@dataclass(frozen=True, slots=True)
class Scored(Effect):
    """A person's step or rule was decided: done, late, excused, violated, lifted."""

    kind: ClassVar[str] = "scored"
    member: str
    item: str
    outcome: str
    points: float


@dataclass(frozen=True, slots=True)
class Ended(Effect):
    """The drill is over."""

    kind: ClassVar[str] = "ended"
    verdict: str
