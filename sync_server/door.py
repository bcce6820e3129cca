"""Builds everything that stands between the network and the rooms, for one server.

Wires only: addresses, origins, certificate and gates are judged by the parts it makes.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sync_server.options import ServerOptions
from sync_server.ports import BoundPorts
from sync_server.tls import Certificate, certificate_of
from sync_server.transport.clock import RoomClock
from sync_server.transport.connection import Connection
from sync_server.transport.gate import Descriptors, Gate, GateLimits
from sync_server.transport.host import RoomHost
from sync_server.transport.peers import Origins, Peer, Peers
from sync_server.transport.reception import Reception
from sync_server.transport.refusals import Refusals
from sync_server.wire.errors import Refused

log = logging.getLogger("kenish.door")

SWEEP_S: Final = 1.0
CERTIFICATE_S: Final = 60.0  # how soon a renewed certificate is noticed


class _LateWrites(logging.Filter):
    """Transports warn of each write to a connection that has just broken: an attack makes many."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(("socket.send() raised", "write() called after"))


_LATE_WRITES: Final = _LateWrites()  # one for all servers: adding it again changes nothing


class Door:
    """The doors of one server. Raises `Refused` for options that make no sense."""

    def __init__(self, options: ServerOptions, counters: Counter[str]) -> None:
        self._options = options
        self._counters = counters
        self._certificate: Certificate | None = certificate_of(options.tls_cert, options.tls_key)
        self.refusals = Refusals(counters)
        self.http_refusals = Refusals(counters, "http_refused_")
        self.peers = Peers(options.trusted_proxies)
        self._descriptors = Descriptors()
        rooms = GateLimits.for_rooms(options.per_address)
        files = GateLimits.for_files(options.per_address)
        self.rooms_gate = Gate(rooms, self.peers, self._descriptors, self.refusals)
        self.files_gate = Gate(files, self.peers, self._descriptors, self.http_refusals)
        self.origins = Origins((), options.origins)
        self._ports: BoundPorts | None = None

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What both listeners serve with; None without a certificate."""
        return self._certificate.context if self._certificate is not None else None

    def guard(self, ports: BoundPorts) -> None:
        """Put the gates before ports that are bound."""
        self._ports = ports
        for name in ("asyncio", "aiofastnet"):  # the latter below picows
            logging.getLogger(name).addFilter(_LATE_WRITES)
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        ports.secure = self._certificate is not None
        ports.ws_sockets[:] = [self.rooms_gate.listening(one) for one in ports.ws_sockets]
        ports.http_sockets[:] = [self.files_gate.listening(one) for one in ports.http_sockets]
        both = (*ports.ws_sockets, *ports.http_sockets)
        self.origins = Origins([one.getsockname()[1] for one in both], self._options.origins)

    def reception(self, rooms: Mapping[str, RoomHost], clock: RoomClock) -> Reception:
        """Who receives members."""
        return Reception(
            rooms,
            clock,
            self._counters,
            self.refusals,
            self.rooms_gate,
            self.peers,
            self.origins,
            self._http_base,
            self._options.per_address,
        )

    def _http_base(self, peer: Peer, connection: Connection) -> str:
        """Where a member finds the files: our own port, or the proxy's one port for both."""
        assert self._ports is not None
        if peer.proxied:
            return f"{'https' if peer.secure else 'http'}://{connection.header('Host')}"
        return self._ports.http_base(connection.host)

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What a transport could not do on a connection is the other side's business: counted."""
        error = context.get("exception")
        kind = error if isinstance(error, type) else type(error)  # picows gives a class
        if "handshake" in str(context.get("message", "")):
            self.refusals("server-tls-handshake", "-")
        elif issubclass(kind, ConnectionError | TimeoutError | ssl.SSLError):
            self.refusals("server-connection-lost", "-")
        else:
            loop.default_exception_handler(context)

    async def run(self) -> None:
        """Turn out who waits too long, and notice renewed certificates; until cancelled."""
        seconds = 0.0
        while True:
            await asyncio.sleep(SWEEP_S)
            self.rooms_gate.sweep()
            self.files_gate.sweep()
            seconds += SWEEP_S
            if seconds >= CERTIFICATE_S:
                seconds = 0.0
                self.refusals.summarise()
                self.http_refusals.summarise()
                await self._renew()

    async def _renew(self) -> None:
        if self._certificate is None:
            return
        try:
            if await asyncio.to_thread(self._certificate.renewed):
                log.info("the certificate was renewed")
        except Refused as error:
            log.warning("a renewed certificate cannot be used: %s", error)
