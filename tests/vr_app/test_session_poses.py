"""Poses that a program sends: a broken one in between does not end those that follow."""

from __future__ import annotations

import math
from pathlib import Path

from tests.sync_server.support import make_twin, running_server, until
from vr_app.session import MemberPose, Placed, RoomSession


def at(east: float) -> MemberPose:
    return MemberPose(Placed((east, 0.0, 1.6)))


def send(session: RoomSession, pose: MemberPose) -> None:
    """Send it and wait until it was taken, and once more as the one that stands still."""
    session.send_pose(pose)
    link = session._link
    assert link is not None
    until(lambda: link.poses.waits)


def wait_seen(session: RoomSession, east: float) -> None:
    def seen() -> bool:
        poses = [member.pose for member in session.members() if member.pose is not None]
        return any(abs(pose.head.position[0] - east) < 0.01 for pose in poses)

    until(seen)


def test_a_pose_that_is_not_finite_is_left_out_and_the_next_is_seen(tmp_path: Path) -> None:
    twin = make_twin(tmp_path / "twin")
    with running_server(twin, tmp_path / "state", "--open", "engineer") as server:
        walker, watcher = (RoomSession(server.url, name) for name in ("Walker", "Watcher"))
        try:
            for session in (walker, watcher):
                session.start()
            until(lambda: all(s.status.state == "joined" for s in (walker, watcher)))
            for east in (1.0, math.nan, 5.0):
                send(walker, at(east))
                if math.isfinite(east):
                    wait_seen(watcher, east)
        finally:
            walker.close()
            watcher.close()
