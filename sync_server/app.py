"""The server's composition root: builds every part of one process and wires it, then runs it.

The one place that knows all of them; the parts know only what they are handed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ulid import ULID

from scenes.twin import Twin, open_twin
from sync_server.http.metrics import Sample
from sync_server.ports import BoundPorts, bind_ports
from sync_server.room.entrance import Entrance
from sync_server.room.listener import RoomListener
from sync_server.room.records import RecordStore
from sync_server.room.room import Room, RoomIdentity
from sync_server.sensors.gateway import Gateway, GatewayState, run_gateways
from sync_server.sensors.observation import Observation
from sync_server.storage.folder import StateFolder, checked_room_name
from sync_server.storage.log import RoomLog
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.transport.reception import Reception
from sync_server.transport.websockets_listener import listen
from sync_server.wire.messages import Role

if TYPE_CHECKING:
    from sync_server.drills.script import DrillOptions

log = logging.getLogger("kenish.server")

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7600


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Everything that `kenish serve` can be told."""

    twin: Path
    state: Path | None = None  # None: the platform's user-data folder
    rooms: tuple[str, ...] = ()  # empty: one room, called like the scene
    host: str = DEFAULT_HOST  # "0.0.0.0" and "::" let other machines in
    port: int = DEFAULT_PORT  # HTTP is on the next one; 0: any free ones
    opened: Role | None = None  # this role and those below it need no ticket
    record: Path | None = None  # MCAP of the first room
    simulate: bool = False
    mqtt: str | None = None
    watch_parent: bool = False  # stop when stdin closes
    listeners: Sequence[RoomListener] = ()  # for the first room
    drill: DrillOptions | None = None  # for the first room


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a server listens; `json` is the one line that `kenish serve` prints."""

    ws: str
    http: str
    rooms: tuple[str, ...]
    lan: str | None = None  # the address for other machines, where they are let in

    def json(self) -> dict[str, Any]:
        """{ws, http, rooms, pid}"""
        return {"ws": self.ws, "http": self.http, "rooms": list(self.rooms), "pid": os.getpid()}


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
        self._recorder: Any = None
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
        secret = self.state.secret()
        for index, name in enumerate(names):
            self.hosts[name] = self._open_room(name, secret, first=index == 0)
        reception = Reception(self.hosts, self.clock, self.counters, ports.http_base)
        self._listeners = await listen(reception.serve, ports.ws_sockets)
        for host in self.hosts.values():
            self._run(host.run(), "room")
            self._run(host.record_poses(), "record poses")
        self._run(self._start_http(ports), "start http")
        gateways = self._gateways()
        if gateways:
            self._run(run_gateways(gateways, self._publish, self.gateway_states), "gateways")
        return Announcement(ports.ws_base(), ports.http_base(""), tuple(names), ports.lan_base())

    def _open_room(self, name: str, secret: bytes, first: bool) -> RoomHost:
        storage = RoomLog(self.state.room(checked_room_name(name)), new_epoch=str(ULID()))
        try:
            return self._room_of(name, storage, secret, first)
        except BaseException:
            storage.close()
            raise

    def _room_of(self, name: str, storage: RoomLog, secret: bytes, first: bool) -> RoomHost:
        recorder = None
        if first and self.options.record is not None:
            from sync_server.recording.mcap_recorder import McapRecorder  # 100 ms to import

            recorder = McapRecorder(self.options.record, name, self.clock())
            self._recorder = recorder
        records = storage.load()
        room = Room(
            identity=RoomIdentity(name, storage.epoch),
            scene=self.twin.scene,
            records=records,
            entrance=Entrance(name, secret, self.options.opened, new_id=_new_id),
            new_id=_new_id,
            listeners=self._listeners_of(records) if first else (),
        )
        return RoomHost(room, storage, self.clock, self.counters, recorder)

    def _listeners_of(self, records: RecordStore) -> tuple[RoomListener, ...]:
        """What plays along in the first room."""
        listeners = tuple(self.options.listeners)
        if self.options.drill is None:
            from sync_server.drills.withdrawal import DrillWithdrawal

            return (*listeners, DrillWithdrawal(records))
        from sync_server.drills.listener import DrillListener  # CEL and Fluent, only where needed
        from sync_server.drills.script import load_script

        def lookup(record: str) -> Mapping[str, Any] | None:
            found = records.get(record)
            return None if found is None or found.deleted else found.payload

        script = load_script(self.options.drill, self.twin.scene)
        return (*listeners, DrillListener(script, lookup))

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
        if self._recorder is not None:
            samples.append(Sample("recording_left_out", "counter", self._recorder.left_out))
            samples.append(Sample("recording_failed", "gauge", self._recorder.failed))
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
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.close)


def _new_id() -> str:
    return str(ULID())


@contextlib.contextmanager
def _stop_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set the event."""
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    before: dict[int, Any] = {}
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop.set)
        except (NotImplementedError, RuntimeError):  # Windows; not the main thread
            with contextlib.suppress(ValueError):
                before[number] = signal.signal(
                    number, lambda *_: loop.call_soon_threadsafe(stop.set)
                )
    try:
        yield
    finally:
        for number in numbers:
            if number in before:
                signal.signal(number, before[number])
            else:
                with contextlib.suppress(NotImplementedError, RuntimeError):
                    loop.remove_signal_handler(number)


def _watch_stdin(stop: asyncio.Event) -> None:
    """Set the event when stdin ends: our parent, which holds the other end, is gone."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="watch-parent", daemon=True).start()


async def run(options: ServerOptions, announce: Callable[[Announcement], None]) -> None:
    """Run a server until a signal (or, with `watch_parent`, the end of stdin) stops it."""
    stop = asyncio.Event()
    server = Server(options)
    with _stop_signals(stop):
        where = await server.start()
        try:
            announce(where)  # which fails where nobody reads it any more
            if options.watch_parent:
                _watch_stdin(stop)
            await stop.wait()
        finally:
            await server.stop()
