"""What waits to be sent to one member, bounded in bytes and in seconds: events are never left out.

Poses have no queue at all (`pose_flush`); if events pile up, nothing is taken for seconds, or what
waits never becomes empty, the member is to be dropped and will resume.
"""

from __future__ import annotations

from typing import Final

from sync_server.transport.connection import Connection
from sync_server.wire.limits import MAX_MEMBER_MESSAGE

EVENT_BACKLOG: Final = 256 * 1024  # bytes beyond the snapshot of joining
# No member can cause a larger event: those are the server's own (a drill's messages, say), which
# several of come at once and may be larger than the bound.
LARGE_EVENT: Final = 2 * MAX_MEMBER_MESSAGE
LARGE_BACKLOG: Final = 4 * 1024 * 1024  # bytes of such events that may wait
STUCK_S: Final = 15.0  # nothing was taken for so long
LATE_S: Final = 30.0  # events have waited all the time for so long, the snapshot apart
LATE_BYTES: Final = 2048  # what may always wait: one segment of poses


class Outbox:
    """The bounded way out to one connection."""

    __slots__ = (
        "_allowance",
        "_large",
        "_last_backlog",
        "_last_sent",
        "_late_since",
        "_sent",
        "_stuck_since",
        "connection",
        "send_if_idle",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.send_if_idle = connection.send_if_idle  # kept: seventy times a second for each member
        self._allowance = 0  # what is left of the snapshot, which may be larger than the bound
        self._large = 0  # the part of it that is no snapshot
        self._sent = 0  # bytes since the beginning, but for poses that went out at once
        self._last_backlog = 0
        self._last_sent = 0
        self._stuck_since: float | None = None
        self._late_since: float | None = None

    def event(self, frame: bytes, snapshot: bool = False) -> bool:
        """Send what must not be lost; False where the member must be dropped instead."""
        backlog = self.connection.backlog()
        self._allowance = min(self._allowance, backlog)
        self._large = min(self._large, backlog)
        if snapshot:
            self._allowance += len(frame)
        elif len(frame) > LARGE_EVENT:
            if self._large + len(frame) > LARGE_BACKLOG:
                return False
            self._large += len(frame)
            self._allowance += len(frame)
        elif backlog + len(frame) > EVENT_BACKLOG + self._allowance:
            return False
        self._sent += len(frame)
        self.connection.send_framed(frame)
        return True

    def segment(self, frame: bytes) -> None:
        """Send poses that were chosen for this member."""
        self._sent += len(frame)
        self.connection.send_framed(frame)

    def too_slow(self, now: float) -> bool:
        """Whether the other side takes nothing or not enough; call about once a second."""
        backlog = self.connection.backlog()
        taken = self._last_backlog + self._sent - self._last_sent - backlog
        self._last_backlog, self._last_sent = backlog, self._sent
        self._allowance = min(self._allowance, backlog)
        if backlog == 0 or taken > 0:
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = now
        if backlog <= self._allowance + LATE_BYTES:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
        stuck = self._stuck_since is not None and now - self._stuck_since > STUCK_S
        late = self._late_since is not None and now - self._late_since > LATE_S
        return stuck or late
