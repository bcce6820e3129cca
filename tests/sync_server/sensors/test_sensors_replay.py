"""`kenish sensors replay` as a real program against a real broker, and its choice of columns."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sync_server.sensors.errors import SensorError, SensorRefused
from sync_server.sensors.mqtt import MqttGateway
from sync_server.sensors.mqtt_address import parse_address
from sync_server.sensors.replay import (
    Replay,
    Target,
    choose_targets,
    identifier_for,
    read_mapping,
    read_mappings,
)
from sync_server.sensors.series import open_series
from tests.mosquitto import Broker, running_broker
from tests.sync_server.sensors.support import (
    ROOT,
    Collector,
    data_file,
    eventually,
    methane,
    supervised,
)

STREAMS = {name: methane(name) for name in ("ch4-1", "ch4-2")}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "vr_app", "sensors", "replay", *arguments]


def run_command(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the JSON object and stderr."""
    done = subprocess.run(
        command(*arguments, "--json"), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def csv_file(folder: Path, rows: Sequence[str], header: str = "t,MM116") -> Path:
    path = folder / "series.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("column", "name"),
    [("MM116", "mm116"), ("pH mV", "ph_mv"), ("Turbidity+", "turbidity"), ("расход", "")],
)
def test_columns_get_names(column: str, name: str) -> None:
    assert identifier_for(column) == name


def test_mappings() -> None:
    assert read_mapping("MM116=ch4-1") == ("MM116", Target("ch4-1"))
    assert read_mapping("a=b=ec*1000") == ("a=b", Target("ec", 1000.0))
    for text in ("MM116", "=x", "a=", "a=B", "a=x*y", "a=../x"):
        with pytest.raises(SensorRefused):
            read_mapping(text)
    assert list(read_mappings(["a=x", "b=y"])) == ["a", "b"]
    for texts in (["a=x", "a=y"], ["a=x", "b=x"]):
        with pytest.raises(SensorRefused):
            read_mappings(texts)


def test_targets(tmp_path: Path) -> None:
    series = open_series(csv_file(tmp_path, ["0,1,2", "1,1,2"], "t,ch4-1,Other"))
    everything = choose_targets(series, {}, None)
    assert everything == {"ch4-1": Target("ch4-1"), "Other": Target("other")}
    assert choose_targets(series, {}, STREAMS) == {"ch4-1": Target("ch4-1")}
    for mapping, message_id in [
        ({"none": Target("ch4-1")}, "sensors-no-column"),
        ({"Other": Target("nowhere")}, "sensors-no-datastream"),
    ]:
        with pytest.raises(SensorRefused) as caught:
            choose_targets(series, mapping, STREAMS)
        assert caught.value.message_id == message_id
    with pytest.raises(SensorRefused) as caught:
        choose_targets(series, {}, {"x": methane("x")})
    assert caught.value.message_id == "sensors-nothing-mapped"


def test_every_row_arrives_with_its_time_and_factor(tmp_path: Path) -> None:
    rows = [f"{1_700_000_000 + index},{index % 50}" for index in range(400)]
    rows[7] = "1700000007,broken"
    series = open_series(csv_file(tmp_path, rows))

    async def scenario(broker: Broker) -> None:
        address = parse_address(broker.url)
        collector = Collector()
        async with supervised([MqttGateway(address, "mine", STREAMS)], collector) as states:
            replay = Replay(
                series,
                {"MM116": Target("ch4-1", 0.1)},
                address,
                twin="mine",
                speed=0,
                times="file",
            )
            # The gateway must listen before: what is not the latest is not retained.
            probe = Replay(series, {"MM116": Target("ch4-2")}, address, twin="mine", speed=0)
            while not collector.of("ch4-2"):
                await probe.run()
            await replay.run()
            await collector.until(
                lambda: [o.quality for o in collector.of("ch4-1")][-1:] == ["stale"]
            )
            assert states["mqtt"].failures == 0
        got = [one for one in collector.of("ch4-1") if one.quality != "stale"]
        assert replay.counts.published == len(got) == 399
        assert replay.counts.skipped == 1
        assert replay.counts.bad_rows == [(9, "number")]
        expected = [i for i in range(400) if i != 7]
        assert [one.phenomenon_time for one in got] == [1_700_000_000.0 + i for i in expected]
        assert [one.result for one in got] == pytest.approx([(i % 50) * 0.1 for i in expected])
        assert got[0].source == f"mqtt:{replay.name}"
        # It ended, and said so: what it brought does not stand as fresh.
        assert collector.of("ch4-1")[-1].quality == "stale"

    with running_broker(tmp_path / "broker") as broker:
        asyncio.run(scenario(broker))


def test_speed_is_kept_and_times_are_now(tmp_path: Path) -> None:
    series = open_series(csv_file(tmp_path, [f"{10 * index},1" for index in range(6)]))

    async def scenario(broker: Broker) -> float:
        address = parse_address(broker.url)
        replay = Replay(series, {"MM116": Target("ch4-1")}, address, twin="mine", speed=100)
        start = time.monotonic()
        await replay.run()
        assert replay.counts.published == 6
        collector = Collector()
        async with supervised([MqttGateway(address, "mine", STREAMS)], collector):
            await collector.until(lambda: bool(collector.all))
        last = collector.all[0]
        assert abs(last.phenomenon_time - time.time()) < 20
        assert last.quality == "stale"
        return time.monotonic() - start

    with running_broker(tmp_path / "broker") as broker:
        assert asyncio.run(scenario(broker)) >= 0.5


def test_methane_file_through_the_program(tmp_path: Path) -> None:
    file = data_file("gas_methane_coalmine/methane-train.arff")
    with running_broker(tmp_path / "broker") as broker:
        status, result, said = run_command(
            str(file), "--mqtt", broker.url, "--speed", "0", "--map", "MM116=ch4-1"
        )
    assert status == 0, said
    assert (result["rows"], result["published"], result["skipped"]) == (13368, 13368, 0)
    assert result["format"] == "arff"
    assert "1 s from row to row" in said


def test_water_sonde_through_the_program(tmp_path: Path) -> None:
    file = data_file("water_sonde_driftR/rawData.csv")
    with running_broker(tmp_path / "broker") as broker:
        status, result, said = run_command(
            *(str(file), "--mqtt", broker.url, "--speed", "0"),
            *("--map", "SpCond=ec-1*1000", "--map", "pH=ph-1", "--prefix", "site/a"),
        )
    assert status == 0, said
    assert (result["rows"], result["published"], result["skipped"]) == (1527, 3054, 0)
    assert "SpCond [mS/cm] -> site/a/any/ec-1" in said


def test_bad_rows_are_counted_and_named_by_the_program(tmp_path: Path) -> None:
    file = csv_file(tmp_path, ["0,1", "1,x", "2", "3,4"])
    with running_broker(tmp_path / "broker") as broker:
        status, result, said = run_command(str(file), "--mqtt", broker.url, "--speed", "0")
    assert status == 0
    assert (result["rows"], result["published"], result["skipped"]) == (4, 2, 2)
    assert result["reasons"] == {"number": 1, "cells": 1}
    assert "Line 3" in said
    assert "Line 4" in said


@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_a_replay_that_is_stopped_leaves_stale_values(tmp_path: Path, how: str) -> None:
    file = csv_file(tmp_path, [f"{index},{index % 5}" for index in range(50)])

    async def scenario(broker: Broker) -> None:
        collector = Collector()
        gateway = MqttGateway(parse_address(broker.url), "mine", STREAMS)
        async with supervised([gateway], collector):
            process = await asyncio.create_subprocess_exec(
                *command(str(file), "--mqtt", broker.url, "--speed", "20", "--loop"),
                *("--map", "MM116=ch4-1", "--json"),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            try:
                await collector.until(lambda: len(collector.all) >= 10)
                assert {one.quality for one in collector.all} == {"good"}
                process.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)
                out, err = await asyncio.wait_for(process.communicate(), 20)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            await collector.until(lambda: collector.all[-1].quality == "stale")
        if how == "interrupt":
            assert process.returncode == 130
            assert b"Traceback" not in err
            result = json.loads(out)
            assert result["stopped"] is True
            assert result["published"] >= 10

    with running_broker(tmp_path / "broker") as broker:
        asyncio.run(scenario(broker))


def test_broker_lost_on_the_way_is_one_line(tmp_path: Path) -> None:
    series = open_series(csv_file(tmp_path, [f"{index},1" for index in range(100_000)]))

    async def scenario(broker: Broker) -> None:
        replay = Replay(
            series,
            {"MM116": Target("ch4-1")},
            parse_address(broker.url),
            twin="mine",
            speed=100,
        )
        running = asyncio.create_task(replay.run())
        await eventually(lambda: replay.counts.published >= 20)
        await asyncio.to_thread(broker.kill)
        with pytest.raises(SensorError) as caught:
            await asyncio.wait_for(running, 30)
        assert caught.value.message_id == "sensors-broker-lost"
        assert caught.value.arguments["published"] >= 20

    with running_broker(tmp_path / "broker") as broker:
        asyncio.run(scenario(broker))


def test_no_broker_and_wrong_input_through_the_program(tmp_path: Path) -> None:
    file = csv_file(tmp_path, ["0,1", "1,2"])
    status, result, _ = run_command(str(file), "--mqtt", "mqtt://u:geheim@127.0.0.1:9")
    assert status == 1
    assert result["error"]["id"] == "sensors-no-broker"
    assert "geheim" not in json.dumps(result)
    status, result, _ = run_command(str(file), "--mqtt", "http://127.0.0.1")
    assert (status, result["error"]["id"]) == (2, "sensors-bad-address")
    status, result, _ = run_command(str(tmp_path / "no.csv"), "--mqtt", "mqtt://127.0.0.1")
    assert (status, result["error"]["id"]) == (2, "sensors-no-file")
