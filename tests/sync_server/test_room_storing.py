"""What a room's host does when the disk refuses, and what it forgets on the disk in time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ulid import ULID

from sync_server.room.effects import LogEntry
from sync_server.room.tickets import Ticket, sign
from sync_server.storage.retention import Retention
from sync_server.transport import snapshot_keeper
from sync_server.transport.host import RoomHost
from sync_server.wire.messages import Ack, CommandRefused, RecordChanged, Records, Welcome
from tests.sync_server.hosted import SlowDisk, as_known, enter, run, say, until
from tests.sync_server.rooms import MARK, NOW, SECRET, command


def instructor() -> str:
    made = Ticket(f"m-{ULID()}", "mine", "instructor", time.time() + 200, str(ULID()))
    return sign(SECRET, "ticket", made)


def test_a_kick_that_cannot_be_stored_kicks_nobody(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        boss, leader = enter(host, role="instructor", ticket=instructor())
        ear, number = enter(host)
        await until(lambda: ear.of(Records))
        disk.full = True
        kick = command("moderation", {"act": "kick", "member": ear.of(Welcome)[0].member})
        host.carry_out(host.room.handle(NOW, leader, kick))
        await until(lambda: [one for one in boss.of(CommandRefused) if one.id == kick.id])
        assert not ear.dropped and not boss.of(Ack)
        disk.full = False
        say(host, number, "still here")
        await until(lambda: ear.of(Ack))
        assert [one.record.kind for one in boss.of(RecordChanged)] == ["message"]
        host.carry_out(host.room.handle(NOW, leader, kick))  # asked again, with the same id
        await until(lambda: ear.dropped and boss.of(Ack))

    run(tmp_path, test, 3)


def test_who_asks_again_over_a_new_connection_is_told_that_it_was_not_stored(
    tmp_path: Path,
) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        first, number = enter(host)
        await until(lambda: first.of(Records))
        welcome = first.of(Welcome)[0]
        disk.free.clear()
        wish = command("annotation", MARK)
        host.carry_out(host.room.handle(NOW, number, wish))
        host.leave(number)
        disk.full = True
        # The room has the command in memory: who comes now must come again.
        second, number = enter(host, resume=welcome.resume)
        host.carry_out(host.room.handle(NOW, number, wish))
        disk.free.set()
        await until(lambda: second.dropped)
        host.leave(number)
        assert not second.of(Ack)
        disk.full = False
        third, number = enter(host, resume=welcome.resume)
        host.carry_out(host.room.handle(NOW, number, wish))
        await until(lambda: third.of(Ack))
        assert [one.command for one in disk.entries(3)] == [wish.id]

    run(tmp_path, test, 3)


def test_under_steady_writing_the_past_is_cut_and_joining_stays_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_keeper, "SNAPSHOT_EVERY", 20)
    retention = Retention(entries=30, entries_s=0.0, tombstones=5)

    async def test(host: RoomHost, disk: SlowDisk) -> None:
        ear, number = enter(host)
        away, gone = enter(host)
        await until(lambda: away.of(Records))
        welcome = away.of(Welcome)[0]
        host.leave(gone)
        for _ in range(100):
            mark = command("annotation", MARK)
            gone_again = command("annotation", op="delete", record=mark.id)
            for wish in (mark, gone_again):
                host.carry_out(host.room.handle(NOW, number, wish))
            await until(lambda: ear.heard[-1].type == "ack")
            say(host, number, "always something that is not stored yet")
        await until(lambda: len(ear.of(Ack)) == 300)
        tombstones = [one for one in host.room.records if one.deleted]
        assert len(tombstones) < 5 + 20
        assert sum(1 for _ in disk.entries()) < 30 + 2 * 20
        back, _number = enter(
            host,
            resume=welcome.resume,
            epoch=welcome.epoch,
            last_number=welcome.last_number,
        )
        await until(lambda: back.of(Records) and back.of(Records)[-1].last)
        assert not back.of(Welcome)[0].difference
        assert back.mirror() == as_known(host.room.records)
        loaded = disk.load()
        assert list(loaded) == list(host.room.records)
        assert loaded.horizon == host.room.records.horizon > welcome.last_number
        # Repeats of what was cut from the log do nothing, in this life and the next.
        first = ear.of(Ack)[0]
        assert loaded.number_of(first.id) == host.room.records.number_of(first.id)
        assert first.number not in {entry.number for entry in disk.entries()}
        assert loaded.number_of(first.id) is not None

    run(tmp_path, test, 3, retention)


def test_the_snapshot_at_the_end_keeps_what_was_forgotten_in_mind(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        ear, number = enter(host)
        for _ in range(3):
            mark = command("annotation", MARK)
            host.carry_out(host.room.handle(NOW, number, mark))
            gone = command("annotation", op="delete", record=mark.id)
            host.carry_out(host.room.handle(NOW, number, gone))
        await until(lambda: len(ear.of(Ack)) == 6)
        host.room.records.drop_tombstones(1, host.room.records.last_number)

    run(tmp_path, test, 3)
    log = SlowDisk(tmp_path / "mine.sqlite3")
    try:
        store = log.load()
        assert (store.horizon, store.last_number) == (7, 9)
        assert not store.can_tell_since(6) and store.can_tell_since(7)
        assert isinstance(next(log.entries()), LogEntry)
    finally:
        log.close()
