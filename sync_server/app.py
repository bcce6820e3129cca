"""The server's composition root: builds every part of one process and wires it, then runs it.

The one place that knows all of them; the parts know only what they are handed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from scenes.twin import Twin, open_twin
from sync_server.http.metrics import Sample
from sync_server.opening import RoomOpener
from sync_server.options import Announcement, ServerOptions
from sync_server.ports import BoundPorts, bind_ports
from sync_server.sensors.gateway import Gateway, GatewayState, run_gateways
from sync_server.sensors.observation import Observation
from sync_server.signals import stop_signals, watch_stdin
from sync_server.storage.folder import StateFolder
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.transport.reception import Reception
from sync_server.transport.websockets_listener import listen

log = logging.getLogger("kenish.server")


class Server:
    """One process with its rooms. Call `start`, then wait for whatever ends it, then `stop`."""

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self.twin: Twin = open_twin(options.twin)
        self.state = StateFolder(options.state) if options.state else StateFolder.default()
        self.clock = RoomClock()
        self.counters: Counter[str] = Counter()
        self.hosts: dict[str, RoomHost] = {}
        self.gateway_states: dict[str, GatewayState] = {}
        self._opener = RoomOpener(options, self.twin, self.state, self.clock, self.counters)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._http: Any = None
        self._listeners: list[Any] = []

    async def start(self) -> Announcement:
        """Open the rooms and listen. Raises errors that carry a message id."""
        ports = bind_ports(self.options.host, self.options.port)
        try:
            return await self._start(ports)
        except BaseException:
            await self.stop()  # rooms that were opened before are let go
            ports.close()
            raise

    async def _start(self, ports: BoundPorts) -> Announcement:
        names = self.options.rooms or (self.twin.scene.name,)
        for index, name in enumerate(names):
            self.hosts[name] = self._opener.open(name, first=index == 0)
        reception = Reception(self.hosts, self.clock, self.counters, ports.http_base)
        self._listeners = await listen(reception.serve, ports.ws_sockets)
        for host in self.hosts.values():
            self._run(host.run(), "room")
        self._run(self._start_http(ports), "start http")
        gateways = self._gateways()
        if gateways:
            self._run(run_gateways(gateways, self._publish, self.gateway_states), "gateways")
        return Announcement(ports.ws_base(), ports.http_base(""), tuple(names), ports.lan_base())

    async def _start_http(self, ports: BoundPorts) -> None:
        # The sockets listen already: who comes early waits in the system's queue for 0.2 s. The
        # imports are made on a thread, so that rooms answer meanwhile.
        def load() -> tuple[Any, Any]:
            importlib.import_module("jwt")  # for the first resume token
            return (
                importlib.import_module("sync_server.http.twin_app"),
                importlib.import_module("sync_server.http.server"),
            )

        twin_app, server = await asyncio.to_thread(load)
        app = twin_app.twin_app(self.twin.folder, self.health, self.metrics)
        self._http = server.HttpServer(app)
        self._http.start(ports.http_sockets)

    def _gateways(self) -> list[Gateway]:
        streams = [d for sensor in self.twin.scene.sensors for d in sensor.datastreams]
        gateways: list[Gateway] = []
        if self.options.simulate:
            from sync_server.sensors.simulator import Simulator

            gateways.append(Simulator(streams))
        if self.options.mqtt:
            from sync_server.sensors.mqtt import MqttGateway
            from sync_server.sensors.mqtt_address import parse_address

            address = parse_address(self.options.mqtt)
            by_id = {one.id: one for one in streams}
            gateways.append(MqttGateway(address, self.twin.scene.name, by_id))
        return gateways

    def _publish(self, observations: Sequence[Observation]) -> None:
        for host in self.hosts.values():
            host.observe(observations)

    def _run(self, work: Any, name: str) -> None:
        task: asyncio.Task[Any] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # One part's defect is said loudly and does not end the others.
            log.error("%s ended", task.get_name(), exc_info=task.exception())

    def health(self) -> dict[str, object]:
        """For load balancers and `kenish doctor`."""
        members = {name: len(host.room.members) for name, host in self.hosts.items()}
        sources = {name: state.running for name, state in self.gateway_states.items()}
        return {"status": "ok", "rooms": members, "sources": sources}

    def metrics(self) -> list[Sample]:
        """Every counter, and a few sizes of each room."""
        samples = [Sample(k, "counter", v) for k, v in sorted(self.counters.items())]
        for name, host in self.hosts.items():
            samples.append(Sample("members", "gauge", len(host.room.members), name))
            samples.append(Sample("records", "gauge", host.room.records.live, name))
            samples.append(Sample("flush_seconds", "gauge", host.flush_interval(), name))
            samples.append(Sample("poses_left_out", "gauge", host.poses_left_out(), name))
            samples.append(Sample("refused_actions", "counter", host.room.refused_actions, name))
        for name, state in self.gateway_states.items():
            samples.append(Sample("source_failures", "counter", state.failures, source=name))
        for recorder in self._opener.recorders:
            samples.append(Sample("recording_left_out", "counter", recorder.left_out))
            samples.append(Sample("recording_failed", "gauge", recorder.failed))
        return samples

    async def stop(self) -> None:
        """Say goodbye and keep everything; takes a few seconds at the very most."""
        for one in self._listeners:
            one.close(close_connections=False)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(host.close() for host in self.hosts.values()))
        for one in self._listeners:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.0):
                    await one.wait_closed()
        if self._http is not None:
            await self._http.close()
        if self._opener.book is not None:
            await self._opener.book.close()
        for recorder in self._opener.recorders:
            await asyncio.to_thread(recorder.close)


async def run(options: ServerOptions, announce: Callable[[Announcement], None]) -> None:
    """Run a server until a signal (or, with `watch_parent`, the end of stdin) stops it."""
    stop = asyncio.Event()
    server = Server(options)
    with stop_signals(stop):
        where = await server.start()
        try:
            announce(where)  # which fails where nobody reads it any more
            if options.watch_parent:
                watch_stdin(stop)
            await stop.wait()
        finally:
            await server.stop()
