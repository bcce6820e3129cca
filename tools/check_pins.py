"""Checks that constraints.txt is complete, exact and resolves from wheels on every target.

`python tools/check_pins.py` asks pip for each of three platforms and three Pythons. Never changes
the constraints: it prints the lines that are wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.setup.layout import BASE_PACKAGES  # noqa: E402
from tools.setup.resolve import Resolution, read_pins, requirements, resolve  # noqa: E402
from tools.setup.targets import TARGETS  # noqa: E402

EXTRAS = ("all", "test")


def faults(pins: dict[str, str], resolutions: list[Resolution]) -> list[str]:
    """One line for each target that fails, and for each pin that is missing, wrong or unused."""
    lines = [f"{each.target.name}: {each.problem}" for each in resolutions if each.problem]
    used: set[str] = set()
    for each in resolutions:
        used |= set(each.packages)
        for name, version in sorted(each.packages.items()):
            if pins.get(name) != version:
                lines.append(f"{each.target.name}: not pinned: {name}=={version}")
    if not any(each.problem for each in resolutions):
        lines += [f"pinned, needed nowhere: {name}" for name in sorted(set(pins) - used)]
    return lines


def main() -> int:
    """Resolve for all targets, print a table, and say what is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python tools/check_pins.py --jobs 2"
    )
    parser.add_argument("--jobs", type=int, default=2, help="resolve this many at a time")
    jobs = max(parser.parse_args().jobs, 1)
    constraints = ROOT / "constraints.txt"
    pins = read_pins(constraints.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*BASE_PACKAGES, *requirements(project, EXTRAS)]

    def timed(position: int) -> tuple[Resolution, float]:
        start = time.monotonic()
        return resolve(TARGETS[position], wanted, constraints), time.monotonic() - start

    print(f"{'target':32} {'packages':>8} {'seconds':>8}")
    resolutions = []
    with ThreadPoolExecutor(jobs) as pool:
        for resolution, seconds in pool.map(timed, range(len(TARGETS))):
            resolutions.append(resolution)
            count = "failed" if resolution.problem else str(len(resolution.packages))
            print(f"{resolution.target.name:32} {count:>8} {seconds:8.1f}", flush=True)
    wrong = faults(pins, resolutions)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(pins)} pins, {len(TARGETS)} targets, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
