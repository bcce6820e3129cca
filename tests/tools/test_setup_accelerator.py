"""The compiled simplifier is built where that can be done, and its absence never stops anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tools.setup import accelerator
from tools.setup.environment import Environment
from tools.setup.system_packages import Need, is_met


class Machine:
    """What a machine has, what it could get, and what was run on it."""

    def __init__(self, has: bool, gets: bool = False, builds: bool = True) -> None:
        self.has = has
        self.gets = gets
        self.builds = builds
        self.offered: list[Need] = []
        self.commands: list[list[str]] = []

    def met(self, need: Need) -> bool:
        return self.has

    def offer(self, needs: Iterable[Need]) -> list[Need]:
        self.offered = list(needs)
        self.has = self.gets
        return [] if self.gets else self.offered

    def pip(self, command: Sequence[str]) -> bool:
        self.commands.append(list(command))
        return self.builds


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


def install(environment: Environment, machine: Machine, windows: bool = False) -> bool:
    return accelerator.install(
        environment, offer=machine.offer, met=machine.met, pip=machine.pip, windows=windows
    )


def test_with_a_compiler_it_is_built_from_the_pinned_source(environment: Environment) -> None:
    machine = Machine(has=True)
    assert install(environment, machine)
    (command,) = machine.commands
    assert command[-1] == f"meshoptimizer=={accelerator.VERSION}"
    # Only this one package may be compiled, and nothing is fetched to build it with.
    assert command[command.index("--no-binary") + 1] == "meshoptimizer"
    assert {"--no-build-isolation", "--no-deps"} <= set(command)
    assert machine.offered == []


def test_a_compiler_is_asked_for_first(environment: Environment) -> None:
    machine = Machine(has=False, gets=True)
    assert install(environment, machine)
    assert machine.offered[0].packages == ("g++",)
    assert len(machine.commands) == 1


@pytest.mark.parametrize(
    ("machine", "words"),
    [(Machine(has=False), "not built"), (Machine(has=True, builds=False), "could not be built")],
)
def test_without_it_a_line_is_said_and_no_more(
    environment: Environment, machine: Machine, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not install(environment, machine)
    said = capsys.readouterr().err
    assert words in said and "without it" in said


def test_a_bundle_builds_nothing(environment: Environment) -> None:
    (environment.root / "wheels").mkdir()
    machine = Machine(has=True)
    assert not install(environment, machine)
    assert machine.commands == [] and machine.offered == []


def test_what_is_there_is_left_alone(environment: Environment) -> None:
    folder = environment._site_packages() / f"meshoptimizer-{accelerator.VERSION}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: meshoptimizer\n")
    machine = Machine(has=False)
    assert install(environment, machine)
    assert machine.commands == [] and machine.offered == []


def test_windows_is_not_asked_for_a_compiler(environment: Environment) -> None:
    machine = Machine(has=False)
    assert not install(environment, machine, windows=True)
    assert machine.offered == [] and machine.commands == []


def test_headers_are_found_where_they_are(tmp_path: Path) -> None:
    _, headers = accelerator.needs(tmp_path, 11, windows=False)
    assert not is_met(headers)
    (tmp_path / "Python.h").touch()
    assert is_met(headers)
    assert headers.packages == ("python3.11-dev",)
