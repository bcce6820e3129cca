"""`kenish twin bake` stopped on a real process, by Ctrl-C and by force: the twin stays valid, and
the same command goes on to the very files of a bake that nobody stopped."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from scenes.bake.layer import TreeSettings, bake_layer
from scenes.bake.pool import Here
from scenes.geometry import MeshPart
from scenes.inspection import problems
from scenes.schema import Layer, Scene
from scenes.twin import open_twin, save_scene

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")
ROOT = Path(__file__).parents[2]
SIDE = 600  # 718,802 triangles: enough for jobs in processes of their own
DEADLINE_S = 120.0


@pytest.fixture(scope="module")
def unbaked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twin of which an older version made leaves only."""
    folder = tmp_path_factory.mktemp("stopped") / "twin"
    east, north = np.meshgrid(np.arange(SIDE) * 0.5, np.arange(SIDE) * 0.5)
    rough = np.random.default_rng(1).normal(0, 0.1, east.shape)
    positions = np.stack([east, north, np.sin(east / 9) * 4 + rough], axis=-1).reshape(-1, 3)
    corner = (np.arange(SIDE - 1)[:, None] * SIDE + np.arange(SIDE - 1)).ravel()
    lower = np.stack([corner, corner + 1, corner + SIDE], axis=1)
    upper = np.stack([corner + 1, corner + SIDE + 1, corner + SIDE], axis=1)
    sheet = MeshPart(positions, np.concatenate([lower, upper]).astype(np.uint32))
    leaves_only = TreeSettings(leaf=10**6, bucket=10**7)
    bake_layer(folder / "tiles/pit", [sheet], (0, 0, 0), settings=leaves_only, runner=Here())
    save_scene(folder, Scene(name="old", layers=[Layer(id="pit", kind="terrain")]))
    return folder


def bake(folder: Path) -> subprocess.Popen[bytes]:
    """The command, in a group of its own as a terminal gives one."""
    return subprocess.Popen(
        [sys.executable, "-m", "vr_app", "--lang", "en", "twin", "bake", str(folder), "--again"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def journal_lines(folder: Path) -> int:
    """Jobs that a bake has behind it."""
    found = list(folder.glob("tiles/.pit.bake/*journal.jsonl"))
    return sum(one.read_bytes().count(b"\n") for one in found)


def until_it_has_begun(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until some tiles are there and others are not."""
    end = time.monotonic() + DEADLINE_S
    while journal_lines(folder) < 2:
        assert process.poll() is None, "it was over before it could be stopped"
        assert time.monotonic() < end
        time.sleep(0.005)


def files(folder: Path) -> dict[str, str]:
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def test_a_stopped_bake_leaves_a_valid_twin_and_goes_on(unbaked: Path, tmp_path: Path) -> None:
    undisturbed = shutil.copytree(unbaked, tmp_path / "undisturbed")
    done = bake(undisturbed)
    done.communicate(timeout=DEADLINE_S)
    assert done.returncode == 0
    before = files(unbaked / "tiles/pit")
    for number in (signal.SIGINT, signal.SIGKILL):
        folder = shutil.copytree(unbaked, tmp_path / number.name)
        process = bake(folder)
        until_it_has_begun(process, folder)
        os.killpg(process.pid, number)
        _out, said = process.communicate(timeout=DEADLINE_S)
        assert files(folder / "tiles/pit") == before
        assert {p.message_id for p in problems(open_twin(folder))} <= {"scenes-no-walk"}
        if number == signal.SIGINT:
            assert process.returncode == 130
            assert b"Stopped." in said
            assert b"Traceback" not in said
        again = bake(folder)
        again.communicate(timeout=DEADLINE_S)
        assert again.returncode == 0
        assert files(folder) == files(undisturbed)
