"""Notices that a line is dead, though nobody said so, and that the network is back.

Reads clocks and asks the system for its routes; sends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
from typing import Any, Final

from websockets.asyncio.client import ClientConnection

# Every two seconds we ask for the room's time; an answer that takes longer than this never comes.
# A radio that fails sends no farewell, so this is the bound for noticing it.
SILENCE_S: Final = 6.0
LOOK_S: Final = 0.25
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 5.0


class WatchedConnection(ClientConnection):
    """Knows when it last heard anything: also a part of a message that takes long to come."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.heard = time.monotonic()

    def data_received(self, data: bytes) -> None:
        """Bytes of whatever kind have come."""
        self.heard = time.monotonic()
        super().data_received(data)


async def silence(connection: WatchedConnection, longest_s: float = SILENCE_S) -> None:
    """Return when nothing has come for so long."""
    then = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_S)
        now = time.monotonic()
        if now - then > 4 * LOOK_S:
            # It was we who slept (a closed lid, a stopped process): give the line its chance.
            connection.heard = max(connection.heard, now - longest_s / 2)
        then = now
        if now - connection.heard > longest_s:
            return


def local_address(host: str, port: int) -> str | None:
    """This machine's address on the way to a numeric one; None where there is no way. Sends
    nothing: connecting a datagram socket only asks the system's routes."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((host, port))
        return str(probe.getsockname()[0])
    return None


class Patience:
    """How long to wait before the next try: longer each time, and never all at once."""

    def __init__(self) -> None:
        self._wait = FIRST_WAIT_S
        self.peer: tuple[str, int] | None = None  # numeric, of the last connection

    def worked(self) -> None:
        """There was a connection: begin with short waits again."""
        self._wait = FIRST_WAIT_S

    async def wait(self, at_least_s: float = 0.0) -> None:
        """Wait, but try at once when the network comes back (another route than before)."""
        wait = max(self._wait, at_least_s) * random.uniform(0.5, 1.0)
        self._wait = min(self._wait * 2, LONGEST_WAIT_S)
        end = time.monotonic() + wait
        before = self._route()
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK_S))
            now = self._route()
            if now is not None and now != before and not at_least_s:
                return
            before = now

    def _route(self) -> str | None:
        return local_address(*self.peer) if self.peer is not None else None
