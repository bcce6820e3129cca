"""What is left to do of a room's effects when the disk refuses those that wait for it.

Undoes the commands in the records; it never decides whether to try again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sync_server.room.effects import Broadcast, Disconnect, Effect, Send, Store
from sync_server.room.records import RecordStore
from sync_server.wire.limits import CLOSE_GOING_AWAY
from sync_server.wire.messages import Ack, CommandRefused, RecordChanged, Welcome


def take_back(
    waiting: Iterable[Effect], stored_through: int, records: RecordStore
) -> deque[Effect]:
    """The effects that still hold; whoever asked for one that does not is told."""
    effects = list(waiting)
    lost_entries = [
        one.entry for one in effects if isinstance(one, Store) and one.entry.number > stored_through
    ]
    records.take_back(lost_entries)
    lost = {entry.command for entry in lost_entries}
    left: deque[Effect] = deque()
    for effect in effects:
        match effect:
            case Store(entry) if entry.command in lost:
                pass
            case Broadcast(RecordChanged(command=command)) if command in lost:
                pass
            case Disconnect(command=command) if command in lost:
                pass
            case Send(to, Ack(id=command)) if command in lost:
                # Also where somebody asked again by another connection.
                error = CommandRefused(id=command, message_id="server-not-stored")
                left.append(Send(to, error))
            case Send(to, Welcome()):  # its records hold what was taken back
                left.append(Disconnect(to, CLOSE_GOING_AWAY, "server-not-stored"))
            case _:
                left.append(effect)
    return left
