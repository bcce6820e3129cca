"""Where things are on each operating system, and the commands that use them; pure functions.

Never touches the disk: paths go in as strings or pure paths and come out the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Final, Literal

System = Literal["Linux", "Windows", "Darwin"]
VENV_NAME: Final = ".venv"
STAMP_NAME: Final = "kenish-installed.json"
# There while pip works: a package that was cut short looks installed to pip.
MARK_NAME: Final = "kenish-installing"
# The environment's own installer and build backend, pinned in constraints.txt like all else.
BASE_PACKAGES: Final = ("pip", "setuptools")


def pure_path(system: System, text: str) -> PurePath:
    """`text` as a path of that system."""
    return PureWindowsPath(text) if system == "Windows" else PurePosixPath(text)


def venv_python(system: System, root: str) -> PurePath:
    """The Python of the environment under `root`."""
    venv = pure_path(system, root) / VENV_NAME
    return venv / "Scripts" / "python.exe" if system == "Windows" else venv / "bin" / "python"


def site_packages(system: System, root: str, version: tuple[int, int]) -> PurePath:
    """Where the environment under `root` keeps its packages."""
    venv = pure_path(system, root) / VENV_NAME
    if system == "Windows":
        return venv / "Lib" / "site-packages"
    return venv / "lib" / f"python{version[0]}.{version[1]}" / "site-packages"


def make_venv_command(python: str, venv: str) -> list[str]:
    """Make, or make anew, the environment at `venv`."""
    return [python, "-m", "venv", "--clear", venv]


def install_base_command(python: str, constraints: str, wheels: str | None = None) -> list[str]:
    """Bring the environment's pip and setuptools to the pinned versions."""
    return [*_pip_install(python, constraints, wheels), "--quiet", *BASE_PACKAGES]


def install_command(
    python: str,
    constraints: str,
    extras: Sequence[str],
    root: str,
    wheels: str | None = None,
    *,
    terminal: bool = True,
) -> list[str]:
    """Install Kenish with `extras`: editable from the checkout, or from a bundle's `wheels`.

    Dependencies come as wheels only, so nothing is ever compiled on the user's machine.
    """
    names = ",".join(extras)
    command = [*_pip_install(python, constraints, wheels)]
    if not terminal:
        command += ["--progress-bar", "off"]
    if wheels is not None:
        return [*command, f"kenish[{names}]"]
    # The build backend is already there, pinned; an isolated build would fetch another.
    return [*command, "--no-build-isolation", "--editable", f"{root}[{names}]"]


def build_command(python: str, constraints: str, requirement: str, name: str) -> list[str]:
    """Build one package, `name`, from its source, with what is in the environment already."""
    command = [*_pip_install(python, constraints, None), "--quiet", "--no-deps"]
    return [*command, "--no-binary", name, "--no-build-isolation", requirement]


def _pip_install(python: str, constraints: str, wheels: str | None) -> list[str]:
    command = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    command += ["--only-binary", ":all:", "--constraint", constraints]
    if wheels is not None:
        command += ["--no-index", "--find-links", wheels]
    return command


def kenish_command(python: str, arguments: Sequence[str]) -> list[str]:
    """`kenish ARGUMENTS` in the environment; `-m` survives a checkout that was moved."""
    return [python, "-P", "-m", "vr_app", *arguments]


def pytest_command(python: str, arguments: Sequence[str], cores: int) -> list[str]:
    """The tests on all cores, unless the arguments say how many processes."""
    chosen = any(word == "-n" or word.startswith(("-n", "--numprocesses")) for word in arguments)
    spread = [] if chosen else ["-n", str(max(cores, 1)), "--dist", "worksteal"]
    return [python, "-m", "pytest", *spread, *arguments]
