"""What a session keeps of its room: events, and a server that sends what does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from sync_server.wire.messages import RecordInfo
from vr_app.session import state as module
from vr_app.session.events import ObservationsArrived, RecordEvent
from vr_app.session.state import SessionState

NOTE = {"position": [1.0, 2.0, 3.0], "text": "crack"}


def info(number: int, record: str = "a", kind: str = "annotation", **more: Any) -> RecordInfo:
    fields = {"author": "m-1", "version": number, "time": 1.0, "payload": NOTE} | more
    return RecordInfo(id=record, kind=kind, number=number, **fields)


def told(state: SessionState) -> list[tuple[str, str]]:
    return [(e.op, e.record.id) for e in state.poll() if isinstance(e, RecordEvent)]


def test_changes_are_told_once_and_in_order() -> None:
    state = SessionState()
    state.take_records([info(1, "a"), info(2, "b")], everything=True)
    assert told(state) == [("added", "a"), ("added", "b")]
    state.take_records([info(3, "b", payload=NOTE | {"text": "wider"})])
    state.take_records([info(3, "b", payload=NOTE | {"text": "wider"})])
    state.take_records([info(4, "a", payload={}, deleted=True)])
    assert told(state) == [("changed", "b"), ("deleted", "a")]
    assert state.last_number == 4 and list(state.records) == ["b"]


def test_a_new_snapshot_tells_only_what_differs() -> None:
    state = SessionState()
    state.take_records([info(1, "a"), info(2, "b"), info(3, "c")], everything=True)
    state.poll()
    state.take_records([info(2, "b"), info(5, "c"), info(6, "d")], everything=True)
    assert told(state) == [("deleted", "a"), ("changed", "c"), ("added", "d")]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("annotation", {}),
        ("annotation", {"position": "here", "text": "x"}),
        ("annotation", {"position": [1.0, float("nan"), 3.0], "text": "x"}),
        ("message", {"text": 5}),
        ("object_state", {"state": "open"}),
        ("drill_text", {"language": "xx"}),
    ],
)
def test_a_record_that_is_not_what_its_kind_promises_is_left_out(
    kind: str, payload: dict[str, Any]
) -> None:
    state = SessionState()
    state.take_records([info(7, kind=kind, payload=payload), info(8, "good")])
    assert list(state.records) == ["good"] and told(state) == [("added", "good")]
    assert state.last_number == 8


def test_a_kind_that_only_a_newer_server_knows_is_kept() -> None:
    state = SessionState()
    state.take_records([info(1, kind="hologram", payload={"any": ["thing"]})])
    assert state.records["a"].payload == {"any": ["thing"]}


def test_a_server_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RECORDS", 3)
    monkeypatch.setattr(module, "MAX_DATASTREAMS", 2)
    state = SessionState()
    for number in range(1, 9):
        state.take_records([info(number, f"r{number}")])
        state.take_observations([(f"s{number}", 1.0, 2.0, "good", "measured")])
    assert list(state.records) == ["r1", "r2", "r3"]
    state.take_records([info(9, "r2", payload=NOTE | {"text": "known ones still change"})])
    assert state.records["r2"].payload["text"] == "known ones still change"
    state.take_observations([("s1", 2.0, 5.0, "good", "measured")])
    assert state.observations.keys() == {"s1", "s2"} and state.observations["s1"].result == 5.0
    assert isinstance(state.poll()[-1], ObservationsArrived)
