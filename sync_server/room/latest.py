"""The latest observation of every datastream, and which of them have not been passed on.

Keyed state: a newer value replaces an older one, nothing is queued, and only the datastreams of
the scene are kept, so its size is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sync_server.sensors.observation import Observation
from sync_server.wire.messages import ObservationValue, Origin

_ORIGINS: Final[dict[str, Origin]] = {"simulator": "simulated", "drill": "drill"}


def _value(one: Observation) -> ObservationValue:
    origin = _ORIGINS.get(one.source.split(":")[0], "measured")
    return (one.datastream, one.phenomenon_time, one.result, one.quality, origin)


class LatestValues:
    """Values by datastream, with overrides that a drill puts over the real ones."""

    def __init__(self, datastreams: Iterable[str]) -> None:
        self._known = frozenset(datastreams)
        self._latest: dict[str, Observation] = {}
        self._overrides: dict[str, tuple[float, float]] = {}  # value, time
        self._changed: set[str] = set()

    def take(self, observations: Sequence[Observation]) -> list[Observation]:
        """Keep those that are known and not older than what is there; the kept ones as shown."""
        kept: list[Observation] = []
        for one in observations:
            before = self._latest.get(one.datastream)
            if one.datastream not in self._known or (
                before is not None and one.phenomenon_time < before.phenomenon_time
            ):
                continue
            self._latest[one.datastream] = one
            self._changed.add(one.datastream)
            kept.append(self._shown(one))
        return kept

    def forget(self) -> None:
        """Another moment is shown: what was newer says nothing about it."""
        self._latest.clear()
        self._changed.clear()

    def override(self, datastream: str, result: float | None, now: float) -> Observation | None:
        """Show `result` for a datastream from now on (None: what it really reports)."""
        if datastream not in self._known:
            return None
        if result is None:
            self._overrides.pop(datastream, None)
        else:
            self._overrides[datastream] = (result, now)
            if datastream not in self._latest:
                self._latest[datastream] = Observation(datastream, now, None, "good", now, "drill")
        self._changed.add(datastream)
        real = self._latest.get(datastream)
        return None if real is None else self._shown(real)

    def _shown(self, one: Observation) -> Observation:
        override = self._overrides.get(one.datastream)
        if override is None:
            return one
        result, time = override
        # A source that is silent meanwhile must not make the drill's value look stale.
        time = max(one.phenomenon_time, time)
        return replace(one, result=result, quality="good", source="drill", phenomenon_time=time)

    def all(self) -> list[ObservationValue]:
        """Everything, for somebody who joins."""
        return [_value(self._shown(one)) for one in self._latest.values()]

    def changed(self) -> list[ObservationValue]:
        """What changed since the last call."""
        names, self._changed = sorted(self._changed), set()
        return [_value(self._shown(self._latest[name])) for name in names if name in self._latest]
