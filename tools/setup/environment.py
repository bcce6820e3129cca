"""Makes and mends `.venv` and installs the pinned packages into it; instant when all is there.

Never touches another environment, and never compiles anything (`accelerator` does).
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from tools.setup import layout, state, system_packages
from tools.setup.layout import System
from tools.setup.speech import SetupError, say

ROOT: Final = Path(__file__).resolve().parent.parent.parent


def this_system() -> System:
    """The operating system, as `layout` names it; everything unknown is treated as Linux."""
    name = platform.system()
    return cast("System", name) if name in ("Windows", "Darwin") else "Linux"


@dataclass(frozen=True)
class Environment:
    """The environment of one checkout, or of one unpacked bundle (which has a `wheels` folder)."""

    root: Path = ROOT

    @property
    def folder(self) -> Path:
        return self.root / layout.VENV_NAME

    @property
    def python(self) -> Path:
        return Path(str(layout.venv_python(this_system(), str(self.root))))

    @property
    def wheels(self) -> Path | None:
        folder = self.root / "wheels"
        return folder if folder.is_dir() else None

    @property
    def stamp_file(self) -> Path:
        return self.folder / layout.STAMP_NAME

    def _site_packages(self) -> Path:
        version = (sys.version_info.major, sys.version_info.minor)
        return Path(str(layout.site_packages(this_system(), str(self.root), version)))

    def _digest(self) -> str:
        sources = [self.root / "pyproject.toml", self.root / "constraints.txt"]
        texts = [path.read_bytes() for path in sources if path.is_file()]
        if self.wheels is not None:
            texts.append("\n".join(sorted(path.name for path in self.wheels.iterdir())).encode())
        # The folder counts, because an editable install points into it.
        return state.digest_of([*texts, platform.python_version(), str(self.root)])

    def _stamp(self) -> state.Stamp | None:
        try:
            return state.stamp_from_json(self.stamp_file.read_text(encoding="utf-8"))
        except OSError:
            return None

    def _packages(self) -> list[str]:
        folder = self._site_packages()
        found = folder.glob("*.dist-info/METADATA") if folder.is_dir() else ()
        return sorted(path.parent.name for path in found)

    def has_package(self, name: str, version: str) -> bool:
        """Whether exactly that version lies in the environment."""
        return (self._site_packages() / f"{name}-{version}.dist-info" / "METADATA").is_file()

    def is_current(self, extras: Sequence[str]) -> bool:
        """Whether `install(extras)` would have nothing to do."""
        return (
            state.is_current(self._stamp(), self._digest(), extras, self._packages())
            and self._python_version() is not None
        )

    def _python_version(self) -> str | None:
        """The version its Python states, or None where that does not start."""
        try:
            done = subprocess.run(
                [self.python, "-c", "import platform; print(platform.python_version())"],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def _has_pip(self) -> bool:
        done = subprocess.run(
            [self.python, "-c", "import pip._internal.cli.main"], capture_output=True, check=False
        )
        return done.returncode == 0

    def install(self, extras: Sequence[str]) -> None:
        """Make sure that the environment works and has Kenish with `extras`.

        Raises SetupError with a line that says what is missing.
        """
        if self.is_current(extras):
            return
        wanted = state.extras_to_install(self._stamp(), extras)
        self._make()
        mark = self.folder / layout.MARK_NAME
        self.stamp_file.unlink(missing_ok=True)
        mark.touch()
        constraints = str(self.root / "constraints.txt")
        wheels = None if self.wheels is None else str(self.wheels)
        python = str(self.python)
        say(f"Installing Kenish [{', '.join(wanted)}] and its pinned packages into {self.folder}")
        base = layout.install_base_command(python, constraints, wheels)
        rest = layout.install_command(
            python, constraints, wanted, str(self.root), wheels, terminal=sys.stderr.isatty()
        )
        for command in (base, rest):
            if not run_pip(command):
                mark.unlink()  # pip gave up by itself, which leaves what was there whole
                raise SetupError(_why_install_fails(offline=wheels is not None))
        stamp = state.Stamp(self._digest(), wanted, tuple(self._packages()))
        self.stamp_file.write_text(stamp.to_json(), encoding="utf-8")
        mark.unlink()
        say("Installed.")

    def _make(self) -> None:
        """An environment whose Python starts, is the right one and has pip; anew if it is not."""
        interrupted = (self.folder / layout.MARK_NAME).exists()
        right = self._python_version() == platform.python_version()
        if right and not interrupted and self._has_pip():
            return
        if not has_venv():
            system_packages.offer_venv(has_venv)
        if self.folder.exists():
            say(f"{self.folder} is incomplete or belongs to another Python: making it anew")
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            say(f"Making {self.folder}")
        command = layout.make_venv_command(_outer_python(), str(self.folder))
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
            raise SetupError(
                f"Python could not make a virtual environment in {self.folder} (its own words are "
                "above). Check that the folder can be written to and that the disk is not full."
            )


def run_pip(command: Sequence[str]) -> bool:
    """Run a pip command line; whether it succeeded.

    Its progress goes to the person on stderr, not to whoever reads the result of what follows; the
    build backend's advice to packagers goes nowhere.
    """
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
    return done.returncode == 0


def has_venv() -> bool:
    """Whether this Python can make environments: Debian packages both modules apart from it."""
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _outer_python() -> str:
    """The Python that runs us, or the one beneath it if that is in the very folder we make."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _why_install_fails(*, offline: bool) -> str:
    if offline:
        return (
            "The packages of this bundle could not be installed (pip's own words are above). A "
            "bundle fits one system and one Python version; its README.txt says which."
        )
    return (
        "The packages could not be installed (pip's own words are above). Without internet, or "
        "behind a proxy that pip does not know, make a bundle on another machine: "
        "python3 tools/run.py bundle --out DIR"
    )
