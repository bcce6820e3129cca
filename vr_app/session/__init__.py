"""A program's side of a room: joins, sends poses and commands, and shows what others do.

Never imports panda3d; everything that waits for the network runs on a thread of its own.
"""

from sync_server.wire.poses import MemberPose, Placed
from vr_app.session.events import (
    CommandAccepted,
    CommandRefused,
    MemberJoined,
    MemberLeft,
    ObservationsArrived,
    RecordEvent,
    SessionEvent,
    StatusChanged,
)
from vr_app.session.session import RoomSession
from vr_app.session.state import LatestValue, MemberView, Record, SessionStatus

__all__ = [
    "CommandAccepted",
    "CommandRefused",
    "LatestValue",
    "MemberJoined",
    "MemberLeft",
    "MemberPose",
    "MemberView",
    "ObservationsArrived",
    "Placed",
    "Record",
    "RecordEvent",
    "RoomSession",
    "SessionEvent",
    "SessionStatus",
    "StatusChanged",
]
