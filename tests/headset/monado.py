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
_HANDS_AT: Final = {"left": 136, "right": 256}
# Of a hand's 120 bytes: where its numbers and switches lie.
_NUMBERS: Final = {"trigger": 72, "squeeze": 76, "squeeze_force": 80, "stick": 84}
_SWITCHES: Final = {"tracked_hand": 104, "active": 105, "system": 106, "a": 108, "b": 110,
                    "trigger_click": 112, "stick_click": 114}  # fmt: skip


def installed() -> bool:
    """Whether this machine has what it needs."""
    return shutil.which("monado-service") is not None and shutil.which("Xvfb") is not None


class Monado:
    """Sets DISPLAY and XDG_RUNTIME_DIR of this process until it is closed. Without `window` the
    screen ends with its last client, which is this process: Panda3D aborts where a screen ends
    before it."""

    def __init__(self, window: bool = False) -> None:
        """`window`: what the wearer sees is shown on the screen too."""
        self._window = window
        self._folder = Path(tempfile.mkdtemp(prefix="kenish-monado-"))
        self._before = {n: os.environ.get(n) for n in ("DISPLAY", "XDG_RUNTIME_DIR")}
        read, write = os.pipe()
        screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"]
        self._screen: subprocess.Popen[bytes] | None = None
        if window:  # Monado's: other processes come and go on it
            self._screen = subprocess.Popen(
                [*screen, "-noreset"], pass_fds=[write], stderr=subprocess.DEVNULL
            )
        else:
            subprocess.run(
                ["setsid", "-f", *screen, "-terminate"],
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
                "XRT_COMPOSITOR_FORCE_XCB" if self._window else "XRT_COMPOSITOR_NULL": "1",
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

    def _packet(self) -> bytearray:
        """The state as it was set last, or as Monado says that it is."""
        if self._wire is None:
            self._wire = socket.create_connection(("127.0.0.1", _PORT), PATIENCE_S)
            self._state = b""
            while len(self._state) < _PACKET:
                self._state += self._wire.recv(_PACKET - len(self._state))
        packet = bytearray(self._state)
        packet[:8] = _HEADER
        return packet

    def _send(self, packet: bytearray) -> None:
        assert self._wire is not None
        self._state = bytes(packet)
        self._wire.sendall(packet)

    def head(self, turn: Sequence[float], place: Sequence[float]) -> None:
        """Put the head: quaternion x, y, z, w and metres, in OpenXR's axes."""
        packet = self._packet()
        struct.pack_into("<7f", packet, _HEAD_AT, *turn, *place)
        self._send(packet)

    def hand(
        self,
        side: str,
        turn: Sequence[float],
        place: Sequence[float],
        *,
        trigger: float = 0.0,
        squeeze: float = 0.0,
        stick: tuple[float, float] = (0.0, 0.0),
        **switches: bool,
    ) -> None:
        """Put a controller, and hold these of its buttons."""
        packet, at = self._packet(), _HANDS_AT[side]
        packet[at : at + 120] = bytes(120)
        struct.pack_into("<7f", packet, at, *turn, *place)
        for name, value in (("trigger", trigger), ("squeeze", squeeze), ("squeeze_force", squeeze)):
            struct.pack_into("<f", packet, at + _NUMBERS[name], value)
        struct.pack_into("<2f", packet, at + _NUMBERS["stick"], *stick)
        held = {"active": True, "trigger_click": trigger > 0.5} | switches
        for name, value in held.items():
            packet[at + _SWITCHES[name]] = value
        self._send(packet)

    def close(self) -> None:
        """End both, and leave this process as it was."""
        self.kill()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if self._screen is not None:
            self._screen.terminate()
            self._screen.wait(PATIENCE_S)
        shutil.rmtree(self._folder, ignore_errors=True)
