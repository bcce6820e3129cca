"""What the sensor tests share: datastreams, a collector of observations, a console that listens."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assets.text import translator
from scenes.schema import AlarmBand, Datastream, Simulation
from sync_server.sensors.gateway import Gateway, GatewayState, run_gateways
from sync_server.sensors.observation import Observation

DEADLINE_S = 60.0
ROOT = Path(__file__).parents[3]


def methane(name: str = "ch4-1", **more: Any) -> Datastream:
    """CH4 in percent, warning above 1.0, alarm above 2.0."""
    values: dict[str, Any] = {
        "id": name,
        "property": "ch4",
        "unit": "%",
        "decimals": 2,
        "range": (0.0, 5.0),
        "interval_s": 5.0,
        "bands": [
            AlarmBand(level="warning", above=1.0, source="test"),
            AlarmBand(level="alarm", above=2.0, source="test"),
        ],
        "simulation": Simulation(mean=0.4, amplitude=0.2, period_s=60, noise=0.02),
    }
    return Datastream(**(values | more))


def data_file(relative: str) -> Path:
    """A file of the real data; the test is skipped where it is not there."""
    folder = Path(os.environ.get("KENISH_DATA") or ROOT.parent / "shared" / "data")
    path = folder / relative
    if not path.is_file():
        pytest.skip(f"no real data: {relative}")
    return path


class Collector:
    """Takes observations as the server does, and lets a test await what it expects."""

    def __init__(self) -> None:
        self.all: list[Observation] = []
        self._news = asyncio.Event()

    def publish(self, observations: Sequence[Observation]) -> None:
        self.all += observations
        self._news.set()

    def of(self, datastream: str) -> list[Observation]:
        return [one for one in self.all if one.datastream == datastream]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


async def eventually(condition: Callable[[], bool]) -> None:
    """For what announces nothing: look again until the deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def supervised(
    gateways: Sequence[Gateway], collector: Collector
) -> AsyncIterator[dict[str, GatewayState]]:
    """Gateways that run, as in the server, while the block runs."""
    states: dict[str, GatewayState] = {}
    task = asyncio.create_task(
        run_gateways(gateways, collector.publish, states, first_wait_s=0.05, longest_wait_s=0.2)
    )
    try:
        await eventually(lambda: task.done() or len(states) == len(gateways))
        yield states
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


class Listener:
    """A console that keeps what was said."""

    def __init__(self, language: str = "en") -> None:
        self._translate = translator(language)
        self.lines: list[str] = []
        self.results: list[dict[str, Any]] = []

    def text(self, message_id: str, **arguments: Any) -> str:
        return self._translate(message_id, arguments)

    def say(self, message_id: str, **arguments: Any) -> None:
        self.lines.append(self.text(message_id, **arguments))

    warn = say

    def line(self, text: str) -> None:
        self.lines.append(text)

    def progress(self, message_id: str, done: int, total: int, **arguments: Any) -> None:
        assert 0 <= done <= total
        self.text(message_id, **arguments)

    def result(self, value: dict[str, Any]) -> None:
        self.results.append(value)
