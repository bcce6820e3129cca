"""A room's host on a real log that can be held up, and connections whose lines can be."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from sync_server.room.effects import LogEntry
from sync_server.room.entrance import Entrance
from sync_server.room.records import RecordStore
from sync_server.room.room import Room, RoomIdentity
from sync_server.storage.log import RoomLog, StorageFailed
from sync_server.storage.retention import Retention
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.wire.messages import (
    Hello,
    RecordChanged,
    RecordInfo,
    Records,
    ServerMessage,
    decode_server,
)
from sync_server.wire.poses import BATCH_FRAME
from tests.sync_server.rooms import NOW, SECRET, command, new_id, scene
from tests.sync_server.support import DEADLINE_S


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
    """A real log that can be held up and filled up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "epoch")
        self.free = threading.Event()
        self.free.set()
        self.full = False

    def append(self, entries: Sequence[LogEntry]) -> None:
        assert self.free.wait(DEADLINE_S)
        if self.full:
            raise StorageFailed("server-storage", file="x", reason="full")
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


def run(
    tmp_path: Path,
    test: Callable[[RoomHost, SlowDisk], Any],
    count: int,
    retention: Retention | None = None,
) -> None:
    """Run a test in a room with so many marks in its log."""

    async def inside() -> None:
        disk = SlowDisk(tmp_path / "mine.sqlite3")
        filled(disk, count)
        entrance = Entrance("mine", SECRET, "engineer", new_id)
        identity = RoomIdentity("mine", disk.epoch)
        room = Room(identity, scene(), disk.load(), entrance, new_id)
        host = RoomHost(room, disk, RoomClock(), Counter(), retention=retention)
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
