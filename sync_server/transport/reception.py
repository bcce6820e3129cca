"""Receives connections at the door of a server with many rooms: ten seconds for the first message.

Decides by address, origin and time; who may be in a room, and what a member says there, is not
its business.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from assets.text import translator
from sync_server.room.entrance import NotAdmitted
from sync_server.transport.clock import RoomClock
from sync_server.transport.connection import Connection, framed
from sync_server.transport.doorstep import Key
from sync_server.transport.entrance_line import EntranceLine
from sync_server.transport.gate import Gate
from sync_server.transport.host import RoomHost
from sync_server.transport.incoming import Incoming
from sync_server.transport.peers import Origins, Peer, Peers, address_key
from sync_server.transport.refusals import Refusals
from sync_server.wire.errors import Malformed
from sync_server.wire.limits import (
    CLOSE_CROWDED,
    CLOSE_HELLO_TIMEOUT,
    CLOSE_MALFORMED,
    CLOSE_ORIGIN,
    CLOSE_UNKNOWN_ROOM,
    HELLO_TIMEOUT_S,
)
from sync_server.wire.messages import Hello, Refusal, decode_member, encode

MAX_HELLO: Final = 8 * 1024  # bytes; two tokens and a name
HttpBase = Callable[[Peer, Connection], str]  # where that member finds the files


class Reception:
    """The door. `per_address` members may be in all rooms together from one address."""

    def __init__(
        self,
        rooms: Mapping[str, RoomHost],
        clock: RoomClock,
        counters: Counter[str],
        refusals: Refusals,
        gate: Gate,
        peers: Peers,
        origins: Origins,
        http_base: HttpBase,
        per_address: int,
    ) -> None:
        self._rooms = rooms
        self._clock = clock
        self._counters = counters
        self._refusals = refusals
        self._gate = gate
        self._peers = peers
        self._origins = origins
        self._http_base = http_base
        self._per_address = per_address
        self._here: Counter[str] = Counter()  # members by address
        self._line = EntranceLine()
        self._waiting: Counter[str] = Counter()  # of those behind a proxy

    async def serve(self, connection: Connection, path: str) -> None:
        """One connection from its start to its end."""
        peer = self._peers.of(connection.address, connection.secure, connection.header)
        key = address_key(peer.address)
        if peer.proxied:
            # The gate sees the proxy's address only.
            reason = self._gate.knock(key, time.monotonic(), self._waiting[key])
            if reason is not None:
                self._refusals(reason, peer.address)
                connection.abort()
                return
        self._waiting[key] += 1
        messages = connection.messages()
        try:
            entered = await self._enter(connection, messages, path, peer)
        finally:
            self._less(self._waiting, key)
        if entered is None:
            return
        host, number = entered
        self._gate.shown(_socket_of(connection))
        incoming = Incoming(connection, host, number, self._clock, self._counters, self._refusals)
        try:
            await incoming.listen(messages)
        finally:
            if connection.fault:
                self._refusals(connection.fault, connection.remote)
            if connection.fault or incoming.gave_up:
                self._gate.offence(key)
            self._less(self._here, key)
            host.leave(number)

    async def _enter(
        self, connection: Connection, messages: AsyncIterator[bytes | str], path: str, peer: Peer
    ) -> tuple[RoomHost, int] | None:
        try:
            if not self._origins.allows(connection.origin, connection.host):
                raise NotAdmitted(CLOSE_ORIGIN, "server-origin", origin=connection.origin[:100])
            hello = await self._hello(connection, messages)
            if hello is None:
                return None
            host = self._room(path)
            if not await self._line.turn(address_key(peer.address), connection.gone()):
                return None
            return host, await self._take_place(connection, host, hello, peer)
        except NotAdmitted as refused:
            await self._refuse(connection, refused)
        except Malformed as error:
            malformed = NotAdmitted(CLOSE_MALFORMED, error.message_id, **error.arguments)
            await self._refuse(connection, malformed)
        return None

    async def _take_place(
        self, connection: Connection, host: RoomHost, hello: Hello, peer: Peer
    ) -> int:
        key = address_key(peer.address)
        if self._here[key] >= self._per_address:
            raise NotAdmitted(CLOSE_CROWDED, "server-crowded", limit=self._per_address)
        self._here[key] += 1  # before waiting for the disk, so that a crowd cannot slip in
        try:
            return await host.enter(connection, hello, self._http_base(peer, connection))
        except BaseException:
            self._less(self._here, key)
            raise

    async def _hello(
        self, connection: Connection, messages: AsyncIterator[bytes | str]
    ) -> Hello | None:
        """The first message; None where the connection ends before. The time runs from its start.

        Raises `NotAdmitted`, `Malformed`.
        """
        left = self._gate.since(_socket_of(connection)) + HELLO_TIMEOUT_S - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0.0)):
                first = await anext(messages, None)
        except TimeoutError:
            raise NotAdmitted(CLOSE_HELLO_TIMEOUT, "server-hello-timeout") from None
        if first is None:
            if connection.fault:
                self._refusals(connection.fault, connection.remote)
                self._gate.shown(_socket_of(connection))
            return None
        if len(first) > MAX_HELLO:
            raise Malformed("server-too-large", limit=MAX_HELLO)
        hello = decode_member(first) if isinstance(first, bytes) else None
        if not isinstance(hello, Hello):
            raise Malformed("server-no-hello")
        return hello

    def _room(self, path: str) -> RoomHost:
        name = path.split("?")[0].strip("/")
        if not name and len(self._rooms) == 1:
            return next(iter(self._rooms.values()))
        host = self._rooms.get(name)
        if host is None:
            known = " ".join(sorted(self._rooms))
            raise NotAdmitted(
                CLOSE_UNKNOWN_ROOM, "server-unknown-room", room=name[:64], known=known[:200]
            )
        return host

    async def _refuse(self, connection: Connection, refused: NotAdmitted) -> None:
        self._refusals(refused.message_id, connection.remote)
        self._gate.shown(_socket_of(connection))  # judged: the gate need not count it again
        refusal = Refusal(
            message_id=refused.message_id,
            arguments=refused.arguments,
            english=translator("en")(refused.message_id, refused.arguments),
        )
        connection.send_framed(framed(encode(refusal)))
        await connection.close(refused.code, refused.message_id)

    @staticmethod
    def _less(counter: Counter[str], key: str) -> None:
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]


def _socket_of(connection: Connection) -> Key:
    """What the gate knows it by."""
    address, _colon, port = connection.remote.rpartition(":")
    return address, int(port) if port.isdigit() else 0
