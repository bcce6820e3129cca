"""Binds the two ports of a server, rooms on one and HTTP on the next, before anything is loaded.

Only opens sockets; who serves on them gets them ready made.
"""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from typing import Final

from sync_server.wire.errors import Refused

BACKLOG: Final = 512
_ANY: Final = frozenset({"0.0.0.0", "::", ""})


@dataclass(slots=True)
class BoundPorts:
    """Listening sockets and the addresses that lead to them."""

    host: str
    ws_sockets: list[socket.socket]
    http_sockets: list[socket.socket]
    secure: bool = False  # both are served with TLS

    @property
    def _shown(self) -> str:
        """A host that works at least on this machine."""
        if self.host in _ANY:
            return "127.0.0.1" if self.host != "::" else "[::1]"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def _ws(self) -> str:
        return "wss" if self.secure else "ws"

    def ws_base(self) -> str:
        """ws://HOST:PORT, or wss:// with a certificate"""
        return f"{self._ws}://{self._shown}:{self.ws_sockets[0].getsockname()[1]}"

    def http_base(self, host: str) -> str:
        """http(s)://HOST:PORT, with the host that a client used where it is known."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{host or self._shown}:{self.http_sockets[0].getsockname()[1]}"

    def lan_base(self) -> str | None:
        """ws://HOST:PORT for other machines, where we listen for them and have a network."""
        if self.host not in _ANY:
            return None
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            # Connecting a datagram socket sends nothing: it only asks which way out would be used.
            one.connect(("192.0.2.1", 9))
            return f"{self._ws}://{one.getsockname()[0]}:{self.ws_sockets[0].getsockname()[1]}"
        return None

    def close(self) -> None:
        """Let the ports go."""
        for one in (*self.ws_sockets, *self.http_sockets):
            one.close()


def bind_ports(host: str, port: int) -> BoundPorts:
    """Listen on `port` and the next one; with 0 on any two free ones.

    Raises `Refused`: `server-port-taken`, `server-host`.
    """
    attempts = 20 if port == 0 else 1
    for attempt in range(attempts):
        ws = _bind(host, port)
        number = ws.getsockname()[1]
        try:
            # Next to it if possible even then: easier for firewalls and for people.
            http = _bind(host, number + 1)
        except Refused:
            if port != 0:
                ws.close()
                raise
            if attempt < attempts - 1:
                ws.close()
                continue
            http = _bind(host, 0)
        return BoundPorts(host, [ws], [http])
    raise AssertionError("unreachable")


def _bind(host: str, port: int) -> socket.socket:
    if port > 65535:
        raise Refused("server-port-taken", port=str(port), reason="> 65535")
    try:
        family = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:  # "a..b" is no name that can be asked for
        raise Refused("server-host", host=host, reason=str(error)) from error
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # elsewhere it would let two servers share a port
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and host == "::":
            with contextlib.suppress(OSError):  # both families where the system can
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind((host, port))
        one.listen(BACKLOG)
        one.setblocking(False)
    except OSError as error:
        one.close()
        raise Refused("server-port-taken", port=str(port), reason=error.strerror or "") from error
    return one
