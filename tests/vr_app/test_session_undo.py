"""Taking back one's own last changes, in a real room and as pure rules."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest

from sync_server.wire.messages import Command
from tests.sync_server.support import ServerProcess, make_twin, running_server, until
from tests.vr_app.line_relay import line_to
from tests.vr_app.test_session_offline import MARK, Events, joined, member
from vr_app.session import (
    CommandAccepted,
    CommandRefused,
    CommandWithdrawn,
    HistoryArrived,
    Record,
    RoomSession,
)
from vr_app.session.undo import UndoStack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("room")
    with running_server(make_twin(folder / "twin"), folder / "state", "--open", "engineer") as one:
        yield one


def settled(session: RoomSession, events: Events, commands: int) -> None:
    until(lambda: len(events.of(CommandAccepted)) == commands)


def test_changes_are_taken_back_one_by_one(server: ServerProcess) -> None:
    with member(server) as session:
        joined(session)
        events = Events(session)
        mark = session.command("annotation", MARK)
        settled(session, events, 1)
        session.command("annotation", MARK | {"text": "wider"}, "update", mark)
        settled(session, events, 2)
        session.command("annotation", {}, "delete", mark)
        settled(session, events, 3)
        assert mark not in session.records
        session.undo()
        settled(session, events, 4)
        assert session.records[mark].payload["text"] == "wider"
        session.undo()
        settled(session, events, 5)
        assert session.records[mark].payload["text"] == "crack"
        session.undo()
        settled(session, events, 6)
        assert mark not in session.records
        session.undo()
        until(lambda: "session-nothing-to-undo" in events.notices())
        ask = session.history(mark)
        answer = until(lambda: events.of(HistoryArrived))[0]
        assert answer.id == ask
        ops = [one.op for one in answer.entries]
        assert ops == ["delete", "update", "restore", "delete", "update", "create"]


def test_nobody_elses_work_is_taken_back(server: ServerProcess) -> None:
    with member(server, "Mine") as mine, member(server, "Theirs") as theirs:
        joined(mine)
        joined(theirs)
        events = Events(mine)
        mark = mine.command("annotation", MARK)
        settled(mine, events, 1)
        assert theirs.me is not None
        mine.give(mark, theirs.me)
        settled(mine, events, 2)
        until(lambda: mark in theirs.records and theirs.records[mark].owner == theirs.me)
        theirs.command("annotation", MARK | {"text": "theirs"}, "update", mark)
        until(lambda: mine.records[mark].payload["text"] == "theirs")
        mine.undo()
        refused = until(lambda: events.of(CommandRefused))
        assert refused[0].message_id in {"server-changed-meanwhile", "server-not-yours"}
        assert mine.records[mark].payload["text"] == "theirs"


def test_what_was_never_sent_is_withdrawn(server: ServerProcess) -> None:
    with line_to(server.port) as line, member(line) as session:
        joined(session)
        events = Events(session)
        line.go_away()
        until(lambda: session.status.state == "reconnecting")
        mark = session.command("annotation", MARK)
        until(lambda: mark in session.records)
        session.undo()
        until(lambda: mark not in session.records)
        assert events.of(CommandWithdrawn) and not session.unsettled
        line.away = False
        joined(session)
        assert mark not in session.records


def record(number: int, version: int, text: str, owner: str = "me") -> Record:
    payload: dict[str, Any] = MARK | {"text": text}
    return Record("r", "annotation", "me", number, version, 0.0, MappingProxyType(payload), owner)


def command(letter: str, op: str, payload: dict[str, Any]) -> Command:
    fields: dict[str, Any] = {"op": op, "payload": payload}
    return Command(id=f"0{letter * 25}", kind="annotation", record="r", **fields)


def test_an_update_that_somebody_was_faster_than_is_not_undone() -> None:
    stack = UndoStack()
    stack.asked(command("A", "update", MARK), record(1, 1, "before"))
    stack.accepted("0" + "A" * 25, 3, record(3, 3, "after"))  # version 2 was somebody else's
    assert stack.inverse() is None


def test_messages_stay_said() -> None:
    stack = UndoStack()
    said = Command(id="0" + "A" * 25, kind="message", payload={"text": "hello"})
    stack.asked(said, None)
    stack.accepted(said.id, 1, None)
    assert stack.inverse() is None
