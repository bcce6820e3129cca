"""A line that is cut again and again: nothing that was asked for is lost, doubled or reordered."""

from __future__ import annotations

import random
from pathlib import Path

from tests.sync_server.support import make_twin, raw_member, running_server, until
from tests.vr_app.line_relay import line_to
from vr_app.session import CommandAccepted, CommandRefused, MemberPose, Placed, RoomSession

OUTAGES = 12
COMMANDS_EACH = 5


def test_every_command_takes_effect_once_and_in_order(tmp_path: Path) -> None:
    chance = random.Random(7)
    twin = make_twin(tmp_path / "twin")
    with (
        running_server(twin, tmp_path / "state", "--open", "engineer") as server,
        line_to(server.port) as line,
    ):
        session = RoomSession(f"ws://127.0.0.1:{line.port}/mine", "Aigerim")
        session.start()
        try:
            until(lambda: session.status.state == "joined")
            me = session.me
            asked: list[str] = []
            for outage in range(OUTAGES):
                for number in range(COMMANDS_EACH):
                    asked.append(session.command("message", {"text": f"{outage}.{number}"}))
                    session.send_pose(MemberPose(Placed((float(outage), float(number), 1.6))))
                    if number == chance.randrange(COMMANDS_EACH):
                        line.cut()
                if outage % 3 == 0:  # sometimes a second cut hits the resuming itself
                    line.cut()
                if outage % 2:  # and sometimes it comes back in between
                    until(lambda: session.status.state == "joined")
            events = []

            def answered() -> int:
                events.extend(
                    e for e in session.poll() if isinstance(e, CommandAccepted | CommandRefused)
                )
                return len(events) >= len(asked)

            until(answered)
            assert [e.id for e in events if isinstance(e, CommandAccepted)] == asked
            assert session.me == me
            until(lambda: len(session.records) == len(asked))
            with raw_member(server.url) as late:
                assert [r.id for r in late.records] == asked
                assert [r.number for r in late.records] == list(range(1, len(asked) + 1))
                assert {r.author for r in late.records} == {me}
                until(lambda: [m for m in session.members() if m.id == late.joined.member])
                assert len(late.joined.members) == 2  # itself and one Aigerim, no ghosts
        finally:
            session.close()
