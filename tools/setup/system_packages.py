"""Finds the system's libraries and programs that Kenish needs and, on Debian or Ubuntu as root,
installs what is missing after saying so; elsewhere it prints the line to type.

Never asks a package manager what is there: it tries to load each library and find each program.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.setup.speech import SetupError, say


@dataclass(frozen=True)
class Need:
    """Something of the system's: found if any of its libraries loads or programs or files exist.

    purpose: what it is for, as the person is told. packages: Debian's and Ubuntu's names.
    libraries: names for the dynamic loader. programs: names on PATH. files: glob patterns.
    """

    purpose: str
    packages: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


# What panda3d's shared objects are linked to, and a driver behind each of the two doors (GLX for
# windows, EGL for off-screen pictures). Any vendor's driver will do; Mesa's also draws without a
# graphics card.
GRAPHICS: Final = (
    Need("windows (X11)", ("libx11-6",), libraries=("libX11.so.6",)),
    Need("OpenGL", ("libgl1",), libraries=("libGL.so.1",)),
    Need("OpenGL off screen", ("libegl1",), libraries=("libEGL.so.1",)),
    Need(
        "an OpenGL driver for windows",
        ("libglx-mesa0", "libgl1-mesa-dri"),
        libraries=("libGLX_nvidia.so.0", "libGLX_mesa.so.0"),
    ),
    Need(
        "an OpenGL driver for off-screen pictures",
        ("libegl-mesa0", "libgl1-mesa-dri"),
        libraries=("libEGL_nvidia.so.0", "libEGL_mesa.so.0"),
    ),
    Need(
        "drawing with or without a graphics card",
        ("libgl1-mesa-dri",),
        libraries=("libGLX_nvidia.so.0",),
        files=(
            "/usr/lib/*/dri/swrast_dri.so",
            "/usr/lib/*/libgallium-*.so",
            "/usr/lib64/dri/swrast_dri.so",
            "/usr/lib64/libgallium-*.so",
            "/usr/lib/dri/swrast_dri.so",
            "/usr/lib/libgallium-*.so",
        ),
    ),
)
TESTS: Final = (
    Need("a sensor broker for the tests", ("mosquitto",), programs=("mosquitto",)),
    Need("a second reader of cave surveys", ("survex",), programs=("dump3d",)),
    Need("a screen without a monitor", ("xvfb",), programs=("Xvfb",)),
    Need("keys and mouse for the tests", ("xdotool",), programs=("xdotool",)),
    Need("the rooms' JavaScript client", ("nodejs",), programs=("node", "nodejs")),
)
# Debian's names in other families; what has no entry is called the same there.
FEDORA: Final = {
    "libx11-6": "libX11",
    "libgl1": "libglvnd-glx",
    "libegl1": "libglvnd-egl",
    "libglx-mesa0": "mesa-libGL",
    "libegl-mesa0": "mesa-libEGL",
    "libgl1-mesa-dri": "mesa-dri-drivers",
    "xvfb": "xorg-x11-server-Xvfb",
}
ARCH: Final = {
    "libx11-6": "libx11",
    "libgl1": "libglvnd",
    "libegl1": "libglvnd",
    "libglx-mesa0": "mesa",
    "libegl-mesa0": "mesa",
    "libgl1-mesa-dri": "mesa",
    "xvfb": "xorg-server-xvfb",
}
# Debian keeps servers where a person's PATH does not always look.
PROGRAM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin")


@dataclass(frozen=True)
class Host:
    """What decides how system packages are installed here."""

    system: str
    distribution: frozenset[str]
    is_root: bool
    has_apt: bool

    @property
    def may_install(self) -> bool:
        """Debian's family, as root."""
        return self.uses_apt and self.is_root

    @property
    def uses_apt(self) -> bool:
        """Debian's family."""
        return self.has_apt and bool(self.distribution & {"debian", "ubuntu"})


def read_distribution(os_release: str) -> frozenset[str]:
    """The words of ID and ID_LIKE in an os-release file."""
    words: list[str] = []
    for line in os_release.splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("ID", "ID_LIKE"):
            words += value.strip().strip("\"'").lower().split()
    return frozenset(words)


def this_host() -> Host:
    """The machine that runs us."""
    release = Path("/etc/os-release")
    text = release.read_text(encoding="utf-8", errors="replace") if release.is_file() else ""
    geteuid = getattr(os, "geteuid", None)
    return Host(
        system=sys.platform,
        distribution=read_distribution(text),
        is_root=geteuid is not None and geteuid() == 0,
        has_apt=shutil.which("apt-get") is not None,
    )


def is_met(need: Need) -> bool:
    """Whether the machine has it, tried for real."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *PROGRAM_FOLDERS])
    return (
        any(_loads(name) for name in need.libraries)
        or any(shutil.which(name, path=path) for name in need.programs)
        or any(next(Path("/").glob(pattern.lstrip("/")), None) for pattern in need.files)
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing(needs: Iterable[Need], host: Host, met: Callable[[Need], bool] = is_met) -> list[Need]:
    """The needs that are not met; none on Windows and macOS, whose systems bring OpenGL."""
    return [need for need in needs if not met(need)] if host.system.startswith("linux") else []


def packages_of(needs: Iterable[Need]) -> list[str]:
    """Debian's package names for `needs`, each once, in order."""
    return list(dict.fromkeys(name for need in needs for name in need.packages))


def apt_commands(packages: Sequence[str]) -> list[list[str]]:
    """What to run, as root, to install `packages`."""
    return [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
    ]


def line_to_type(packages: Sequence[str], host: Host) -> str:
    """What a person types to get `packages`, or what to look for where that has other names."""
    sudo = "" if host.is_root else "sudo "
    if host.uses_apt:
        install = f"{sudo}apt-get install --no-install-recommends {' '.join(packages)}"
        return f"{sudo}apt-get update && {install}"
    for family, words, names in (("fedora", "dnf install", FEDORA), ("arch", "pacman -S", ARCH)):
        if family in host.distribution:
            here = dict.fromkeys(names.get(name, name) for name in packages)
            return f"{sudo}{words} {' '.join(here)}"
    return f"install, with your system's package manager, what Debian calls: {' '.join(packages)}"


def offer(
    needs: Iterable[Need],
    *,
    host: Host | None = None,
    met: Callable[[Need], bool] = is_met,
    execute: Callable[[list[str]], int] | None = None,
) -> list[Need]:
    """Install what is missing of `needs`, or say how; returns what is still missing."""
    needs = list(needs)
    where = host if host is not None else this_host()
    lacking = missing(needs, where, met)
    if not lacking:
        return []
    packages = packages_of(lacking)
    say("Missing on this system: " + ", ".join(dict.fromkeys(need.purpose for need in lacking)))
    if not where.may_install:
        say(f"To have it: {line_to_type(packages, where)}")
        return lacking
    say(f"Installing with apt-get: {' '.join(packages)}")
    run = execute if execute is not None else _apt
    for command in apt_commands(packages):
        if run(command) != 0:
            say(f"`{' '.join(command)}` failed; its own words are above")
            # a stale or partly unreachable index may still hold what is needed
            if command[1] != "update":
                break
    still = missing(needs, where, met)
    if still:
        names = ", ".join(dict.fromkeys(need.purpose for need in still))
        say(f"Still missing: {names}. Try: {line_to_type(packages_of(still), where)}")
    return still


def offer_venv(is_there: Callable[[], bool]) -> None:
    """Install Debian's python3.X-venv, or raise SetupError with the line to type."""
    package = f"python3.{sys.version_info.minor}-venv"
    need = Need("Python's module for virtual environments", (package,))
    if offer([need], met=lambda _need: is_there()):
        raise SetupError(
            "This Python cannot make virtual environments. Once the package above is installed, "
            "run this again."
        )


def _apt(command: list[str]) -> int:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    ).returncode
