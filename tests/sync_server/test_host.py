"""The room's host on a real log: stored before it is told, and a full disk is survived."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from sync_server.room.effects import LogEntry
from sync_server.room.entrance import Entrance, NotAdmitted
from sync_server.room.room import Room, RoomIdentity
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.wire.messages import (
    Ack,
    Command,
    CommandRefused,
    Hello,
    RecordChanged,
    ServerMessage,
    Welcome,
    decode_server,
)
from sync_server.wire.poses import BATCH_FRAME, MemberPose, Placed, PoseEncoder
from tests.sync_server.support import DEADLINE_S, small_scene


class Ear:
    """A connection that keeps what is sent to it."""

    remote = "test:1"
    address = "test"
    host = "test"
    origin = ""
    secure = False

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self.batches = 0
        self.closed: tuple[int, str] | None = None

    def backlog(self) -> int:
        return 0

    def send_framed(self, frame: bytes) -> None:
        header = 2 if frame[1] < 126 else 4 if frame[1] == 126 else 10
        if frame[header] == BATCH_FRAME:
            self.batches += 1
        else:
            self.heard.append(decode_server(frame[header:]))

    def send_if_idle(self, frame: bytes) -> bool:
        self.send_framed(frame)
        return True

    def header(self, name: str) -> str:
        return ""

    def divert(self, first_byte: int, handler: Callable[[bytes], None]) -> None:
        raise NotImplementedError

    def messages(self) -> AsyncIterator[bytes | str]:
        raise NotImplementedError

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        raise AssertionError("dropped")

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.heard if isinstance(one, kind)]


class Disk(RoomLog):
    """A real log that can be held up and filled up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "epoch")
        self.free = threading.Event()
        self.free.set()
        self.full = False
        self.defect: Exception | None = None
        self.batches: list[int] = []

    def append(self, entries: Sequence[LogEntry]) -> None:
        assert self.free.wait(DEADLINE_S)
        if self.defect is not None:
            raise self.defect
        if self.full:
            raise StorageFailed("server-storage", file="x", reason="full")
        super().append(entries)
        self.batches.append(len(entries))


def new_id() -> str:
    return str(ULID())


def make_host(disk: Disk) -> RoomHost:
    room = Room(
        RoomIdentity("mine", disk.epoch),
        small_scene(),
        disk.load(),
        Entrance("mine", bytes(32), "engineer", new_id),
        new_id,
    )
    return RoomHost(room, disk, RoomClock(), Counter())


def join(host: RoomHost) -> tuple[Ear, int]:
    ear = Ear()
    return ear, host.join(ear, Hello(versions=[1], role="engineer"), "")


def say(host: RoomHost, number: int, text: str = "hello") -> str:
    command = Command(id=new_id(), kind="message", payload={"text": text})
    host.carry_out(host.room.handle(1.0, number, command))
    return command.id


def refused(ear: Ear) -> list[CommandRefused]:
    """Commands that were refused; what concerns everybody has no id."""
    return [one for one in ear.of(CommandRefused) if one.id]


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


def run(tmp_path: Path, test: Callable[[RoomHost, Disk], Any]) -> None:
    async def inside() -> None:
        defects: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: defects.append(what))
        disk = Disk(tmp_path / "mine.sqlite3")
        host = make_host(disk)
        try:
            await test(host, disk)
        finally:
            disk.free.set()
            await host.close()
        assert not defects

    asyncio.run(inside())


def test_nobody_hears_of_a_command_before_it_is_on_disk(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        listener, _ = join(host)
        disk.free.clear()
        first = say(host, number)
        late, _ = join(host)  # its snapshot would hold the command: it waits as well
        await asyncio.sleep(0.05)
        assert not speaker.of(Ack) and not listener.of(RecordChanged) and not late.heard
        disk.free.set()
        await until(lambda: speaker.of(Ack))
        assert speaker.of(Ack)[0].id == first
        assert len(listener.of(RecordChanged)) == 1
        await until(lambda: late.of(Welcome))
        assert not late.of(RecordChanged)  # it is in the snapshot, not told twice
        assert [entry.command for entry in disk.entries()] == [first]

    run(tmp_path, test)


def test_what_comes_while_the_disk_writes_goes_in_one_batch_in_order(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        disk.free.clear()
        sent = [say(host, number, str(n)) for n in range(50)]
        disk.free.set()
        await until(lambda: len(speaker.of(Ack)) == 50)
        assert [ack.id for ack in speaker.of(Ack)] == sent
        assert [ack.number for ack in speaker.of(Ack)] == list(range(1, 51))
        assert disk.batches == [1, 49]

    run(tmp_path, test)


def test_somebody_who_leaves_while_the_disk_writes_leaves_nothing_behind(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        disk.free.clear()
        say(host, number)
        _late, gone = join(host)
        host.leave(gone)
        listener, _ = join(host)
        disk.free.set()
        await until(lambda: speaker.of(Ack) and listener.of(Welcome))
        speaker.batches = listener.batches = 0
        frame = PoseEncoder().encode(MemberPose(Placed((1.0, 2.0, 3.0))), 1)
        assert frame is not None
        host.pose(1.0, number, frame)
        await until(lambda: listener.batches)  # nobody is told of its own

    run(tmp_path, test)


def test_a_defect_of_the_log_refuses_records_and_keeps_the_room(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        disk.defect = TypeError("a defect of ours")
        lost = say(host, number)
        await until(lambda: refused(speaker))
        assert [one.id for one in refused(speaker)] == [lost]
        disk.defect = None
        kept = say(host, number)
        await until(lambda: speaker.of(Ack))
        assert [one.id for one in speaker.of(Ack)] == [kept]

    run(tmp_path, test)


def test_a_full_disk_refuses_records_and_keeps_the_room(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        listener, _ = join(host)
        kept = say(host, number)
        await until(lambda: speaker.of(Ack))
        disk.full = True
        disk.free.clear()
        lost = [say(host, number), say(host, number)]
        late, _ = join(host)
        disk.free.set()
        await until(lambda: len(refused(speaker)) == 2)
        assert [one.id for one in refused(speaker)] == lost
        assert {one.message_id for one in refused(speaker)} == {"server-not-stored"}
        assert host.storage_failing
        assert [one.command for one in listener.of(RecordChanged)] == [kept]
        # Who was to get a snapshot with what is lost comes again.
        await until(lambda: late.closed)
        assert not late.of(Welcome)
        disk.full = False
        again = say(host, number)
        await until(lambda: len(speaker.of(Ack)) == 2)
        assert [(e.number, e.command) for e in disk.entries()] == [(1, kept), (2, again)]
        assert not host.storage_failing
        # Everybody present is told, once each time.
        for ear in (speaker, listener):
            told = [one.message_id for one in ear.of(CommandRefused) if not one.id]
            assert told == ["server-stores-nothing", "server-stores-again"]

    run(tmp_path, test)


def test_what_comes_after_the_end_is_neither_stored_nor_a_defect(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: Disk) -> None:
        speaker, number = join(host)
        await host.close()
        told = len(speaker.heard)
        say(host, number)  # the client repeats it: it was never acknowledged
        host.leave(number)
        with pytest.raises(NotAdmitted, match="server-closing"):
            join(host)
        await asyncio.sleep(0)
        assert len(speaker.heard) == told and not speaker.of(Ack)

    run(tmp_path, test)
