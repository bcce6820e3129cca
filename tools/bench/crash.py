"""`kenish bench crash`: a server that is killed again and again while people work in its room.

Real clients give commands through `RoomSession`; the server gets SIGKILL at random moments, also
while it starts, and comes back on the same port and folder. At the end everybody's view, the log
and every acknowledgement are compared. Another part kills processes in the middle of commits,
snapshots, compactions and schema changes of a room's file.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from scenes.schema import ObjectAction, Scene, SceneObject  # noqa: E402
from scenes.twin import save_scene  # noqa: E402
from sync_server.storage.folder import StateFolder  # noqa: E402
from sync_server.storage.log import RoomLog  # noqa: E402
from tools.bench._crash_storage import kill_in_each  # noqa: E402
from tools.bench._report import Report, at_most  # noqa: E402
from vr_app.session import (  # noqa: E402
    CommandAccepted,
    CommandRefused,
    MemberPose,
    Placed,
    RoomSession,
)

PACKAGES = ("websockets", "picows", "pydantic", "msgpack")
COMMANDS_A_SECOND = 15.0  # of each client; the server takes 20
DEADLINE_S = 60.0
IN_START = 0.15  # of the kills come before the server says that it listens


def crash_scene() -> Scene:
    """One object that all switch."""
    actions = [
        ObjectAction(id=f"to-{state}", title={"en": state}, to_state=state, event=f"{state}_now")
        for state in ("open", "closed")
    ]
    valve = SceneObject(
        id="valve",
        kind="valve",
        title={"en": "Valve"},
        position=(0.0, 0.0, 0.0),
        states=["open", "closed"],
        initial="open",
        actions=actions,
    )
    return Scene(name="crash", objects=[valve])


@dataclass(slots=True)
class Worker:
    """One client: gives commands all the time, whatever becomes of the server."""

    session: RoomSession
    choose: random.Random
    issued: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)  # of notes, by their command
    accepted: dict[str, int] = field(default_factory=dict)
    twice: int = 0  # acknowledged with two different numbers
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    reconnects: int = 0
    _away: bool = False

    def run(self) -> None:
        """Until `stop` is set."""
        while not self.stop.wait(self.choose.expovariate(COMMANDS_A_SECOND)):
            self.listen()
            self._one()
            x = self.choose.uniform(-50.0, 50.0)
            self.session.send_pose(MemberPose(Placed((x, 0.0, 1.6))))

    def listen(self) -> None:
        """Take what was told."""
        for event in self.session.poll():
            if isinstance(event, CommandAccepted):
                known = self.accepted.setdefault(event.id, event.number)
                self.twice += known != event.number
            elif isinstance(event, CommandRefused) and event.id:
                self.refused[event.id] = event.message_id
        if self.session.held:
            self.session.send_held()
        away = self.session.status.state == "reconnecting"
        self.reconnects += away and not self._away
        self._away = away

    def _one(self) -> None:
        act = self.choose.random()
        mine = [one for one in self.notes[-20:] if one in self.accepted]
        text = f"{id(self)}-{len(self.issued)}"
        if act < 0.15:
            action = {"object": "valve", "action": self.choose.choice(["to-open", "to-closed"])}
            command = self.session.command("object_state", action)
        elif act < 0.35 and mine:
            record = self.choose.choice(mine)
            payload = {"position": [0.0, 1.0, 2.0], "text": text}
            command = self.session.command("annotation", payload, "update", record)
        elif act < 0.45 and mine:
            record = self.choose.choice(mine)
            self.notes.remove(record)
            command = self.session.command("annotation", {}, "delete", record)
        else:
            payload = {"position": [0.0, 1.0, 2.0], "text": text}
            command = self.session.command("annotation", payload)
            self.notes.append(command)
            self.texts[command] = text
        self.issued.append(command)

    @property
    def settled(self) -> bool:
        """Whether every command has an answer."""
        self.listen()
        return all(one in self.accepted or one in self.refused for one in self.issued)


class Victim:
    """The server that is killed; always on the same port and folder."""

    def __init__(self, twin: Path, state: Path) -> None:
        self._command = [sys.executable, "-m", "vr_app", "serve", str(twin), "--state", str(state)]
        self._command += ["--open", "engineer", "--log-level", "error"]
        self._errors = state.with_name("errors.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        """Begin; `wait` for its line."""
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [*self._command, "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )

    def wait(self) -> str:
        """Until it listens; the room's address."""
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: {self.errors()}")
        said = json.loads(line)
        self.port = int(said["ws"].rsplit(":", 1)[1])
        return f"{said['ws']}/{said['rooms'][0]}"

    def end(self, number: signal.Signals) -> int:
        """SIGKILL, or politely; its status."""
        assert self._process is not None and self._process.stdout is not None
        self._process.send_signal(number)
        status = self._process.wait(DEADLINE_S)
        self._process.stdout.close()
        return status

    def errors(self) -> str:
        """What all of them said on standard error."""
        return self._errors.read_text(encoding="utf-8", errors="replace")


def _until(condition: Any, what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"not in {DEADLINE_S:.0f} s: {what}")
        time.sleep(0.01)


def measure(folder: Path, kills: int, clients: int, seed: int = 1) -> dict[str, Any]:
    """Kill the server so many times; counts of everything that must not happen, and of the work."""
    choose = random.Random(seed)
    save_scene(folder / "twin", crash_scene())
    victim = Victim(folder / "twin", folder / "state")
    victim.start()
    url = victim.wait()
    workers = [
        Worker(RoomSession(url, f"Worker {n}"), random.Random(seed * 1000 + n))
        for n in range(clients)
    ]
    for one in workers:
        one.session.start()
    threads = [threading.Thread(target=one.run, daemon=True) for one in workers]
    in_flight = early = 0
    back: list[float] = []

    def all_joined() -> bool:
        return all(one.session.status.state == "joined" for one in workers)

    _until(all_joined, "all are in")
    for thread in threads:
        thread.start()
    try:
        for _kill in range(kills):
            time.sleep(choose.uniform(0.02, 0.6))
            in_flight += any(one.session.unsettled for one in workers)
            victim.end(signal.SIGKILL)
            while choose.random() < IN_START:
                victim.start()
                time.sleep(choose.uniform(0.1, 1.0))
                victim.end(signal.SIGKILL)
                early += 1
            victim.start()
            begun = time.monotonic()
            victim.wait()
            # A client that has not yet noticed is still "joined": its answer is what counts.
            before = [len(one.accepted) for one in workers]
            _until(
                lambda before=before: all(
                    len(one.accepted) > n for one, n in zip(workers, before, strict=True)
                ),
                "all clients work again",
            )
            back.append(time.monotonic() - begun)
        for one in workers:
            one.stop.set()
        for thread in threads:
            thread.join()
        _until(lambda: all(one.settled for one in workers), "all commands are answered")
        last = max(max(one.accepted.values()) for one in workers)
        late = RoomSession(url, "Late")
        late.start()
        _until(lambda: late.status.state == "joined", "a late one is in")
        _until(lambda: _agree(workers, late), "all agree")
        views = [_view(one.session) for one in workers] + [_view(late)]
    finally:
        for one in workers:
            one.stop.set()
            one.session.close()
        status = victim.end(signal.SIGTERM)
    late.close()
    return _judge(folder / "state", workers, views) | {
        "kills": kills + early,
        "kills_while_starting": early,
        "kills_with_commands_in_flight": in_flight,
        "clients": clients,
        "last_number": last,
        "reconnects": sum(one.reconnects for one in workers),
        "back_s_median": round(sorted(back)[len(back) // 2], 3) if back else None,
        "back_s_longest": round(max(back), 3) if back else None,
        "final_exit_status": status,
        "tracebacks": victim.errors().count("Traceback"),
    }


def _view(session: RoomSession) -> dict[str, tuple[int, int, str]]:
    return {
        one.id: (one.number, one.version, json.dumps(dict(one.payload), sort_keys=True))
        for one in session.records.values()
    }


def _agree(workers: list[Worker], late: RoomSession) -> bool:
    wanted = _view(late)
    return all(_view(one.session) == wanted for one in workers)


def _judge(
    state: Path, workers: list[Worker], views: list[dict[str, tuple[int, int, str]]]
) -> dict[str, Any]:
    log = RoomLog(StateFolder(state).room("crash"), "", exclusive=False)
    try:
        entries, store = list(log.entries()), log.load()
    finally:
        log.close()
    numbers = {one.command: one.number for one in entries}
    stored = {
        one.id: (one.number, one.version, json.dumps(one.payload, sort_keys=True))
        for one in store
        if not one.deleted
    }
    accepted = [(one, number) for worker in workers for one, number in worker.accepted.items()]
    issued = [one for worker in workers for one in worker.issued]
    answered = {one for worker in workers for one in (*worker.accepted, *worker.refused)}
    creations = [
        one.payload["text"] for one in entries if one.op == "create" and "text" in one.payload
    ]
    orders = [[numbers[c] for c in one.issued if c in one.accepted] for one in workers]
    return {
        "commands": len(issued),
        "acknowledged": len(accepted),
        "refused": sum(len(one.refused) for one in workers),
        "lost_acknowledged": sum(numbers.get(one) != number for one, number in accepted),
        "lost_commands": sum(one not in answered for one in issued),
        "duplicates": len(entries)
        - len(numbers)
        + len(creations)
        - len(set(creations))
        + sum(one.twice for one in workers),
        "gaps": int([one.number for one in entries] != list(range(1, len(entries) + 1))),
        "out_of_order": sum(order != sorted(order) for order in orders),
        "disagreeing_views": sum(view != stored for view in views),
    }


def main() -> None:
    """Parse, measure, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="15 kills instead of 200")
    parser.add_argument("--json", action="store_true", help="the output is JSON with or without")
    parser.add_argument("--kills", type=int, help="so many kills of the server")
    parser.add_argument("--seed", type=int, default=1, help="from which the moments are drawn")
    options = parser.parse_args()
    kills = options.kills or (15 if options.quick else 200)
    clients, each = 4, 3 if options.quick else 25
    report = Report(
        {"kills": kills, "clients": clients, "kills_of_each": each, "seed": options.seed}
    )
    with tempfile.TemporaryDirectory() as folder:
        server = measure(Path(folder), kills, clients, options.seed)
        storage = kill_in_each(Path(folder), each, random.Random(options.seed))
    report.measured = {"server": server, "storage": storage}
    lost = server["lost_acknowledged"] + sum(one["lost"] for one in storage.values())
    report.goals += [
        at_most("crash.lost_acknowledged", lost, 0, "commands"),
        at_most("crash.duplicates", server["duplicates"], 0, "commands"),
        at_most("crash.lost_commands", server["lost_commands"], 0, "commands"),
        at_most("crash.out_of_order", server["out_of_order"], 0, "clients"),
        at_most("crash.disagreeing_views", server["disagreeing_views"], 0, "clients"),
        at_most("crash.wrong_files", sum(one["wrong"] for one in storage.values()), 0, "files"),
    ]
    report.show(PACKAGES)


if __name__ == "__main__":
    main()
