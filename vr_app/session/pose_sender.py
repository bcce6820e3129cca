"""Sends our newest pose, at most so often, and only what has changed of it.

Lives on the session's event loop; the frame thread only leaves a pose and wakes it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from sync_server.wire.poses import MemberPose, PoseEncoder

LONG_LINE_S: Final = 0.15  # round trip, from which on poses are sent
LONG_LINE_INTERVAL_S: Final = 0.05  # no more often than this
Stamped = tuple[MemberPose, float]  # with the room time at which it was so


class PoseSender:
    """The poses of one session. `pose` gives the newest one, `send` puts a frame on its way, `free`
    says whether there is room for one now, and `round_trip` (seconds) how long the line is."""

    def __init__(
        self,
        pose: Callable[[], Stamped | None],
        rate_hz: float,
        send: Callable[[bytes], None],
        free: Callable[[], bool],
        round_trip: Callable[[], float | None],
    ) -> None:
        self._pose = pose
        self._interval = 1.0 / rate_hz
        self._send = send
        self._free = free
        self._round_trip = round_trip
        self._event = asyncio.Event()
        self.waits = False  # read by the frame thread, so that it wakes us only then

    def wake(self) -> None:
        """There is a new pose."""
        self._event.set()

    async def run(self) -> None:
        """Send poses over one connection until cancelled; the first one whole."""
        encoder = PoseEncoder()
        sent: Stamped | None = None
        while True:
            latest = await self._next(sent)
            # A way out that is full gets no more poses: the newest one goes when it is free.
            if self._free():
                self._encode(encoder, *latest)
                sent = latest
            await asyncio.sleep(self._wait())
            if sent is not None and self._pose() is sent and self._free():
                # Nothing new in a whole interval: the encoder says once that we stand still.
                self._encode(encoder, sent[0], sent[1] + self._interval)

    def _wait(self) -> float:
        # A lost packet holds up all behind it for more than a round trip: over a long line fewer
        # packets make fewer stops.
        round_trip = self._round_trip()
        if round_trip is None or round_trip < LONG_LINE_S:
            return self._interval
        return max(self._interval, LONG_LINE_INTERVAL_S)

    def _encode(self, encoder: PoseEncoder, pose: MemberPose, room_time: float) -> None:
        with contextlib.suppress(ValueError):  # not finite: nothing to show of it
            frame = encoder.encode(pose, int(room_time * 1000))
            if frame is not None:
                self._send(frame)

    async def _next(self, sent: Stamped | None) -> Stamped:
        """A pose that was not sent yet, as soon as there is one."""
        while True:
            self._event.clear()
            self.waits = True  # before looking, so that no pose is missed
            latest = self._pose()
            if latest is not None and latest is not sent:
                self.waits = False
                return latest
            await self._event.wait()
