"""Real servers that record: what happened is in the file, also after SIGKILL at any moment."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from pathlib import Path

import pytest
from mcap.reader import make_reader

from sync_server.recording.contents import TOPICS
from sync_server.recording.reader import Recording
from sync_server.wire.messages import Ack
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from tests.sync_server.recording.support import metadata, read
from tests.sync_server.support import (
    DEADLINE_S,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    until,
)
from vr_app.bots.crowd import run_crowd
from vr_app.bots.member import BotOptions


def live(path: Path, url: str) -> str:
    """A member walks at 30 Hz and marks until all of it is in the file; gives its id."""
    with raw_member(url, name="Very Personal Name", site="Wolkenheim") as member:
        encoder = PoseEncoder()
        member.command("annotation", {"position": [1.0, 2.0, 3.0], "text": "crack"})
        member.receive_until(Ack)
        step = 0

        def walked() -> bool:
            nonlocal step
            step += 1
            pose = MemberPose(Placed((step * 0.05, 0.0, 1.6)), pointer=(9.0, 9.0, 2.0))
            frame = encoder.encode(pose, int(time.time() * 1000))
            assert frame is not None
            member.socket.send(frame)
            time.sleep(0.03)
            seen = read(path) if step % 10 == 0 else {}
            wanted = set(TOPICS.values()) - {"/left_out"}
            return wanted <= seen.keys() and len(seen["/poses"]) >= 50

        until(walked)
        return member.joined.member


@pytest.mark.parametrize("ending", ["sigterm", "sigkill"])
def test_a_room_is_recorded(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "session.mcap"
    twin = make_twin(tmp_path / "twin")
    options = ("--open", "engineer", "--simulate", "--record", str(path))
    with running_server(twin, tmp_path / "state", *options) as server:
        member = live(path, server.url)
        if ending == "sigterm":
            assert server.stop() == 0
        else:
            server.kill()
    found = read(path)
    poses = found["/poses"]
    assert {content["member"] for _, content in poses} == {member}
    assert poses[0][1]["head"]["position"][2] == pytest.approx(1.6, abs=0.001)
    assert poses[0][1]["pointer"] == pytest.approx([9.0, 9.0, 2.0], abs=0.01)
    walked = [content["head"]["position"][0] for _, content in poses]
    steps = [round((b - a) / 0.05) for a, b in itertools.pairwise(walked)]
    assert set(steps) == {1}  # none of the 30 a second is left out
    ((_, record),) = found["/records"]
    assert (record["kind"], record["payload"]["text"]) == ("annotation", "crack")
    assert record["author"] == member
    assert found["/members"][0][1]["event"] == "joined"
    assert found["/observations"][0][1]["datastream"] == "co"
    text = repr(found)
    assert "Personal" not in text and "Wolkenheim" not in text
    if ending == "sigterm":
        assert "Personal" not in repr(metadata(path))
        with path.open("rb") as file:
            summary = make_reader(file).get_summary()
            assert summary is not None and summary.statistics is not None
            assert summary.statistics.message_count == sum(len(v) for v in found.values())
            assert {s.encoding for s in summary.schemas.values()} == {"jsonschema"}


async def kill_at_work(server: ServerProcess, folder: Path, later_s: float) -> None:
    """Bots walk, write, leave and come back; once each of it is in the file, and a moment later,
    their server is killed."""
    options = BotOptions(server.url, commands=3.0, churn_s=1.0, role="engineer")
    stop = asyncio.Event()
    crowd = asyncio.create_task(run_crowd(6, options, None, stop))
    (path,) = await asyncio.to_thread(lambda: list(folder.iterdir()))
    async with asyncio.timeout(DEADLINE_S):
        while not {"/poses", "/records", "/members"} <= read(path).keys():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(later_s)
        server.kill()
        stop.set()
        await crowd


@pytest.mark.parametrize("turn", range(2))
def test_sigkill_at_any_moment_leaves_a_readable_file(tmp_path: Path, turn: int) -> None:
    """Killed in the middle of whatever it does; both readers agree on all that is whole."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    chance = random.Random(turn)
    with running_server(
        make_twin(tmp_path / "twin"),
        tmp_path / "state",
        *("--open", "engineer", "--simulate", "--record", str(folder)),
    ) as server:
        asyncio.run(kill_at_work(server, folder, chance.uniform(0.0, 1.0)))
    (path,) = folder.iterdir()
    found = read(path)
    recording = Recording(path)
    items = [item for block in recording.blocks(0) for item in block]
    assert not recording.whole and recording.damaged == 0
    assert len(items) == sum(len(one) for one in found.values())
    state = recording.state_at(recording.end_ns)
    numbers = [content["number"] for _, content in found["/records"]]
    assert numbers == list(range(1, len(numbers) + 1))  # every command, in order
    assert state.number == numbers[-1]
    recording.close()
