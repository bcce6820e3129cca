"""The supervisor: a broken source is tried again, stops nobody, and leaves stale values behind."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from sync_server.sensors.gateway import MeasuredFirst, Publish, run_gateways
from sync_server.sensors.observation import Observation
from tests.sync_server.sensors.support import Collector, eventually, supervised


def observation(stream: str, source: str, quality: str = "good") -> Observation:
    now = time.time()
    return Observation(stream, now, 1.0, quality, now, source)  # type: ignore[arg-type]


class Steady:
    """Publishes whenever it is told to."""

    def __init__(self, name: str = "steady", stream: str = "a") -> None:
        self.name = name
        self.stream = stream
        self.publish: Publish | None = None

    async def run(self, publish: Publish) -> None:
        self.publish = publish
        publish([observation(self.stream, self.name)])
        await asyncio.Event().wait()


class Breaking:
    """Publishes one observation and breaks, `times` times."""

    name = "breaking"

    def __init__(self, times: int) -> None:
        self.left = times

    async def run(self, publish: Publish) -> None:
        publish([observation("b", self.name)])
        if self.left > 0:
            self.left -= 1
            raise ConnectionError("cable cut")
        await asyncio.Event().wait()


class NeverUp:
    """Cannot even begin."""

    name = "never"

    async def run(self, publish: Publish) -> None:
        raise OSError("no route")


def test_a_broken_source_is_restarted_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        collector, steady, breaking = Collector(), Steady(), Breaking(3)
        with caplog.at_level(logging.WARNING, "kenish.sensors"):
            async with supervised([breaking, steady, NeverUp()], collector) as states:
                await eventually(lambda: states["breaking"].starts == 4)
                await eventually(lambda: states["never"].failures >= 3)
                assert states["steady"].starts == 1
                assert states["steady"].running
                assert states["breaking"].failures == 3
                assert states["breaking"].last_error == "ConnectionError: cable cut"
                assert not states["never"].running
        assert [one.quality for one in collector.of("b")] == ["good", "stale"] * 3 + ["good"]
        assert [one.quality for one in collector.of("a")] == ["good"]
        lines = [record.getMessage() for record in caplog.records]
        assert sum("cable cut" in line for line in lines) == 1  # said once, not at every try
        assert sum("no route" in line for line in lines) == 1

    asyncio.run(scenario())


def test_simulated_values_give_way_to_measured_ones() -> None:
    async def scenario() -> None:
        collector = Collector()
        simulator, real = Steady("simulator", "a"), Steady("mqtt", "b")
        async with supervised([simulator, real], collector):
            await collector.until(lambda: len(collector.all) == 2)
            assert simulator.publish is not None
            assert real.publish is not None
            simulator.publish([observation("a", "simulator")])
            real.publish([observation("a", "mqtt"), observation("a", "mqtt", "stale")])
            simulator.publish([observation("a", "simulator"), observation("c", "simulator")])
        sources = [one.source for one in collector.of("a")]
        assert sources == ["simulator", "simulator", "mqtt", "mqtt"]
        assert collector.of("c")

    asyncio.run(scenario())


def test_a_measured_value_replaces_a_newer_simulated_one() -> None:
    choose = MeasuredFirst()

    def at(time: float, source: str) -> Observation:
        return Observation("a", time, 1.0, "good", 1000.0, source)

    assert choose([at(1000.0, "simulator")])
    (fresh,) = choose([at(995.0, "mqtt")])
    assert (fresh.phenomenon_time, fresh.quality) == (1000.0, "good")
    (old,) = choose([at(500.0, "mqtt")])
    assert (old.phenomenon_time, old.quality) == (1000.0, "stale")
    (later,) = choose([at(1001.0, "mqtt")])
    assert (later.phenomenon_time, later.quality) == (1001.0, "good")
    (earlier,) = choose([at(999.0, "mqtt")])  # only what was simulated is passed over
    assert earlier.phenomenon_time == 999.0
    assert not choose([at(1002.0, "simulator")])


def test_a_source_that_ends_is_done() -> None:
    class Once:
        name = "once"

        async def run(self, publish: Publish) -> None:
            publish([observation("a", "once")])

    collector = Collector()
    asyncio.run(asyncio.wait_for(run_gateways([Once()], collector.publish), 5))
    assert [one.quality for one in collector.all] == ["good"]
