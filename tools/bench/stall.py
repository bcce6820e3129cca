"""`kenish bench stall`: one of fifty members stops reading for 75 s: its cost, and how it wakes.

The server is a real `kenish serve`, the members are a process of their own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench._report import Report, at_most  # noqa: E402
from tools.bench._room_cases import Case, server  # noqa: E402

PACKAGES = ("picows", "websockets", "msgpack", "pydantic")
MEMBERS = 50


def measure(case: Case, stall_s: float) -> dict[str, float]:
    """One story. Raises RuntimeError where it could not be told."""
    with server(case, 100) as (url, pid):
        config = {"url": url, "pid": pid, "n": MEMBERS, "stall_s": stall_s}
        loader = Path(__file__).with_name("_stall_load.py")
        done = subprocess.run(
            ["taskset", "-c", "1", sys.executable, str(loader), json.dumps(config)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=stall_s + 120,
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Measure over both libraries, judge the one that is used, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="one library, the same 75 s")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    stall_s = 75.0
    report = Report({"members": MEMBERS, "hertz": 20, "stall_s": stall_s})
    result = measure(Case("kenish", "kenish"), stall_s)
    report.measured["kenish"] = result
    if not options.quick:
        other = Case("kenish on websockets", "kenish", (), "websockets")
        report.measured[other.name] = measure(other, stall_s)
    grown = result["rss_largest_mb"] - result["rss_before_mb"]
    report.goals.append(at_most("stall.rss_growth_mb", grown, 5.0, "MB"))
    fresh = result["fresh_after_s"]
    if fresh is None:
        fresh = float("inf")
    report.goals.append(at_most("stall.fresh_after_s", fresh, 1.0, "s"))
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
