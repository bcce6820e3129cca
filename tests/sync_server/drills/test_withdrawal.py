"""A room that ran a drill and is opened without one."""

from __future__ import annotations

from sync_server.drills.withdrawal import DrillWithdrawal
from sync_server.room.listener import Write
from sync_server.room.record import Record
from sync_server.room.records import RecordStore


def record(name: str, kind: str, deleted: bool = False) -> Record:
    return Record(name, kind, "server", 1, 1, 0.0, {"drill": "fire"}, deleted)


def test_what_invites_to_the_drill_goes_and_its_log_stays() -> None:
    store = RecordStore()
    store.load(
        [
            record("fire", "drill_state"),
            record("fire.en", "drill_text"),
            record("fire.kk", "drill_text", deleted=True),
            record("log-1", "drill_log"),
            record("note", "annotation"),
        ],
        [],
    )
    withdrawal = DrillWithdrawal(store)
    actions = withdrawal.on_tick(1.0)
    assert all(isinstance(one, Write) and one.op == "delete" for one in actions)
    assert {one.record for one in actions if isinstance(one, Write)} == {"fire", "fire.en"}
    assert list(withdrawal.on_tick(2.0)) == []
