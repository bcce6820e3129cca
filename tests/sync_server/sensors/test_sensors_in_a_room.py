"""From a recorded file to a member's eyes: broker, `kenish serve`, `kenish sensors replay`, a room.

Every part is a real process or a real socket; the member judges as the view does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scenes.schema import Datastream, Scene, Sensor, Simulation
from scenes.twin import save_scene
from sync_server.sensors.mqtt import connect
from sync_server.sensors.mqtt_address import parse_address
from sync_server.sensors.payload import encode
from sync_server.wire.alarm import Monitor
from tests.mosquitto import Broker, running_broker
from tests.sync_server.sensors.support import DEADLINE_S, ROOT, data_file, methane
from vr_app.session import LatestValue, ObservationsArrived, RoomSession

MEASURED = "ch4-1"
SIMULATED = "ch4-2"


def streams() -> dict[str, Datastream]:
    quick = Simulation(mean=0.4, amplitude=0.2, period_s=5, noise=0.01)
    return {
        MEASURED: methane(MEASURED, interval_s=0.5, simulation=quick),
        SIMULATED: methane(SIMULATED, interval_s=0.2, simulation=quick),
    }


class Member:
    """A member of the room that watches the sensors, as a view does."""

    def __init__(self, url: str) -> None:
        self.session = RoomSession(url, "Watcher", role="engineer")
        self.monitors = {name: Monitor(stream) for name, stream in streams().items()}
        self.seen: dict[str, list[LatestValue]] = {MEASURED: [], SIMULATED: []}
        self.session.start()

    def look(self) -> None:
        """One frame."""
        for event in self.session.poll():
            if isinstance(event, ObservationsArrived):
                for name, value in event.values.items():
                    self.seen[name].append(value)
                    self.monitors[name].observe(value.time, value.result, value.quality)

    def state(self, name: str) -> str:
        return self.monitors[name].state(self.session.room_time())

    def watch(self, condition: Callable[[], bool], what: str) -> None:
        """Look, frame after frame, until it is so."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            self.look()
            if condition():
                return
            assert time.monotonic() < deadline, f"never: {what} ({self.session.status})"
            time.sleep(0.02)


@contextlib.contextmanager
def program(*arguments: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "vr_app", *arguments], cwd=ROOT, text=True, **more
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def room(folder: Path, broker: Broker) -> Iterator[Member]:
    """A server of a small twin with both sources, and a member in its room."""
    sensor = Sensor(
        id="heading-1",
        title={"en": "Heading 1"},
        position=(0.0, 0.0, 0.0),
        datastreams=list(streams().values()),
    )
    save_scene(folder / "twin", Scene(name="mine", sensors=[sensor]))
    with program(
        *("serve", str(folder / "twin"), "--port", "0", "--open", "engineer", "--simulate"),
        *("--mqtt", broker.url, "--state", str(folder / "state"), "--watch-parent"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as server:
        assert server.stdout is not None
        announcement = json.loads(server.stdout.readline())
        member = Member(f"{announcement['ws']}/mine".replace("/mine/mine", "/mine"))
        try:
            yield member
        finally:
            member.session.close()


def recorded(folder: Path, source: str) -> tuple[Path, str]:
    """The series and the column that is CH4."""
    if source == "methane":
        return data_file("gas_methane_coalmine/methane-train.arff"), "MM116"
    path = folder / "series.csv"
    rows = [f"{index},{1.2 + 0.01 * (index % 40):.2f}" for index in range(20_000)]
    path.write_text("t,gas\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path, "gas"


@pytest.mark.parametrize("source", ["generated", "methane"])
def test_a_replay_is_seen_in_the_room_and_turns_stale(tmp_path: Path, source: str) -> None:
    file, column = recorded(tmp_path, source)
    with running_broker(tmp_path / "broker") as broker, room(tmp_path, broker) as member:
        member.watch(lambda: member.state(SIMULATED) == "normal", "a simulated value")
        replay = (
            *("sensors", "replay", str(file), "--mqtt", broker.url, "--speed", "50"),
            *("--map", f"{column}={MEASURED}"),
        )
        with program(*replay, stdout=subprocess.DEVNULL) as sender:
            member.watch(lambda: member.state(MEASURED) == "warning", "a warning")
            before = len(member.seen[MEASURED])
            member.watch(lambda: len(member.seen[MEASURED]) >= before + 8, "a changing value")
            newest = member.seen[MEASURED][before:]
            assert len({one.time for one in newest}) >= 8
            assert {one.quality for one in newest} == {"good"}
            assert all(one.result is not None for one in newest)
            if source == "generated":
                assert all((one.result or 0) > 1.0 for one in newest)
                member.watch(lambda: member.monitors[MEASURED].trend == "rising", "a trend")
            sender.kill()  # no goodbye: the broker publishes its last will
            member.watch(lambda: member.seen[MEASURED][-1].quality == "stale", "stale")
            assert member.state(MEASURED) == "stale"
            assert member.monitors[MEASURED].result == member.seen[MEASURED][-1].result
        # The simulator goes on elsewhere, and does not make up what was measured here.
        count = len(member.seen[SIMULATED])
        member.watch(lambda: len(member.seen[SIMULATED]) >= count + 5, "the simulator")
        assert member.seen[MEASURED][-1].quality == "stale"
        with program(*replay, stdout=subprocess.DEVNULL):
            member.watch(lambda: member.state(MEASURED) == "warning", "back again")
            broker.kill()
            member.watch(lambda: member.state(MEASURED) == "stale", "stale without a broker")
        assert member.session.status.state == "joined"
        member.watch(lambda: member.state(SIMULATED) == "normal", "the simulator still")


def test_a_sensor_that_falls_silent_turns_stale_by_its_age(tmp_path: Path) -> None:
    with running_broker(tmp_path / "broker") as broker, room(tmp_path, broker) as member:

        async def send_once() -> None:
            address = parse_address(broker.url)
            async with connect(address) as sender:
                topic = address.topic("mine", MEASURED)
                await sender.publish(topic, encode(2.5, time.time()), qos=1, retain=True)

        def arrived() -> bool:
            return any(one.result == 2.5 for one in member.seen[MEASURED])

        asyncio.run(send_once())
        member.watch(arrived, "the value")
        member.watch(lambda: member.state(MEASURED) == "stale", "stale by age")
        assert member.seen[MEASURED][-1].quality == "good"  # nobody said so: the age did
        assert member.monitors[MEASURED].level == "alarm"
        age = member.monitors[MEASURED].age_s(member.session.room_time())
        assert age is not None
        assert age > 1.5
