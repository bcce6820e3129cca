"""Checks Python and the packages that the demo imports.

Never imports them: finding their places is enough, and takes milliseconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from vr_app.doctor.finding import Finding

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)
# The import names of what [all] in pyproject.toml lists; a test compares the two.
MODULES: Final = (
    "DracoPy",
    "PIL",
    "aiomqtt",
    "barcode",
    "cel",
    "collada",
    "embreex",
    "fast_simplification",
    "fluent.runtime",
    "fontpkg_noto_sans",
    "jwt",
    "justmytype_intl_cjk",
    "mcap",
    "meshopt",
    "msgpack",
    "networkx",
    "numpy",
    "opengl_decimate",
    "panda3d",
    "picows",
    "platformdirs",
    "pyarrow",
    "pydantic",
    "pyproj",
    "starlette",
    "trimesh",
    "ulid",
    "uvicorn",
    "websockets",
    "xr",
    "yaml",
    "zstandard",
)


def check_version(version: tuple[int, int, int]) -> Finding:
    """Whether `version` is one that Kenish is tested with."""
    arguments: dict[str, str | int | float] = {"version": ".".join(map(str, version))}
    if OLDEST <= version[:2] <= NEWEST:
        return Finding("python", "ok", "doctor-python-ok", arguments)
    return Finding("python", "fail", "doctor-python-other", arguments, "doctor-fix-python")


def check_packages(is_there: Callable[[str], bool]) -> Finding:
    """Whether all modules are there."""
    missing = [name for name in MODULES if not is_there(name)]
    if missing:
        arguments: dict[str, str | int | float] = {"names": ", ".join(missing)}
        return Finding(
            "packages", "fail", "doctor-packages-missing", arguments, "doctor-fix-packages"
        )
    return Finding("packages", "ok", "doctor-packages-ok", {"count": str(len(MODULES))})


def check_simplifier(is_there: Callable[[str], bool]) -> Finding:
    """Which library makes meshes coarser: the one that is compiled here is faster."""
    if is_there("meshoptimizer"):
        return Finding("simplifier", "ok", "doctor-simplifier-fast", {"name": "meshoptimizer"})
    return Finding("simplifier", "ok", "doctor-simplifier-wheel", {"name": "fast-simplification"})


def has_module(name: str) -> bool:
    """Whether `name` could be imported."""
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def check() -> list[Finding]:
    """This Python and its packages."""
    here = sys.version_info
    version = (here.major, here.minor, here.micro)
    return [check_version(version), check_packages(has_module), check_simplifier(has_module)]
