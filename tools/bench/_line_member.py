"""Members at one end of the line: they walk a known path, watch each other, and leave marks.

A program of its own, run inside a network namespace; prints one JSON object when stdin ends. The
clock of the path is the machine's monotonic one, which all namespaces share.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sync_server.wire.poses import MemberPose, Placed  # noqa: E402
from vr_app.session import CommandAccepted, CommandRefused, RoomSession  # noqa: E402

FRAME_S: Final = 1 / 60
SPEED_M_S: Final = 1.4
RADIUS_M: Final = 6.0
CYCLE_S: Final = 10.0  # eight seconds of walking, two of standing
WALK_S: Final = 8.0
RAMP_S: Final = 0.3
CLOCK_AT_S: Final = 10.0  # after joining
CLOCK_FOR_S: Final = 3.0


def walked(t: float) -> float:
    """Metres walked after t seconds: walking and standing by turns, nobody stops at once."""
    cycles, into = divmod(t, CYCLE_S)
    whole = SPEED_M_S * (WALK_S - RAMP_S)

    def ramp(since: float) -> float:  # distance within a ramp from standing to walking
        return SPEED_M_S * since * since / (2 * RAMP_S)

    if into < RAMP_S:
        part = ramp(into)
    elif into < WALK_S - RAMP_S:
        part = SPEED_M_S * (into - RAMP_S / 2)
    elif into < WALK_S:
        part = whole - ramp(WALK_S - into)
    else:
        part = whole
    return cycles * whole + part


def place(t: float, lane: int) -> tuple[float, float, float]:
    """Where the head of the walker in a lane is at the monotonic time t."""
    angle = walked(t + 1.7 * lane) / RADIUS_M
    x = 3.0 * RADIUS_M * lane + RADIUS_M * math.sin(angle)
    y = RADIUS_M * math.sin(angle) * math.cos(angle)
    return x, y, 1.62


class Watcher:
    """Looks at everybody 60 times a second, as a window does."""

    def __init__(self, session: RoomSession) -> None:
        self.session = session
        self.ages: dict[str, list[float]] = {}
        self.errors: dict[str, list[float]] = {}
        self.steps: dict[str, list[float]] = {}
        self.names: dict[int, str] = {}  # also of those who have left
        self._last: dict[str, tuple[float, Sequence[float]]] = {}

    def look(self, now: float) -> None:
        """One frame at the monotonic time `now`."""
        for member in self.session.members():
            self.names[member.number] = member.name
            if member.pose is None or "-walker-" not in member.name:
                continue
            lane, shown = int(member.name.rsplit("-", 1)[1]), member.pose.head.position
            true = place(now - member.behind_s, lane)
            self.ages.setdefault(member.name, []).append(member.pose_age_s)
            self.errors.setdefault(member.name, []).append(math.dist(shown, true))
            before = self._last.get(member.id)
            if before is not None:
                frame = now - before[0]
                beyond = math.dist(shown, before[1]) - SPEED_M_S * frame
                # A machine that misses a frame moves people twice as far in the next.
                self.steps.setdefault(member.name, []).append(beyond * min(1.0, FRAME_S / frame))
            self._last[member.id] = (now, shown)

    def clear(self) -> None:
        """Count from here."""
        for kept in (self.ages, self.errors, self.steps):
            kept.clear()

    def result(self) -> dict[str, Any]:
        """Percentiles by walker."""
        return {
            name: {
                "frames": len(ages),
                "age_ms": percentiles(ages, 1000.0),
                "error_cm": percentiles(self.errors[name], 100.0)
                | {"rms": float(np.sqrt(np.mean(np.square(self.errors[name]))) * 100.0)},
                "max_step_cm": max(self.steps.get(name, [0.0])) * 100.0,
            }
            for name, ages in self.ages.items()
        }


def percentiles(values: Sequence[float], factor: float) -> dict[str, float]:
    """{p50, p95, p99, max} times a factor."""
    found = np.percentile(np.asarray(values), [50, 95, 99, 100]) * factor
    return {n: float(v) for n, v in zip(("p50", "p95", "p99", "max"), found, strict=True)}


class Marker:
    """Leaves marks at random moments, whatever the line does."""

    def __init__(self, session: RoomSession, seed: int, every_s: float) -> None:
        self.session = session
        self.asked: list[str] = []
        self.accepted: list[str] = []
        self.refused: list[str] = []
        self._chance = random.Random(seed)
        self._every_s = every_s
        self._next = time.monotonic() + self._chance.expovariate(1 / every_s)
        self.going = True

    def step(self, now: float) -> None:
        """Perhaps one more, and what became of the earlier ones."""
        if self.going and now >= self._next:
            self._next = now + self._chance.expovariate(1 / self._every_s)
            mark = {"position": [1.0, 2.0, 3.0], "text": f"mark {len(self.asked)}"}
            self.asked.append(self.session.command("annotation", mark))
        for event in self.session.poll():
            if isinstance(event, CommandAccepted):
                self.accepted.append(event.id)
            elif isinstance(event, CommandRefused):
                self.refused.append(f"{event.id} {event.message_id}")


class ClockWatch:
    """Room time minus the monotonic clock, some seconds after joining."""

    def __init__(self, session: RoomSession, always: bool) -> None:
        self.session = session
        self.offsets: list[float] = []
        self._joined: float | None = None
        self._always = always

    def look(self, now: float) -> None:
        """Once a frame."""
        if self._joined is None:
            self._joined = now if self.session.status.state == "joined" else None
            return
        since = now - self._joined
        if since > 1.0 and (self._always or CLOCK_AT_S <= since <= CLOCK_AT_S + CLOCK_FOR_S):
            before = time.monotonic()
            room = self.session.room_time()
            self.offsets.append(room - (before + time.monotonic()) / 2)


def keep_arrivals(session: RoomSession) -> list[tuple[float, float, int]]:
    """How late poses come: (monotonic time of arrival, room time of making, member's number)."""
    late: list[tuple[float, float, int]] = []
    state = session._state
    inner = state.take_poses

    def take(samples: Any, now: float) -> None:
        late.extend((now, one.time_ms / 1000, one.number) for one in samples)
        inner(samples, now)

    state.take_poses = take  # type: ignore[method-assign]
    return late


def main() -> None:
    """Join, do as told, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--end", required=True)
    parser.add_argument("--walkers", type=int, default=0)
    parser.add_argument("--first-lane", type=int, default=0)
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--markers", type=int, default=0)
    parser.add_argument("--every", type=float, default=0.7)
    parser.add_argument("--clocks", type=int, default=0)
    parser.add_argument("--truth", action="store_true", help="its clock is the true one")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    member = End(options)
    stop = threading.Event()
    commands: list[str] = []

    def listen() -> None:
        for line in sys.stdin:
            commands.append(line.strip())
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    member.start()
    print("ready", flush=True)
    frame, begun = 0, time.monotonic()
    while not stop.is_set():
        while commands:
            member.obey(commands.pop(0))
        member.step(time.monotonic())
        frame += 1
        stop.wait(max(begun + frame * FRAME_S - time.monotonic(), 0.0))
    print(json.dumps(member.result()), flush=True)
    member.close()


class End:
    """All members of one end."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        url, end = options.url, options.end
        self._walkers = {
            lane: RoomSession(url, f"{end}-walker-{lane}")
            for lane in range(options.first_lane, options.first_lane + options.walkers)
        }
        self._watcher = Watcher(RoomSession(url, f"{end}-watcher")) if options.watch else None
        self._arrivals = keep_arrivals(self._watcher.session) if self._watcher else []
        self._markers = [
            Marker(_marking(options, n), n, options.every) for n in range(options.markers)
        ]
        self._clocks = [
            ClockWatch(RoomSession(url, f"{end}-clock-{n}"), options.truth)
            for n in range(options.clocks)
        ]

    def _sessions(self) -> list[RoomSession]:
        watcher = [self._watcher.session] if self._watcher else []
        others = [*(one.session for one in self._markers), *(one.session for one in self._clocks)]
        return [*self._walkers.values(), *watcher, *others]

    def start(self) -> None:
        """Join with all; waits until they are in."""
        for session in self._sessions():
            session.start()
        end = time.monotonic() + 60
        while any(one.status.state != "joined" for one in self._sessions()):
            if time.monotonic() > end:
                raise SystemExit(f"not joined: {[one.status for one in self._sessions()]}")
            for marker in self._markers:
                marker.session.poll()
            time.sleep(0.01)

    def step(self, now: float) -> None:
        """One frame."""
        for lane, session in self._walkers.items():
            session.send_pose(MemberPose(Placed(place(time.monotonic(), lane))))
        if self._watcher is not None:
            self._watcher.look(time.monotonic())
            self._watcher.session.poll()
        for marker in self._markers:
            marker.step(now)
        for clock in self._clocks:
            clock.look(now)

    def obey(self, command: str) -> None:
        """`clear`: count from here; `quiet`: no more marks; `state`: say how much waits."""
        if command == "clear" and self._watcher is not None:
            self._watcher.clear()
            self._arrivals.clear()
        elif command == "quiet":
            for marker in self._markers:
                marker.going = False
        elif command == "state":
            states = [(m.session.status.state, m.session.unsettled) for m in self._markers]
            print(json.dumps(states), flush=True)

    def result(self) -> dict[str, Any]:
        """Everything that was measured."""
        return {
            "watcher": self._watcher.result() if self._watcher else {},
            "arrivals": self._from_walkers(),
            "clocks": [one.offsets for one in self._clocks],
            "markers": [
                {
                    "member": one.session.me,
                    "asked": one.asked,
                    "accepted": one.accepted,
                    "refused": one.refused,
                    "seen": {r.id: r.number for r in one.session.records.values()},
                }
                for one in self._markers
            ],
        }

    def _from_walkers(self) -> list[tuple[float, float, str]]:
        names = self._watcher.names if self._watcher else {}
        return [(now, made, names.get(number, "")) for now, made, number in self._arrivals]

    def close(self) -> None:
        """Leave."""
        for session in self._sessions():
            session.close(1.0)


def _marking(options: argparse.Namespace, number: int) -> RoomSession:
    name = f"{options.end}-marker-{number}"
    kept = options.folder / f"{name}.json" if options.folder else None
    return RoomSession(options.url, name, resume_file=kept)


if __name__ == "__main__":
    main()
