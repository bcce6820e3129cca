"""Kills a process in the middle of what a room's file goes through, and reads the file after it.

The child does one thing to a real file; the parent ends it with SIGKILL at a random moment of the
time that the thing takes, measured before. Prints nothing.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from ulid import ULID  # noqa: E402

from sync_server.room.effects import LogEntry  # noqa: E402
from sync_server.room.records import RecordStore  # noqa: E402
from sync_server.storage.database import open_database  # noqa: E402
from sync_server.storage.log import RoomLog  # noqa: E402
from sync_server.storage.retention import Retention  # noqa: E402
from sync_server.storage.room_schema import STEPS  # noqa: E402

OPERATIONS = ("commit", "snapshot", "compaction", "migration")
BATCH = 20
DEADLINE_S = 60.0


def entry(number: int) -> LogEntry:
    """Every fourth one changes, every tenth removes an earlier record."""
    command = str(ULID())
    record, op = f"r{number}", "create"
    if number % 10 == 0:
        record, op = f"r{number - 7}", "delete"
    elif number % 4 == 0:
        record, op = f"r{number - 1}", "update"
    payload = {"position": [1.0, 2.0, 3.0], "text": f"text {number} " + "x" * (number % 400)}
    return LogEntry(number, command, "m-1", "annotation", op, record, float(number), payload)


def prepare(path: Path, entries: int) -> None:
    """A room's file of the first schema with so many entries in its log."""
    database = open_database(path, STEPS[:1])
    rows = [
        (e.number, e.command, e.author, e.kind, e.op, e.record, e.time, json.dumps(e.payload))
        for e in map(entry, range(1, entries + 1))
    ]
    database.execute("BEGIN")
    database.execute("INSERT INTO meta VALUES ('epoch', 'e'), ('snapshot', '0')")
    database.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?,?)", rows)
    database.execute("COMMIT")
    database.close()


def child(operation: str, path: Path) -> None:
    """What is done to the file; "begin" goes out before it, each finished part after."""
    if operation == "migration":
        print("begin", flush=True)
        RoomLog(path, "e").close()
    else:
        log = RoomLog(path, "e")
        store = log.load()
        print("begin", flush=True)
        if operation == "snapshot":
            log.save_snapshot(list(store), store.last_number)
        elif operation == "compaction":
            store.drop_tombstones(10, store.last_number)
            keep = Retention(entries=100, entries_s=0.0)
            log.compact(list(store), store.last_number, store.horizon, 1e9, keep)
        else:
            for start in range(store.last_number + 1, store.last_number + 400 * BATCH, BATCH):
                log.append([entry(n) for n in range(start, start + BATCH)])
                print(start + BATCH - 1, flush=True)
    print("end", flush=True)


def _start(operation: str, path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), operation, str(path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != b"begin":
        raise RuntimeError(f"the child for {operation} has failed")
    return process


def _alive(store: RecordStore) -> dict[str, Any]:
    return {one.id: (one.version, one.number, one.payload) for one in store if not one.deleted}


def kill_in(operation: str, folder: Path, times: int, choose: random.Random) -> dict[str, Any]:
    """{kills, in_the_middle, lost, wrong}: `lost` are acknowledged batches that are not there,
    `wrong` files that do not say what they should or cannot be opened."""
    first = folder / "first.sqlite3"
    if not first.exists():
        prepare(first, 6000)
    path = folder / f"{operation}.sqlite3"
    duration = 0.3
    found: dict[str, Any] = {"kills": times, "in_the_middle": 0, "lost": 0, "wrong": 0}
    for attempt in range(times + 1):
        for old in folder.glob(f"{operation}.sqlite3*"):
            old.unlink()
        shutil.copyfile(first, path)
        if operation != "migration":
            RoomLog(path, "e").close()
        before = _expected(first, folder)
        process = _start(operation, path)
        begun = time.monotonic()
        if attempt == 0 and operation != "commit":  # undisturbed: how long it takes
            assert process.stdout is not None
            process.stdout.readline()  # "end", before the child takes its leave
            duration = time.monotonic() - begun
        else:
            time.sleep(choose.uniform(0.0, duration))
        process.kill()
        assert process.stdout is not None
        said = process.stdout.read().split()
        if process.wait(DEADLINE_S) not in {0, -signal.SIGKILL}:
            raise RuntimeError(f"the child for {operation} has failed")
        process.stdout.close()
        found["in_the_middle"] += attempt > 0 and b"end" not in said
        acknowledged = max((int(one) for one in said if one.isdigit()), default=0)
        _judge(path, before, acknowledged, operation, found)
    return found


_KNOWN: dict[Path, dict[str, Any]] = {}


def _expected(first: Path, folder: Path) -> dict[str, Any]:
    """What a file that was never disturbed says."""
    if first not in _KNOWN:
        copy = folder / "whole.sqlite3"
        shutil.copyfile(first, copy)
        log = RoomLog(copy, "e")
        _KNOWN[first] = _alive(log.load())
        log.close()
    return _KNOWN[first]


def _judge(
    path: Path, before: dict[str, Any], acknowledged: int, operation: str, found: dict[str, Any]
) -> None:
    try:
        log = RoomLog(path, "e")
        try:
            store = log.load()
            numbers = [one.number for one in log.entries()]
        finally:
            log.close()
    except Exception:
        found["wrong"] += 1
        return
    whole = numbers == list(range(numbers[0], numbers[-1] + 1)) and numbers[-1] % BATCH == 0
    if operation == "commit":
        found["lost"] += acknowledged > store.last_number
        same = all(number in range(1, store.last_number + 1) for number in numbers)
    else:
        same = _alive(store) == before
    found["wrong"] += not (whole and same)


def kill_in_each(folder: Path, times: int, choose: random.Random) -> dict[str, dict[str, Any]]:
    """Every operation in turn."""
    return {one: kill_in(one, folder, times, choose) for one in OPERATIONS}


if __name__ == "__main__":
    child(sys.argv[1], Path(sys.argv[2]))
