"""An environment that is whole is left alone; one that is broken or moved is noticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import environment as module
from tools.setup import layout
from tools.setup.environment import Environment
from tools.setup.speech import SetupError
from tools.setup.state import Stamp


@pytest.fixture
def made(tmp_path: Path) -> Environment:
    """A real environment without pip, stamped as if something were installed in it."""
    root = tmp_path / "check out"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "constraints.txt").write_text("pip==1\n")
    environment = Environment(root)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment.folder], check=True)
    _put_package(environment, "thing-1.dist-info")
    _stamp(environment, ("all",), ("thing-1.dist-info",))
    return environment


def _put_package(environment: Environment, name: str) -> Path:
    folder = environment._site_packages() / name
    folder.mkdir()
    (folder / "METADATA").write_text("Name: thing\n")
    return folder


def _stamp(environment: Environment, extras: tuple[str, ...], packages: tuple[str, ...]) -> None:
    stamp = Stamp(environment._digest(), extras, packages)
    environment.stamp_file.write_text(stamp.to_json(), encoding="utf-8")


def test_whole_environment_is_current_and_untouched(
    made: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Environment, "_make", lambda self: pytest.fail("made anew"))
    assert made.is_current(("all",))
    made.install(("all",))


@pytest.mark.parametrize("harm", ["pins", "project", "package", "stamp", "python"])
def test_harm_is_noticed(made: Environment, harm: str) -> None:
    if harm == "pins":
        (made.root / "constraints.txt").write_text("pip==2\n")
    elif harm == "project":
        (made.root / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    elif harm == "package":
        (made._site_packages() / "thing-1.dist-info" / "METADATA").unlink()
    elif harm == "stamp":
        made.stamp_file.write_text(made.stamp_file.read_text()[:20])
    elif harm == "python":
        made.python.unlink()
        made.python.write_text("not a program")
    assert not made.is_current(("all",))


def test_moved_checkout_is_noticed(made: Environment) -> None:
    elsewhere = made.root.rename(made.root.with_name("moved"))
    assert not Environment(elsewhere).is_current(("all",))


def test_more_extras_are_noticed(made: Environment) -> None:
    assert not made.is_current(("all", "test"))


@pytest.mark.parametrize("harm", ["no python", "pip was killed"])
def test_broken_environment_is_made_anew(
    made: Environment, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def without_pip(python: str, venv: str) -> list[str]:
        return [python, "-m", "venv", "--clear", "--without-pip", venv]

    def recorded(*words: object, **_options: object) -> list[str]:
        commands.append([str(word) for word in words])
        return [sys.executable, "-c", ""]

    monkeypatch.setattr(layout, "make_venv_command", without_pip)
    monkeypatch.setattr(layout, "install_base_command", recorded)
    monkeypatch.setattr(layout, "install_command", recorded)
    if harm == "no python":
        made.python.unlink()
    else:  # pip was killed: what it was writing looks installed to it
        (made.folder / layout.MARK_NAME).touch()
        _stamp(made, (), ())
    left_over = made.folder / "left-over"
    left_over.write_text("from the broken one")
    made.install(("all",))
    assert len(commands) == 2
    assert made.is_current(("all",))
    assert not left_over.exists()
    assert not (made.folder / layout.MARK_NAME).exists()


def test_failing_pip_ends_in_one_line_and_no_stamp(
    made: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(Environment, "_make", lambda self: None)
    monkeypatch.setattr(layout, "install_base_command", lambda *_words: failing)
    with pytest.raises(SetupError, match="could not be installed"):
        made.install(("all", "test"))
    assert not made.stamp_file.exists()
    assert not (made.folder / layout.MARK_NAME).exists()
    assert not made.is_current(("all",))


def test_this_python_has_venv() -> None:
    assert module.has_venv()
