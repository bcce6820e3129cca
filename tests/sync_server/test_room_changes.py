"""What can be done to a record: change, delete, restore, give away, and undo of each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.room.commands import Author, CommandJudge
from sync_server.room.effects import LogEntry, TellHistory
from sync_server.room.moderation import House
from sync_server.room.records import RecordStore
from sync_server.room.room import Room
from sync_server.wire.messages import Ack, AskHistory, Operation, RecordChanged
from tests.sync_server.rooms import (
    FILE,
    MARK,
    NOW,
    PAYLOADS_OF_PEOPLE,
    PICTURE,
    command,
    join,
    make_room,
    member_id,
    refusal,
    scene,
    sent,
    stored,
)


def mark(room: Room, number: int, **more: Any) -> str:
    (entry,) = stored(room.handle(NOW, number, command("annotation", MARK | more)))
    return entry.record


def change(room: Room, number: int, op: Operation, record: str, **more: Any) -> str | None:
    """Why an operation on an annotation was refused, or None."""
    return refusal(room.handle(NOW, number, command("annotation", op=op, record=record, **more)))


def test_what_was_deleted_comes_back_as_it_was() -> None:
    room = make_room()
    number = join(room)
    crack = mark(room, number, place="sump")
    assert change(room, number, "restore", crack) == "server-record-exists"
    assert change(room, number, "delete", crack) is None
    tombstone = room.records.get(crack)
    assert tombstone is not None and tombstone.deleted and tombstone.info().payload == {}
    (message,) = sent(
        room.handle(NOW, number, command("annotation", op="restore", record=crack)), RecordChanged
    )
    assert message.record.payload == MARK | {"place": "sump"}
    assert (message.record.version, message.record.deleted) == (3, False)
    assert message.record.author == member_id(room, number)
    assert change(room, number, "restore", "nothing") == "server-no-record"


def test_what_a_moderator_took_away_is_a_moderators_to_bring_back() -> None:
    room = make_room()
    author, boss, other = join(room), join(room, "instructor"), join(room)
    crack = mark(room, author)
    assert change(room, author, "delete", crack) is None
    assert change(room, other, "restore", crack) == "server-not-yours"
    assert change(room, author, "restore", crack) is None
    assert change(room, boss, "delete", crack) is None
    assert change(room, author, "restore", crack) == "server-not-yours"
    assert change(room, boss, "restore", crack) is None
    record = room.records.get(crack)
    assert record is not None and record.keeper == member_id(room, author)


def test_ownership_goes_over_and_objects_outlive_their_maker() -> None:
    room = make_room()
    maker, heir, third = join(room), join(room, "trainee"), join(room)
    crack = mark(room, maker)
    assert change(room, heir, "update", crack, payload=MARK) == "server-not-yours"
    assert change(room, third, "give", crack, payload={"to": member_id(room, third)}) == (
        "server-not-yours"
    )
    assert change(room, maker, "give", crack, payload={"to": "nobody"}) == "server-no-member"
    assert change(room, maker, "give", crack, payload={}) == "server-invalid-record"
    assert change(room, maker, "give", crack, payload={"to": member_id(room, heir)}) is None
    record = room.records.get(crack)
    assert record is not None and record.payload == MARK
    assert (record.author, record.owner) == (member_id(room, maker), member_id(room, heir))
    assert change(room, maker, "update", crack, payload=MARK) == "server-not-yours"
    room.leave(NOW, maker)
    assert room.records.get(crack) is record
    assert change(room, heir, "update", crack, payload=MARK | {"text": "mine"}) is None
    # Back to its maker, who is away: nothing says that it has another owner then.
    assert change(room, heir, "give", crack, payload={"to": record.author}) is None
    given = room.records.get(crack)
    assert given is not None and given.owner == "" and given.keeper == record.author


def test_who_gave_by_mistake_takes_it_back_while_nothing_else_happened() -> None:
    room = make_room()
    maker, heir = join(room), join(room)
    me, them = member_id(room, maker), member_id(room, heir)
    crack = mark(room, maker)
    give = command("annotation", {"to": them}, op="give", record=crack)
    (ack,) = sent(room.handle(NOW, maker, give), Ack, maker)
    back = {"payload": {"to": me}}
    assert change(room, maker, "give", crack, **back) == "server-not-yours"
    assert change(room, maker, "give", crack, expect=ack.number, **back) is None
    assert change(room, maker, "give", crack, payload={"to": them}) is None
    assert change(room, heir, "update", crack, payload=MARK) is None
    record = room.records.get(crack)
    assert record is not None
    assert change(room, maker, "give", crack, expect=record.number - 1, **back) == (
        "server-changed-meanwhile"
    )
    assert change(room, maker, "give", crack, expect=record.number, **back) == "server-not-yours"


@given(
    st.sampled_from(["update", "delete", "restore", "give"]),
    st.sampled_from(sorted(PAYLOADS_OF_PEOPLE)),
    st.booleans(),
)
def test_an_undo_by_the_inverse_restores_everything_or_says_what_is_in_its_way(
    op: Operation, kind: str, meddled: bool
) -> None:
    room = make_room(files={FILE})
    number = join(room, "admin")
    other = join(room)
    boss = join(room, "admin")
    payload = PAYLOADS_OF_PEOPLE[kind]
    effects = room.handle(NOW, number, command(kind, payload))
    record_id = stored(effects)[0].record
    if op == "restore":
        room.handle(NOW, number, command(kind, op="delete", record=record_id))
    before = room.records.get(record_id)
    assert before is not None
    me, them = member_id(room, number), member_id(room, other)
    done = {"update": payload | changed(kind), "give": {"to": them}}.get(op, {})
    undo: dict[str, tuple[Operation, dict[str, Any]]] = {
        "update": ("update", before.payload),
        "delete": ("restore", {}),
        "restore": ("delete", {}),
        "give": ("give", {"to": me}),
    }
    effects = room.handle(NOW, number, command(kind, done, op=op, record=record_id))
    if refusal(effects) == "server-forbidden":
        assert room.records.get(record_id) == before
        return
    (ack,) = sent(effects, Ack, number)
    after = room.records.get(record_id)
    assert after is not None and ack.number == after.number
    if meddled:
        payload = after.payload
        meddling: Operation = "update" if not after.deleted else "restore"
        effects = room.handle(NOW, boss, command(kind, payload, op=meddling, record=record_id))
        meddled = bool(stored(effects))
    inverse, payload = undo[op]
    effects = room.handle(
        NOW, number, command(kind, payload, op=inverse, record=record_id, expect=ack.number)
    )
    again = room.records.get(record_id)
    assert again is not None
    if meddled:
        assert refusal(effects) == "server-changed-meanwhile"
        return
    assert refusal(effects) is None
    assert (again.payload, again.deleted, again.keeper, again.author) == (
        before.payload,
        before.deleted,
        before.keeper,
        before.author,
    )
    assert again.version == before.version + 2


def changed(kind: str) -> dict[str, Any]:
    """Another content of the same thing."""
    return {
        "annotation": {"text": "wider"},
        "viewpoint": {"azimuth_deg": 90.0},
        "measurement": {"value": 6.0},
        "photo": {"text": "wet"},
        "section": {"normal": [0.0, 1.0, 0.0]},
        "layer_state": {"visible": True},
        "scene_time": {"time": 2.0},
    }.get(kind, {})


def test_a_first_change_is_undone_by_deleting_what_it_made() -> None:
    room = make_room()
    number, other = join(room), join(room)
    hide = command("layer_state", {"layer": "drift", "visible": False}, expect=0)
    (entry,) = stored(room.handle(NOW, number, hide))
    assert entry.record == "layer.drift"
    late = command("layer_state", {"layer": "drift"}, expect=0)
    assert refusal(room.handle(NOW, other, late)) == "server-changed-meanwhile"
    undo = command("layer_state", op="delete", record="layer.drift", expect=entry.number)
    assert refusal(room.handle(NOW, number, undo)) is None
    redo = command("layer_state", op="restore", record="layer.drift", expect=entry.number + 1)
    assert refusal(room.handle(NOW, number, redo)) is None
    record = room.records.get("layer.drift")
    assert record is not None and record.payload["visible"] is False


def test_nobody_takes_a_things_place_by_an_id_of_their_choice() -> None:
    room = make_room()
    number = join(room, "admin")
    for name in ("room", "valve", "scene_time", "fire"):
        effects = room.handle(NOW, number, command("annotation", MARK, record=name))
        assert refusal(effects) == "server-malformed"
    assert change(room, number, "update", "valve", payload=MARK) == "server-no-record"


def test_what_records_are_about_must_be_there() -> None:
    room = make_room()
    number = join(room, "admin")
    for kind, payload, reason in (
        ("layer_state", {"layer": "gold"}, "server-unknown-thing"),
        ("alarm_ack", {"datastream": "gold"}, "server-unknown-thing"),
        ("photo", PAYLOADS_OF_PEOPLE["photo"], "server-no-file"),
    ):
        assert refusal(room.handle(NOW, number, command(kind, payload))) == reason


def test_a_history_is_read_by_the_host_for_whoever_may_see_records() -> None:
    room = make_room()
    number = join(room, "observer")
    ask = AskHistory(id=command("message").id, record="valve", before=7)
    assert room.handle(NOW, number, ask) == [TellHistory(number, ask.id, "valve", 7)]


STEPS = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from(["create", "update", "delete", "restore", "give"]),
    st.sampled_from(["m-1", "m-2"]),
)


@given(st.lists(STEPS, max_size=25), st.integers(0, 25))
def test_what_could_not_be_stored_is_taken_back(
    steps: list[tuple[str, Operation, str]], kept: int
) -> None:
    records = RecordStore()
    judge = CommandJudge(
        scene(), records, House(records), role_of=lambda _m: "admin", picture_of=lambda _f: PICTURE
    )
    entries: list[LogEntry] = []
    states: list[Any] = [state(records)]
    ids: dict[str, str] = {}
    for name, op, author in steps:
        payload = {"to": "m-2"} if op == "give" else MARK | {"text": f"{len(entries)}"}
        wish = command("annotation", payload, op=op, record=ids.get(name))
        try:
            entry = judge.judge(wish, Author(author, "admin"), NOW)
        except Exception as refused:
            assert hasattr(refused, "message_id"), refused
            continue
        if op == "create":
            ids.setdefault(name, entry.record)
        records.apply(entry)
        entries.append(entry)
        states.append(state(records))
    kept = min(kept, len(entries))
    records.stored(entries[:kept])
    assert records.as_stored(kept) == states[kept][0]
    records.take_back(entries[kept:])
    assert state(records) == states[kept]
    for entry in entries:
        known = (entry.number, entry.author) if entry.number <= kept else None
        assert records.number_of(entry.command) == known


def state(records: RecordStore) -> Any:
    return list(records), records.last_number, records.live, sorted(records.people())


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_what_changed_since_a_number_is_right_after_a_take_back(number: int) -> None:
    room = make_room()
    author = join(room)
    first, _second = mark(room, author), mark(room, author)
    lost = stored(room.handle(NOW, author, command("annotation", op="delete", record=first)))
    room.records.take_back(lost)
    changed = room.records.since(number)
    expected = [one for one in sorted(room.records, key=lambda r: r.number) if one.number > number]
    assert changed == expected
