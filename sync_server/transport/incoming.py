"""Everything that one member sends, until it goes: sizes and rates by kind of message.

Poses over their rate are left out, what is asked for over its rate is read more slowly, and who
sends no protocol is closed. What a message means is for the room.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from sync_server.transport.clock import RoomClock
from sync_server.transport.connection import Connection, framed
from sync_server.transport.host import RoomHost
from sync_server.transport.rates import Bucket, MemberRates
from sync_server.transport.refusals import Refusals
from sync_server.wire.errors import Malformed, Refused
from sync_server.wire.limits import CLOSE_MALFORMED, MAX_MEMBER_MESSAGE
from sync_server.wire.messages import (
    AskHistory,
    Command,
    CommandRefused,
    MemberMessage,
    Ping,
    decode_member,
    encode,
)
from sync_server.wire.poses import POSE_FRAME

log = logging.getLogger("kenish.room")

MAX_POSE: Final = 64  # bytes; a whole one has 44 and a head
SMALL: Final = 512  # bytes of a message that asks for something and carries nothing
SLOW_STEP_S: Final = 0.05


class Incoming:
    """One member's side of a connection, from its welcome to its end."""

    __slots__ = (
        "_clock",
        "_closing",
        "_connection",
        "_counters",
        "_host",
        "_number",
        "_rates",
        "_refusals",
    )

    def __init__(
        self,
        connection: Connection,
        host: RoomHost,
        number: int,
        clock: RoomClock,
        counters: Counter[str],
        refusals: Refusals,
    ) -> None:
        self._connection = connection
        self._host = host
        self._number = number
        self._clock = clock
        self._counters = counters
        self._refusals = refusals
        self._rates = MemberRates()
        self._closing: asyncio.Task[None] | None = None
        connection.divert(POSE_FRAME, self._pose)

    @property
    def gave_up(self) -> bool:
        """Whether it was closed for sending no protocol."""
        return self._closing is not None

    async def listen(self, messages: AsyncIterator[bytes | str]) -> None:
        """Take what comes until the connection ends."""
        async for message in messages:
            if self._closing is not None:
                break
            try:
                await self._take(message)
            except Malformed as error:
                self._malformed(error)
        if self._closing is not None:
            await self._closing

    def _pose(self, frame: bytes) -> None:
        """A pose frame, as soon as it comes. Raises nothing."""
        now = self._clock()
        self._counters["bytes_in"] += len(frame)
        if not self._rates.poses.take(now):
            self._counters["poses_over_rate"] += 1
            return
        try:
            if len(frame) > MAX_POSE:
                raise Malformed("server-too-large", limit=MAX_POSE)
            self._counters["pose_frames"] += 1
            self._host.pose(now, self._number, frame)
        except Malformed as error:
            self._malformed(error)

    async def _take(self, message: bytes | str) -> None:
        self._counters["messages_in"] += 1
        self._counters["bytes_in"] += len(message)
        if isinstance(message, str):
            raise Malformed("server-malformed", what="text")
        decoded = decode_member(message)
        limit = MAX_MEMBER_MESSAGE if isinstance(decoded, Command) else SMALL
        if len(message) > limit:
            raise Malformed("server-too-large", limit=limit)
        if isinstance(decoded, Ping):
            if not self._rates.pings.take(self._clock()):
                self._counters["pings_over_rate"] += 1  # the next one will do as well
                return
            self._host.line_measured(self._number, decoded.round_trip)
        else:
            await self._slow_down(self._bucket(decoded))
        self._host.carry_out(self._host.room.handle(self._clock(), self._number, decoded))

    def _bucket(self, message: MemberMessage) -> Bucket:
        match message:
            case Command():
                return self._rates.commands
            case AskHistory():
                return self._rates.history
        return self._rates.others

    async def _slow_down(self, bucket: Bucket) -> None:
        # Nothing that was asked is lost for being quick: the socket is read more slowly instead.
        if bucket.take(self._clock()):
            return
        self._counters["messages_slowed"] += 1
        while not bucket.take(self._clock()):  # noqa: ASYNC110
            await asyncio.sleep(SLOW_STEP_S)

    def _malformed(self, error: Refused) -> None:
        if self._closing is not None:
            return
        self._counters["malformed"] += 1
        self._refusals(error.message_id, self._connection.remote)
        message = CommandRefused(message_id=error.message_id, arguments=error.arguments)
        self._connection.send_framed(framed(encode(message)))
        if not self._rates.malformed.take(self._clock()):
            self._refusals("server-no-protocol", self._connection.remote)
            close = self._connection.close(CLOSE_MALFORMED, error.message_id)
            self._closing = asyncio.get_running_loop().create_task(close)
