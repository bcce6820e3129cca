"""Makes a folder that installs and runs Kenish without internet: wheels, twin, start scripts.

Never bundles system libraries: the start script checks them and says what to install.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.setup import layout, resolve
from tools.setup.environment import ROOT, Environment, run_pip
from tools.setup.speech import SetupError, say
from tools.setup.targets import PLATFORMS, PYTHONS, Target, this_target

MARK: Final = "kenish-bundle.txt"
TWIN: Final = "twin"
PACKAGES: Final = ("assets", "curricula", "scenes", "sync_server", "vr_app")
START_SH: Final = """\
#!/bin/sh
# Installs Kenish from this folder (once, without internet) and starts it.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
for python in "python{python}" python3 python; do
  if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != {numbers})' 2>/dev/null; then
    exec "$python" "$here/tools/run.py" demo --twin "$here/{twin}" "$@"
  fi
done
echo "Kenish needs Python {python}; please install it." >&2
exit 1
"""
START_BAT: Final = """\
@echo off
rem Installs Kenish from this folder (once, without internet) and starts it.
where py >nul 2>nul
if %errorlevel%==0 (
  py -{python} "%~dp0tools\\run.py" demo --twin "%~dp0{twin}" %*
) else (
  python "%~dp0tools\\run.py" demo --twin "%~dp0{twin}" %*
)
exit /b %errorlevel%
"""
README: Final = """\
Kenish {version}, for {platform} with Python {python}, without internet

Start it:          {start}
Without a screen:  {start} --headless --out pictures
What works here:   python{python} tools/run.py doctor
Any command:       python{python} tools/run.py kenish COMMAND

The first start makes the folder .venv here (about a minute), later ones take seconds. On Linux the
first start also says which OpenGL libraries of the system are missing, if any.
"""


def command(arguments: Sequence[str]) -> int:
    """`run.py bundle`: make the folder; 2 for arguments that do not fit."""
    parser = argparse.ArgumentParser(
        prog="run.py bundle",
        description="Make a folder that installs and runs Kenish without internet.",
        epilog="example: python3 tools/run.py bundle --out kenish-bundle --platform windows-amd64",
    )
    here = this_target()
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), help="default: this machine's")
    parser.add_argument("--python", choices=PYTHONS, help="default: the Python that runs this")
    chosen = parser.parse_args(list(arguments))
    if here is None and chosen.platform is None:
        say(f"Bundles are made for {', '.join(PLATFORMS)}, and this is none: choose --platform.")
        return 2
    platform = PLATFORMS[chosen.platform] if chosen.platform else here.platform  # type: ignore[union-attr]
    python = chosen.python or f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Target(platform, python)
    out: Path = chosen.out.resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not (out / MARK).is_file():
        say(f"{out} is there already and is no bundle; choose another --out.")
        return 2
    make(target, out)
    return 0


def make(target: Target, out: Path) -> None:
    """Make the bundle for `target` in `out`, in place of an earlier one there."""
    environment = Environment()
    environment.install(("all",))
    if out.exists():
        shutil.rmtree(out)
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    # first of all, so that an interrupted bundle is still known as one
    (out / MARK).write_text(f"{target.name}\n", encoding="utf-8")
    python = str(environment.python)

    say("Building Kenish's own wheel")
    with tempfile.TemporaryDirectory() as folder:
        # a copy, because a build folder left in the checkout would bring back deleted files
        sources = Path(folder) / "kenish"
        copy_sources(sources)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
        _run([*pip, "--no-build-isolation", "--wheel-dir", str(wheels), str(sources)])
    (own,) = wheels.glob("kenish-*.whl")

    say(f"Fetching wheels for {target.name}")
    words = ["--quiet", "--dest", str(wheels), "--constraint", str(ROOT / "constraints.txt")]
    wanted = [f"{own}[all]", *layout.BASE_PACKAGES]
    _run(resolve.pip_for(target, "download", *words, *wanted, python=python))

    say("Baking the bundled mine")
    baking = layout.kenish_command(python, ["demo", "--bake-only", str(out / TWIN)])
    if subprocess.run(baking, stdout=sys.stderr, check=False).returncode != 0:
        raise SetupError("The bundled mine could not be baked (the reason is above).")
    _copy_setup(out)
    _write_start(target, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"{out}: {size / 1e6:.0f} MB, for {target.name}")


def copy_sources(to: Path) -> None:
    """What goes into the wheel, and nothing that was built from it before."""
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    to.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=skip)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, to / name)


def _copy_setup(out: Path) -> None:
    """What the start script runs, and the pins it installs by."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tools" / "setup", out / "tools" / "setup", ignore=skip)
    for name in ("tools/run.py", "tools/__init__.py", "constraints.txt", "LICENSE"):
        shutil.copyfile(ROOT / name, out / name)


def _write_start(target: Target, out: Path) -> None:
    for name, text in start_files(target, version()).items():
        path = out / name
        path.write_bytes(text.encode())
        if path.suffix == ".sh":
            path.chmod(0o755)


def version() -> str:
    """Kenish's version, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def start_files(target: Target, kenish_version: str) -> dict[str, str]:
    """{file name: text} of the start script for the target's system, and the readme."""
    windows = target.platform.name.startswith("windows")
    start = "start.bat" if windows else "./start.sh"
    readme = README.format(
        version=kenish_version, platform=target.platform.name, python=target.python, start=start
    )
    script = (START_BAT if windows else START_SH).format(
        python=target.python, numbers=tuple(map(int, target.python.split("."))), twin=TWIN
    )
    ending = "\r\n" if windows else "\n"
    name = "start.bat" if windows else "start.sh"
    return {name: script.replace("\n", ending), "README.txt": readme.replace("\n", ending)}


def _run(words: Sequence[str]) -> None:
    if not run_pip(words):
        raise SetupError("The bundle could not be made (the reason is above).")
