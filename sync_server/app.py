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
from typing import Any, Final

from scenes.twin import Twin, open_twin
from sync_server.collecting import leave_out_what_is_there
from sync_server.door import Door
from sync_server.monitoring import Monitor
from sync_server.opening import RoomOpener
from sync_server.options import Announcement, ServerOptions
from sync_server.ports import BoundPorts, bind_ports
from sync_server.sensors.gateway import Gateway, GatewayState, run_gateways
from sync_server.sensors.observation import Observation
from sync_server.signals import end_within, stop_signals, watch_stdin
from sync_server.storage.folder import StateFolder
from sync_server.storage.people import People
from sync_server.storage.people_keeper import PeopleKeeper
from sync_server.systemd import notify
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.transport.listeners import listen
from sync_server.wire.messages import Closing

log = logging.getLogger("kenish.server")

STOP_WITHIN_S: Final = 20.0  # commits, snapshots, recordings, goodbyes; then it is cut off
DRAIN_LOOK_S: Final = 0.1


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
        self._door = Door(options, self.counters)
        self._opener = RoomOpener(options, self.twin, self.state, self.clock, self.counters)
        self.monitor = Monitor(
            self.hosts,
            self.counters,
            self.gateway_states,
            self._opener.recorders,
            self.state.folder,
        )
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
        self.state.make()
        people = PeopleKeeper(People(self.state.people()))
        self._opener.people = self.monitor.people = people
        for index, name in enumerate(names):
            self.hosts[name] = self._opener.open(name, first=index == 0)
        self._door.guard(ports)
        reception = self._door.reception(self.hosts, self.clock)
        self._listeners = list(await listen(reception.serve, ports.ws_sockets, self._door.tls))
        self._run(self._door.run(), "door")
        for host in self.hosts.values():
            self._run(host.run(), "room")
        if self.options.player is not None:
            self._run(self.options.player.run(self.hosts[names[0]], self.clock), "replay")
        self._run(self._start_http(ports), "start http")
        self._run(self.monitor.run(), "monitor")
        gateways = self._gateways()
        if gateways:
            self._run(run_gateways(gateways, self._publish, self.gateway_states), "gateways")
        return Announcement(ports.ws_base(), ports.http_base(""), tuple(names), ports.lan_base())

    async def _start_http(self, ports: BoundPorts) -> None:
        # The sockets listen already: who comes early waits in the system's queue for 0.2 s. The
        # imports are made on a thread, so that rooms answer meanwhile.
        def load() -> tuple[Any, ...]:
            importlib.import_module("jwt")  # for the first resume token
            return tuple(
                importlib.import_module(f"sync_server.http.{name}")
                for name in ("twin_app", "server", "tokens")
            )

        twin_app, server, tokens = await asyncio.to_thread(load)
        monitor = self.monitor
        door = self._door
        parts = twin_app.HttpParts(
            twin=self.twin.folder,
            scene=self.twin.scene,
            tokens=tokens.Tokens(self.hosts, self.options.opened, self.clock),
            stores=self._opener.files,
            peers=door.peers,
            origins=door.origins,
            gate=door.files_gate,
            refused=door.http_refusals,
            health=monitor.health,
            ready=monitor.ready,
            samples=monitor.samples,
            per_address=self.options.per_address,
            hashes=self.state.folder / "contents.json",
        )
        app = twin_app.twin_app(parts)
        self._http = server.HttpServer(app, door.http_refusals, door.tls)
        self._http.start(ports.http_sockets)
        leave_out_what_is_there()

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

    async def drain(self) -> None:
        """Let nobody in any more, tell those present, and wait for them for a bounded time."""
        self.monitor.closing = True
        notify("STOPPING=1")
        for one in self._listeners:
            one.close(close_connections=False)
        seconds = self.options.drain_seconds
        for host in self.hosts.values():
            host.say(Closing(message_id="server-closing", seconds=seconds))
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0 and any(  # noqa: ASYNC110
            len(host.room.members) for host in self.hosts.values()
        ):
            await asyncio.sleep(min(DRAIN_LOOK_S, left))

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
        if self._opener.people is not None:
            await asyncio.to_thread(self._opener.people.close)


async def run(options: ServerOptions, announce: Callable[[Announcement], None]) -> None:
    """Run a server until a signal (or, with `watch_parent`, the end of stdin) stops it.

    A second signal ends it at once; stopping takes `drain_seconds` and STOP_WITHIN_S at the most.
    """
    stop = asyncio.Event()
    server = Server(options)
    with stop_signals(stop):
        where = await server.start()
        try:
            announce(where)  # which fails where nobody reads it any more
            notify("READY=1")
            if options.watch_parent:
                watch_stdin(stop)
            await stop.wait()
        finally:
            with end_within(options.drain_seconds + STOP_WITHIN_S):
                await server.drain()
                await server.stop()
