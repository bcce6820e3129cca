"""One observation of a datastream, and the judgement that turns raw values into one.

Pure: it knows no clock, broker or file; callers pass the times in, and what is refused says why.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from scenes.schema import Datastream, Scene

Quality = Literal["good", "uncertain", "bad", "stale"]
QUALITIES: Final[frozenset[str]] = frozenset(get_args(Quality))

Reason = Literal[
    "unknown-datastream",
    "too-large",
    "not-json",
    "wrong-shape",
    "wrong-type",
    "wrong-quality",
    "wrong-time",
    "no-value",
]

MAX_SOURCE_LENGTH: Final = 64
# Observations from before any sensor of today, or from long after: a unit slip (milliseconds).
EARLIEST_TIME: Final = 0.0
LATEST_TIME: Final = 4_102_444_800.0  # 2100-01-01
# A sensor's clock may run ahead of ours by so much before its observations become uncertain.
CLOCK_TOLERANCE_S: Final = 30.0

_IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Rejected(ValueError):
    """Something that is no observation; `reason` is counted by gateways."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Observation:
    """What a datastream reported.

    `phenomenon_time` (when it was so) and `arrival_time` (when we heard it) are unix seconds;
    `result` is in the datastream's unit, None where the source said that it has no value;
    `source` names the gateway that brought it.
    """

    datastream: str
    phenomenon_time: float
    result: float | None
    quality: Quality
    arrival_time: float
    source: str


def is_identifier(text: str) -> bool:
    """Whether a text can be the id of a datastream at all (bounded, plain characters)."""
    return _IDENTIFIER.fullmatch(text) is not None


def observe(
    datastream: Datastream,
    result: float | None,
    *,
    phenomenon_time: float,
    arrival_time: float,
    source: str,
    quality: Quality = "good",
) -> Observation:
    """Judge a raw value of `datastream` and make an observation of it.

    A value that is not finite becomes None with quality "bad"; one outside the instrument's range
    is kept and "bad"; one from the future (a wrong clock) is "uncertain". No observation is later
    than its arrival, or it would shut out those that follow. A better quality than the source's
    own is never given. Raises `Rejected` where the time is no time.
    """
    if not math.isfinite(phenomenon_time) or not EARLIEST_TIME <= phenomenon_time <= LATEST_TIME:
        raise Rejected("wrong-time")
    if result is not None and not math.isfinite(result):
        result = None
    low, high = datastream.range
    if result is None or not low <= result <= high:
        quality = quality if quality == "stale" else "bad"
    elif quality == "good" and phenomenon_time > arrival_time + CLOCK_TOLERANCE_S:
        quality = "uncertain"
    return Observation(
        datastream=datastream.id,
        phenomenon_time=min(phenomenon_time, arrival_time),
        result=result,
        quality=quality,
        arrival_time=arrival_time,
        source=source[:MAX_SOURCE_LENGTH],
    )


def went_stale(observation: Observation, now: float) -> Observation:
    """The same value, no longer vouched for: its source was lost at `now`."""
    return replace(observation, quality="stale", arrival_time=now)


def datastreams_of(scene: Scene) -> dict[str, Datastream]:
    """Every datastream of a scene by its id."""
    return {stream.id: stream for sensor in scene.sensors for stream in sensor.datastreams}
