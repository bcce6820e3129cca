"""What is done while the room is out of reach: seen at once, kept through a crash, sent once."""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_server.wire.messages import RecordInfo
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    until,
)
from tests.vr_app.line_relay import Line, line_to
from vr_app.session import (
    CommandAccepted,
    CommandRefused,
    MemberPose,
    Placed,
    RoomSession,
    SessionEvent,
    SessionNotice,
    link,
)
from vr_app.session.line_watch import silence

MARK = {"position": [1.0, 2.0, 3.0], "text": "crack"}


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_twin(tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="module")
def server(twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    state = tmp_path_factory.mktemp("state") / "state"
    with running_server(twin, state, "--open", "engineer") as one:
        yield one


@contextlib.contextmanager
def member(line: Line | ServerProcess, name: str = "Aigerim", **more: Any) -> Iterator[RoomSession]:
    session = RoomSession(f"ws://127.0.0.1:{line.port}/mine", name, **more)
    session.start()
    try:
        yield session
    finally:
        session.close(10.0)


def joined(session: RoomSession) -> RoomSession:
    until(lambda: session.status.state == "joined", f"joined: {session.status}")
    return session


class Events:
    """Everything that a session told."""

    def __init__(self, session: RoomSession) -> None:
        self._session = session
        self.all: list[SessionEvent] = []

    def of(self, kind: type[Any]) -> list[Any]:
        self.all += self._session.poll()
        return [one for one in self.all if isinstance(one, kind)]

    def notices(self) -> list[str]:
        return [one.message_id for one in self.of(SessionNotice)]


def stored(server: ServerProcess) -> list[RecordInfo]:
    with raw_member(server.url) as late:
        return list(late.records)


def test_a_mark_made_offline_is_seen_at_once_and_sent_once(server: ServerProcess) -> None:
    with line_to(server.port) as line, member(line) as session:
        me = joined(session).me
        events = Events(session)
        line.go_away()
        until(lambda: session.status.state == "reconnecting")
        mark = session.command("annotation", MARK)
        until(lambda: mark in session.records)
        assert session.records[mark].waiting and session.records[mark].author == me
        assert session.unsettled == 1 and session.away_s > 0
        session.command("annotation", MARK | {"text": "wider"}, "update", mark)
        until(lambda: session.records[mark].payload["text"] == "wider")
        line.away = False
        until(lambda: not session.unsettled)
        assert session.me == me and session.away_s == 0
        until(lambda: not session.records[mark].waiting)
        found = [one for one in stored(server) if one.id == mark]
        assert [(one.author, one.payload["text"]) for one in found] == [(me, "wider")]
        assert len(events.of(CommandAccepted)) == 2


CRASHING = """
import os, signal, sys, time
from pathlib import Path
from vr_app.session import RoomSession
from vr_app.session.spool import Spool

written = set()
write = Spool.write

def noted(self, add, drop):
    write(self, add, drop)
    written.update(one.command.id for one in add)

Spool.write = noted
url, kept, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
session = RoomSession(url, "Aigerim", resume_file=kept)
session.start()
while session.status.state != "joined":
    time.sleep(0.01)
print(session.me, flush=True)
sys.stdin.readline()  # the line is gone now
while session.status.state != "reconnecting":
    time.sleep(0.01)
ids = [session.command("message", {"text": str(n)}) for n in range(20)]
while not written.issuperset(ids):
    time.sleep(0.01)
print(" ".join(ids), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_marks_outlive_a_crash_of_the_program(server: ServerProcess, tmp_path: Path) -> None:
    kept = tmp_path / "me.json"
    with line_to(server.port) as line:
        url = f"ws://127.0.0.1:{line.port}/mine"
        process = subprocess.Popen(
            [sys.executable, "-c", CRASHING, url, str(kept), str(line.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with process:
            assert process.stdin is not None and process.stdout is not None
            me = process.stdout.readline().strip()
            line.go_away()
            process.stdin.write("\n")
            process.stdin.flush()
            ids = process.stdout.readline().split()
            process.wait(DEADLINE_S)
        assert len(ids) == 20
        line.away = False
        with member(line, resume_file=kept) as session:
            until(lambda: joined(session) and not session.unsettled)
            assert session.me == me
        found = [one for one in stored(server) if one.id in ids]
        assert [one.id for one in found] == ids
        assert {one.author for one in found} == {me}
        with member(line, resume_file=kept) as session:  # and a third time there is nothing to send
            assert joined(session).me == me and not session.unsettled
            assert not Events(session).of(CommandAccepted)


def test_what_was_for_a_deleted_room_is_held_until_somebody_decides(
    twin: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "me.json"
    with running_server(twin, tmp_path / "one", "--open", "engineer") as first:
        line = Line(first.port)
        with contextlib.closing(line), member(line, resume_file=kept) as session:
            joined(session)
            events = Events(session)
            line.go_away()
            until(lambda: session.status.state == "reconnecting")
            marks = [session.command("annotation", MARK) for _ in range(3)]
            until(lambda: session.unsettled == 3)
            first.kill()
            with running_server(twin, tmp_path / "two", "--open", "engineer") as second:
                line._target = second.port
                line.away = False
                until(lambda: "session-other-room" in events.notices())
                assert (session.held, session.unsettled) == (3, 0)
                assert not session.records and not stored(second)
                session.send_held()
                until(lambda: len(events.of(CommandAccepted)) == 3)
                assert [one.id for one in stored(second)] == marks
                assert session.held == 0


def test_a_refused_command_is_told_once(server: ServerProcess, tmp_path: Path) -> None:
    kept = tmp_path / "me.json"
    with line_to(server.port) as line:
        with member(line, resume_file=kept) as session:
            joined(session)
            events = Events(session)
            line.go_away()
            until(lambda: session.status.state == "reconnecting")
            wrong = session.command("annotation", MARK, "update", "no-such-mark")
            line.away = False
            until(lambda: events.of(CommandRefused))
            assert [one.id for one in events.of(CommandRefused)] == [wrong]
        with member(line, resume_file=kept) as session:
            joined(session)
            assert not Events(session).of(CommandRefused) and not session.unsettled


def test_a_file_is_one_programs_at_a_time(server: ServerProcess, tmp_path: Path) -> None:
    kept = tmp_path / "me.json"
    with member(server, resume_file=kept) as first:
        joined(first)
        with member(server, resume_file=kept) as second:
            assert joined(second).me != first.me
            assert first.status.state == "joined"
            token = json.loads(kept.read_text(encoding="utf-8"))["member"]
            assert token == first.me


def test_a_command_that_is_too_large_is_refused_here(server: ServerProcess) -> None:
    with member(server) as session:
        joined(session)
        events = Events(session)
        session.command("message", {"text": "x" * 40_000})
        refused = until(lambda: events.of(CommandRefused))
        assert refused[0].message_id == "session-too-large"
        assert session.status.state == "joined"


def test_a_line_that_dies_without_a_word_is_noticed(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "silence", functools.partial(silence, longest_s=0.5))
    with line_to(server.port) as line, member(line) as session:
        me = joined(session).me
        line.silent = True
        until(lambda: session.status.state == "reconnecting")
        mark = session.command("annotation", MARK)
        line.silent = False
        until(lambda: joined(session) and not session.unsettled)
        assert session.me == me and mark in session.records


def test_whoever_comes_back_is_where_they_were(server: ServerProcess) -> None:
    with line_to(server.port) as line, member(line) as walker, member(server, "Other") as watcher:
        joined(walker)
        joined(watcher)
        seen: list[tuple[float, float, float]] = []

        def watch(x: float) -> bool:
            walker.send_pose(MemberPose(Placed((x, 5.0, 1.6))))
            there = [m for m in watcher.members() if m.id == walker.me and m.pose is not None]
            seen.extend(m.pose.head.position for m in there if m.pose is not None)
            return bool(there) and abs(seen[-1][0] - x) < 0.01

        until(lambda: watch(40.0))
        line.go_away()
        until(lambda: not [m for m in watcher.members() if m.id == walker.me])
        line.away = False
        until(lambda: watch(42.0))
        assert all(39.9 < x < 42.1 and abs(y - 5.0) < 0.01 for x, y, _z in seen)
