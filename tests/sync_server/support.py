"""A small scene, a real `kenish serve` process and a raw client for tests of the server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ulid import ULID
from websockets.sync.client import ClientConnection, connect

from scenes.schema import (
    Datastream,
    ObjectAction,
    Place,
    Scene,
    SceneObject,
    Sensor,
    Simulation,
)
from scenes.twin import save_scene
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SUPPORTED_VERSIONS
from sync_server.wire.messages import (
    Command,
    Hello,
    Records,
    Refusal,
    ServerMessage,
    Welcome,
    decode_server,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0  # for a slow machine that others use as well
PROGRAM = ["-m", "vr_app"]


def small_scene() -> Scene:
    """Two places, one sensor, one valve."""
    return Scene(
        name="mine",
        places=[
            Place(id="sump", title={"en": "Sump"}, position=(10.0, 0.0, 0.0), radius_m=3.0),
            Place(id="portal", title={"en": "Portal"}, position=(0.0, 0.0, 0.0), radius_m=2.0),
        ],
        sensors=[
            Sensor(
                id="gas",
                title={"en": "Gas"},
                position=(1.0, 0.0, 2.0),
                datastreams=[
                    Datastream(
                        id="co",
                        property="co",
                        unit="[ppm]",
                        range=(0.0, 500.0),
                        interval_s=0.2,
                        simulation=Simulation(mean=5.0, amplitude=2.0, period_s=3.0),
                    )
                ],
            )
        ],
        objects=[
            SceneObject(
                id="valve",
                kind="valve",
                title={"en": "Valve"},
                position=(2.0, 0.0, 1.0),
                states=["open", "closed"],
                initial="open",
                actions=[
                    ObjectAction(
                        id="close",
                        title={"en": "Close"},
                        from_states=["open"],
                        to_state="closed",
                        event="valve_closed",
                    ),
                    ObjectAction(id="kick", title={"en": "Kick"}, to_state="open", event="kicked"),
                ],
            )
        ],
    )


def make_twin(folder: Path) -> Path:
    """A twin folder with the small scene and a tile."""
    save_scene(folder, small_scene())
    (folder / "tiles" / "drift").mkdir(parents=True)
    (folder / "tiles" / "drift" / "tileset.json").write_bytes(bytes(range(256)) * 40)
    return folder


@dataclass(slots=True)
class ServerProcess:
    """A `kenish serve` process that listens."""

    process: subprocess.Popen[bytes]
    ws: str
    http: str
    rooms: list[str]
    pid: int
    errors: Path

    @property
    def url(self) -> str:
        """The first room's address."""
        return f"{self.ws}/{self.rooms[0]}"

    @property
    def port(self) -> int:
        """The rooms' port."""
        return int(self.ws.rsplit(":", 1)[1])

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """SIGTERM or another signal; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def log(self) -> str:
        """What it wrote to standard error."""
        return self.errors.read_text(encoding="utf-8")


def start_server(twin: Path, state: Path, *options: str, port: int = 0) -> ServerProcess:
    """Start a server and wait for its line."""
    errors = state.with_name(f"{state.name}.{ULID()}.log")
    command = [sys.executable, *PROGRAM, "serve", str(twin), "--state", str(state)]
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--port", str(port), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(DEADLINE_S)
        close_pipes(process)
        raise AssertionError(f"no line: {errors.read_text(encoding='utf-8')}")
    said = json.loads(line)
    return ServerProcess(process, said["ws"], said["http"], said["rooms"], said["pid"], errors)


def close_pipes(process: subprocess.Popen[bytes]) -> None:
    """Close our ends, so that no descriptor is left to the collector."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def running_server(
    twin: Path, state: Path, *options: str, port: int = 0
) -> Iterator[ServerProcess]:
    """A server that is gone afterwards, whatever happens."""
    server = start_server(twin, state, *options, port=port)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
        close_pipes(server.process)


def until(condition: Callable[[], Any], what: str = "", deadline_s: float = DEADLINE_S) -> Any:
    """Wait until something is true and give it; the deadline is generous, the steps are not."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not in time: {what or condition}")
        time.sleep(0.005)


@dataclass(slots=True)
class RawMember:
    """A member that speaks the protocol message by message."""

    socket: ClientConnection
    welcome: Welcome | None = None
    refusal: Refusal | None = None
    records: list[Any] = field(default_factory=list)
    batches: list[bytes] = field(default_factory=list)

    @property
    def joined(self) -> Welcome:
        """The welcome; fails where there was none."""
        assert self.welcome is not None, self.refusal
        return self.welcome

    def receive(self) -> ServerMessage:
        """The next control message; pose batches are kept aside."""
        while True:
            data = self.socket.recv(timeout=DEADLINE_S)
            assert isinstance(data, bytes)
            if data[0] == BATCH_FRAME:
                self.batches.append(data)
                continue
            return decode_server(data)

    def receive_until(self, kind: type[Any]) -> Any:
        """The next message of a kind; others are passed over."""
        while True:
            message = self.receive()
            if isinstance(message, kind):
                return message

    def command(self, kind: str, payload: dict[str, Any], **more: Any) -> str:
        """Send a command; its id."""
        command = Command(**({"id": str(ULID()), "kind": kind, "payload": payload} | more))
        self.socket.send(encode(command))
        return command.id


@contextlib.contextmanager
def raw_member(url: str, **hello: Any) -> Iterator[RawMember]:
    """Connect, say hello and read up to the end of the snapshot or the refusal."""
    with connect(
        url, compression=None, max_size=MAX_SERVER_MESSAGE, max_queue=None, proxy=None
    ) as socket:
        member = RawMember(socket)
        fields = {"versions": list(SUPPORTED_VERSIONS), "role": "engineer", "name": "Raw"}
        socket.send(encode(Hello(**(fields | hello))))
        first = member.receive()
        if isinstance(first, Refusal):
            member.refusal = first
        else:
            assert isinstance(first, Welcome)
            member.welcome = first
            last = False
            while not last:
                chunk = member.receive()
                if isinstance(chunk, Records):
                    member.records += chunk.records
                    last = chunk.last
        yield member
