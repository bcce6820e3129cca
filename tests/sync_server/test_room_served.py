"""Histories, moderation and line quality over a real server: sockets, disk and several members."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID
from websockets.exceptions import ConnectionClosed, WebSocketException

from sync_server.room.tickets import Ticket, sign
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog
from sync_server.wire.limits import CLOSE_KEPT_OUT, HISTORY_ENTRIES
from sync_server.wire.messages import (
    Ack,
    AskHistory,
    CommandRefused,
    History,
    Ping,
    Quality,
    RecordChanged,
    encode,
)
from tests.sync_server.hosted import filled
from tests.sync_server.support import (
    DEADLINE_S,
    RawMember,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("served")
    with running_server(make_twin(folder / "twin"), folder / "state", "--open", "engineer") as one:
        yield one


@contextlib.contextmanager
def instructor(server: ServerProcess, room: str = "mine") -> Iterator[RawMember]:
    secret = StateFolder(Path(server.errors.parent) / "state").secret()
    made = Ticket(f"m-{ULID()}", room, "instructor", time.time() + 200, str(ULID()))
    with raw_member(server.url, role="instructor", ticket=sign(secret, "ticket", made)) as member:
        yield member


def done(member: RawMember, kind: str, payload: dict[str, Any], **more: Any) -> int:
    """The number that a command got."""
    wish = member.command(kind, payload, **more)
    while True:
        message = member.receive_until(Ack)
        if message.id == wish:
            return int(message.number)


def history(member: RawMember, record: str, before: int | None = None) -> History:
    ask = AskHistory(id=str(ULID()), record=record, before=before)
    member.socket.send(encode(ask))
    answer = member.receive_until(History)
    assert isinstance(answer, History) and answer.id == ask.id and answer.record == record
    return answer


def test_what_was_done_to_a_record_is_told_page_by_page(server: ServerProcess) -> None:
    mark = {"position": [1.0, 2.0, 3.0], "text": "0"}
    with raw_member(server.url) as author, raw_member(server.url, role="observer") as reader:
        record = author.command("annotation", mark)
        author.receive_until(Ack)
        numbers = [
            done(author, "annotation", mark | {"text": str(n)}, op="update", record=record)
            for n in range(1, HISTORY_ENTRIES + 5)
        ]
        numbers.append(done(author, "annotation", {}, op="delete", record=record))
        numbers.append(done(author, "annotation", {}, op="restore", record=record))
        first = history(reader, record)
        assert first.more and len(first.entries) == HISTORY_ENTRIES
        second = history(reader, record, first.entries[-1].number)
        assert not second.more
        entries = first.entries + second.entries
        assert [one.number for one in entries][:-1] == numbers[::-1]
        assert [one.op for one in entries][:3] == ["restore", "delete", "update"]
        assert entries[0].payload == entries[2].payload == mark | {"text": str(HISTORY_ENTRIES + 4)}
        assert entries[-1].op == "create" and entries[-1].command == record
        assert {one.author for one in entries} == {author.joined.member}
        assert history(reader, "nothing").entries == []


def test_somebody_kicked_is_gone_and_cannot_come_back_by_resuming(server: ServerProcess) -> None:
    with instructor(server) as boss, raw_member(server.url) as unruly:
        member, resume = unruly.joined.member, unruly.joined.resume
        boss.command("moderation", {"act": "kick", "member": member, "reason": "shouting"})
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                unruly.socket.recv(timeout=DEADLINE_S)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
            CLOSE_KEPT_OUT,
            "server-kept-out",
        )
        state = boss.receive_until(RecordChanged)
        while state.record.kind != "room_state":
            state = boss.receive_until(RecordChanged)
        assert member in state.record.payload["kept_out"]
        with raw_member(server.url, resume=resume) as again:
            assert again.refusal is not None and again.refusal.message_id == "server-kept-out"
            assert again.refusal.english.startswith("A moderator")
        done(boss, "moderation", {"act": "admit", "member": member})
        with raw_member(server.url, resume=resume) as again:
            assert again.joined.member == member


def test_a_muted_member_is_refused_in_words_it_can_show(server: ServerProcess) -> None:
    with instructor(server) as boss, raw_member(server.url) as loud:
        done(boss, "moderation", {"act": "mute", "member": loud.joined.member})
        loud.command("message", {"text": "AAAA"})
        refused = loud.receive_until(CommandRefused)
        assert refused.message_id == "server-muted"


def test_everybody_is_told_how_a_line_is(server: ServerProcess) -> None:
    with raw_member(server.url) as near, raw_member(server.url) as far:
        far.socket.send(encode(Ping(sent=1.0, round_trip=0.25, jitter=0.03)))
        told = near.receive_until(Quality)
        while (far.joined.me, 3, 250) not in told.values:
            told = near.receive_until(Quality)


def test_who_comes_while_the_room_still_loads_gets_all_of_it(tmp_path: Path) -> None:
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    with running_server(twin, state, "--open", "engineer") as first:
        port = first.port
    log = RoomLog(StateFolder(state).room("mine"), "e")
    filled(log, 5_000)
    log.close()
    joined: list[int] = []

    def come() -> None:
        # From before the server listens, again and again, as a member's program does.
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            try:
                with raw_member(f"ws://127.0.0.1:{port}/mine") as member:
                    joined.append(len(member.records))
                    return
            except (OSError, EOFError, WebSocketException):
                time.sleep(0.01)

    early = [threading.Thread(target=come) for _ in range(2)]
    for one in early:
        one.start()
    with running_server(twin, state, "--open", "engineer", port=port):
        for one in early:
            one.join(DEADLINE_S)
    assert joined == [5_000] * 2
