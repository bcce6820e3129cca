"""The pure room: who may do what, numbers and repeats, resuming, objects, listeners, sensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.room.effects import (
    Broadcast,
    Disconnect,
    Effect,
    Send,
    SendAllPoses,
    SendRecords,
    Store,
)
from sync_server.room.entrance import NotAdmitted
from sync_server.room.listener import (
    ChoiceMade,
    MemberJoined,
    MemberLeft,
    ObjectEvent,
    Override,
    PlaceEntered,
    PlaceLeft,
    Said,
    SensorValue,
    Write,
)
from sync_server.room.record import Record
from sync_server.room.roles import NEEDED, PERMISSIONS, ROLES, allows, is_open
from sync_server.room.room import Room
from sync_server.sensors.observation import Observation
from sync_server.wire.messages import (
    Ack,
    Command,
    CommandRefused,
    Hello,
    Joined,
    Observations,
    Ping,
    Pong,
    RecordChanged,
    Role,
    Welcome,
)
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from sync_server.wire.records import PAYLOADS
from tests.sync_server.rooms import (
    FILE,
    MARK,
    NOW,
    PAYLOADS_OF_PEOPLE,
    Listener,
    command,
    join,
    make_room,
    sent,
    ticket,
)

REPLAYS = {"replay_act", "replay_state"}  # of rooms that show a recording


def told(effects: list[Effect], number: int) -> Sequence[Record]:
    """The records that somebody is given at joining."""
    (one,) = [e for e in effects if isinstance(e, SendRecords) and e.to == number]
    return one.records


def test_joining_gives_everything_in_one_exchange() -> None:
    room = make_room()
    first = join(room, name="Aigerim")
    room.handle(NOW, first, command("annotation", MARK))
    hello = Hello(versions=[1, 2], name="Kenji", role="visitor", language="ja")
    number, effects = room.join(NOW, hello, "http://h:7601")
    (welcome,) = sent(effects, Welcome, number)
    assert {m.name for m in welcome.members} == {"Aigerim", "Kenji"}
    assert welcome.http == "http://h:7601"
    assert set(welcome.permissions) == PERMISSIONS["visitor"]
    assert [one.payload for one in told(effects, number)] == [MARK]
    assert SendAllPoses(number) in effects
    assert sent(effects, Joined)[0].member.name == "Kenji"


def test_a_command_is_stored_before_anybody_hears_of_it() -> None:
    room = make_room()
    number = join(room)
    effects = room.handle(NOW, number, command("annotation", MARK))
    assert isinstance(effects[0], Store)
    assert [type(one) for one in effects[1:]] == [Broadcast, Send]
    assert effects[0].entry.author == room.members.get(number).id  # type: ignore[union-attr]
    assert "Member" not in repr(effects[0])


def test_a_repeated_command_takes_effect_once() -> None:
    room = make_room()
    number = join(room)
    mark = command("annotation", MARK)
    room.handle(NOW, number, mark)
    again = room.handle(NOW + 1, number, mark)
    assert again == [Send(number, Ack(id=mark.id, number=1))]
    other = join(room)
    stolen = room.handle(NOW, other, mark)
    assert sent(stolen, CommandRefused, other)[0].message_id == "server-duplicate-id"
    assert room.records.last_number == 1


def commands_of_every_kind() -> list[tuple[Command, str]]:
    """Every kind, with nothing in the way but the role."""
    assert PAYLOADS_OF_PEOPLE.keys() == NEEDED.keys() - REPLAYS
    servers: dict[str, dict[str, Any]] = {
        "room_state": {},
        "drill_text": {
            "id": "fire.en",
            "drill": "fire",
            "language": "en",
            "reviewed": False,
            "ftl": "",
        },
        "drill_log": {"id": "fire.0", "drill": "fire"},
        "drill_state": {"drill": "fire"},
    }
    assert PAYLOADS_OF_PEOPLE.keys() | servers.keys() | REPLAYS == PAYLOADS.keys()
    payloads = PAYLOADS_OF_PEOPLE | servers
    return [(command(kind, payload), kind) for kind, payload in payloads.items()]


@given(st.sampled_from(ROLES), st.sampled_from(commands_of_every_kind()))
def test_a_role_can_do_what_its_permissions_say_and_nothing_else(
    role: Role, wish: tuple[Command, str]
) -> None:
    room = make_room(files={FILE})
    number = join(room, role)
    effects = room.handle(NOW, number, wish[0])
    may = wish[1] in NEEDED and allows(role, NEEDED[wish[1]])
    assert any(isinstance(one, Store) for one in effects) == may
    assert (room.records.last_number > 0) == may
    if not may:
        assert sent(effects, CommandRefused, number)[0].message_id == "server-forbidden"


@pytest.mark.parametrize("act", ["inject", "skip", "delay", "repeat", "override"])
def test_directing_a_drill_is_for_instructors(act: str) -> None:
    for role, may in (("engineer", False), ("instructor", True)):
        room = make_room()
        effects = room.handle(NOW, join(room, role), command("drill_act", {"act": act}))
        assert any(isinstance(one, Store) for one in effects) == may


@given(st.sampled_from(ROLES), st.sampled_from(["update", "delete"]))
def test_others_records_are_for_moderators(role: Role, op: str) -> None:
    room = make_room()
    author = join(room)
    mark = command("annotation", MARK)
    room.handle(NOW, author, mark)
    number = join(room, role)
    payload = MARK | {"text": "changed"} if op == "update" else {}
    effects = room.handle(NOW, number, command("annotation", payload, op=op, record=mark.id))
    assert any(isinstance(one, Store) for one in effects) == allows(role, "moderate")


def test_only_the_server_writes_drill_states_and_nobody_unknown_kinds() -> None:
    room = make_room()
    number = join(room, "admin")
    for kind, reason in (("drill_state", "server-forbidden"), ("gold", "server-unknown-kind")):
        effects = room.handle(NOW, number, command(kind, {"drill": "x"}))
        assert sent(effects, CommandRefused, number)[0].message_id == reason


def test_an_author_changes_and_deletes_and_gone_is_gone() -> None:
    room = make_room()
    number = join(room)
    mark = command("annotation", MARK)
    room.handle(NOW, number, mark)
    changed = command("annotation", MARK | {"text": "wider"}, op="update", record=mark.id)
    (message,) = sent(room.handle(NOW, number, changed), RecordChanged)
    assert (message.op, message.record.version) == ("update", 2)
    (message,) = sent(
        room.handle(NOW, number, command("annotation", op="delete", record=mark.id)),
        RecordChanged,
    )
    assert message.record.deleted and message.record.payload == {}
    for op in ("update", "delete"):
        late = command("annotation", MARK, op=op, record=mark.id)
        effects = room.handle(NOW, number, late)
        assert sent(effects, CommandRefused, number)[0].message_id == "server-no-record"
    message_id = room.handle(NOW, number, command("message", {"text": "said"}))[0]
    assert isinstance(message_id, Store)
    edit = command("message", {"text": "unsaid"}, op="update", record=message_id.entry.record)
    assert sent(room.handle(NOW, number, edit), CommandRefused, number)


def test_objects_go_only_from_the_states_that_the_scene_names() -> None:
    listener = Listener()
    room = make_room(listener=listener)
    number = join(room, "trainee")
    me = room.members.get(number)
    assert me is not None
    close = {"object": "valve", "action": "close"}
    (message,) = sent(room.handle(NOW, number, command("object_state", close)), RecordChanged)
    assert message.record.id == "valve"
    assert message.record.payload == close | {"state": "closed", "event": "valve_closed"}
    assert listener.heard[-1] == ObjectEvent(me.id, "valve", "close", "valve_closed")
    effects = room.handle(NOW, number, command("object_state", close))
    assert sent(effects, CommandRefused, number)[0].message_id == "server-action-not-now"
    # A state that a client claims is not believed.
    forged = command("object_state", {"object": "valve", "action": "kick", "state": "closed"})
    (message,) = sent(room.handle(NOW, number, forged), RecordChanged)
    assert message.record.payload["state"] == "open"
    for unknown in ({"object": "gold", "action": "close"}, {"object": "valve", "action": "eat"}):
        effects = room.handle(NOW, number, command("object_state", unknown))
        assert sent(effects, CommandRefused, number)[0].message_id == "server-unknown-thing"


def test_resuming_brings_only_what_changed_with_tombstones() -> None:
    room = make_room()
    number = join(room)
    marks = [command("annotation", MARK) for _ in range(3)]
    for mark in marks:
        room.handle(NOW, number, mark)
    away, effects = room.join(NOW, Hello(versions=[1], role="engineer"), "")
    (welcome,) = sent(effects, Welcome, away)
    room.handle(NOW, number, command("annotation", op="delete", record=marks[0].id))
    room.handle(NOW, number, command("message", {"text": "new"}))
    back = Hello(
        versions=[1],
        role="engineer",
        resume=welcome.resume,
        epoch=welcome.epoch,
        last_number=welcome.last_number,
    )
    again, effects = room.join(NOW + 20, back, "")
    (second,) = sent(effects, Welcome, again)
    assert second.member == welcome.member and second.difference
    assert [(r.kind, r.info().payload) for r in told(effects, again)] == [
        ("annotation", {}),
        ("message", {"text": "new"}),
    ]
    # The old place in the room is taken over, not doubled.
    assert Disconnect(welcome.me, 4009, "server-replaced") in effects


@pytest.mark.parametrize(("epoch", "last"), [("other", 1), (None, 1), ("epoch-1", 99)])
def test_a_number_that_says_nothing_about_our_log_brings_everything(
    epoch: str | None, last: int
) -> None:
    room = make_room()
    number = join(room)
    room.handle(NOW, number, command("annotation", MARK))
    hello = Hello(versions=[1], role="engineer", epoch=epoch, last_number=last)
    other, effects = room.join(NOW, hello, "")
    assert not sent(effects, Welcome, other)[0].difference
    assert len(told(effects, other)) == 1


def refused(room: Room, now: float = NOW, **hello: Any) -> NotAdmitted:
    with pytest.raises(NotAdmitted) as caught:
        room.join(now, Hello(**({"versions": [1]} | hello)), "")
    assert len(room.members) == 0 or hello.get("name") == "late"
    return caught.value


def test_every_refusal_at_the_door_has_its_reason() -> None:
    room = make_room(opened="trainee")
    assert refused(room, versions=[2, 3]).message_id == "server-version"
    assert refused(room, role="engineer").message_id == "server-role-not-open"
    assert refused(room, role="instructor").message_id == "server-role-not-open"
    assert refused(make_room(opened=None)).message_id == "server-ticket-missing"
    old = ticket("engineer", NOW - 1000)
    assert refused(room, role="engineer", ticket=old).message_id == "server-ticket-expired"
    other = ticket("engineer", room="pit")
    assert refused(room, role="engineer", ticket=other).message_id == "server-ticket-other-room"
    for forged in ("x", "a.b.c", ticket("engineer")[:-2] + "xx"):
        assert refused(room, ticket=forged).message_id == "server-ticket-invalid"
    full = make_room(max_members=1)
    join(full)
    assert refused(full, name="late").message_id == "server-room-full"


def test_a_ticket_is_good_once_and_gives_its_own_role() -> None:
    room = make_room(opened=None)
    text = ticket("trainee")
    number = join(room, "admin", ticket=text)
    member = room.members.get(number)
    assert member is not None and member.role == "trainee"
    with pytest.raises(NotAdmitted) as caught:
        join(room, ticket=text)
    assert caught.value.message_id == "server-ticket-used"


def test_a_resume_token_is_no_ticket_and_goes_stale_when_its_successor_was_used() -> None:
    room = make_room(opened=None)
    number, effects = room.join(NOW, Hello(versions=[1], ticket=ticket("engineer")), "")
    first = sent(effects, Welcome, number)[0].resume
    assert refused_ticket(room, first)
    number, effects = room.join(NOW, Hello(versions=[1], resume=first), "")
    # The answer may have been lost: the same token works again.
    number, effects = room.join(NOW, Hello(versions=[1], resume=first), "")
    second = sent(effects, Welcome, number)[0].resume
    number, effects = room.join(NOW, Hello(versions=[1], resume=second), "")
    with pytest.raises(NotAdmitted):
        room.join(NOW, Hello(versions=[1], resume=first), "")


def refused_ticket(room: Room, text: str) -> bool:
    try:
        room.join(NOW, Hello(versions=[1], ticket=text), "")
    except NotAdmitted as error:
        return error.message_id == "server-ticket-invalid"
    return False


def test_a_room_is_never_open_for_instructors() -> None:
    for opened in (None, *ROLES):
        assert not is_open("instructor", opened)
        assert not is_open("admin", opened)


def test_names_cannot_carry_control_characters() -> None:
    room = make_room()
    number = join(room, name="  Ai\u202egerim\n\x00 A.  ")
    member = room.members.get(number)
    assert member is not None and member.name == "Ai gerim A."
    nameless = room.members.get(join(room, name="\n\n"))
    assert nameless is not None and nameless.name.startswith("#")


def walk(room: Room, number: int, encoder: PoseEncoder, x: float, now: float) -> None:
    frame = encoder.encode(MemberPose(Placed((x, 0.0, 1.6))), int(now * 1000))
    assert frame is not None
    room.pose(now, number, frame)


def test_an_observer_is_not_seen_and_others_are() -> None:
    room = make_room()
    for role in ROLES:
        number = join(room, role)
        walk(room, number, PoseEncoder(), 0.0, NOW)
        member = room.members.get(number)
        assert member is not None and member.pose.complete == (role != "observer")


def test_a_listener_hears_what_happens_and_acts() -> None:
    listener = Listener()
    room = make_room(listener=listener)
    number = join(room, "trainee")
    member = room.members.get(number)
    assert member is not None
    encoder = PoseEncoder()
    for step, x in enumerate((5.0, 9.0, 10.0, 14.0)):
        walk(room, number, encoder, x, NOW + step)
        room.tick(NOW + step)
    room.handle(NOW, number, command("choice", {"prompt": "exit", "option": "left"}))
    room.handle(NOW, number, command("message", {"text": "I am out"}))
    room.observe(NOW, [Observation("co", NOW, 7.5, "good", NOW, "test")])
    listener.answers = [
        Write("drill_state", {"drill": "fire", "phase": {"n": 1}}),
        Write("drill_state", {"no": "drill"}),
        Override("co", 180.0),
    ]
    effects = room.tick(NOW + 5)
    room.leave(NOW + 6, number)
    assert listener.heard == [
        MemberJoined(member.id, "trainee"),
        PlaceEntered(member.id, "sump"),
        PlaceLeft(member.id, "sump"),
        ChoiceMade(member.id, "exit", "left"),
        Said(member.id, "message", "I am out"),
        SensorValue("co", 7.5, "good"),
        MemberLeft(member.id),
    ]
    (state,) = sent(effects, RecordChanged)
    assert (state.record.author, state.record.id) == ("server", "fire")
    assert state.record.payload["phase"] == {"n": 1}
    assert room.refused_actions == 1
    assert sent(effects, Observations)[0].values[0][2] == 180.0


def test_sensor_values_are_keyed_state() -> None:
    room = make_room()
    for at, value in ((NOW, 1.0), (NOW + 2, 3.0), (NOW + 1, 2.0)):
        room.observe(NOW, [Observation("co", at, value, "good", NOW, "test")])
    room.observe(NOW, [Observation("unknown", NOW, 1.0, "good", NOW, "test")])
    (message,) = sent(room.tick(NOW), Observations)
    assert message.values == [("co", NOW + 2, 3.0, "good", "measured")]
    assert room.tick(NOW) == []
    number, effects = room.join(NOW, Hello(versions=[1], role="visitor"), "")
    assert sent(effects, Welcome, number)[0].observations == message.values


def test_a_ping_is_answered_with_room_time() -> None:
    room = make_room()
    number = join(room)
    assert room.handle(NOW, number, Ping(sent=3.5)) == [Send(number, Pong(sent=3.5, time=NOW))]
