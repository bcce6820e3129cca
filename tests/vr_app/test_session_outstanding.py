"""Our commands, whatever a line does: each once and in order; and the file that keeps them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from sync_server.wire.messages import Command
from vr_app.session.outstanding import MAX_WAITING, WINDOW, Outstanding
from vr_app.session.spool import Kept, Spool, SpoolBusy, SpoolFailed, SpoolWriter


def command(text: str = "") -> Command:
    return Command(id=str(ULID()), kind="message", payload={"text": text})


@given(st.lists(st.sampled_from(["ask", "send", "answer", "cut", "join"]), max_size=120))
def test_a_server_gets_each_command_once_and_in_order(steps: list[str]) -> None:
    """The server applies what arrives, unless it has it; a cut loses what is under way."""
    ours = Outstanding()
    asked: list[str] = []
    applied: list[str] = []
    under_way: list[str] = []
    answers: list[str] = []
    # A connection is made only after the one before it is gone.
    steps = [one for step in steps for one in (("cut", "join") if step == "join" else (step,))]
    for step in [*steps, "cut", "join", *["send", "answer"] * (len(steps) + 2)]:
        match step:
            case "ask":
                one = command()
                asked.append(one.id)
                assert ours.add(one) == ""
            case "join":
                assert not ours.joined("epoch")
            case "cut":
                ours.lost()
                under_way, answers = under_way[: len(under_way) // 2], []
                applied += [one for one in under_way if one not in applied]
                under_way = []
            case "send":
                sent = [one.id for one in ours.next()]
                under_way += sent
                assert len(under_way) + len(answers) <= WINDOW
            case "answer":
                applied += [one for one in under_way if one not in applied]
                answers, under_way = answers + under_way, []
                for one in answers:
                    ours.settle(one)
                answers = []
    assert applied == asked
    assert len(ours) == 0


def test_what_was_for_another_life_of_the_room_is_held_and_not_lost() -> None:
    ours = Outstanding()
    early = command()
    ours.add(early)
    assert not ours.joined("one")  # asked for before any room was known: for whatever comes
    late = command()
    ours.add(late)
    ours.lost()
    assert [one.command.id for one in ours.joined("two")] == [early.id, late.id]
    assert (len(ours), ours.held, ours.next()) == (0, 2, [])
    assert [one.command.id for one in ours.release()] == [early.id, late.id]
    assert [one.id for one in ours.next()] == [early.id, late.id]
    assert ours.held == 0


def test_held_commands_can_be_given_up() -> None:
    ours = Outstanding()
    ours.load([Kept(command(), "one")], "one")
    ours.joined("two")
    assert len(ours.discard()) == 1
    assert (len(ours), ours.held) == (0, 0)


def test_the_wait_is_bounded() -> None:
    ours = Outstanding()
    for _ in range(MAX_WAITING):
        assert ours.add(command()) == ""
    assert ours.add(command()) == "session-too-much-waits"
    assert Outstanding().add(command("x" * 20_000)) == "session-too-large"


def test_only_what_was_never_sent_can_be_withdrawn() -> None:
    ours = Outstanding()
    first, second = command(), command()
    ours.add(first)
    ours.joined("one")
    ours.next()
    ours.lost()
    ours.add(second)
    assert ours.withdraw(first.id) is None
    assert ours.withdraw(second.id) == second
    assert len(ours) == 1


def test_a_spool_keeps_order_and_address_and_forgets_what_is_settled(tmp_path: Path) -> None:
    path = tmp_path / "waiting"
    kept = [Kept(command(str(n)), "epoch") for n in range(5)]
    spool = Spool(path, "ws://a/mine")
    spool.write(kept, [])
    spool.write([kept[1]], [kept[0].command.id, kept[3].command.id])
    spool.close()
    other = Spool(path, "ws://b/mine")
    assert other.load() == []
    other.close()
    again = Spool(path, "ws://a/mine")
    assert again.load() == [kept[1], kept[2], kept[4]]
    again.close()


def test_a_spool_has_one_holder(tmp_path: Path) -> None:
    first = Spool(tmp_path / "waiting", "ws://a/mine")
    with pytest.raises(SpoolBusy):
        Spool(tmp_path / "waiting", "ws://a/mine")
    first.close()
    Spool(tmp_path / "waiting", "ws://a/mine").close()


def test_a_damaged_spool_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "waiting"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    spool = Spool(path, "ws://a/mine")
    assert spool.load() == []
    spool.close()
    assert path.with_name("waiting.damaged").read_bytes().startswith(b"no database")


def test_a_spool_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "waiting"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(SpoolFailed):
        Spool(path, "ws://a/mine")


class FullDisk(Spool):
    """A spool whose disk is full at first."""

    full = True

    def write(self, add: object, drop: object) -> None:
        """See `Spool.write`."""
        if self.full:
            self.full = False
            raise SpoolFailed("no space left")
        super().write(add, drop)  # type: ignore[arg-type]


def test_a_full_disk_is_said_once_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "waiting"
    said: list[str] = []
    writer = SpoolWriter(FullDisk(path, "ws://a/mine"), said.append)
    kept = [Kept(command(str(n)), "epoch") for n in range(3)]
    for one in kept:
        writer.put(one, at_once=True)
    while not said:
        pass
    writer.put(Kept(command("last"), "epoch"), at_once=True)
    writer.drop(kept[0].command.id)
    writer.close()
    assert said == ["no space left"]
    spool = Spool(path, "ws://a/mine")
    assert [one.command.payload["text"] for one in spool.load()] == ["1", "2", "last"]
    spool.close()
