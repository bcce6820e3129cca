"""What a running server says about itself: alive, ready, numbers; and a sign of life to systemd.

Only looks; it never changes a room. No member's name or id is in anything it says.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sync_server.histogram import Histogram
from sync_server.http.metrics import Durations, Sample
from sync_server.sensors.gateway import GatewayState
from sync_server.storage.disk_watch import DiskState, look
from sync_server.storage.people_keeper import PeopleKeeper
from sync_server.systemd import notify, watchdog_interval
from sync_server.transport.host import RoomHost

LAG_EVERY_S: Final = 0.25
LAG_KEPT: Final = 40  # ten seconds
LAG_BOUND_S: Final = 0.5  # above it the server is not ready: poses come in jerks
DISK_EVERY_S: Final = 10.0
FULL_DISK_EVERY_S: Final = 1.0
# Counters whose name ends in a reason, which becomes a label.
REASONS: Final = ("refused", "commands_refused", "http_refused")


class Monitor:
    """Watches one server; `run` measures the loop and the disk until it is cancelled."""

    def __init__(
        self,
        hosts: Mapping[str, RoomHost],
        counters: Counter[str],
        gateways: Mapping[str, GatewayState],
        recorders: Sequence[Any],
        state_folder: Path,
    ) -> None:
        self._hosts = hosts
        self._counters = counters
        self._gateways = gateways
        self._recorders = recorders
        self._folder = state_folder
        self._lags: deque[float] = deque(maxlen=LAG_KEPT)
        self._lag_seconds = Histogram()
        self._disk = DiskState()
        self._started = time.monotonic()
        self.people: PeopleKeeper | None = None
        self.closing = False

    # -- measuring -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Measure until cancelled."""
        disk = asyncio.create_task(self._watch_disk(), name="disk")
        try:
            await self._watch_loop()
        finally:
            disk.cancel()

    async def _watch_loop(self) -> None:
        watchdog = watchdog_interval()
        due = 0.0
        while True:
            before = time.monotonic()
            if watchdog is not None and before >= due:
                notify("WATCHDOG=1")
                due = before + watchdog / 2
            await asyncio.sleep(LAG_EVERY_S)
            lag = max(time.monotonic() - before - LAG_EVERY_S, 0.0)
            self._lags.append(lag)
            self._lag_seconds.observe(lag)

    async def _watch_disk(self) -> None:
        while True:
            self._disk = await asyncio.to_thread(look, self._folder)
            well = self._disk.writable and not self._failing()
            await asyncio.sleep(DISK_EVERY_S if well else FULL_DISK_EVERY_S)

    def _failing(self) -> list[str]:
        return sorted(name for name, host in self._hosts.items() if host.storage_failing)

    def loop_lag(self) -> float:
        """The longest that the event loop was late in the last ten seconds, seconds."""
        return max(self._lags, default=0.0)

    # -- what is said --------------------------------------------------------------------------

    def health(self) -> dict[str, object]:
        """Alive: whoever gets this answer has proof. For load balancers and `kenish doctor`."""
        members = {name: len(host.room.members) for name, host in self._hosts.items()}
        sources = {name: state.running for name, state in self._gateways.items()}
        return {"status": "ok", "rooms": members, "sources": sources}

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether new members should be sent here, and the reasons why not."""
        reasons: list[str] = []
        if self.closing:
            reasons.append("closing")
        if not self._disk.writable:
            reasons.append("disk")
        reasons += [f"storage:{name}" for name in self._failing()]
        if self.loop_lag() > LAG_BOUND_S:
            reasons.append("loop-lag")
        return not reasons, {
            "ready": not reasons,
            "reasons": reasons,
            "rooms": len(self._hosts),
            "loop_lag_s": round(self.loop_lag(), 4),
            "disk_free_bytes": self._disk.free_bytes,
        }

    def samples(self) -> list[Sample | Durations]:
        """Every counter, and sizes of the server and of each room."""
        found: list[Sample | Durations] = [self._counter(k) for k in sorted(self._counters)]
        found += [
            Sample("uptime_seconds", "gauge", round(time.monotonic() - self._started, 3)),
            Sample("ready", "gauge", self.ready()[0]),
            Sample("tasks", "gauge", len(asyncio.all_tasks())),
            Sample("loop_lag_max_seconds", "gauge", self.loop_lag()),
            Durations("loop_lag_seconds", self._lag_seconds),
            Sample("disk_writable", "gauge", self._disk.writable),
            Sample("disk_free_bytes", "gauge", self._disk.free_bytes),
        ]
        for name, host in self._hosts.items():
            found += self._room(name, host)
        for name, state in self._gateways.items():
            found.append(Sample("source_running", "gauge", state.running, source=name))
            found.append(Sample("source_failures", "counter", state.failures, source=name))
        for recorder in self._recorders:
            found.append(Sample("recording_left_out", "counter", recorder.left_out))
            found.append(Sample("recording_failed", "gauge", recorder.failed))
        if self.people is not None:
            found.append(Sample("people_left_out", "counter", self.people.left_out))
        return found

    def _counter(self, key: str) -> Sample:
        for name in REASONS:
            if key.startswith(f"{name}_"):
                reason = key.removeprefix(f"{name}_")
                return Sample(name, "counter", self._counters[key], reason=reason)
        return Sample(key, "counter", self._counters[key])

    @staticmethod
    def _room(name: str, host: RoomHost) -> list[Sample | Durations]:
        return [
            Sample("members", "gauge", len(host.room.members), name),
            Sample("records", "gauge", host.room.records.live, name),
            Sample("last_number", "gauge", host.room.records.last_number, name),
            Sample("flush_seconds", "gauge", host.flush_interval(), name),
            Sample("poses_left_out", "counter", host.poses_left_out(), name),
            Sample("poses_chosen", "counter", host.poses_chosen(), name),
            Sample("pose_bytes_out", "counter", host.pose_bytes_out(), name),
            Sample("backlog_bytes", "gauge", host.backlog(), name),
            Sample("effects_waiting", "gauge", host.effects_waiting(), name),
            Sample("storage_failing", "gauge", host.storage_failing, name),
            Sample("refused_actions", "counter", host.room.refused_actions, name),
            Durations("commit_seconds", host.commit_seconds, name),
        ]
