"""`kenish sensors list`, and that every message has its text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assets.text import LANGUAGES, translator
from scenes.schema import AlarmBand, Scene, Sensor
from scenes.twin import open_twin, save_scene
from sync_server.sensors.commands import sensors
from sync_server.sensors.errors import SensorError
from tests.sync_server.sensors.support import ROOT, Listener, methane


def twin(folder: Path) -> Path:
    acidity = methane(
        "ph-1",
        property="ph",
        unit="[pH]",
        decimals=1,
        range=(0.0, 14.0),
        bands=[AlarmBand(level="warning", below=6.5, source="test")],
        simulation=None,
    )
    scene = Scene(
        name="test-mine",
        sensors=[
            Sensor(
                id="sump-1",
                title={"en": "Sump"},
                position=(1.0, 2.0, 3.0),
                datastreams=[methane(), acidity],
            )
        ],
    )
    save_scene(folder, scene)
    return folder


def test_list_shows_units_ranges_and_bands(tmp_path: Path) -> None:
    console = Listener()
    assert sensors(["list", str(twin(tmp_path))], console) == 0
    header, first, second = console.lines[:3]
    assert header.split()[:3] == ["Datastream", "Property", "Unit"]
    assert re.split(r"\s{2,}", first) == [
        *("ch4-1", "ch4", "%", "0 … 5", "> 1.00", "> 2.00", "5", "sump-1"),
    ]
    assert "< 6.5" in second
    (result,) = console.results
    assert result["twin"] == "test-mine"
    assert [one["id"] for one in result["datastreams"]] == ["ch4-1", "ph-1"]
    assert result["datastreams"][0]["bands"][1]["above"] == 2.0
    assert [one["simulated"] for one in result["datastreams"]] == [True, False]


def test_list_tells_of_strange_units(tmp_path: Path) -> None:
    scene = open_twin(twin(tmp_path)).scene
    scene.sensors[0].datastreams[0].unit = "furlong"
    save_scene(tmp_path, scene)
    console = Listener()
    assert sensors(["list", str(tmp_path)], console) == 0
    assert [one for one in console.lines if "furlong" in one and "UCUM" in one]


def test_a_replay_in_another_unit_is_warned_of(tmp_path: Path) -> None:
    folder = twin(tmp_path / "twin")
    file = tmp_path / "gas.csv"
    file.write_text("t,gas\ns,[ppm]\n0,1\n1,2\n", encoding="utf-8")
    base = ["replay", str(file), "--mqtt", "mqtt://127.0.0.1:9", "--twin", str(folder), "--map"]
    for mapping, warned in [("gas=ch4-1", True), ("gas=ch4-1*1e-4", False)]:
        console = Listener()
        with pytest.raises(SensorError) as caught:  # there is no broker, but that comes later
            sensors([*base, mapping], console)
        assert caught.value.message_id == "sensors-no-broker"
        assert any("FACTOR" in one for one in console.lines) is warned


def test_list_of_no_twin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception) as caught:
        sensors(["list", str(tmp_path)], Listener())
    assert getattr(caught.value, "message_id", "") == "scene-no-twin"


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_in_every_language(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["replay"], ["list"]):
        with pytest.raises(SystemExit) as stop:
            sensors([*arguments, "--help"], Listener(language))
        assert stop.value.code == 0
        assert "kenish sensors" in capsys.readouterr().out


def test_every_message_used_exists() -> None:
    text = translator("en")
    used: set[str] = set()
    for path in (ROOT / "sync_server" / "sensors").glob("*.py"):
        used |= set(re.findall(r'"(sensors-[a-z-]+[a-z])"', path.read_text(encoding="utf-8")))
    assert len(used) > 20
    assert not [one for one in used if not text.has(one)]
    for fault in ("cells", "number", "time", "line-too-long", "no-values"):
        assert text.has(f"sensors-bad-row-{fault}")
