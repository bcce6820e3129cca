"""`kenish bots`: real bots in a real room, and figures that would show a fault."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scenes.schema import Network, NetworkEdge, NetworkNode, Scene
from sync_server.wire.messages import Joined, RecordChanged
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    ServerProcess,
    close_pipes,
    make_twin,
    raw_member,
    running_server,
    small_scene,
    until,
)
from vr_app.bots.crowd import fetch_scene, run_crowd
from vr_app.bots.member import BotOptions
from vr_app.bots.tally import Durations, Tally
from vr_app.bots.walks import Walks
from vr_app.cli import run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("bots")
    with running_server(make_twin(folder / "twin"), folder / "state", "--open", "trainee") as one:
        yield one


def crowd(
    count: int, options: BotOptions, enough: Callable[[Tally], Any], **more: Any
) -> dict[str, Any]:
    """Bots live until enough has happened; their report."""
    stop = asyncio.Event()

    def look(passed: float, tally: Tally) -> None:
        if enough(tally) or passed > DEADLINE_S:
            stop.set()

    return asyncio.run(run_crowd(count, options, None, stop, on_second=look, **more))


def test_bots_walk_and_write_and_every_pose_and_command_is_accounted_for(
    server: ServerProcess,
) -> None:
    options = BotOptions(server.url, commands=5.0, role="trainee")
    report = crowd(4, options, lambda t: t.joined == 4 and t.acks.count and t.poses_of_bots > 20)
    assert report["joined"] == report["present_at_end"] == 4
    assert report["refused"] == report["commands_refused"] == {} and report["malformed"] == 0
    # A loop that is late merges poses of one member: how many, and how old they get, is the
    # benchmark's business.
    assert report["poses_sent"] > 0 and report["delivered"] > 0
    assert report["poses_decoded"] > 0
    age = report["pose_age_ms"]
    assert age["p50"] <= age["p95"] <= age["p99"] <= age["max"]
    assert 0 < report["commands_acknowledged"] <= report["commands_sent"]
    assert report["ack_ms"]["p50"] > 0


def test_bots_that_come_and_go_leave_nothing_standing_and_resume(server: ServerProcess) -> None:
    options = BotOptions(server.url, commands=4.0, churn_s=0.4, role="trainee")
    report = crowd(12, options, lambda t: t.resumed and t.left["bye"] and t.joined > 15)
    ended = report["connections_ended"]
    assert report["resumed"] > 0
    # The first eight watch and stay.
    assert report["joined"] > 15 and sum(ended.values()) >= report["joined"] - 12
    assert set(ended) <= {"bye", "close", "cut"}  # the server has thrown nobody out
    assert report["commands_refused"] == {}


def test_bots_get_the_scene_from_the_room(server: ServerProcess) -> None:
    with raw_member(server.url, role="trainee") as member:
        scene = fetch_scene(member.joined)
        assert scene is not None and len(scene.places) == 2
        assert fetch_scene(member.joined.model_copy(update={"http": "http://127.0.0.1:1"})) is None


def test_what_keeps_bots_out_is_counted_by_reason(server: ServerProcess) -> None:
    report = crowd(
        3, BotOptions(server.url, role="instructor"), lambda _t: False
    )  # till none is left
    assert report["refused"] == {"server-role-not-open": 3} and report["joined"] == 0


def test_tickets_let_bots_in_where_nothing_is_open(tmp_path: Path) -> None:
    with running_server(make_twin(tmp_path / "twin"), tmp_path / "state") as closed:
        tickets = []
        for _ in range(2):
            command = [sys.executable, "-m", "vr_app", "token", "mine", "--role", "instructor"]
            done = subprocess.run(
                [*command, "--state", str(tmp_path / "state")],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
            tickets.append(done.stdout.strip())
        options = BotOptions(closed.url, churn_s=0.3, role="instructor")
        report = crowd(3, options, lambda t: t.joined > 1 and t.refused, tickets=tickets)
    assert report["joined"] >= 2 and set(report["refused"]) == {"server-ticket-missing"}


def test_the_command_ends_with_its_report_on_ctrl_c(server: ServerProcess) -> None:
    command = [sys.executable, "-m", "vr_app", "bots", "2", server.url, "--json"]
    with raw_member(server.url, role="trainee") as member:
        process = subprocess.Popen(
            [*command, "--role", "trainee", "--commands", "9"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        try:
            for _bot in range(2):
                assert member.receive_until(Joined).member.display == "bot"
            assert member.receive_until(RecordChanged).record.kind in {"annotation", "message"}
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()
            process.wait()
            close_pipes(process)
    assert process.returncode == 0 and errors == b""
    report = json.loads(out)
    assert report["bots"] == report["joined"] == 2 and report["commands_sent"] > 0


def test_an_address_where_nothing_is_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bots", "2", "ws://127.0.0.1:1/mine", "--lang", "en"]) == 1
    assert "Nothing answers" in capsys.readouterr().err
    assert run(["bots", "2", "http://127.0.0.1/mine", "--lang", "en"]) == 2
    assert run(["bots", "0", "ws://127.0.0.1:1/mine", "--lang", "en"]) == 2


def test_bots_walk_on_the_travel_ways() -> None:
    nodes = [NetworkNode(id=f"n{i}", position=(i * 10.0, 0.0, -1.0 * i)) for i in range(4)]
    edges = [
        NetworkEdge(id=f"e{i}", start=f"n{i}", end=f"n{i + 1}", kind="drift", length_m=10.0)
        for i in range(3)
    ]
    scene = small_scene().model_copy(
        update={"networks": [Network(id="ways", kind="travel", nodes=nodes, edges=edges)]}
    )
    walk = Walks(scene).walk(random.Random(1))
    for step in range(500):
        (east, north, up), _azimuth = walk.feet(step * 0.5)
        assert north == 0.0 and 0 <= east <= 30 and up == pytest.approx(-east / 10)


@pytest.mark.parametrize("scene", [None, Scene(name="empty"), small_scene()])
def test_bots_walk_wherever_they_are(scene: Scene | None) -> None:
    one, other = (Walks(scene).walk(random.Random(seed)) for seed in (1, 2))
    assert one.feet(5.0) != one.feet(9.0)
    assert one.pose(5.0) != other.pose(5.0)


def test_a_sample_of_durations_is_bounded_and_fair() -> None:
    durations = Durations(limit=1000)
    for number in range(50_000):
        durations.add(number / 50_000)
    assert durations.count == 50_000
    found = durations.milliseconds()
    assert found is not None
    assert found["p50"] == pytest.approx(500, abs=80)
    assert found["p95"] == pytest.approx(950, abs=40)
    assert Durations().milliseconds() is None
    assert Tally().report(1, 1.0, 0.0)["delivered"] is None


def test_nothing_is_kept_of_bots_that_left(server: ServerProcess) -> None:
    crowd(3, BotOptions(server.url, role="trainee"), lambda t: t.joined == 3)

    def alone() -> bool:
        with raw_member(server.url, role="trainee") as member:
            return len(member.joined.members) == 1

    until(alone)
