"""The commands of tools/run.py: what they install, what they start, what they refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.setup import accelerator, command_line, system_packages
from tools.setup.environment import ROOT, Environment
from tools.setup.speech import SetupError
from tools.setup.system_packages import Need


class Started:
    """What was installed and started, in place of doing it."""

    def __init__(self) -> None:
        self.extras: list[tuple[str, ...]] = []
        self.needs: list[str] = []
        self.command: list[str] = []
        self.compiled = 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    seen = Started()

    def install(_environment: Environment, extras: Sequence[str]) -> None:
        seen.extras.append(tuple(extras))

    def offer(needs: Sequence[Need]) -> list[Need]:
        seen.needs += system_packages.packages_of(needs)
        return []

    def become(command: Sequence[str]) -> int:
        seen.command = list(command)
        return 0

    def compiled(_environment: Environment) -> bool:
        seen.compiled += 1
        return False

    monkeypatch.setattr(Environment, "install", install)
    monkeypatch.setattr(accelerator, "install", compiled)
    monkeypatch.setattr(system_packages, "offer", offer)
    monkeypatch.setattr(command_line, "_become", become)
    monkeypatch.chdir(Path.cwd())
    return seen


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["demo", "--headless", "--out", "x"], ["demo", "--headless", "--out", "x"]),
        (["doctor", "--lang", "ja"], ["doctor", "--lang", "ja"]),
        (["kenish", "serve", "TWIN"], ["serve", "TWIN"]),
        (["kenish"], []),
    ],
)
def test_kenish_gets_its_arguments(
    started: Started, arguments: list[str], words: list[str]
) -> None:
    assert command_line.run(arguments) == 0
    assert started.extras == [("all",)]
    assert "libegl1" in started.needs and "mosquitto" not in started.needs
    assert started.command[0] == str(Environment().python)
    assert started.command[started.command.index("vr_app") + 1 :] == words


def test_tests_need_more(started: Started) -> None:
    assert command_line.run(["test", "-k", "walk", "-n", "1"]) == 0
    assert started.extras == [("all", "test")]
    assert {"libegl1", "mosquitto", "survex", "xvfb", "xdotool"} <= set(started.needs)
    assert started.command[1:] == ["-m", "pytest", "-k", "walk", "-n", "1"]
    assert started.compiled == 0
    assert Path.cwd() == ROOT


@pytest.mark.parametrize(
    ("arguments", "extras", "broker"),
    [(["install"], ("all",), False), (["install", "--test"], ("all", "test"), True)],
)
def test_install_starts_nothing(
    started: Started, arguments: list[str], extras: tuple[str, ...], broker: bool
) -> None:
    assert command_line.run(arguments) == 0
    assert started.extras == [extras]
    assert ("mosquitto" in started.needs) is broker
    assert started.command == [] and started.compiled == 1


@pytest.mark.parametrize("arguments", [["dig"], ["install", "--tset"]])
def test_what_it_does_not_know_is_refused(
    started: Started, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.run(arguments) == 2
    captured = capsys.readouterr()
    assert arguments[-1] in captured.err and captured.out == ""
    assert started.extras == []


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_installs_nothing(
    started: Started, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.run(arguments) == 0
    assert "bundle --out DIR" in capsys.readouterr().out
    assert started.extras == []


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [(SetupError("no disk"), 1, "no disk\n"), (KeyboardInterrupt(), 130, "Stopped.\n")],
)
def test_what_stops_it_is_one_line(
    error: BaseException,
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def install(_environment: Environment, _extras: Sequence[str]) -> None:
        raise error

    monkeypatch.setattr(Environment, "install", install)
    assert command_line.run(["demo"]) == status
    assert capsys.readouterr().err == line


@pytest.mark.skipif(os.name != "posix", reason="exec")
def test_becoming_a_command_keeps_its_exit_status() -> None:
    program = (
        "import sys; from tools.setup.command_line import _become; "
        "_become([sys.executable, '-c', 'import sys; sys.exit(7)'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == 7
