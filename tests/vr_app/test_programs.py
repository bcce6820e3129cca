"""Whole programs as a user starts them: the demonstration without a screen, and two joins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.demo.server_child import ServerChild

ROOT = Path(__file__).parents[2]
DEADLINE_S = 150


def start(*arguments: str, home: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("DISPLAY", None)
    return subprocess.Popen(
        [sys.executable, "-m", "vr_app", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_twin(tmp_path_factory.mktemp("twin") / "tiny")


@pytest.fixture(scope="module")
def address(twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state = str(tmp_path_factory.mktemp("state"))
    server = ServerChild(twin, "--port", "0", "--open", "engineer", "--state", state)
    listening = server.wait_listening()
    yield f"{listening.ws}/{listening.rooms[0]}"
    server.stop()


@pytest.mark.timeout(DEADLINE_S + 30)
def test_the_demonstration_leaves_pictures_recording_and_figures(
    twin: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("demo", "--headless", "--twin", str(twin), "--out", str(out), "--json")
    said = json.loads(finish(start(*arguments, "--size", "480x270", home=tmp_path)))
    for name in ("overview", "decline", "sump", "together"):
        with Image.open(out / f"{name}.png") as picture:
            assert picture.size == (480, 270)
            low, high = picture.convert("L").getextrema()
            assert high - low > 40, f"{name} shows something"
    figures = json.loads((out / "demo.json").read_text())
    assert figures == said
    integers = (
        "frames", "triangles_drawn", "triangles_total", "tiles", "members", "observations",
        "records",
    )  # fmt: skip
    assert all(type(figures[key]) is int for key in integers), figures
    assert set(figures["frame_ms"]) == {"p50", "p95", "p99", "max"}
    assert figures["frames"] > 20 and figures["members"] == 2
    assert figures["observations"] > 5 and figures["records"] >= 1
    assert figures["triangles_total"] == 12 and figures["renderer"]
    assert (out / "session.mcap").read_bytes()[:5] == b"\x89MCAP"


@pytest.mark.timeout(DEADLINE_S + 30)
def test_two_joins_see_each_other(address: str, tmp_path: Path) -> None:
    common = ("--display", "offscreen", "--size", "320x180", "--json")
    first = start(
        "join", address, "--name", "Daniyar", "--laser", "--at", "corner", "--seconds", "14",
        "--picture", str(tmp_path / "first.png"), *common, home=tmp_path,
    )  # fmt: skip
    second = start(
        "join", address, "--name", "北村", "--meet", "Daniyar", "--seconds", "6",
        "--picture", str(tmp_path / "second.png"), *common, home=tmp_path,
    )  # fmt: skip
    for process in (second, first):
        figures = json.loads(finish(process))
        assert figures["frames"] > 5
        assert figures["pose_age_ms"]["p50"] is not None, "the other was seen"
    # The member in front wears a high-visibility vest: orange that the grey room does not have.
    with Image.open(tmp_path / "second.png") as picture:
        red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB"), np.int32), -1, 0)
    vest = int(((red > 150) & (green > 60) & (blue < 0.4 * red)).sum())
    assert vest > 100


def test_a_wrong_address_is_explained_in_one_line(tmp_path: Path) -> None:
    process = start(
        "join", "ws://127.0.0.1:9/none", "--display", "offscreen", "--lang", "ru", home=tmp_path
    )
    _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1 and "127.0.0.1:9" in lines[0], err


@pytest.mark.timeout(DEADLINE_S + 30)
def test_a_name_of_any_length_is_let_in(address: str, tmp_path: Path) -> None:
    arguments = ("--seconds", "0.1", "--display", "offscreen", "--size", "64x36", "--lang", "en")
    out = finish(start("join", address, "--name", "x" * 300, *arguments, home=tmp_path))
    assert "None" not in out


@pytest.mark.timeout(DEADLINE_S + 30)
def test_a_viewpoint_that_is_not_there_is_refused(address: str, tmp_path: Path) -> None:
    process = start(
        "join", address, "--at", "nowhere", "--display", "offscreen", "--lang", "en", home=tmp_path
    )
    _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 2
    assert "Traceback" not in err and "nowhere" in err.splitlines()[-1]
