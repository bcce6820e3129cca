"""The alarm state of a datastream: bands, hysteresis, staleness, trend."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.schema import AlarmBand
from sync_server.wire.alarm import Monitor, is_stale, return_distance, trend_of
from tests.sync_server.sensors.support import methane


def monitor_after(*values: float, quality: str = "good") -> Monitor:
    monitor = Monitor(methane())
    for index, value in enumerate(values):
        monitor.observe(100.0 + 5 * index, value, quality)
    return monitor


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ((0.4,), "normal"),
        ((1.0,), "normal"),  # a limit itself is not above the limit
        ((1.01,), "warning"),
        ((2.5,), "alarm"),
        ((1.01, 0.985), "warning"),  # within the hysteresis of 2 %
        ((1.01, 0.98), "normal"),
        ((2.5, 1.97), "alarm"),
        ((2.5, 1.95), "warning"),
        ((2.5, 0.1), "normal"),
    ],
)
def test_level_follows_bands_with_hysteresis(values: tuple[float, ...], level: str) -> None:
    assert monitor_after(*values).level == level


def test_bands_below_work_the_other_way() -> None:
    oxygen = methane(
        range=(0.0, 25.0),
        decimals=1,
        bands=[AlarmBand(level="alarm", below=19.5, source="test")],
    )
    monitor = Monitor(oxygen)
    for time, value, level in [(0, 20.9, "normal"), (5, 19.4, "alarm"), (10, 19.8, "alarm")]:
        monitor.observe(time, value, "good")
        assert monitor.level == level
    monitor.observe(15, 19.9, "good")
    assert monitor.level == "normal"
    assert monitor.crossed is None


def test_a_value_at_the_end_of_the_range_can_always_return() -> None:
    stream = methane(decimals=0, range=(0.0, 5.0), bands=[])
    band = AlarmBand(level="alarm", above=0.5, source="test")
    assert 0 < return_distance(band, stream) <= 0.25


def test_stale_by_age_and_by_word() -> None:
    monitor = Monitor(methane(interval_s=5.0))
    assert monitor.state(0.0) == "stale"
    assert monitor.age_s(0.0) is None
    monitor.observe(100.0, 2.5, "good")
    assert monitor.state(115.0) == "alarm"
    assert monitor.state(115.1) == "stale"
    assert monitor.age_s(115.1) == pytest.approx(15.1)
    monitor.observe(100.0, 2.5, "stale")
    assert monitor.state(101.0) == "stale"
    assert monitor.result == 2.5  # what was last known is still told
    monitor.observe(102.0, 2.6, "stale")  # the last value came together with the loss
    assert (monitor.result, monitor.level) == (2.6, "alarm")
    assert monitor.state(102.0) == "stale"
    monitor.observe(120.0, 0.3, "good")
    assert monitor.state(121.0) == "normal"


def test_who_comes_after_the_loss_sees_the_last_value_and_its_level() -> None:
    monitor = Monitor(methane())
    monitor.observe(100.0, 2.5, "stale")
    assert (monitor.result, monitor.level, monitor.state(100.0)) == (2.5, "alarm", "stale")


def test_bad_values_raise_but_never_lower() -> None:
    assert monitor_after(2.5).level == "alarm"
    monitor = monitor_after(2.5)
    monitor.observe(200.0, 0.1, "bad")
    assert monitor.level == "alarm"
    monitor.observe(205.0, 0.1, "good")
    assert monitor.level == "normal"
    monitor.observe(210.0, 99.0, "bad")  # beyond the instrument's range: in the fire
    assert monitor.level == "alarm"


def test_no_value_refreshes_nothing() -> None:
    monitor = monitor_after(0.4)
    monitor.observe(200.0, None, "bad")
    monitor.observe(201.0, math.nan, "good")
    assert monitor.time == 100.0
    assert monitor.state(201.0) == "stale"


def test_older_and_future_observations() -> None:
    monitor = monitor_after(0.4)
    assert not monitor.observe(99.0, 2.5, "good")
    assert monitor.level == "normal"
    monitor.observe(9e9, 0.5, "good", heard=110.0)
    assert monitor.time == 110.0
    assert monitor.observe(115.0, 0.6, "good")


def test_crossed_names_the_worst_band() -> None:
    band = monitor_after(2.5).crossed
    assert band is not None
    assert band.level == "alarm"


@pytest.mark.parametrize(
    ("values", "trend"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "rising"),
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], "falling"),
        ([0.4] * 6, "steady"),
        ([0.40, 0.41, 0.39, 0.40, 0.41, 0.40], "steady"),
        ([0.1, 0.2, 4.9, 0.4, 0.5, 0.6], "rising"),  # one spike decides nothing
        ([0.4, 0.4, 0.4, 4.9, 0.4, 0.4], "steady"),
        ([0.1, 0.9], "steady"),  # too few to say
    ],
)
def test_trend(values: list[float], trend: str) -> None:
    assert monitor_after(*values).trend == trend


def test_trend_forgets_what_is_long_ago() -> None:
    monitor = Monitor(methane(interval_s=5.0))
    for index in range(8):
        monitor.observe(index * 5.0, 0.2 + 0.1 * index, "good")
    assert monitor.trend == "rising"
    for index in range(24):
        monitor.observe(10_000 + index * 5.0, 0.9, "good")
    assert monitor.trend == "steady"


def test_trend_of_one_moment_is_steady() -> None:
    assert trend_of([1.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], 0.01) == "steady"


@given(st.lists(st.floats(-1, 6), min_size=1, max_size=60))
def test_level_is_never_below_what_the_bands_say(values: list[float]) -> None:
    monitor = Monitor(methane())
    for time, value in enumerate(values):
        monitor.observe(float(time), value, "good")
        least = "alarm" if value > 2 else "warning" if value > 1 else "normal"
        order = ["normal", "warning", "alarm"]
        assert order.index(monitor.level) >= order.index(least)
        if value < 0.9:
            assert monitor.level == "normal"


@given(st.floats(0.9801, 0.9999), st.integers(1, 50))
def test_noise_at_a_limit_does_not_flicker(low: float, turns: int) -> None:
    monitor = Monitor(methane())
    changes, before = 0, monitor.level
    for turn in range(2 * turns):
        monitor.observe(float(turn), 1.005 if turn % 2 == 0 else low, "good")
        changes += monitor.level != before
        before = monitor.level
    assert changes == 1


def test_stale_rule() -> None:
    assert not is_stale(15.0, 5.0)
    assert is_stale(15.001, 5.0)
