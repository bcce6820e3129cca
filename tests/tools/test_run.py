"""The first thing a person starts: which Pythons it takes, and what it says to the others."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tools import run

SOURCE = Path(run.__file__)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 13, 9)])
def test_takes_the_supported_pythons(version: tuple[int, ...]) -> None:
    assert run.version_problem(version) is None


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14), (4, 0)])
def test_names_the_python_that_will_not_do(version: tuple[int, ...]) -> None:
    problem = run.version_problem(version)
    assert problem is not None
    assert f"Python {version[0]}.{version[1]}" in problem
    assert "\n" not in problem


def test_names_a_fitting_python_that_is_there() -> None:
    there = {"/usr/bin/python3.12", "/opt/bin/python3.11", "/usr/bin/python3.14"}
    names = run.fitting_pythons(["/opt/bin", "/usr/bin"], there.__contains__)
    assert [name.removesuffix(".exe") for name in names] == ["python3.12", "python3.11"]
    problem = run.version_problem((3, 14), names)
    assert problem is not None and names[0] in problem


def test_parses_on_pythons_that_are_too_old() -> None:
    # 3.7 is the oldest grammar that ast knows; what it accepts, 3.6 said too (tried by hand)
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_bounds_agree_with_pyproject() -> None:
    import tomllib

    text = (SOURCE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    low, high = run.OLDEST, (run.NEWEST[0], run.NEWEST[1] + 1)
    wanted = f">={low[0]}.{low[1]},<{high[0]}.{high[1]}"
    assert tomllib.loads(text)["project"]["requires-python"] == wanted
    assert run.version_problem(sys.version_info[:2]) is None
