"""The form of every benchmark's result: machine, versions, parameters, goals, what is not judged.

Only collects and prints; it measures nothing.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure with the bound that the issue sets."""

    name: str
    value: float
    bound: float
    unit: str
    met: bool


def at_most(name: str, value: float, bound: float, unit: str) -> Goal:
    """A goal that is met by values up to the bound."""
    return Goal(name, round(value, 4), bound, unit, value <= bound)


def at_least(name: str, value: float, bound: float, unit: str) -> Goal:
    """A goal that is met by values from the bound on."""
    return Goal(name, round(value, 4), bound, unit, value >= bound)


@dataclass(slots=True)
class Report:
    """One benchmark's result."""

    parameters: dict[str, Any]
    goals: list[Goal] = field(default_factory=list)
    not_judged: list[dict[str, str]] = field(default_factory=list)
    measured: dict[str, Any] = field(default_factory=dict)

    def as_json(self, packages: Sequence[str]) -> dict[str, Any]:
        """The one object that is printed; `packages` are those whose version matters."""
        return {
            "machine": machine(),
            "versions": versions(packages),
            "parameters": self.parameters,
            "measured": self.measured,
            "goals": [asdict(goal) for goal in self.goals],
            "not_judged": self.not_judged,
        }

    def show(self, packages: Sequence[str]) -> None:
        """Print it."""
        print(json.dumps(self.as_json(packages), ensure_ascii=False, indent=1))


def machine() -> dict[str, Any]:
    """What it ran on."""
    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        cpu = names[0] if names else cpu
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "system": platform.platform(),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_before": None if load is None else round(load, 2),
    }


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Python's version and those of some packages."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "-"
    return found
