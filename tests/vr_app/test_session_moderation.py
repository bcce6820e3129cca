"""Moderators and the members they moderate, each in a session of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.room.tickets import Ticket, sign
from sync_server.storage.folder import StateFolder
from tests.sync_server.support import ServerProcess, make_twin, running_server, until
from tests.vr_app.line_relay import line_to
from tests.vr_app.test_session_offline import MARK, Events, joined, member
from vr_app.session import CommandRefused


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[ServerProcess, str]]:
    """A server and a ticket for an instructor."""
    state = tmp_path / "state"
    with running_server(make_twin(tmp_path / "twin"), state, "--open", "engineer") as server:
        ticket = Ticket("m-teacher", "mine", "instructor", time.time() + 200, "once")
        yield server, sign(StateFolder(state).secret(), "ticket", ticket)


def test_what_a_moderator_does_is_seen_and_obeyed(room: tuple[ServerProcess, str]) -> None:
    server, ticket = room
    with (
        member(server, "Teacher", role="instructor", ticket=ticket) as teacher,
        member(server, "Student") as student,
    ):
        joined(teacher)
        me = joined(student).me
        assert me is not None
        events = Events(student)
        teacher.moderate("lead", me)
        until(lambda: student.facts.lead == me and teacher.facts.lead == me)
        teacher.moderate("mute", me)
        until(lambda: me in student.facts.muted)
        mark = student.command("annotation", MARK)
        refused = until(lambda: events.of(CommandRefused))
        assert refused[0].message_id == "server-muted"
        assert mark not in student.records  # it was shown at once, and is taken back
        teacher.moderate("lock")
        until(lambda: student.facts.locked)
        with member(server, "Late") as late:
            until(lambda: late.status.state == "refused")
            assert late.status.message_id == "server-locked"
        teacher.moderate("kick", me)
        until(lambda: student.status.state == "refused")
        assert student.status.message_id == "server-kept-out"


def test_a_locked_room_lets_its_members_back_in(room: tuple[ServerProcess, str]) -> None:
    server, ticket = room
    with (
        line_to(server.port) as line,
        member(server, "Teacher", role="instructor", ticket=ticket) as teacher,
        member(line, "Student") as student,
    ):
        joined(teacher)
        me = joined(student).me
        teacher.moderate("lock")
        until(lambda: student.facts.locked)
        line.cut()
        until(lambda: student.away_s > 0 or student.status.state == "reconnecting")
        until(lambda: joined(student).away_s == 0)
        assert student.me == me


def test_a_way_back_that_is_used_up_leaves_a_ticket_at_hand(
    room: tuple[ServerProcess, str], tmp_path: Path
) -> None:
    server, ticket = room
    kept = tmp_path / "me.json"
    kept.write_text(
        f'{{"address": "ws://127.0.0.1:{server.port}/mine", "resume": "x.y.z"}}', encoding="utf-8"
    )
    with member(server, "Teacher", role="instructor", ticket=ticket, resume_file=kept) as teacher:
        assert joined(teacher).me == "m-teacher"
