"""How well people did is told to those present, and stands in no record and no recording."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sync_server.recording.contents import kept_json
from sync_server.room.effects import LogEntry
from sync_server.room.record import Record
from sync_server.room.results import without_results
from sync_server.storage.log import RoomLog

STATE: dict[str, Any] = {
    "drill": "fire_and_co",
    "phase": "ended",
    "verdict": "failed",
    "sheet": {"people": [{"member": "m-1", "score": 41.5}]},
    "people": {
        "m-1": {"lane": "crew", "score": 41.5, "available": 100, "critical": ["unmasked"],
                "verdict": "failed", "step": 3},
        "odd": None,
    },
}  # fmt: skip


def test_a_drills_state_is_kept_without_its_results() -> None:
    before = json.dumps(STATE)
    kept = without_results("drill_state", STATE)
    assert json.dumps(STATE) == before
    assert kept["sheet"] is None and kept["verdict"] is None
    row = kept["people"]["m-1"]
    assert (row["score"], row["critical"], row["verdict"]) == (None, None, None)
    assert (row["lane"], row["available"], row["step"]) == ("crew", 100, 3)
    assert kept["people"]["odd"] is None and kept["phase"] == "ended"


def test_other_records_are_kept_as_they_are() -> None:
    payload = {"text": "the score is 3", "verdict": "fine"}
    assert without_results("message", payload) is payload
    assert without_results("drill_state", {"drill": "x", "people": 3}) == {
        "drill": "x",
        "people": 3,
    }


def test_neither_log_nor_snapshot_nor_recording_holds_them(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite3"
    log = RoomLog(path, "e1")
    entry = LogEntry(1, "c1", "server", "drill_state", "create", "r1", 5.0, STATE, "server")
    log.append([entry])
    record = Record("r1", "drill_state", "server", 1, 1, 5.0, STATE, False, "server", "create",
                    "server")  # fmt: skip
    log.save_snapshot([record], 1, 0)
    log.close()
    for table in ("log", "snapshot"):
        with sqlite3.connect(path) as database:
            (text,) = database.execute(f"SELECT payload FROM {table}").fetchone()
        assert "41.5" not in text and "failed" not in text and "unmasked" not in text
        assert json.loads(text)["people"]["m-1"]["lane"] == "crew"
    assert "41.5" not in json.dumps(kept_json(record))
