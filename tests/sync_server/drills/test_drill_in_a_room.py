"""Drill C in a real server with real members on real sockets, to its verdict."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curricula.loader import load_drill
from curricula.scoring import canonical
from scenes.twin import save_scene
from sync_server.drills.replay import sheet_of_records
from sync_server.storage.administration import export
from sync_server.storage.folder import StateFolder
from sync_server.wire.poses import MemberPose, Placed
from tests.sync_server.drills.fire_scene import REFUGE, fire_scene
from tests.sync_server.support import ROOT, running_server, until
from vr_app.session import CommandRefused, RoomSession

SPEED = "20"  # drill seconds in a second
UPRIGHT = (1.0, 0.0, 0.0, 0.0)


class Trainee:
    """A member who acts on what the drill shows, as a view would."""

    def __init__(self, url: str, role: str = "engineer") -> None:
        self.session = RoomSession(url, "T", role)
        self.session.start()
        until(lambda: self.session.status.state == "joined", f"joined: {self.session.status}")
        self.stand(0.0, 0.0)

    def stand(self, east: float, north: float) -> None:
        head = Placed((east, north, 1.6), UPRIGHT)
        self.session.send_pose(MemberPose(head=head, left=head, right=head, pointer=None))

    @property
    def state(self) -> dict[str, Any]:
        record = self.session.records.get("fire_and_co")
        return {} if record is None else dict(record.payload)

    @property
    def mine(self) -> dict[str, Any]:
        return dict(self.state.get("people", {}).get(self.session.me, {}))

    def prompted(self, step: str) -> Callable[[], bool]:
        return lambda: step in [one["step"] for one in self.mine.get("prompts", [])]

    def act(self, act: str, **fields: Any) -> None:
        self.session.command("drill_act", {"act": act, **fields})

    def use(self, thing: str, action: str) -> None:
        self.session.command("object_state", {"object": thing, "action": action})

    def choose(self, prompt: str, option: str) -> None:
        self.session.command("choice", {"prompt": prompt, "option": option})

    def co(self) -> float:
        value = self.session.observations.get("co-1")
        return 0.0 if value is None or value.result is None else value.result


@contextlib.contextmanager
def drill_room(folder: Path, *options: str, speed: str = SPEED) -> Iterator[str]:
    save_scene(folder / "twin", fire_scene())
    with running_server(
        folder / "twin",
        folder / "state",
        *("--open", "engineer", "--simulate", "--drill", "fire_and_co", "--drill-speed", speed),
        *options,
    ) as server:
        yield server.url
        assert server.stop() == 0
        assert "Traceback" not in server.log()


@contextlib.contextmanager
def trainees(url: str, count: int) -> Iterator[list[Trainee]]:
    people = [Trainee(url) for _ in range(count)]
    try:
        yield people
    finally:
        for one in people:
            one.session.close()


def verdict(one: Trainee) -> dict[str, Any]:
    until(lambda: one.state.get("verdict") is not None, "a verdict")
    sheet = one.state["sheet"]
    assert isinstance(sheet, dict)
    return sheet


def replayed(folder: Path) -> str:
    """The verdict recomputed from the records that the server left on the disk."""
    records = export(StateFolder(folder / "state"), "mine")["records"]
    parts = [one["payload"] for one in records if one["kind"] == "drill_log"]
    return canonical(sheet_of_records(load_drill("fire_and_co"), parts))


def test_two_people_play_the_drill_to_a_pass(tmp_path: Path) -> None:
    with drill_room(tmp_path) as url, trainees(url, 2) as (crew, control):
        control.choose("drill.lane", "control_room")
        crew.choose("drill.lane", "crew")
        until(lambda: len(crew.state.get("chosen", {})) == 2, "two lanes taken")
        crew.act("start")
        until(crew.prompted("raise_alarm"), "the alarm's prompt")
        before = crew.co()
        crew.use("phone", "raise_alarm")
        until(crew.prompted("don_rescuer"), "the self-rescuer's prompt")
        crew.use("rescuer-1", "don")
        until(crew.prompted("check_seal"), "the seal's prompt")
        crew.choose("seal_check", "inhale")
        until(control.prompted("name_position"), "the control room's prompt")
        control.choose("position", "fire")
        until(control.prompted("order_withdrawal"), "the order")
        control.choose("withdrawal", "refuge")
        until(control.prompted("decide_fan"), "the fan")
        control.choose("fan_order", "keep")
        until(crew.prompted("reach_safety"), "the way")
        # The gas that the drill leads is what every member's sensor label shows.
        until(lambda: crew.co() > before + 20 and control.co() > 20, "CO rises")
        crew.stand(REFUGE[0], REFUGE[1])
        until(crew.prompted("close_refuge"), "the door")
        crew.use("door", "close")
        until(crew.prompted("purge_refuge"), "the purge")
        crew.use("purge", "purge")
        until(crew.prompted("report_count"), "the count")
        crew.choose("crew_count", "1")
        until(control.prompted("log_headcount"), "the headcount")
        control.choose("headcount", "1")
        sheet = verdict(crew)
        assert sheet["verdict"] == "passed", sheet
        assert [one["percent"] for one in sheet["people"]] == [100.0, 100.0]
        assert canonical(verdict(control)) == canonical(sheet)
        until(lambda: crew.co() < 10, "the real sensor again")
        texts = crew.session.records["fire_and_co.kk"].payload
        assert "Өрт және иіс газы" in texts["ftl"]
    assert replayed(tmp_path) == canonical(sheet)
    # What was told to those present stands in no record.
    records = export(StateFolder(tmp_path / "state"), "mine")["records"]
    kept = [one["payload"] for one in records if one["kind"] == "drill_state"]
    assert kept and all(one["verdict"] is None and one["sheet"] is None for one in kept)
    assert all(row["score"] is None for one in kept for row in one["people"].values())


def test_without_a_self_rescuer_the_drill_is_failed(tmp_path: Path) -> None:
    with (
        drill_room(tmp_path, "--drill-mode", "drill", speed="60") as url,
        trainees(url, 1) as (one,),
    ):
        until(lambda: one.state.get("phase") == "waiting", "the drill waits")
        one.act("start")  # alone: whoever starts it plays it
        until(lambda: one.state.get("captions"), "smoke")
        one.use("phone", "raise_alarm")
        until(lambda: one.co() >= 220, "CO above the ceiling")
        sitting = one.mine
        assert sitting["prompts"] == [] and sitting["score"] is None  # a silent drill
        one.stand(REFUGE[0], REFUGE[1])
        sheet = verdict(one)
        (person,) = sheet["people"]
        assert (sheet["verdict"], person["verdict"]) == ("failed", "failed")
        assert {"don_rescuer", "unmasked"} <= set(person["critical"])
        lost = {row["item"]: row for row in person["lost"]}
        assert lost["unmasked"]["value"] >= lost["unmasked"]["limit"]["value"] == 200
        reached = next(row for row in person["steps"] if row["id"] == "reach_safety")
        assert reached["status"] == "done"  # the place was entered by walking there
    assert replayed(tmp_path) == canonical(sheet)


def test_an_engineer_may_run_the_drill_but_not_direct_it(tmp_path: Path) -> None:
    with drill_room(tmp_path) as url, trainees(url, 1) as (one,):
        one.act("start")
        until(lambda: one.state.get("phase") == "running", "running")
        one.act("pause")
        until(lambda: one.state.get("phase") == "paused", "paused")
        refused: list[Any] = []
        one.act("override", target="don_rescuer", outcome="done", reason="please")

        def is_refused() -> bool:
            refused.extend(e for e in one.session.poll() if isinstance(e, CommandRefused))
            return bool(refused)

        until(is_refused, "refused")
        assert refused[0].message_id == "server-forbidden"
        one.act("abort", reason="done")
        assert verdict(one)["verdict"] == "aborted"
    assert json.loads(replayed(tmp_path))["verdict"] == "aborted"


@pytest.mark.parametrize("broken", ["missing.yaml", "fire_and_co"])
def test_a_drill_that_cannot_run_stops_the_server_with_one_line(
    tmp_path: Path, broken: str
) -> None:
    scene = fire_scene()
    scene.places = []
    save_scene(tmp_path / "twin", scene)
    command = [sys.executable, "-m", "vr_app", "serve", str(tmp_path / "twin"), "--port", "0"]
    command += ["--state", str(tmp_path / "state"), "--drill", broken]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr
