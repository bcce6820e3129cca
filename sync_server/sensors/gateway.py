"""What every source of observations looks like, and the supervisor that keeps sources running.

Never lets one broken source stop another, and never talks to a source itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sync_server.sensors.observation import CLOCK_TOLERANCE_S, Observation, went_stale

log = logging.getLogger("kenish.sensors")

Publish = Callable[[Sequence[Observation]], None]

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
SIMULATOR: Final = "simulator"


class Gateway(Protocol):
    """A source of observations: MQTT, the simulator, and whatever one more file adds.

    `run` publishes until it is cancelled; it may raise when its source is lost, and is then run
    again after a while. `publish` never blocks and is called on the event loop that runs `run`.
    """

    @property
    def name(self) -> str:
        """A short name, shown beside what the source brought."""
        ...

    async def run(self, publish: Publish) -> None:
        """Bring observations until cancelled."""
        ...


class MeasuredFirst:
    """Drops simulated observations of a datastream once a real source has fed it.

    It stays so when that source is lost: the value goes stale rather than being made up. A
    measured value from before the last simulated one takes that one's time, or the view would
    keep the simulated one as the newer; if it is much older it is stale.
    """

    def __init__(self) -> None:
        self._measured: set[str] = set()
        self._simulated_at: dict[str, float] = {}

    def __call__(self, observations: Sequence[Observation]) -> list[Observation]:
        """Those that may be shown."""
        kept: list[Observation] = []
        for one in observations:
            if one.source != SIMULATOR:
                self._measured.add(one.datastream)
                kept.append(self._not_before_simulated(one))
            elif one.datastream not in self._measured:
                self._simulated_at[one.datastream] = one.phenomenon_time
                kept.append(one)
        return kept

    def _not_before_simulated(self, one: Observation) -> Observation:
        simulated_at = self._simulated_at.get(one.datastream)
        if simulated_at is None:
            return one
        behind = simulated_at - one.phenomenon_time
        if behind <= 0:
            del self._simulated_at[one.datastream]
            return one
        quality = one.quality if behind <= CLOCK_TOLERANCE_S else "stale"
        return replace(one, phenomenon_time=simulated_at, quality=quality)


@dataclass(slots=True)
class GatewayState:
    """How one source fares: for health pages and tests."""

    name: str
    running: bool = False
    starts: int = 0
    failures: int = 0
    observations: int = 0
    last_error: str = ""


async def run_gateways(
    gateways: Sequence[Gateway],
    publish: Publish,
    states: dict[str, GatewayState] | None = None,
    *,
    first_wait_s: float = FIRST_WAIT_S,
    longest_wait_s: float = LONGEST_WAIT_S,
) -> None:
    """Run all sources until cancelled; one that fails is started again with growing waits.

    When a source is lost, the last observation of each datastream that it brought is published
    again with quality "stale". What the simulator makes up gives way to what was measured.
    `states` (by name) is filled and kept up to date. A source that ends by itself is done and
    not started again.
    """
    states = {} if states is None else states
    measured_first = MeasuredFirst()

    def chosen(observations: Sequence[Observation]) -> None:
        kept = measured_first(observations)
        if kept:
            publish(kept)

    async with asyncio.TaskGroup() as group:
        for gateway in gateways:
            state = states.setdefault(gateway.name, GatewayState(gateway.name))
            group.create_task(
                _keep_running(gateway, chosen, state, first_wait_s, longest_wait_s),
                name=f"gateway {gateway.name}",
            )


async def _keep_running(
    gateway: Gateway,
    publish: Publish,
    state: GatewayState,
    first_wait_s: float,
    longest_wait_s: float,
) -> None:
    wait = first_wait_s
    said = ""
    last: dict[str, Observation] = {}

    def counted(observations: Sequence[Observation]) -> None:
        nonlocal wait
        state.observations += len(observations)
        last.update((one.datastream, one) for one in observations)
        wait = first_wait_s  # it works again: the next failure is a new one
        publish(observations)

    while True:
        state.starts += 1
        state.running = True
        try:
            await gateway.run(counted)
        except Exception as error:
            state.failures += 1
            state.last_error = f"{type(error).__name__}: {error}"[:200]
            if state.last_error != said:  # a broker that stays away is said once
                said = state.last_error
                log.warning("source %s failed: %s; it is tried again", gateway.name, said)
            if last:
                now = time.time()
                publish([went_stale(one, now) for one in last.values()])
                last.clear()
        else:
            return
        finally:
            state.running = False
        await asyncio.sleep(wait)
        wait = min(wait * 2, longest_wait_s)
