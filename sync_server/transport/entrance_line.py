"""Entrances one after another: each costs as much as many poses of those who are in.

Addresses take turns, and who goes away while waiting leaves the line. Who may enter is not judged
here.
"""

from __future__ import annotations

import asyncio
from typing import Final

from sync_server.room.entrance import NotAdmitted
from sync_server.transport.fair_line import FairLine
from sync_server.wire.limits import CLOSE_BUSY

EVERY_S: Final = 0.015
LONGEST_S: Final = 8.0  # our own program waits ten
LONGEST: Final = int(LONGEST_S / EVERY_S)


class EntranceLine:
    """The line before the rooms of one server."""

    def __init__(self) -> None:
        self._line: FairLine[asyncio.Future[None]] = FairLine()
        self._next = 0.0  # when the next may enter (the loop's time)
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, key: str, gone: asyncio.Future[None]) -> bool:
        """Wait until somebody from an address may enter; False where `gone` comes first.

        Raises `NotAdmitted` where too many wait, most of them from there.
        """
        loop = asyncio.get_running_loop()
        if not self._line and loop.time() >= self._next:
            self._next = loop.time() + EVERY_S
            return not gone.done()
        if len(self._line) >= LONGEST and self._line.of(key) * self._line.keys >= LONGEST:
            raise NotAdmitted(CLOSE_BUSY, "server-line")
        mine: asyncio.Future[None] = loop.create_future()
        self._line.put(key, mine)
        self._plan(loop)
        try:
            await asyncio.wait({mine, gone}, timeout=LONGEST_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._line.remove(key, mine)
        if gone.done():
            return False
        if not mine.done():
            raise NotAdmitted(CLOSE_BUSY, "server-line")
        return True

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._line:
            self._timer = loop.call_at(self._next, self._let_in)

    def _let_in(self) -> None:
        self._timer = None
        if self._line:
            loop = asyncio.get_running_loop()
            self._next = loop.time() + EVERY_S
            self._line.take().set_result(None)
            self._plan(loop)
