"""Paths and command lines for Linux, Windows and macOS."""

from __future__ import annotations

import pytest

from tools.setup import layout


@pytest.mark.parametrize(
    ("system", "root", "python", "packages"),
    [
        (
            "Linux",
            "/home/a b/kenish",
            "/home/a b/kenish/.venv/bin/python",
            "/home/a b/kenish/.venv/lib/python3.12/site-packages",
        ),
        (
            "Darwin",
            "/Users/a/kenish",
            "/Users/a/kenish/.venv/bin/python",
            "/Users/a/kenish/.venv/lib/python3.12/site-packages",
        ),
        (
            "Windows",
            "C:\\Users\\a b\\kenish",
            "C:\\Users\\a b\\kenish\\.venv\\Scripts\\python.exe",
            "C:\\Users\\a b\\kenish\\.venv\\Lib\\site-packages",
        ),
    ],
)
def test_where_the_environment_keeps_things(
    system: layout.System, root: str, python: str, packages: str
) -> None:
    assert str(layout.venv_python(system, root)) == python
    assert str(layout.site_packages(system, root, (3, 12))) == packages


def test_checkout_is_installed_editable_from_wheels_under_the_pins() -> None:
    command = layout.install_command("py", "c.txt", ("all", "test"), "/k")
    assert command[:4] == ["py", "-m", "pip", "--disable-pip-version-check"]
    assert command[-2:] == ["--editable", "/k[all,test]"]
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert command[command.index("--constraint") + 1] == "c.txt"
    assert "--no-index" not in command
    assert "--progress-bar" not in command


def test_bundle_is_installed_from_its_wheels_alone() -> None:
    command = layout.install_command("py", "c.txt", ("all",), "/k", "/k/wheels", terminal=False)
    assert command[-1] == "kenish[all]"
    assert "--no-index" in command
    assert command[command.index("--find-links") + 1] == "/k/wheels"
    assert command[command.index("--progress-bar") + 1] == "off"
    assert "--no-index" in layout.install_base_command("py", "c.txt", "/k/wheels")


@pytest.mark.parametrize(
    ("arguments", "spread"),
    [
        ([], True),
        (["-k", "layers"], True),
        (["-n", "2"], False),
        (["-n0"], False),
        (["--numprocesses=3"], False),
    ],
)
def test_tests_use_all_cores_unless_told(arguments: list[str], spread: bool) -> None:
    command = layout.pytest_command("py", arguments, 8)
    assert command[:3] == ["py", "-m", "pytest"]
    assert (command[3:5] == ["-n", "8"]) is spread
    assert command[len(command) - len(arguments) :] == arguments


def test_kenish_runs_as_a_module_and_not_from_the_current_folder() -> None:
    assert layout.kenish_command("py", ["demo", "--headless"]) == [
        "py",
        "-P",
        "-m",
        "vr_app",
        "demo",
        "--headless",
    ]
