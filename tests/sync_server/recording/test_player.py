"""A replay's player on a real room: a jump that changes much, before members of every speed."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from sync_server.recording import player as player_module
from sync_server.recording.player import RecordingPlayer
from sync_server.recording.reader import Recording
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost
from sync_server.transport.outbox import EVENT_BACKLOG
from sync_server.wire.messages import RecordChanged
from tests.sync_server.hosted import SlowDisk, SlowEar, enter, run, until
from tests.sync_server.recording.support import RecordedRoom
from tests.sync_server.rooms import command

MARKS = 1200


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session at whose end there is more to tell than may wait for anybody."""
    path = tmp_path_factory.mktemp("marks") / "marks.mcap"
    recorded = RecordedRoom(path)
    number = recorded.join()
    for _ in range(MARKS):
        mark = {"position": [1.0, 2.0, 3.0], "text": "a long note " * 30}
        wish = command("annotation", mark)
        recorded.carry_out(recorded.room.handle(recorded.now, number, wish))
        recorded.now += 0.01
    recorded.recorder.close()
    return path


def marks(ear: SlowEar) -> int:
    return sum(one.record.kind == "annotation" for one in ear.of(RecordChanged))


async def show_the_end(host: RoomHost, path: Path) -> None:
    """Play, standing at the end, until cancelled."""
    with contextlib.closing(Recording(path)) as recording:
        length = (recording.end_ns - recording.start_ns) / 1e9
        player = RecordingPlayer(recording, 1.0, length, loop=False)
        await player.run(host, RoomClock())


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def test_a_jump_waits_for_those_who_read(tmp_path: Path, recording: Path) -> None:
    async def story(host: RoomHost, _disk: SlowDisk) -> None:
        ear, _number = enter(host)
        ear.open = False

        async def read() -> None:
            while True:
                await asyncio.sleep(0.003)
                ear.take()

        reading = asyncio.create_task(read())
        playing = asyncio.create_task(show_the_end(host, recording))
        await until(lambda: ear.dropped or marks(ear) == MARKS)
        await stopped(playing)
        await stopped(reading)
        assert not ear.dropped
        assert ear.most < EVENT_BACKLOG

    run(tmp_path, story, 0)


def test_a_jump_does_not_wait_for_one_who_does_not(
    tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_module, "PATIENCE_S", 0.02)

    async def story(host: RoomHost, _disk: SlowDisk) -> None:
        quick, _one = enter(host)
        deaf, _two = enter(host)
        deaf.open = False
        playing = asyncio.create_task(show_the_end(host, recording))
        await until(lambda: marks(quick) == MARKS)
        await stopped(playing)
        assert deaf.dropped and not quick.dropped

    run(tmp_path, story, 0)
