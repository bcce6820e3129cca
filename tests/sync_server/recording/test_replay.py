"""`kenish replay` as a process: what was live is shown again, at its time; people steer it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_server.wire.messages import Ack, CommandRefused, RecordChanged, Welcome
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    RawMember,
    close_pipes,
    make_twin,
    raw_member,
    running_server,
)
from tools.bench._capture import Capture, capture, caught_up, compare_poses, story
from vr_app.bots.crowd import run_crowd
from vr_app.bots.member import BotOptions


@contextlib.contextmanager
def replaying(file: Path, *options: str, folder: Path | None = None) -> Iterator[dict[str, Any]]:
    """A replay that listens; what it announced. Fails where it ends badly."""
    command = [sys.executable, "-m", "vr_app", "replay", str(file), "--port", "0", *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder or ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        if not line:
            process.wait(DEADLINE_S)
            raise AssertionError(process.stderr.read().decode())
        said: dict[str, Any] = json.loads(line)
        yield said | {"url": f"{said['ws']}/{said['rooms'][0]}"}
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE_S)
        close_pipes(process)


async def _record(url: str, seconds: float) -> Capture:
    seen = Capture()
    watching = asyncio.create_task(capture(url, seen))
    await seen.joined.wait()
    await run_crowd(
        4, BotOptions(url, commands=2.0, churn_s=2.0, role="engineer"), seconds, asyncio.Event()
    )
    await caught_up(url, seen)
    watching.cancel()
    await watching
    return seen


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Capture]:
    """A session that was recorded: the file, the twin, and what a member saw live."""
    folder = tmp_path_factory.mktemp("session")
    twin = make_twin(folder / "mine")
    file = folder / "session.mcap"
    options = ("--open", "engineer", "--simulate", "--record", str(file))
    with running_server(twin, folder / "state", *options) as server:
        live = asyncio.run(_record(server.url, 2.0))
        assert server.stop() == 0
    return file, twin, live


async def _watch(url: str) -> Capture:
    """What is shown from the first moment, with the watcher there, until the end."""
    with raw_member(url) as member:
        assert _act(member, act="pause")["playing"] is False
        assert _act(member, act="seek", at_s=0.0)["at_s"] == 0.0
    with raw_member(url) as member:
        _until_records(member, set())
        seen = Capture()
        watching = asyncio.create_task(capture(url, seen))
        await seen.joined.wait()
        member.command("replay_act", {"act": "play"})
        async with asyncio.timeout(DEADLINE_S):
            played = False
            while not played or seen.states[-1]["playing"]:
                await asyncio.sleep(0.02)
                played = any(state["playing"] for state in seen.states)
    watching.cancel()
    await watching
    return seen


@pytest.mark.parametrize("speed", [1, 4])
def test_a_replay_shows_the_same_at_the_same_times(
    session: tuple[Path, Path, Capture], speed: int
) -> None:
    file, twin, live = session
    options = ("--twin", str(twin), "--speed", str(speed), "--open", "engineer")
    with replaying(file, *options) as said:
        assert said["rooms"] == ["mine"] and said["whole"] is True
        shown = asyncio.run(_watch(said["url"]))
    assert story(shown.changes) == story(live.changes)
    first = shown.recorded_time(min(t for one in shown.poses.values() for t, _pose in one))
    last = max(t for one in live.poses.values() for t, _pose in one)
    # Times are whole milliseconds on both ways; a speed stretches them.
    tolerance_s = 0.002 * (1 + speed)
    found = compare_poses(live, shown, tolerance_s, first + 0.1 * speed, last)
    # How many a late loop puts into one is the benchmark's business. Two that lie closer than the
    # tolerance may be taken for each other: so far does somebody move and turn in that time.
    assert found.poses - found.missing > 20
    assert found.largest_m <= 0.001 + 3.0 * tolerance_s
    assert found.largest_deg <= 0.25 + 180.0 * tolerance_s
    assert shown.values


def _act(member: RawMember, **act: Any) -> dict[str, Any]:
    """Press something; the state that follows from it, not one that was on its way before."""
    pressed = member.command("replay_act", act)
    while member.receive_until(RecordChanged).command != pressed:
        pass
    while (changed := member.receive_until(RecordChanged)).record.kind != "replay_state":
        pass
    payload: dict[str, Any] = changed.record.payload
    return payload


def test_people_steer_a_replay_and_change_nothing(
    session: tuple[Path, Path, Capture], tmp_path: Path
) -> None:
    file, twin, live = session
    before = sorted((one.name, one.read_bytes()) for one in file.parent.glob("*.mcap"))
    with replaying(file, "--open", "engineer", "--loop", folder=twin.parent) as said:  # finds it
        with raw_member(said["url"], role="observer") as watcher:
            watcher.command("replay_act", {"act": "pause"})
            assert watcher.receive_until(CommandRefused).message_id == "server-forbidden"
        with raw_member(said["url"]) as member:
            member.command("annotation", {"position": [0, 0, 0], "text": "no"})
            refused = member.receive_until(CommandRefused)
            assert refused.message_id == "server-replay-shows-only"
            assert _act(member, act="pause")["playing"] is False
            end = said["duration_s"]
            state = _act(member, act="seek", at_s=end)
            assert state["at_s"] == pytest.approx(end) and state["playing"] is False
        alive = {}
        for op, record in live.changes:
            alive[record.id] = op != "delete"
        with raw_member(said["url"]) as member:
            _until_records(member, {name for name, lives in alive.items() if lives})
            assert _act(member, act="seek", at_s=0.0)["at_s"] == 0
        with raw_member(said["url"]) as member:
            _until_records(member, set())
            assert _act(member, act="speed", speed=2.0)["speed"] == 2.0
            state = _act(member, act="play")
            assert state["playing"] and state["speed"] == 2.0
            member.command("message", {"text": "look there"})
            assert member.receive_until(Ack)
    assert before == sorted((one.name, one.read_bytes()) for one in file.parent.glob("*.mcap"))


def _until_records(member: RawMember, wanted: set[str]) -> None:
    """Wait until exactly these recorded annotations and messages stand in the room."""
    there = {r.id for r in member.records if r.kind in {"annotation", "message"} and not r.deleted}
    while there != wanted:
        changed = member.receive_until(RecordChanged)
        if changed.record.kind in {"annotation", "message"}:
            if changed.record.deleted:
                there.discard(changed.record.id)
            else:
                there.add(changed.record.id)


def test_a_late_watcher_sees_everybody_who_is_shown(
    session: tuple[Path, Path, Capture],
) -> None:
    file, twin, _live = session
    with (
        replaying(file, "--twin", str(twin), "--from", "1.5", "--speed", "0.1") as said,
        raw_member(said["url"], role="observer") as first,
    ):
        while not any(one.display == "bot" for one in first.joined.members):
            with raw_member(said["url"], role="observer") as again:
                first.welcome = again.joined
        welcome: Welcome = first.joined
        shown = [one for one in welcome.members if one.display == "bot"]
        assert shown and all(one.name == f"#{one.number}" for one in shown)
        assert {one.role for one in shown} == {"engineer"}


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no recording", "cannot be read"), (None, "cannot be read")],
)
def test_what_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    file = tmp_path / "x.mcap"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AssertionError) as failed, replaying(file):
        pass
    assert message in str(failed.value) and "Traceback" not in str(failed.value)


def test_a_twin_that_is_not_there_is_asked_for(
    session: tuple[Path, Path, Capture], tmp_path: Path
) -> None:
    lonely = tmp_path / "session.mcap"
    lonely.write_bytes(session[0].read_bytes())
    with pytest.raises(AssertionError, match="--twin"), replaying(lonely, folder=tmp_path):
        pass
