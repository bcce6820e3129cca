"""Moves the datastreams that have a `simulation` in scene.yaml, the same way for the same seed.

`value_at` is pure; the gateway around it only waits. It never feeds a datastream that has no
simulation, and its observations name it as their source.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
import time
from collections.abc import Callable, Iterable
from typing import Final

from scenes.schema import Datastream
from sync_server.sensors.gateway import SIMULATOR, Publish
from sync_server.sensors.observation import Observation, observe

# No datastream is sent more often than this on the wall clock, however fast time runs.
SHORTEST_WAIT_S: Final = 0.02


def value_at(datastream: Datastream, t: float, seed: int = 0) -> float:
    """The simulated value at `t` seconds after the start, in the datastream's unit.

    Mean plus sine (with a phase of the datastream's own), plus noise of the given standard
    deviation, plus drift, kept inside the instrument's range. The noise is new once per interval.
    Raises ValueError where the datastream has no simulation.
    """
    how = datastream.simulation
    if how is None:
        raise ValueError(f"{datastream.id} has no simulation")
    phase = random.Random(f"{seed}/{datastream.id}").random()
    step = math.floor(t / datastream.interval_s)
    noise = random.Random(f"{seed}/{datastream.id}/{step}").gauss(0.0, 1.0) * how.noise
    sine = math.sin(2 * math.pi * (t / how.period_s + phase)) * how.amplitude
    low, high = datastream.range
    return min(max(how.mean + sine + noise + how.drift_per_hour * t / 3600.0, low), high)


class Simulator:
    """The gateway: publishes every simulated datastream at its own interval.

    `speed` makes simulated time run faster than the wall clock; observations carry the wall
    clock's time, so that nothing looks as if it came from the future.
    """

    name = SIMULATOR

    def __init__(
        self,
        datastreams: Iterable[Datastream],
        *,
        seed: int = 0,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not speed > 0:
            raise ValueError("speed must be positive")
        self._streams = [one for one in datastreams if one.simulation is not None]
        self._seed = seed
        self._speed = speed
        self._clock = clock

    def observation(self, datastream: Datastream, t: float, now: float) -> Observation:
        """What the simulator publishes for `t` simulated seconds when the clock says `now`."""
        return observe(
            datastream,
            round(value_at(datastream, t, self._seed), datastream.decimals + 2),
            phenomenon_time=now,
            arrival_time=now,
            source=self.name,
        )

    async def run(self, publish: Publish) -> None:
        """Publish until cancelled: every datastream at once, then each at its interval."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        # (due on the loop's clock, index): all at the start, so that labels are never empty.
        due = [(start, index) for index in range(len(self._streams))]
        while due:
            now = loop.time()
            batch: list[Observation] = []
            while due[0][0] <= now:
                when, index = due[0]
                stream = self._streams[index]
                t = (now - start) * self._speed
                batch.append(self.observation(stream, t, self._clock()))
                wait = max(stream.interval_s / self._speed, SHORTEST_WAIT_S)
                # After a pause (a suspended laptop) missed observations are not made up.
                heapq.heapreplace(due, (max(when + wait, now + wait / 2), index))
            if batch:
                publish(batch)
            await asyncio.sleep(max(due[0][0] - loop.time(), 0.001))
