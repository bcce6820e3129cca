"""Asks pip what it would install, or lets it fetch wheels, for another platform and Python.

Never installs anything into an environment.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.setup.targets import Target

PIP_AS: Final = Path(__file__).with_name("pip_as.py")


@dataclass(frozen=True)
class Resolution:
    """What pip would install for a target: {normalised name: version}, or its last words."""

    target: Target
    packages: dict[str, str]
    problem: str | None = None


def normalised(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(constraints: str) -> dict[str, str]:
    """{normalised name: version} of a constraints file; ValueError at what is no exact pin."""
    pins: dict[str, str] = {}
    for number, line in enumerate(constraints.splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)(\s*;.*)?", text)
        if match is None:
            raise ValueError(f"line {number} of the constraints is no exact pin: {text}")
        pins[normalised(match[1])] = match[2]
    return pins


def requirements(project: dict[str, Any], extras: Sequence[str]) -> list[str]:
    """The project's requirements with `extras`, its references to its own extras resolved."""
    table = project["project"]
    own = normalised(table["name"])
    found: list[str] = list(table["dependencies"])
    waiting, seen = list(extras), set[str]()
    while waiting:
        extra = waiting.pop(0)
        if extra in seen:
            continue
        seen.add(extra)
        for line in table["optional-dependencies"][extra]:
            match = re.fullmatch(r"([A-Za-z0-9._-]+)\[([^\]]*)\]", line.strip())
            if match is not None and normalised(match[1]) == own:
                waiting += [name.strip() for name in match[2].split(",")]
            else:
                found.append(line)
    return list(dict.fromkeys(found))


def pip_for(target: Target, command: str, *words: str, python: str = sys.executable) -> list[str]:
    """A pip command line, of `python`, that acts as if on `target`."""
    markers = json.dumps(target.markers())
    options = ["--disable-pip-version-check", *target.pip_options()]
    return [python, str(PIP_AS), markers, command, *options, *words]


def resolve(target: Target, wanted: Sequence[str], constraints: Path) -> Resolution:
    """Resolve `wanted` for `target` from wheels alone, under `constraints`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = ["--dry-run", "--ignore-installed", "--quiet", "--target", folder]
        words += ["--report", str(report), "--constraint", str(constraints), *wanted]
        done = subprocess.run(
            pip_for(target, "install", *words), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            return Resolution(target, {}, last_words(done.stderr))
        items = json.loads(report.read_text(encoding="utf-8"))["install"]
    found = {normalised(i["metadata"]["name"]): str(i["metadata"]["version"]) for i in items}
    return Resolution(target, found)


def last_words(stderr: str) -> str:
    """pip's reason: its error lines, or its last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return "; ".join(errors[:2]) or (lines[-1] if lines else "pip failed without a word")
