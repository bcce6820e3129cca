"""Builds the root once and runs commands inside it, in namespaces of their own.

A cached root lies outside the checkout, named by its recipe; mounts exist only in the namespace of
the command that needs them, so that neither mounts nor processes outlive it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.openxr_root import sources
from tools.setup.resolve import pip_for, requirements
from tools.setup.targets import TARGETS

REPOSITORY: Final = Path(__file__).resolve().parents[2]
SUITE: Final = "trixie"  # Debian 12 has no Monado
PYTHON: Final = "3.13"  # trixie's
PACKAGES: Final = (
    "ca-certificates",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libglx-mesa0",
    "libopenxr-loader1",
    "libopenxr-utils",
    "libopenxr1-monado",
    "mesa-vulkan-drivers",
    "monado-service",
    "python3-venv",
    "x11-apps",
    "xvfb",
)
BUILD_S: Final = 900.0
# Only here: a folder of the machine's, so that every checkout and user shares one root.
CACHE: Final = Path("/var/cache/kenish/openxr-root")


class NotPossible(Exception):
    """This machine cannot do it, for a reason that is no fault of the checkout."""


def check() -> None:
    """Raises `NotPossible` with what is missing."""
    if sys.platform != "linux":
        raise NotPossible("namespaces and debootstrap are Linux's")
    if os.geteuid() != 0:
        raise NotPossible("building a root needs root")
    missing = [name for name in ("debootstrap", "unshare", "chroot") if shutil.which(name) is None]
    if missing:
        raise NotPossible(f"not installed: {' '.join(missing)}")
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "true"],
        capture_output=True,
        text=True,
    )
    if tried.returncode:
        raise NotPossible(f"no namespaces here: {tried.stderr.strip()[-200:]}")


def recipe() -> str:
    """What a root is made of; another recipe is another root."""
    parts = [SUITE, PYTHON, *PACKAGES]
    parts.append((REPOSITORY / "constraints.txt").read_text(encoding="utf-8"))
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    parts += sorted(_wanted(project))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _wanted(project: str) -> list[str]:
    return requirements(tomllib.loads(project), ("all", "test"))


def built() -> Path:
    """The root's folder, built if it is not there. Raises `NotPossible`."""
    folder = CACHE / recipe()
    if (folder / "complete").is_file():
        return folder
    check()
    addresses = sources.of_this_machine()
    if not addresses:
        raise NotPossible("apt names no Debian archive")
    _forget_others(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _system(folder / "root", addresses[0])
    _wheels(folder / "site")
    (folder / "complete").touch()
    return folder


def _forget_others(folder: Path) -> None:
    """Roots of other recipes; one with a mount in it is left alone, whoever left that."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    for other in CACHE.glob("*") if CACHE.is_dir() else ():
        if f" {other}/" not in mounts and (other != folder or not (other / "complete").exists()):
            shutil.rmtree(other, ignore_errors=True)


def _run(command: Sequence[str], what: str) -> None:
    print(f"openxr root: {what}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        list(command), capture_output=True, text=True, timeout=BUILD_S, env=environment
    )
    if done.returncode:
        raise NotPossible(f"{what}: {(done.stderr or done.stdout).strip()[-600:]}")


def _system(root: Path, archive: str) -> None:
    _run(["debootstrap", "--variant=minbase", SUITE, str(root), archive], f"Debian {SUITE}")
    for file in ("/etc/resolv.conf", *map(str, Path("/etc/apt/apt.conf.d").glob("*prox*"))):
        if Path(file).is_file():
            shutil.copy(file, root / file[1:])
    _run(["chroot", str(root), "apt-get", "update", "-q"], "package lists")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    _run(["chroot", str(root), *install], "Monado, Mesa, Xvfb")
    for place in ("work", "site", "out"):
        (root / place).mkdir(exist_ok=True)


def _wheels(site: Path) -> None:
    target = next(
        one for one in TARGETS if one.platform.name == "linux-x86_64" and one.python == PYTHON
    )
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    words = ["--quiet", "--target", str(site), "--constraint"]
    words += [str(REPOSITORY / "constraints.txt"), *_wanted(project)]
    _run(pip_for(target, "install", *words), f"wheels for Python {PYTHON}")


# Private to the namespace: it ends with the command, and so do its mounts.
_INSIDE: Final = """
set -e
mount --make-rprivate /
ip link set lo up 2>/dev/null || true
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t sysfs sys "$ROOT/sys"
mount --bind "$WORK" "$ROOT/work"
mount -o remount,bind,ro "$ROOT/work"
mount --bind "$SITE" "$ROOT/site"
mount --bind "$OUT" "$ROOT/out"
mount -t tmpfs tmp "$ROOT/tmp"
cd /
exec chroot "$ROOT" env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \\
    PYTHONPATH=/site:/work PYTHONDONTWRITEBYTECODE=1 KENISH_OUT=/out "$@"
"""


def run_inside(folder: Path, command: Sequence[str], out: Path, timeout_s: float) -> int:
    """Run a command in the root with the checkout (not to be written to) at /work and `out` at
    /out; its exit status. Raises TimeoutExpired."""
    out.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "ROOT": str(folder / "root"),
        "SITE": str(folder / "site"),
        "WORK": str(REPOSITORY),
        "OUT": str(out.resolve()),
    }
    # No network: Monado's remote driver takes one fixed port, which nobody else then has.
    namespaces = ["--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child"]
    whole = ["unshare", *namespaces, "bash", "-c", _INSIDE, "inside", *command]
    return subprocess.run(whole, env=environment, timeout=timeout_s).returncode
