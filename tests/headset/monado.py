"""A real screen and a real OpenXR runtime of one test: Xvfb and Monado with its remote driver.

Both are children and end with `close`; nothing is shared with another test.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 30.0
_PORT: Final = 4242  # Monado 25 takes no other, whatever its configuration says
_PACKET: Final = 376
_HEADER: Final = b"mndrmt3\0"
_HEAD_AT: Final = 104


def installed() -> bool:
    """Whether this machine has what it needs."""
    return shutil.which("monado-service") is not None and shutil.which("Xvfb") is not None


class Monado:
    """Sets DISPLAY and XDG_RUNTIME_DIR of this process until it is closed. The screen ends with
    its last client, which is this process: Panda3D aborts where a screen ends before it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kenish-monado-"))
        self._before = {n: os.environ.get(n) for n in ("DISPLAY", "XDG_RUNTIME_DIR")}
        read, write = os.pipe()
        subprocess.run(
            [
                "setsid",
                "-f",
                "Xvfb",
                "-displayfd",
                str(write),
                "-screen",
                "0",
                "1600x1000x24",
                "-terminate",
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
            check=True,
        )
        os.close(write)
        with os.fdopen(read) as number:
            os.environ["DISPLAY"] = f":{number.readline().strip()}"
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        settings = self._folder / "monado" / "config_v0.json"
        settings.parent.mkdir()
        settings.write_text(
            json.dumps({"active": "remote", "remote": {"version": 0, "port": _PORT}})
        )
        self._service: subprocess.Popen[bytes] | None = None
        self._wire: socket.socket | None = None
        self._state = b""
        self.start()

    def start(self) -> None:
        """Start the runtime and wait until programs can reach it."""
        door = self._folder / "monado_comp_ipc"
        door.unlink(missing_ok=True)
        self._service = subprocess.Popen(
            ["monado-service"],
            env={
                **os.environ,
                "XDG_CONFIG_HOME": str(self._folder),
                "XRT_COMPOSITOR_NULL": "1",
                "XRT_NO_STDIN": "1",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENCE_S
        while not door.exists():
            assert self._service.poll() is None and time.monotonic() < end, "no Monado"
            time.sleep(0.02)

    def kill(self) -> None:
        """The runtime is gone at once."""
        if self._service is not None:
            self._service.send_signal(signal.SIGKILL)
            self._service.wait(PATIENCE_S)
            self._service = None
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def head(self, turn: Sequence[float], place: Sequence[float]) -> None:
        """Put the head: quaternion x, y, z, w and metres, in OpenXR's axes."""
        if self._wire is None:
            self._wire = socket.create_connection(("127.0.0.1", _PORT), PATIENCE_S)
            self._state = b""
            while len(self._state) < _PACKET:
                self._state += self._wire.recv(_PACKET - len(self._state))
        packet = bytearray(self._state)
        packet[:8] = _HEADER
        struct.pack_into("<7f", packet, _HEAD_AT, *turn, *place)
        self._state = bytes(packet)
        self._wire.sendall(packet)

    def close(self) -> None:
        """End both, and leave this process as it was."""
        self.kill()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder, ignore_errors=True)
