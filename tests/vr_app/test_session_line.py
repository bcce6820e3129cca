"""A long uneven line in front of a real server: people move smoothly, marks come through an outage.

The same over real packets, with loss, is `kenish bench line`.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from tests.sync_server.support import DEADLINE_S, make_twin, raw_member, running_server, until
from tests.vr_app.line_relay import line_to
from vr_app.session import MemberPose, Placed, RoomSession
from vr_app.session.clock import SETTLE_S
from vr_app.session.interpolation import CATCH_UP_M_S

SPEED_M_S = 1.4
FRAMES = 400


def path(t: float) -> tuple[float, float, float]:
    return (SPEED_M_S * t, 0.0, 1.62)


def test_people_and_marks_over_a_long_line(tmp_path: Path) -> None:
    with (
        running_server(
            make_twin(tmp_path / "twin"), tmp_path / "state", "--open", "engineer"
        ) as server,
        line_to(server.port, delay_s=0.13, jitter_s=0.05) as line,
    ):
        far = RoomSession(f"ws://127.0.0.1:{line.port}/mine", "Sapporo")
        near = RoomSession(server.url, "Mine")
        asked: list[str] = []
        try:
            for one in (far, near):
                one.start()
                until(lambda one=one: one.status.state == "joined")  # type: ignore[misc]
            begun = last = time.monotonic()
            shown: tuple[float, float, float] | None = None
            frames = 0
            while frames < FRAMES:
                assert time.monotonic() - begun < DEADLINE_S
                near.send_pose(MemberPose(Placed(path(time.monotonic() - begun))))
                time.sleep(1 / 60)
                before = time.monotonic()
                members = far.members()
                now = time.monotonic()  # they are where they were between the two
                for member in members:
                    if member.pose is None:
                        continue
                    at = member.pose.head.position
                    frames += 1
                    # In its first second the clock takes every correction whole.
                    if shown is not None and now - begun > 2 * SETTLE_S:
                        # However long this machine took for the frame: nobody is moved faster
                        # than they go and a wrong guess is made good.
                        allowed = (1.1 * SPEED_M_S + CATCH_UP_M_S) * (now - last) + 0.02
                        assert math.dist(at, shown) <= allowed
                    shown, last = at, before
                if frames % 20 == 10:
                    asked.append(far.command("message", {"text": str(frames)}))
                    frames += 1
                if frames == FRAMES // 2:
                    frames += 1
                    line.cut()
            until(lambda: far.status.state == "joined" and not far.unsettled)
            assert far.round_trip_s is not None and far.round_trip_s > 0.2
            assert far.line[0] < 4
            until(lambda: [m for m in near.members() if m.quality and m.round_trip_ms > 200])
            with raw_member(server.url) as late:
                assert [one.id for one in late.records] == asked
        finally:
            far.close()
            near.close()
