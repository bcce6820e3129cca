"""What waits to be sent to one member, bounded: poses are left out, events never are.

A member that cannot keep up first misses poses (and later gets everybody's whole pose at once);
if events pile up, or nothing moves for seconds, it is to be dropped and will resume.
"""

from __future__ import annotations

from typing import Final

from sync_server.transport.connection import Connection

POSE_BACKLOG: Final = 16 * 1024  # bytes; beyond this a member gets no poses
EVENT_BACKLOG: Final = 256 * 1024  # bytes beyond the snapshot of joining
STUCK_S: Final = 15.0  # nothing was taken for so long


class Outbox:
    """The bounded way out to one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._allowance = 0  # what is left of the snapshot, which may be larger than the bound
        self._stuck_since: float | None = None
        self._last_backlog = 0
        self.poses_left_out = 0
        self.needs_all_poses = False

    def event(self, frame: bytes, snapshot: bool = False) -> bool:
        """Send what must not be lost; False where the member must be dropped instead."""
        backlog = self._connection.backlog()
        self._allowance = min(self._allowance, backlog)
        if snapshot:
            self._allowance += len(frame)
        elif backlog + len(frame) > EVENT_BACKLOG + self._allowance:
            return False
        self._connection.send_framed(frame)
        return True

    def poses(self, frame: bytes | None) -> bool:
        """Send a batch of changes, unless the member is behind; it is due a whole batch then.

        False where nothing was sent because it needs `all_poses` first.
        """
        if self._connection.backlog() > POSE_BACKLOG:
            if frame is not None:
                self.needs_all_poses = True
                self.poses_left_out += 1
            return True
        if self.needs_all_poses:
            return False
        if frame is not None:
            self._connection.send_framed(frame)
        return True

    def all_poses(self, frame: bytes) -> None:
        """Send everybody's whole pose."""
        self._connection.send_framed(frame)
        self.needs_all_poses = False

    def stuck(self, now: float) -> bool:
        """Whether the other side has taken nothing for too long; call about once a second."""
        backlog = self._connection.backlog()
        if backlog == 0 or backlog < self._last_backlog:
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = now
        self._last_backlog = backlog
        return self._stuck_since is not None and now - self._stuck_since > STUCK_S
