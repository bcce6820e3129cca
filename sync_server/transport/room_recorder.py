"""What a room's host tells a recording; knows no file and no format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sync_server.room.effects import LogEntry
from sync_server.room.members import Member
from sync_server.sensors.observation import Observation
from sync_server.wire.messages import ServerMessage


class RoomRecorder(Protocol):
    """No call blocks."""

    def pose(self, now: float, member: Member) -> None:
        """A member's pose has come."""
        ...

    def broadcast(self, message: ServerMessage) -> None:
        """What everybody is told."""
        ...

    def entry(self, entry: LogEntry) -> None:
        """A command that is stored."""
        ...

    def observations(self, now: float, observations: Sequence[Observation]) -> None:
        """Sensor values that came."""
        ...

    def clock(self, now: float) -> None:
        """Room time, once a second."""
        ...
