"""Builds the compiled simplifier of meshes into the environment, where there is a compiler.

Nothing needs it: baking without it takes longer, so that whatever goes wrong here is said and
nothing more. It never builds offline from a bundle, and builds nothing else.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from tools.setup import layout, system_packages
from tools.setup.environment import Environment, run_pip
from tools.setup.speech import say
from tools.setup.system_packages import Need

# Only its source is published, and only as a pre-release: it is no dependency.
NAME: Final = "meshoptimizer"
VERSION: Final = "0.2.30a0"
WITHOUT: Final = "Kenish bakes meshes without it, at about a third of the speed."


def needs(headers: Path, minor: int, windows: bool) -> tuple[Need, ...]:
    """What a build takes: a compiler, and Python's own headers in the folder `headers`."""
    compilers = ("cl",) if windows else ("c++", "g++", "clang++")
    return (
        Need("a compiler for the fast simplifier of meshes", ("g++",), programs=compilers),
        Need(
            "Python's headers, for the same",
            (f"python3.{minor}-dev",),
            files=((headers / "Python.h").as_posix(),),
        ),
    )


def install(
    environment: Environment,
    *,
    offer: Callable[[Iterable[Need]], list[Need]] = system_packages.offer,
    met: Callable[[Need], bool] = system_packages.is_met,
    pip: Callable[[Sequence[str]], bool] = run_pip,
    windows: bool = sys.platform == "win32",
) -> bool:
    """Build it if it is not there yet; whether it is there now. Never raises."""
    if environment.has_package(NAME, VERSION):
        return True
    if environment.wheels is not None:
        return False  # a bundle: there is no internet to fetch its source from
    wanted = needs(Path(sysconfig.get_path("include")), sys.version_info.minor, windows)
    lacking = [need for need in wanted if not met(need)]
    if windows and lacking:
        return False  # a compiler there is a large thing that people choose for themselves
    if lacking and (offer(lacking) or not all(met(need) for need in lacking)):
        say(f"The fast simplifier of meshes was not built. {WITHOUT}")
        return False
    say("Building the fast simplifier of meshes (about 20 seconds)")
    constraints = str(environment.root / "constraints.txt")
    if not pip(
        layout.build_command(str(environment.python), constraints, f"{NAME}=={VERSION}", NAME)
    ):
        say(f"The fast simplifier could not be built (pip's own words are above). {WITHOUT}")
        return False
    return True
