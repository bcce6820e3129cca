"""Joining a large room while it is written to: everything once, nothing lost, bounded memory."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sync_server.room.effects import LogEntry
from sync_server.room.entrance import Entrance
from sync_server.room.records import RecordStore
from sync_server.room.room import Room, RoomIdentity
from sync_server.storage.log import RoomLog
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.transport.outbox import EVENT_BACKLOG
from sync_server.transport.snapshot_feed import FEED_BACKLOG
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SNAPSHOT_CHUNK
from sync_server.wire.messages import (
    Hello,
    RecordChanged,
    RecordInfo,
    Records,
    ServerMessage,
    Welcome,
    decode_server,
    encode,
    encode_records,
)
from sync_server.wire.poses import BATCH_FRAME
from tests.sync_server.rooms import NOW, command, join, make_room, member_id, new_id, scene, sent
from tests.sync_server.support import DEADLINE_S

RECORDS = 3000


class SlowEar:
    """A connection whose line takes only what the test lets it take."""

    remote = host = address = "test"
    secure = False

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self.waiting: list[bytes] = []
        self.most = 0
        self.open = True
        self.dropped = False

    def backlog(self) -> int:
        return sum(map(len, self.waiting))

    def send_framed(self, frame: bytes) -> None:
        self.waiting.append(frame)
        self.most = max(self.most, self.backlog())
        if self.open:
            self.take()

    def send_if_idle(self, frame: bytes) -> bool:
        if self.waiting:
            return False
        self.send_framed(frame)
        return True

    def take(self) -> None:
        """The line takes all that waits."""
        frames, self.waiting = self.waiting, []
        for frame in frames:
            header = 2 if frame[1] < 126 else 4 if frame[1] == 126 else 10
            if frame[header] != BATCH_FRAME:
                self.heard.append(decode_server(frame[header:]))

    def messages(self) -> AsyncIterator[bytes | str]:
        raise NotImplementedError

    async def close(self, code: int, reason: str) -> None:
        self.dropped = True

    def abort(self) -> None:
        self.dropped = True

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.heard if isinstance(one, kind)]

    def mirror(self) -> dict[str, tuple[int, Any]]:
        """What a client knows of the records; fails where something comes twice or out of turn."""
        known: dict[str, tuple[int, Any]] = {}
        last = 0
        for message in self.heard:
            infos: list[RecordInfo] = []
            if isinstance(message, Records):
                infos = message.records
            elif isinstance(message, RecordChanged):
                assert self.of(Records)[-1].last  # events come after the whole snapshot
                infos = [message.record]
            for info in infos:
                assert info.number > last
                last = info.number
                known[info.id] = (info.version, info.payload)
        return known


class SlowDisk(RoomLog):
    """A real log that can be held up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "epoch")
        self.free = threading.Event()
        self.free.set()

    def append(self, entries: Sequence[LogEntry]) -> None:
        assert self.free.wait(DEADLINE_S)
        super().append(entries)


def filled(log: RoomLog, count: int) -> None:
    entries = []
    for number in range(1, count + 1):
        payload = {"position": [1.0, 2.0, 3.0], "text": f"mark {number} " * 20}
        made = (number, new_id(), "m-1", "annotation", "create", new_id(), NOW, payload)
        entries.append(LogEntry(*made))
    log.append(entries)


async def until(condition: Any) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


def run(tmp_path: Path, test: Any, count: int = RECORDS) -> None:
    async def inside() -> None:
        disk = SlowDisk(tmp_path / "mine.sqlite3")
        filled(disk, count)
        entrance = Entrance("mine", bytes(32), "engineer", new_id)
        identity = RoomIdentity("mine", disk.epoch)
        room = Room(identity, scene(), disk.load(), entrance, new_id)
        host = RoomHost(room, disk, RoomClock(), Counter())
        try:
            await test(host, disk)
        finally:
            disk.free.set()
            await host.close()

    asyncio.run(inside())


def enter(host: RoomHost, **hello: Any) -> tuple[SlowEar, int]:
    ear = SlowEar()
    fields = {"versions": [1], "role": "engineer"}
    return ear, host.join(ear, Hello(**(fields | hello)), "")


def say(host: RoomHost, number: int, text: str) -> None:
    wish = command("message", {"text": text})
    host.carry_out(host.room.handle(NOW, number, wish))


def as_known(records: RecordStore) -> dict[str, tuple[int, Any]]:
    return {one.id: (one.version, one.payload) for one in records if not one.deleted}


def test_a_slow_joiner_gets_everything_once_while_others_write(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        speaker, number = enter(host)
        await until(lambda: speaker.of(Records) and speaker.of(Records)[-1].last)
        disk.free.clear()
        say(host, number, "before, not stored yet")
        late, _number = enter(host)
        late.open = False
        say(host, number, "after, not stored yet")
        assert not late.waiting
        disk.free.set()
        await until(lambda: late.waiting)
        # Its line takes nothing: no more than a few chunks wait, whatever the room holds.
        for text in range(20):
            say(host, number, f"meanwhile {text}")
        await until(lambda: speaker.heard[-1].type == "ack" and len(speaker.of(RecordChanged)) > 21)
        assert late.most < FEED_BACKLOG + 2 * SNAPSHOT_CHUNK
        while not (late.of(Records) and late.of(Records)[-1].last):
            before = len(late.heard)
            await until(lambda: late.waiting)
            late.take()
            assert len(late.heard) > before
        late.open = True
        say(host, number, "at the end")
        await until(lambda: len(late.of(RecordChanged)) == 22)
        assert late.mirror() == as_known(host.room.records) == speaker.mirror()
        assert late.of(Welcome)[0].last_number == RECORDS + 1
        assert len(late.of(Records)) > 5 and not late.dropped
        assert [chunk.last for chunk in late.of(Records)][:-1].count(True) == 0

    run(tmp_path, test)


def test_resuming_within_a_slow_commit_brings_each_change_once(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        speaker, number = enter(host)
        ear, gone = enter(host)
        await until(lambda: ear.of(Records) and ear.of(Records)[-1].last)
        welcome = ear.of(Welcome)[0]
        host.leave(gone)
        disk.free.clear()
        say(host, number, "one")
        resume = {"resume": welcome.resume, "epoch": welcome.epoch}
        back, _number = enter(host, last_number=welcome.last_number, **resume)
        say(host, number, "two")
        disk.free.set()
        await until(lambda: back.of(RecordChanged))
        assert back.of(Welcome)[0].difference
        (chunk,) = back.of(Records)
        assert [one.payload["text"] for one in chunk.records] == ["one"]
        assert [one.record.payload["text"] for one in back.of(RecordChanged)] == ["two"]
        assert speaker.mirror() == as_known(host.room.records)

    run(tmp_path, test, count=5)


def test_who_joins_and_takes_nothing_is_dropped_when_too_much_piles_up(tmp_path: Path) -> None:
    async def test(host: RoomHost, _disk: SlowDisk) -> None:
        _speaker, number = enter(host)
        late, _number = enter(host)
        late.open = False
        wish = {"text": "x" * 2000}
        for _ in range(EVENT_BACKLOG // 2000 + 1):
            host.carry_out(host.room.handle(NOW, number, command("message", wish)))
        await until(lambda: late.dropped)

    run(tmp_path, test)


def test_the_servers_large_records_do_not_get_members_dropped(tmp_path: Path) -> None:
    async def test(host: RoomHost, _disk: SlowDisk) -> None:
        ear, _number = enter(host)
        await until(lambda: ear.of(Records))
        ear.open = False
        for language in ("en", "ru", "kk", "ja"):  # what a drill writes at its start, at its most
            payload = {
                "id": f"fire.{language}",
                "drill": "fire",
                "language": language,
                "reviewed": True,
                "ftl": "火" * 200_000,
            }
            made = ("server", "drill_text", "create", payload["id"], NOW, payload)
            number = host.room.records.last_number + 1
            host.carry_out(host.room.repeat(LogEntry(number, new_id(), *made)))
        await until(lambda: len(ear.waiting) >= 4)
        assert not ear.dropped
        assert max(map(len, ear.waiting)) < MAX_SERVER_MESSAGE
        ear.take()
        assert len(ear.of(RecordChanged)) == 4

    run(tmp_path, test, count=1)


def test_records_packed_once_are_the_message_that_the_model_makes() -> None:
    room = make_room()
    number = join(room)
    for text in ("трещина", "ひび", "x" * 300):
        room.handle(NOW, number, command("message", {"text": text}))
    records = list(room.records)
    message = Records(records=[one.info() for one in records], last=True)
    assert encode_records([one.packed for one in records], last=True) == encode(message)
    assert encode_records([], last=False) == encode(Records(records=[], last=False))
    many = [records[0].packed] * 70_000  # another form of the array's length
    assert decode_length(encode_records(many, last=True)) == 70_000


def decode_length(data: bytes) -> int:
    import msgpack  # type: ignore[import-untyped]

    return len(msgpack.unpackb(data)["records"])


def test_a_welcome_names_those_who_are_absent_and_wrote_something() -> None:
    names = {"m-here": "Aigerim", "m-gone": "Kenji", "m-silent": "Nobody"}
    room = make_room(names=names)
    store = room.records
    for number, author in ((1, "m-gone"), (2, "m-other")):
        payload = {"text": "hello"}
        made = (number, new_id(), author, "message", "create", new_id(), NOW, payload)
        store.apply(LogEntry(*made))
    number, effects = room.join(NOW, Hello(versions=[1], role="engineer", name="Me"), "")
    assert sent(effects, Welcome, number)[0].names == {"m-gone": "Kenji"}
    room.handle(NOW, number, command("message", {"text": "hi"}))
    names[member_id(room, number)] = "Me"
    other, effects = room.join(NOW, Hello(versions=[1], site="  Sap\nporo "), "")
    (welcome,) = sent(effects, Welcome, other)
    assert welcome.names == {"m-gone": "Kenji"}  # who is present is among the members
    assert welcome.members[-1].site == "Sap poro"
