"""Other people's JavaScript: npm packages in the user's cache, outside the checkout, run by node.

Installed on first use. It judges nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import platformdirs

TIMEOUT_S = 600.0
HERE = Path(__file__).parent


def run(command: Sequence[str | Path], folder: Path, text: str = "") -> str:
    """What a command prints. Raises OSError where it is not there, RuntimeError where it fails."""
    words = [str(one) for one in command]
    done = subprocess.run(
        words, cwd=folder, input=text, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout)[-600:].strip())
    return done.stdout


def packages(folder: str, *names: str) -> Path:
    """A folder of the cache whose node_modules hold the packages, each "name" or "name@version".

    Raises OSError or RuntimeError where there is no npm, or no network.
    """
    home = platformdirs.user_cache_path("kenish", appauthor=False) / "bench" / folder
    home.mkdir(parents=True, exist_ok=True)
    mark = home / "ready"
    wanted = "\n".join(names)
    if not mark.is_file() or mark.read_text(encoding="utf-8") != wanted:
        npm = shutil.which("npm") or "npm"
        run([npm, "install", "--silent", "--no-fund", "--no-audit", *names], home)
        mark.write_text(wanted, encoding="utf-8")
    return home


def node(home: Path, script: str, *arguments: str | Path, text: str = "") -> str:
    """Run a script of this folder beside the packages of `home`, where node looks for them."""
    copy = home / script
    shutil.copyfile(HERE / script, copy)
    return run([shutil.which("node") or "node", copy, *arguments], home, text)
