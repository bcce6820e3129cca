"""The simulator: the same series for the same seed, inside the range, at its interval."""

from __future__ import annotations

import asyncio
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.schema import Simulation
from sync_server.sensors.simulator import Simulator, value_at
from tests.sync_server.sensors.support import Collector, methane, supervised


def series(seed: int, **more: object) -> list[float]:
    stream = methane(**more)
    return [value_at(stream, 5.0 * step, seed) for step in range(400)]


def test_same_seed_same_series() -> None:
    assert series(7) == series(7)
    assert series(7) != series(8)
    assert series(7) != series(7, name="ch4-2")
    # Pinned: another machine or Python must not make another mine of it.
    assert series(0)[:3] == pytest.approx([0.5750937, 0.4505212, 0.3892883], abs=1e-6)


def test_mean_and_drift() -> None:
    assert statistics.mean(series(3)) == pytest.approx(0.4, abs=0.02)
    flat = methane(simulation=Simulation(mean=0.4, drift_per_hour=1.0))
    assert value_at(flat, 3600.0) - value_at(flat, 0.0) == pytest.approx(1.0)


@given(st.floats(0, 1e7), st.integers(0, 1000))
def test_range_is_kept(t: float, seed: int) -> None:
    stream = methane(
        simulation=Simulation(mean=2.5, amplitude=10, noise=5, drift_per_hour=1, period_s=30)
    )
    assert 0.0 <= value_at(stream, t, seed) <= 5.0


def test_without_simulation_there_is_none() -> None:
    with pytest.raises(ValueError, match="no simulation"):
        value_at(methane(simulation=None), 0.0)


def test_gateway_feeds_what_is_simulated_and_nothing_else() -> None:
    async def scenario() -> None:
        collector = Collector()
        streams = [methane("a"), methane("b", interval_s=10.0), methane("c", simulation=None)]
        gateway = Simulator(streams, seed=1, speed=100.0)
        async with supervised([gateway], collector) as states:
            await collector.until(lambda: len(collector.of("a")) >= 12)
            assert states["simulator"].running
        assert not collector.of("c")
        # Half the interval: twice as often, give or take the one at the start.
        ratio = len(collector.of("a")) / len(collector.of("b"))
        assert 1.4 < ratio < 2.4
        times = [one.phenomenon_time for one in collector.of("a")]
        assert times == sorted(times)
        assert {one.quality for one in collector.all} == {"good"}
        assert {one.source for one in collector.all} == {"simulator"}

    asyncio.run(scenario())


def test_nothing_to_simulate_ends_at_once() -> None:
    asyncio.run(asyncio.wait_for(Simulator([]).run(lambda _: None), 5))
