"""A real mosquitto broker for tests: its own port, its own folder, gone when the test ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0


def executable() -> str | None:
    """Where mosquitto is; Debian puts it where the PATH of plain users does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def require() -> None:
    """Skip the test where there is no mosquitto, or fail it where everything is demanded."""
    if executable() is None:
        if os.environ.get("KENISH_REQUIRE_ALL") == "1":
            pytest.fail("mosquitto is not installed")
        pytest.skip("mosquitto is not installed")


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """A broker in a folder; `start` and `stop` may be called in turn, the port stays.

    `extra` are further lines of its configuration (password_file, certificates ...).
    """

    folder: Path
    extra: tuple[str, ...] = ("allow_anonymous true",)
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.port}"

    def start(self) -> None:
        program = executable()
        assert program is not None, "call require() first"
        # A port that was free may be taken before mosquitto binds it (parallel tests): try again.
        for _attempt in range(1 if self.port else 5):
            port = self.port or free_port()
            if self._start(program, port):
                self.port = port
                return
        raise RuntimeError(f"mosquitto did not start: {self.log()[-500:]}")

    def _start(self, program: str, port: int) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listener {port} {HOST}",
            *self.extra,
            "persistence true",
            f"persistence_location {self.folder}/",
            f"log_dest file {self.folder}/broker.log",
            "connection_messages true",
        ]
        if sys.platform != "win32" and os.geteuid() == 0:
            # Started as root it becomes user mosquitto, who cannot write here: the retained
            # values would be lost without a word.
            lines.append("user root")
        config = self.folder / "broker.conf"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1.0):
                # It may be somebody else's listener while ours is about to fail.
                time.sleep(0.05)
                return self.process.poll() is None
            time.sleep(0.02)
        self.stop()
        return False

    def stop(self) -> None:
        """SIGTERM: it saves what is retained."""
        self._end(kill=False)

    def kill(self) -> None:
        """SIGKILL: it saves nothing."""
        self._end(kill=True)

    def log(self) -> str:
        path = self.folder / "broker.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def _end(self, *, kill: bool) -> None:
        if self.process is None:
            return
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.process = None


@contextlib.contextmanager
def running_broker(
    folder: Path, extra: tuple[str, ...] = ("allow_anonymous true",)
) -> Iterator[Broker]:
    """A broker for one `with` block."""
    require()
    broker = Broker(folder, extra)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
