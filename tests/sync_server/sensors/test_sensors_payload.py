"""Observations and their JSON: what is taken, how it is judged, and nothing hostile gets in."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_server.sensors.observation import QUALITIES, Observation, Rejected, observe
from sync_server.sensors.payload import MAX_PAYLOAD_BYTES, decode, encode, parse_time
from tests.sync_server.sensors.support import methane

NOW = 1_790_000_000.0


def decoded(payload: bytes) -> Observation:
    return decode(payload, methane(), NOW, "mqtt")


def test_round_trip() -> None:
    one = decoded(encode(0.5, NOW - 3, "uncertain", "replay-1"))
    assert one == Observation("ch4-1", NOW - 3, 0.5, "uncertain", NOW, "mqtt:replay-1")


@pytest.mark.parametrize(
    ("content", "value", "quality"),
    [
        ("0.5", 0.5, "good"),
        ("1", 1.0, "good"),
        ('{"v": 0.5}', 0.5, "good"),
        ('{"v": null}', None, "bad"),
        ('{"v": 7}', 7.0, "bad"),  # beyond the instrument's range
        ('{"v": -0.1}', -0.1, "bad"),
        ('{"v": 0.5, "q": "stale"}', 0.5, "stale"),
        ('{"v": 0.5, "q": "bad", "more": [1, 2]}', 0.5, "bad"),
    ],
)
def test_values_are_judged(content: str, value: float | None, quality: str) -> None:
    one = decoded(content.encode())
    assert (one.result, one.quality) == (value, quality)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[" * 4000, "not-json"),
        (b"9" * 5000, "too-large"),
        (b'{"v": ' + b"9" * 4000 + b"}", "wrong-type"),
        (b'{"v": NaN}', "wrong-type"),
        (b"NaN", "wrong-type"),
        (b'{"v": -Infinity}', "wrong-type"),
        (b'{"v": 1e999}', "wrong-type"),
        (b'{"v": true}', "wrong-type"),
        (b'{"v": "0.5"}', "wrong-type"),
        (b'{"v": [0.5]}', "wrong-type"),
        (b"true", "wrong-type"),
        (b"null", "wrong-shape"),
        (b'"x"', "wrong-shape"),
        (b"[0.5]", "wrong-shape"),
        (b"{}", "no-value"),
        (b'{"v": 1, "q": "great"}', "wrong-quality"),
        (b'{"v": 1, "q": 3}', "wrong-quality"),
        (b'{"v": 1, "g": "../x"}', "wrong-shape"),
        (b'{"v": 1, "t": "yesterday"}', "wrong-time"),
        (b'{"v": 1, "t": true}', "wrong-time"),
        (b'{"v": 1, "t": -5}', "wrong-time"),
        (b'{"v": 1, "t": 1e300}', "wrong-time"),
        (b'{"v": 1, "t": "9999-12-31T23:59:59-23:59"}', "wrong-time"),
        (b'{"v": 1, "t": {}}', "wrong-time"),
    ],
)
def test_refusals_have_reasons(payload: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decoded(payload)
    assert caught.value.reason == reason


def test_times() -> None:
    assert parse_time(1_700_000_000) == 1_700_000_000.0
    assert parse_time(1_700_000_000_123) == pytest.approx(1_700_000_000.123)
    assert parse_time(1_700_000_000_123_456) == pytest.approx(1_700_000_000.123456)
    assert parse_time("2023-11-14T22:13:20Z") == 1_700_000_000.0
    assert parse_time("2023-11-15T03:13:20+05:00") == 1_700_000_000.0
    assert parse_time("2023-11-14 22:13:20") == 1_700_000_000.0


def test_a_clock_that_is_ahead_does_not_shut_out_the_future() -> None:
    little = decoded(encode(0.5, NOW + 5))
    assert (little.phenomenon_time, little.quality) == (NOW, "good")
    much = decoded(encode(0.5, NOW + 3600))
    assert (much.phenomenon_time, much.quality) == (NOW, "uncertain")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
MESSAGE = st.fixed_dictionaries(
    {}, optional={"v": JSON, "t": JSON, "q": JSON | st.sampled_from(sorted(QUALITIES)), "g": JSON}
)


def sound(one: Observation) -> None:
    assert one.datastream == "ch4-1"
    assert one.result is None or math.isfinite(one.result)
    assert 0 <= one.phenomenon_time <= NOW == one.arrival_time
    assert one.quality in QUALITIES
    if one.quality == "good":
        assert one.result is not None
        assert 0 <= one.result <= 5
    assert len(one.source) <= 64


@given(st.binary(max_size=200) | MESSAGE.map(lambda value: json.dumps(value).encode()))
@example(b'{"v":' * 700)
@example(b"-" * MAX_PAYLOAD_BYTES)
def test_any_payload_is_an_observation_or_a_refusal(payload: bytes) -> None:
    try:
        one = decoded(payload)
    except Rejected as refusal:
        assert refusal.reason
    else:
        sound(one)


@given(st.floats(), st.floats(), st.sampled_from(sorted(QUALITIES)))
def test_any_numbers_are_judged(result: float, time: float, quality: Any) -> None:
    try:
        one = observe(
            methane(),
            result,
            phenomenon_time=time,
            arrival_time=NOW,
            source="x" * 100,
            quality=quality,
        )
    except Rejected as refusal:
        assert refusal.reason == "wrong-time"
    else:
        sound(one)
        assert one.quality in {quality, "bad", "uncertain"}
