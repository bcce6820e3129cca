"""The platforms and Pythons that Kenish installs on, as pip is told about them; pure data.

Never resolves anything: `resolve` does.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Final

PYTHONS: Final = ("3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Platform:
    """One kind of machine.

    tags: wheel platform tags that it takes, best first. markers: what environment markers read.
    """

    name: str
    tags: tuple[str, ...]
    markers: tuple[tuple[str, str], ...]


def _platform(name: str, tags: tuple[str, ...], sys_platform: str, machine: str) -> Platform:
    kinds = {"linux": ("Linux", "posix"), "win32": ("Windows", "nt"), "darwin": ("Darwin", "posix")}
    system, os_name = kinds[sys_platform]
    markers = {
        "sys_platform": sys_platform,
        "platform_system": system,
        "os_name": os_name,
        "platform_machine": machine,
    }
    return Platform(name, tags, tuple(markers.items()))


LINUX: Final = _platform(
    # glibc 2.28 and older: Debian 10, Ubuntu 20.04, RHEL 8 and what came after
    "linux-x86_64",
    ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
    "linux",
    "x86_64",
)
WINDOWS: Final = _platform("windows-amd64", ("win_amd64",), "win32", "AMD64")
MACOS: Final = _platform(
    "macos-arm64",
    tuple(
        f"macosx_{major}_0_{kind}" for major in (14, 13, 12, 11) for kind in ("arm64", "universal2")
    ),
    "darwin",
    "arm64",
)
PLATFORMS: Final = {each.name: each for each in (LINUX, WINDOWS, MACOS)}


@dataclass(frozen=True)
class Target:
    """One platform with one Python, as "3.12"."""

    platform: Platform
    python: str

    @property
    def name(self) -> str:
        """For people and file names."""
        return f"{self.platform.name}-python{self.python}"

    def markers(self) -> dict[str, str]:
        """The target's values of environment markers."""
        versions = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        return {
            **dict(self.platform.markers),
            **versions,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }

    def pip_options(self) -> list[str]:
        """What makes pip choose wheels for the target."""
        options = ["--only-binary", ":all:", "--implementation", "cp"]
        options += ["--python-version", self.python]
        for tag in self.platform.tags:
            options += ["--platform", tag]
        return options


TARGETS: Final = tuple(Target(each, python) for each in PLATFORMS.values() for python in PYTHONS)


def this_target() -> Target | None:
    """The target that is this machine, or None where it is none of them."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    here = {"sys_platform": sys.platform, "platform_machine": platform.machine()}
    for target in TARGETS:
        markers = target.markers()
        if target.python == python and all(markers[key] == value for key, value in here.items()):
            return target
    return None
