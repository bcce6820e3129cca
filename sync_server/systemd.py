"""Tells systemd how the service is: ready, stopping, alive. Does nothing where nobody listens.

A datagram to the socket that NOTIFY_SOCKET names, as sd_notify(3) sends it; no library needed.
"""

from __future__ import annotations

import contextlib
import os
import socket


def notify(state: str) -> bool:
    """Send "READY=1", "STOPPING=1", "WATCHDOG=1" ...; False where nobody asked for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    family = getattr(socket, "AF_UNIX", None)
    if not address.startswith(("/", "@")) or family is None:
        return False
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as one:
        one.setblocking(False)
        one.sendto(state.encode(), address)
        return True
    return False


def watchdog_interval() -> float | None:
    """Seconds after which a sign of life is due at the latest; None where nobody waits for one."""
    try:
        microseconds = int(os.environ.get("WATCHDOG_USEC", ""))
        meant = int(os.environ.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return None
    return microseconds / 2e6 if microseconds > 0 and meant == os.getpid() else None
