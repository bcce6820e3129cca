"""A member that speaks plain msgpack and HTTP, as another program would, for tests of what
docs/protocol.md says."""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
from ulid import ULID
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sync_server.room.tickets import Ticket, sign
from sync_server.storage.folder import StateFolder
from sync_server.wire.messages import Role
from tests.sync_server.support import DEADLINE_S, ServerProcess, make_twin, running_server

Json = dict[str, Any]
NOTE: Json = {"position": [1.5, -2.0, 0.25], "text": "crack"}


@dataclass(frozen=True)
class Door:
    """A running server, and the means to make tickets for it."""

    server: ServerProcess
    state: Path

    def ticket(self, role: Role, member: str | None = None) -> str:
        expires = time.time() + 250
        ticket = Ticket(member or f"m-{ULID()}", "mine", role, expires, str(ULID()))
        return sign(StateFolder(self.state).secret(), "ticket", ticket)


@dataclass
class Plain:
    """A socket that speaks maps."""

    socket: ClientConnection
    welcome: Json

    def say(self, **message: Any) -> None:
        self.socket.send(msgpack.packb(message))

    def hear(self) -> Json:
        while True:
            data = self.socket.recv(timeout=DEADLINE_S)
            if data[0] != 0x02:
                message: Json = msgpack.unpackb(data)
                return message

    def until(self, kind: str, **wanted: Any) -> Json:
        while True:
            found = self.hear()
            if found["type"] == kind and all(found.get(k) == v for k, v in wanted.items()):
                return found

    def command(self, kind: str = "annotation", payload: Any = None, **more: Any) -> Json:
        """Send a command; its answer."""
        fields = {"id": str(ULID()), "kind": kind, "payload": NOTE if payload is None else payload}
        self.say(type="command", **(fields | more))
        while True:
            found = self.hear()
            if found["type"] in {"ack", "error"} and found["id"] == (fields | more)["id"]:
                return found

    def closed(self) -> tuple[int, str]:
        """Read to the end; its code and reason."""
        end = time.monotonic() + DEADLINE_S
        with contextlib.suppress(ConnectionClosed):
            while time.monotonic() < end:
                self.socket.recv(timeout=DEADLINE_S)
        close = self.socket.protocol.close_rcvd
        assert close is not None
        return close.code, close.reason


@contextlib.contextmanager
def plain(url: str, **options: Any) -> Iterator[Plain]:
    with connect(url, proxy=None, **({"compression": None} | options)) as socket:
        yield Plain(socket, {})


@contextlib.contextmanager
def member(door: Door, path: str = "/mine", **hello: Any) -> Iterator[Plain]:
    """Somebody who is in, with all records read."""
    with plain(door.server.ws + path) as one:
        one.say(**({"type": "hello", "versions": [1], "role": "engineer"} | hello))
        one.welcome = one.hear()
        assert one.welcome["type"] == "welcome", one.welcome
        records: list[Json] = []
        last = False
        while not last:
            chunk = one.until("records")
            records += chunk["records"]
            last = chunk["last"]
        one.welcome["records"] = records
        yield one


def refused(door: Door, path: str = "/mine", origin: str | None = None, **hello: Any) -> Json:
    """The refusal of a hello; its code goes with it."""
    with plain(door.server.ws + path, origin=origin) as one:
        with contextlib.suppress(ConnectionClosed):  # a strange origin is refused unheard
            one.say(**({"type": "hello", "versions": [1], "role": "engineer"} | hello))
        found = one.hear()
        assert found["type"] == "refused", found
        code, reason = one.closed()
        assert reason == found["message_id"] and found["english"]
        return found | {"code": code}


@contextlib.contextmanager
def running_door(folder: Path, *options: str) -> Iterator[Door]:
    """A server of an open room whose tickets can be made."""
    twin = make_twin(folder / "twin")
    with running_server(twin, folder / "state", "--open", "engineer", *options) as server:
        yield Door(server, folder / "state")


def ask(
    door: Door,
    path: str,
    token: str | None = None,
    data: bytes | None = None,
    method: str | None = None,
    **headers: str,
) -> tuple[int, Any, bytes]:
    """Status, headers and body."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(door.server.http + path, data, sent, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=DEADLINE_S) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
