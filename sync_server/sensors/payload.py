"""The JSON of one MQTT message, to and from an observation.

Bounded and strict: whatever a hostile sender puts in, the answer is an observation or `Rejected`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, cast

from scenes.schema import Datastream
from sync_server.sensors.observation import (
    QUALITIES,
    Observation,
    Quality,
    Rejected,
    is_identifier,
    observe,
)

MAX_PAYLOAD_BYTES: Final = 4096
# A time in milliseconds or microseconds is seen by its size.
MILLISECONDS_FROM: Final = 1e11
MICROSECONDS_FROM: Final = 1e14


@dataclass(frozen=True, slots=True)
class Reading:
    """A decoded message before it is judged: `time` is None where the sender gave none."""

    value: float | None
    time: float | None
    quality: Quality
    gateway: str


def _no_constant(_text: str) -> NoReturn:
    raise Rejected("wrong-type")  # NaN and Infinity are not JSON


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected("wrong-type")
    try:
        number = float(value)
    except OverflowError as error:
        raise Rejected("wrong-type") from error
    if not math.isfinite(number):  # 1e999 parses as infinity
        raise Rejected("wrong-type")
    return number


def parse_time(value: object) -> float:
    """Unix seconds from a number (seconds, milliseconds or microseconds) or an ISO 8601 text.

    A text without a zone is UTC. Raises `Rejected`.
    """
    if isinstance(value, str):
        if len(value) > 40:
            raise Rejected("wrong-time")
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError) as error:
            raise Rejected("wrong-time") from error
    try:
        number = _number(value)
    except Rejected as error:
        raise Rejected("wrong-time") from error
    if number >= MICROSECONDS_FROM:
        return number / 1e6
    return number / 1e3 if number >= MILLISECONDS_FROM else number


def read_payload(payload: bytes) -> Reading:
    """Decode `{"v": number, "t": time, "q": quality, "g": gateway}` or a bare number.

    Only "v" is needed; null means that the sensor has no value. Raises `Rejected`.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise Rejected("too-large")
    try:
        content = json.loads(payload.decode("utf-8"), parse_constant=_no_constant)
    except Rejected:
        raise
    except (ValueError, RecursionError) as error:
        raise Rejected("not-json") from error
    if isinstance(content, int | float):
        content = {"v": content}
    if not isinstance(content, dict):
        raise Rejected("wrong-shape")
    if "v" not in content:
        raise Rejected("no-value")
    quality = content.get("q", "good")
    if not isinstance(quality, str) or quality not in QUALITIES:
        raise Rejected("wrong-quality")
    gateway = content.get("g", "")
    if not isinstance(gateway, str) or (gateway and not is_identifier(gateway)):
        raise Rejected("wrong-shape")
    return Reading(
        value=None if content["v"] is None else _number(content["v"]),
        time=parse_time(content["t"]) if content.get("t") is not None else None,
        quality=cast(Quality, quality),
        gateway=gateway,
    )


def decode(payload: bytes, datastream: Datastream, arrival_time: float, source: str) -> Observation:
    """The observation in one message's payload; raises `Rejected`."""
    reading = read_payload(payload)
    return observe(
        datastream,
        reading.value,
        phenomenon_time=arrival_time if reading.time is None else reading.time,
        arrival_time=arrival_time,
        source=f"{source}:{reading.gateway}" if reading.gateway else source,
        quality=reading.quality,
    )


def encode(
    result: float | None, phenomenon_time: float, quality: Quality = "good", gateway: str = ""
) -> bytes:
    """The payload of one observation, as `decode` reads it."""
    content: dict[str, Any] = {"t": round(phenomenon_time, 3), "v": result}
    if quality != "good":
        content["q"] = quality
    if gateway:
        content["g"] = gateway
    return json.dumps(content, separators=(",", ":")).encode()
