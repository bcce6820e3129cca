"""Checks that a server can listen on this machine and be reached from it.

Never listens where another machine could connect.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

from vr_app.doctor.finding import Finding

LOOPBACK: Final = "127.0.0.1"
TIMEOUT_S: Final = 2.0
_GREETING: Final = b"kenish"


def exchange(host: str = LOOPBACK) -> int:
    """Listen on a free TCP port of `host`, connect to it, pass some bytes; returns the port.

    Raises OSError where any of that is refused.
    """
    with socket.create_server((host, 0)) as listener:
        listener.settimeout(TIMEOUT_S)
        port = int(listener.getsockname()[1])
        with socket.create_connection((host, port), TIMEOUT_S) as outgoing:
            incoming, _address = listener.accept()
            with incoming:
                incoming.settimeout(TIMEOUT_S)
                outgoing.sendall(_GREETING)
                if incoming.recv(len(_GREETING)) != _GREETING:
                    raise OSError("the bytes were changed on the way")
    return port


def check(attempt: Callable[[], int] = exchange) -> list[Finding]:
    """Listen, connect, and say what came of it."""
    try:
        port = attempt()
    except OSError as error:
        arguments: dict[str, str | int | float] = {"reason": str(error)}
        return [Finding("ports", "fail", "doctor-ports-refused", arguments, "doctor-fix-ports")]
    return [Finding("ports", "ok", "doctor-ports-ok", {"port": str(port)})]
