"""A program's side of a room: joins, sends poses and commands, and shows what others do.

Never imports panda3d; everything that waits for the network runs on a thread of its own.
"""

from sync_server.wire.poses import MemberPose, Placed
from vr_app.session.events import (
    CommandAccepted,
    CommandRefused,
    CommandWithdrawn,
    HistoryArrived,
    MemberJoined,
    MemberLeft,
    ObservationsArrived,
    RecordEvent,
    SessionEvent,
    SessionNotice,
    StatusChanged,
)
from vr_app.session.record import Record
from vr_app.session.room_facts import RoomFacts
from vr_app.session.session import RoomSession
from vr_app.session.state import LatestValue, MemberView, SessionStatus

__all__ = [
    "CommandAccepted",
    "CommandRefused",
    "CommandWithdrawn",
    "HistoryArrived",
    "LatestValue",
    "MemberJoined",
    "MemberLeft",
    "MemberPose",
    "MemberView",
    "ObservationsArrived",
    "Placed",
    "Record",
    "RecordEvent",
    "RoomFacts",
    "RoomSession",
    "SessionEvent",
    "SessionNotice",
    "SessionStatus",
    "StatusChanged",
]
