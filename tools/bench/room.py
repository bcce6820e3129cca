"""`kenish bench room`: everybody sees everybody; cost, delay and bytes of one room and its peers.

The server is a real `kenish serve` on one core, the load on another; Colyseus (with its own
client), `ws` and `websockets` run in the same way in the same run. All tell of a head, two hands
and a hit point, which all move 20 times a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench._report import Report, at_least, at_most  # noqa: E402
from tools.bench._room_cases import NPM, Case, measure, peers_folder  # noqa: E402

PACKAGES = ("picows", "websockets", "msgpack", "pydantic", "numpy")
KENISH: Final = Case("kenish", "kenish")
KENISH_50: Final = Case("kenish, 50 ms flush", "kenish", ("--flush-ms", "50"))
KENISH_WEBSOCKETS: Final = Case("kenish on websockets", "kenish", (), "websockets")
COLYSEUS: Final = Case("colyseus, float schema", "colyseus", ("float", "50"))
COLYSEUS_16: Final = Case("colyseus, 16-bit schema", "colyseus", ("int16", "50"))
# At its usual 50 ms a patch nobody can hear everything within 50 ms: it is given a quicker one.
COLYSEUS_FAST: Final = Case("colyseus, 33 ms patches", "colyseus", ("float", "33"))
WS_BATCH: Final = Case("ws, a batch each 50 ms", "ws", ("batch", "50"))
WS_RELAY: Final = Case("ws relaying", "ws", ("relay",))
WEBSOCKETS: Final = Case("websockets relaying", "websockets")

MAIN: Final = (KENISH, COLYSEUS, KENISH_50)
OTHERS: Final = (KENISH_WEBSOCKETS, COLYSEUS_16, WS_BATCH, WS_RELAY, WEBSOCKETS)
CROWD: Final = 100
# One run's processor time is a fifth off at times, by what else the host does; each round's cases
# stand side by side in time, so that the rounds' ratios differ less than the runs.
ROUNDS: Final = 7
LATE_MS: Final = 50.0
DELIVERED: Final = 0.95  # of what a run at the edge of what a server can carry must bring
JOIN_RECORDS: Final = 10_000
STEPS: Final = (
    *range(100, 500, 50),
    *range(500, 1000, 100),
    *range(1000, 2001, 200),
)
STEPS_QUICK: Final = (100, 200, 400)


class Bench:
    """The runs and what came of them."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.seconds, self.warm = (3.0, 1.0) if quick else (10.0, 2.0)
        self.runs: list[dict[str, Any]] = []
        self.failed: list[dict[str, str]] = []

    def run(
        self, case: Case, members: int, seconds: float | None = None, crowd: bool = False
    ) -> dict[str, Any] | None:
        """One run, kept; None where it could not be done."""
        print(f"{case.name}, {members} members", file=sys.stderr, flush=True)
        try:
            result = measure(case, members, seconds or self.seconds, self.warm, crowd)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self.failed.append({"name": f"{case.name}, {members}", "reason": str(error)[-500:]})
            return None
        self.runs.append({"case": case.name + (", crowd" if crowd else ""), **result})
        return result

    def fan_out(self) -> None:
        """Every case with 16, 50 and 100; the ones that are judged several times at 100."""
        for members in (16, CROWD) if self.quick else (16, 50, CROWD):
            for turn in range(ROUNDS if members == CROWD and not self.quick else 1):
                for case in MAIN if turn % 2 == 0 else reversed(MAIN):
                    self.run(case, members)
            for case in OTHERS:
                # Relaying to a hundred is beyond one core: in a short run it would only swap.
                if not self.quick or case in {KENISH_WEBSOCKETS, COLYSEUS_16} or members == 16:
                    self.run(case, members)

    def capacity(self, case: Case) -> tuple[int, bool]:
        """The largest room that is heard in time, and whether the load gave out before it."""
        largest, misses = 0, 0
        for members in STEPS_QUICK if self.quick else STEPS:
            result = self.run(case, members, 3.0 if self.quick else 5.0, crowd=True)
            if result is None:
                return largest, True  # whose fault it was is not known
            if result["loader_saturated"]:
                return largest, True
            if result["p99_ms"] <= LATE_MS and result["delivered"] >= DELIVERED:
                largest, misses = members, 0
                continue
            misses += 1
            if misses == 2:
                return largest, False
        return largest, True

    def values(self, case: Case, members: int, field: str) -> list[float]:
        """Of a case's runs, in order."""
        runs = [one for one in self.runs if one["case"] == case.name and one["n"] == members]
        return [float(one[field]) for one in runs]

    def median(self, case: Case, members: int, field: str) -> float:
        """Of a case's runs; raises StatisticsError where there is none."""
        return statistics.median(self.values(case, members, field))

    def ratio(self, case: Case, peer: Case, field: str) -> float:
        """Of two cases with a hundred members: the median of the rounds' ratios, or of the runs'
        medians where one is missing. Raises StatisticsError where a case has no run."""
        ours, theirs = (self.values(one, CROWD, field) for one in (case, peer))
        if len(ours) != len(theirs):
            return statistics.median(ours) / statistics.median(theirs)
        return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def join_with_records() -> dict[str, float]:
    """Seconds until a client has a room of 10,000 records, which fifty members have written."""
    from tools.bench._room_cases import server
    from tools.bench._room_records import write_records
    from vr_app.session import RoomSession

    times = []
    with server(KENISH, CROWD) as (url, _pid), tempfile.TemporaryDirectory():
        write_records(url, JOIN_RECORDS)
        for _ in range(3):
            begin = time.perf_counter()
            session = RoomSession(url, "Late", "engineer")
            session.start()
            try:
                while not (
                    session.status.state == "joined" and len(session.records) >= JOIN_RECORDS
                ):
                    if time.perf_counter() - begin > 60:
                        raise RuntimeError(f"not joined: {session.status}")
                    time.sleep(0.002)
                times.append(time.perf_counter() - begin)
            finally:
                session.close()
    return {"median_s": round(statistics.median(times), 4), "records": JOIN_RECORDS}


def judge(bench: Bench, report: Report) -> None:
    """The goals of the issue from the runs."""
    goals, late = report.goals, (KENISH, CROWD)
    goals.append(at_most("room.p50_ms", bench.median(*late, "p50_ms"), 8, "ms"))
    goals.append(at_most("room.p99_ms", bench.median(*late, "p99_ms"), 20, "ms"))
    goals.append(at_least("room.delivered", bench.median(*late, "delivered"), 0.999, "share"))
    try:
        cpu = bench.ratio(KENISH, COLYSEUS, "cpu_share")
        cpu_50 = bench.ratio(KENISH_50, COLYSEUS, "cpu_share")
        size = bench.ratio(KENISH, COLYSEUS, "bytes_a_client_s")
    except statistics.StatisticsError:
        report.not_judged.append({"name": "room.*_colyseus", "reason": "Colyseus did not run"})
        return
    goals.append(at_most("room.cpu_ratio_colyseus", cpu, 1.2, "ratio"))
    goals.append(at_most("room.cpu_ratio_colyseus_50ms", cpu_50, 0.8, "ratio"))
    goals.append(at_most("room.bytes_ratio_colyseus", size, 0.35, "ratio"))
    report.measured["bytes_ratio_colyseus_16_bit"] = round(
        bench.ratio(KENISH, COLYSEUS_16, "bytes_a_client_s"), 4
    )


def judge_capacity(bench: Bench, report: Report) -> None:
    """How many one core carries."""
    ours, ours_more = bench.capacity(KENISH)
    theirs, theirs_more = bench.capacity(COLYSEUS_FAST)
    report.measured["capacity"] = {
        "kenish": ours,
        "kenish_is_at_least": ours_more,
        "colyseus": theirs,
        "colyseus_is_at_least": theirs_more,
    }
    if theirs and not theirs_more:
        goal = at_least("room.capacity_ratio_colyseus", ours / theirs, 2, "ratio")
        report.goals.append(goal)
    else:
        reason = (
            "the load gave out before Colyseus" if theirs_more else "Colyseus was never in time"
        )
        report.not_judged.append({"name": "room.capacity_ratio_colyseus", "reason": reason})


def main() -> None:
    """Measure, judge, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    options = parser.parse_args()
    bench = Bench(options.quick)
    report = Report({"hertz": 20, "seconds": bench.seconds, "warm_s": bench.warm, "npm": list(NPM)})
    if (os.cpu_count() or 1) < 2:
        report.not_judged.append({"name": "room.*", "reason": "needs two cores"})
        report.show(PACKAGES)
        return
    try:
        peers_folder()
    except (OSError, subprocess.SubprocessError) as error:
        report.not_judged.append({"name": "npm peers", "reason": str(error)})
    bench.fan_out()
    judge(bench, report)
    judge_capacity(bench, report)
    joining = join_with_records()
    report.measured |= {"runs": bench.runs, "joining": joining}
    report.goals.append(at_most("room.join_10k_records_s", joining["median_s"], 1.0, "s"))
    report.not_judged += bench.failed
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
