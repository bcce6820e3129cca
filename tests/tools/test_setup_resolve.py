"""Targets, pins and requirements; pip itself is asked by .ci/run."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import check_pins
from tools.setup import resolve, targets
from tools.setup.environment import ROOT
from tools.setup.resolve import Resolution
from tools.setup.targets import TARGETS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = ROOT / "constraints.txt"


def test_nine_targets() -> None:
    names = [target.name for target in TARGETS]
    assert len(set(names)) == 9
    assert "windows-amd64-python3.13" in names


def test_markers_tell_the_targets_apart() -> None:
    windows = next(target for target in TARGETS if target.platform is targets.WINDOWS)
    macos = next(target for target in TARGETS if target.platform is targets.MACOS)
    assert windows.markers()["sys_platform"] == "win32"
    assert windows.markers()["os_name"] == "nt"
    assert macos.markers()["platform_machine"] == "arm64"
    assert "win_amd64" in windows.pip_options()
    assert "macosx_11_0_arm64" in macos.pip_options()


def test_this_machine_is_at_most_one_target() -> None:
    here = targets.this_target()
    assert here is None or here.markers()["sys_platform"] == sys.platform


def test_requirements_follow_the_projects_own_extras() -> None:
    found = resolve.requirements(PROJECT, ("all", "test"))
    names = [line.split(">")[0].split("=")[0].split(";")[0] for line in found]
    assert {"numpy", "websockets", "panda3d", "trimesh", "pytest"} <= set(names)
    assert not any(name.startswith(("kenish", "open3d")) for name in names)
    assert len(found) == len(set(found))


def test_every_constraint_is_an_exact_pin() -> None:
    pins = resolve.read_pins(CONSTRAINTS.read_text(encoding="utf-8"))
    assert pins["panda3d"] == "1.10.16"
    assert len(pins) > 50


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "numpy==2.*", "numpy==2,>1", "-e ."])
def test_a_loose_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        resolve.read_pins(f"# pins\n{line}\n")


def test_every_direct_requirement_is_pinned() -> None:
    pins = resolve.read_pins(CONSTRAINTS.read_text(encoding="utf-8"))
    import re

    for line in resolve.requirements(PROJECT, ("all", "test")):
        match = re.match(r"[A-Za-z0-9._-]+", line)
        assert match is not None and resolve.normalised(match[0]) in pins, line


def test_faults_name_what_is_wrong() -> None:
    good = Resolution(TARGETS[0], {"a": "1", "b": "2"})
    assert check_pins.faults({"a": "1", "b": "2"}, [good]) == []
    assert "not pinned: b==2" in check_pins.faults({"a": "1"}, [good])[0]
    assert "not pinned: b==2" in check_pins.faults({"a": "1", "b": "3"}, [good])[0]
    assert check_pins.faults({"a": "1", "b": "2", "c": "3"}, [good]) == [
        "pinned, needed nowhere: c"
    ]
    failed = Resolution(TARGETS[1], {}, "no wheel for x")
    # a target that failed hides what is needed there: nothing is called unused then
    assert check_pins.faults({"a": "1", "b": "2", "c": "3"}, [good, failed]) == [
        f"{TARGETS[1].name}: no wheel for x"
    ]


def test_pip_reads_the_targets_markers(tmp_path: Path) -> None:
    """pip, told to act as on Windows, takes a requirement that only Windows has."""
    windows = next(target for target in TARGETS if target.platform is targets.WINDOWS)
    words = ["--dry-run", "--ignore-installed", "--no-index", "--target", str(tmp_path)]
    wanted = 'no-such-package ; sys_platform == "win32"'
    done = subprocess.run(
        resolve.pip_for(windows, "install", *words, wanted),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "no-such-package" in resolve.last_words(done.stderr)
    linux = TARGETS[0]
    done = subprocess.run(
        resolve.pip_for(linux, "install", *words, wanted),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
