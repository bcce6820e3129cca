"""Checks for an MQTT broker: a mosquitto program, or one that answers on this machine.

Never publishes or subscribes; the demo simulates its sensors and needs none.
"""

from __future__ import annotations

import os
import shutil
import socket
from typing import Final

from vr_app.doctor.finding import Finding

ADDRESS: Final = ("127.0.0.1", 1883)
TIMEOUT_S: Final = 1.0
# MQTT 3.1.1 CONNECT with a clean session, and the first byte of the broker's CONNACK.
_CONNECT: Final = b"\x10\x12\x00\x04MQTT\x04\x02\x00\x0a\x00\x06doctor"
_CONNACK: Final = 0x20
_DISCONNECT: Final = b"\xe0\x00"
# Debian puts it where a person's PATH does not always look.
_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")


def answers(address: tuple[str, int] = ADDRESS) -> bool:
    """Whether something at `address` greets back as an MQTT broker does."""
    try:
        with socket.create_connection(address, TIMEOUT_S) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.sendall(_CONNECT)
            reply = connection.recv(4)
            connection.sendall(_DISCONNECT)
    except OSError:
        return False
    return bool(reply) and reply[0] == _CONNACK


def find_program() -> str | None:
    """The path of mosquitto, or None."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_FOLDERS])
    return shutil.which("mosquitto", path=path)


def judge(running: bool, program: str | None) -> Finding:
    """What was found, best first."""
    if running:
        address = f"{ADDRESS[0]}:{ADDRESS[1]}"
        return Finding("broker", "ok", "doctor-broker-answers", {"address": address})
    if program is not None:
        return Finding("broker", "ok", "doctor-broker-program", {"path": program})
    return Finding("broker", "warn", "doctor-broker-none", {}, "doctor-fix-broker")


def check() -> list[Finding]:
    """Look for both."""
    return [judge(answers(), find_program())]
