"""Receives connections: the first message within ten seconds, then everything a member sends.

Bounds the rate of what comes and names every refusal; what a message means is for the room.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from assets.text import translator
from sync_server.room.entrance import NotAdmitted
from sync_server.transport.clock import RoomClock
from sync_server.transport.connection import Connection, framed
from sync_server.transport.host import RoomHost
from sync_server.transport.rates import Bucket
from sync_server.wire.errors import Malformed, Refused
from sync_server.wire.limits import (
    CLOSE_HELLO_TIMEOUT,
    CLOSE_MALFORMED,
    CLOSE_UNKNOWN_ROOM,
    HELLO_TIMEOUT_S,
)
from sync_server.wire.messages import (
    Command,
    CommandRefused,
    Hello,
    Refusal,
    decode_member,
    encode,
)
from sync_server.wire.poses import POSE_FRAME

log = logging.getLogger("kenish.room")

MAX_WAITING: Final = 256  # connections that have not said hello
COMMANDS_A_SECOND: Final = 20.0
COMMAND_BURST: Final = 200.0  # what was done offline comes all at once
MESSAGES_A_SECOND: Final = 200.0
MALFORMED_LIMIT: Final = 10


class Reception:
    """The door of a server with many rooms. `http_port` is where its HTTP server listens."""

    def __init__(
        self,
        rooms: Mapping[str, RoomHost],
        clock: RoomClock,
        counters: Counter[str],
        http_base: Callable[[str], str],
    ) -> None:
        self._rooms = rooms
        self._clock = clock
        self._counters = counters
        self._http_base = http_base
        self._waiting = 0

    async def serve(self, connection: Connection, path: str) -> None:
        """One connection from its start to its end."""
        if self._waiting >= MAX_WAITING:
            self._counters["refused_busy"] += 1
            connection.abort()
            return
        messages = connection.messages()
        self._waiting += 1
        try:
            entered = await self._enter(connection, messages, path)
        finally:
            self._waiting -= 1
        if entered is None:
            return
        host, number = entered
        try:
            await self._listen(connection, messages, host, number)
        finally:
            host.leave(number)

    async def _enter(
        self, connection: Connection, messages: AsyncIterator[bytes | str], path: str
    ) -> tuple[RoomHost, int] | None:
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                first = await anext(messages, None)
        except TimeoutError:
            late = NotAdmitted(CLOSE_HELLO_TIMEOUT, "server-hello-timeout")
            await self._refuse(connection, late)
            return None
        if first is None:
            return None
        try:
            hello = decode_member(first) if isinstance(first, bytes) else None
            if not isinstance(hello, Hello):
                raise Malformed("server-no-hello")
            host = self._room(path)
            return host, await host.enter(connection, hello, self._http_base(connection.host))
        except NotAdmitted as refused:
            await self._refuse(connection, refused)
        except Malformed as error:
            malformed = NotAdmitted(CLOSE_MALFORMED, error.message_id, **error.arguments)
            await self._refuse(connection, malformed)
        return None

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
        self._counters[f"refused_{refused.message_id.removeprefix('server-')}"] += 1
        log.info("%s refused: %s", connection.remote, refused.message_id)
        refusal = Refusal(
            message_id=refused.message_id,
            arguments=refused.arguments,
            english=translator("en")(refused.message_id, refused.arguments),
        )
        connection.send_framed(framed(encode(refusal)))
        await connection.close(refused.code, refused.message_id)

    async def _listen(
        self,
        connection: Connection,
        messages: AsyncIterator[bytes | str],
        host: RoomHost,
        number: int,
    ) -> None:
        poses = Bucket(MESSAGES_A_SECOND, MESSAGES_A_SECOND)
        others = Bucket(MESSAGES_A_SECOND, MESSAGES_A_SECOND)
        commands = Bucket(COMMANDS_A_SECOND, COMMAND_BURST)
        malformed = 0
        async for message in messages:
            now = self._clock()
            pose = isinstance(message, bytes) and message[:1] == bytes((POSE_FRAME,))
            if pose and not poses.take(now):
                self._counters["poses_over_rate"] += 1
                continue
            if not pose and not others.take(now):
                await self._slow_down(others)
            try:
                if isinstance(message, str):
                    raise Malformed("server-malformed", what="text")
                if pose:
                    self._counters["pose_frames"] += 1
                    host.pose(number, message)
                    continue
                decoded = decode_member(message)
                if isinstance(decoded, Command) and not commands.take(now):
                    await self._slow_down(commands)
                host.carry_out(host.room.handle(self._clock(), number, decoded))
            except Malformed as error:
                malformed += 1
                self._counters["malformed"] += 1
                self._tell(connection, error)
                if malformed >= MALFORMED_LIMIT:
                    log.warning("%s sends no protocol: closed", connection.remote)
                    await connection.close(CLOSE_MALFORMED, error.message_id)
                    return

    async def _slow_down(self, bucket: Bucket) -> None:
        # Nothing that was asked is lost for being quick: the socket is read more slowly instead.
        self._counters["messages_slowed"] += 1
        while not bucket.take(self._clock()):  # noqa: ASYNC110
            await asyncio.sleep(1 / COMMANDS_A_SECOND)

    @staticmethod
    def _tell(connection: Connection, error: Refused) -> None:
        message = CommandRefused(message_id=error.message_id, arguments=error.arguments)
        connection.send_framed(framed(encode(message)))
