"""Runs `kenish serve` as a child process, so that its work stays off the frame thread."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vr_app.errors import ServerChildError

START_TIMEOUT_S = 60.0
RESTART_S = 3.0
STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the child listens: ws (without the room), http, rooms, pid."""

    ws: str
    http: str
    rooms: list[str]
    pid: int


class ServerChild:
    """A server of our own. Its stdin closes with us, upon which it ends."""

    def __init__(self, twin: Path, *options: str) -> None:
        command = [sys.executable, "-m", "vr_app", "serve", str(twin), "--watch-parent"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._process = subprocess.Popen(
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self._first: queue.Queue[bytes] = queue.Queue()
        self._errors: list[bytes] = []
        self._readers = [
            threading.Thread(target=self._read_out, name="server out", daemon=True),
            threading.Thread(target=self._read_err, name="server err", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_out(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._first.put(line)
        self._first.put(b"")

    def _read_err(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            del self._errors[:-50]
            self._errors.append(line)

    def wait_listening(self, timeout_s: float = START_TIMEOUT_S) -> Listening:
        """Block until the server says where it listens. Raises `ServerChildError`."""
        try:
            line = self._first.get(timeout=timeout_s)
            said: dict[str, Any] = json.loads(line) if line else {}
            return Listening(said["ws"], said["http"], said["rooms"], int(said["pid"]))
        except (queue.Empty, ValueError, KeyError) as error:
            self.stop()
            reason = b"".join(self._errors[-3:]).decode(errors="replace").strip()
            raise ServerChildError("demo-server-failed", reason=reason or "no answer") from error

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it: politely by closing its stdin, then firmly."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(STOP_TIMEOUT_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


class LastingServer:
    """A server child that is started again on the same port when it has died.

    Members reconnect by themselves, so that a demonstration goes on without anybody's help.
    """

    def __init__(self, twin: Path, *options: str) -> None:
        self._twin, self._options = twin, options
        self._child = ServerChild(twin, "--port", "0", *options)
        self._listening: Listening | None = None
        self._next_try = 0.0

    def wait_listening(self) -> Listening:
        """Block until the server says where it listens. Raises `ServerChildError`."""
        self._listening = self._child.wait_listening()
        return self._listening

    def keep_alive(self, now: float) -> None:
        """Call it often; `now` in seconds. A dead child is replaced, at most every few seconds."""
        if self._child.alive or self._listening is None or now < self._next_try:
            return
        self._next_try = now + RESTART_S
        self._child.stop()
        port = self._listening.ws.rsplit(":", 1)[1]
        self._child = ServerChild(self._twin, "--port", port, *self._options)

    def stop(self) -> None:
        """End the child."""
        self._child.stop()
