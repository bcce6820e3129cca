"""Kick, mute, lock and lead: what moderators decide holds, and outlives a restart."""

from __future__ import annotations

from typing import Any

import pytest

from sync_server.room import commands
from sync_server.room.effects import Disconnect, Store
from sync_server.room.entrance import NotAdmitted
from sync_server.room.moderation import MOST_LISTED
from sync_server.room.room import Room
from sync_server.wire.limits import CLOSE_KEPT_OUT, CLOSE_LOCKED
from sync_server.wire.messages import AskHistory, CommandRefused, Hello, RecordChanged, Welcome
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from tests.sync_server.rooms import (
    FILE,
    MARK,
    NOW,
    PAYLOADS_OF_PEOPLE,
    command,
    join,
    make_room,
    member_id,
    refusal,
    sent,
    stored,
    ticket,
)


def act(room: Room, number: int, name: str, **more: Any) -> str | None:
    """Why an act was refused, or None."""
    return refusal(room.handle(NOW, number, command("moderation", {"act": name} | more)))


def rules(room: Room) -> dict[str, Any]:
    record = room.records.get("room")
    assert record is not None and record.kind == "room_state" and record.author == "server"
    return record.payload


def write(room: Room, number: int, kind: str, **more: Any) -> str | None:
    wish = command(kind, PAYLOADS_OF_PEOPLE[kind] | more)
    return refusal(room.handle(NOW, number, wish))


def enter(room: Room, **hello: Any) -> tuple[int, Welcome]:
    number, effects = room.join(NOW, Hello(**({"versions": [1]} | hello)), "")
    return number, sent(effects, Welcome, number)[0]


def kept_out_of(room: Room, **hello: Any) -> NotAdmitted:
    with pytest.raises(NotAdmitted) as caught:
        enter(room, **hello)
    return caught.value


def test_a_kick_is_stored_with_its_effect_then_the_socket_closes() -> None:
    room = make_room()
    boss = join(room, "instructor")
    number, welcome = enter(room, role="trainee")
    kick = command("moderation", {"act": "kick", "member": welcome.member, "reason": "shouting"})
    effects = room.handle(NOW, boss, kick)
    assert [(one.kind, one.author) for one in stored(effects)] == [
        ("moderation", member_id(room, boss)),
        ("room_state", "server"),
    ]
    out = Disconnect(number, CLOSE_KEPT_OUT, "server-kept-out", kick.id)
    assert effects.index(out) > max(
        index for index, one in enumerate(effects) if isinstance(one, Store)
    )
    assert sent(effects, RecordChanged)[1].record.payload["kept_out"] == [welcome.member]
    # Until the socket is closed (the disk may be slow) nothing of theirs counts any more.
    assert write(room, number, "message") == "server-kept-out"
    encoder = PoseEncoder()
    frame = encoder.encode(MemberPose(Placed((1.0, 0.0, 1.6))), int(NOW * 1000))
    assert frame is not None
    room.pose(NOW, number, frame)
    seen = room.members.get(number)
    assert seen is not None and not seen.pose.complete
    ask = AskHistory(id=kick.id, record="room")
    assert refusal(room.handle(NOW, number, ask)) == "server-kept-out"


def test_whoever_is_kept_out_stays_out_with_any_token_until_admitted() -> None:
    room = make_room()
    boss = join(room, "instructor")
    number, welcome = enter(room, role="trainee")
    act(room, boss, "kick", member=welcome.member)
    room.leave(NOW, number)
    own_ticket = ticket("trainee", subject=welcome.member)
    for hello in ({"resume": welcome.resume}, {"ticket": own_ticket}):
        error = kept_out_of(room, **hello)
        assert (error.code, error.message_id) == (CLOSE_KEPT_OUT, "server-kept-out")
    # Another server life has the same records.
    again = make_room(records=room.records)
    assert kept_out_of(again, resume=welcome.resume).message_id == "server-kept-out"
    assert act(room, boss, "admit", member=welcome.member) is None
    assert enter(room, ticket=own_ticket)[1].member == welcome.member  # nothing was used up


def test_a_failed_kick_is_taken_back_whole() -> None:
    room = make_room()
    boss, number = join(room, "instructor"), join(room)
    effects = room.handle(
        NOW, boss, command("moderation", {"act": "kick", "member": member_id(room, number)})
    )
    room.records.take_back(stored(effects))
    assert write(room, number, "message") is None
    assert room.records.get("room") is None


def test_moderators_are_moderated_by_admins_only_and_nobody_by_themselves() -> None:
    room = make_room()
    admin, boss, other = join(room, "admin"), join(room, "instructor"), join(room, "instructor")
    for name in ("kick", "mute"):
        assert act(room, boss, name, member=member_id(room, other)) == "server-forbidden"
        assert act(room, boss, name, member=member_id(room, boss)) == "server-forbidden"
        assert act(room, boss, name, member=member_id(room, admin)) == "server-forbidden"
        assert act(room, admin, name, member=member_id(room, other)) is None
        assert act(room, boss, name) == "server-invalid-record"


def test_a_muted_member_listens_walks_and_drills_but_says_nothing() -> None:
    room = make_room(files={FILE})
    boss, number = join(room, "instructor"), join(room, "engineer")
    own = stored(room.handle(NOW, number, command("annotation", MARK)))[0].record
    assert act(room, boss, "mute", member=member_id(room, number)) is None
    for kind in ("message", "annotation", "photo", "measurement", "viewpoint"):
        assert write(room, number, kind) == "server-muted"
    edit = command("annotation", MARK, op="update", record=own)
    assert refusal(room.handle(NOW, number, edit)) == "server-muted"
    for kind in ("object_state", "choice", "alarm_ack", "drill_act", "section"):
        assert write(room, number, kind) is None
    # Words do not come in by another kind's text.
    assert write(room, number, "alarm_ack", text="hello all") == "server-muted"
    assert write(room, number, "drill_act", reason="hello all") == "server-muted"
    gone = command("annotation", op="delete", record=own)
    assert refusal(room.handle(NOW, number, gone)) is None
    back = command("annotation", op="restore", record=own)
    assert refusal(room.handle(NOW, number, back)) == "server-muted"
    assert act(room, boss, "unmute", member=member_id(room, number)) is None
    assert refusal(room.handle(NOW, number, back)) is None


def test_into_a_locked_room_come_those_who_were_in_it_and_moderators() -> None:
    room = make_room(opened="engineer")
    boss = join(room, "instructor")
    number, welcome = enter(room, role="visitor")
    assert act(room, boss, "lock") is None and rules(room)["locked"] is True
    room.leave(NOW, number)
    text = ticket("engineer")
    for hello in ({"role": "visitor"}, {"ticket": text}):
        error = kept_out_of(room, **hello)
        assert (error.code, error.message_id) == (CLOSE_LOCKED, "server-locked")
    assert enter(room, resume=welcome.resume)[1].member == welcome.member
    assert join(room, "instructor")
    assert act(room, boss, "unlock") is None
    assert enter(room, ticket=text)[1].role == "engineer"  # it was not used up at the locked door


def test_while_somebody_leads_others_do_not_change_what_all_look_at() -> None:
    room = make_room()
    boss, lead, other = join(room, "instructor"), join(room), join(room)
    visitor = join(room, "visitor")
    me, you = member_id(room, lead), member_id(room, other)
    assert act(room, lead, "lead", member=me) == "server-forbidden"
    assert act(room, boss, "lead", member="m-nobody") == "server-no-member"
    assert act(room, boss, "lead", member=member_id(room, visitor)) == "server-cannot-lead"
    assert act(room, boss, "lead", member=me) is None and rules(room)["lead"] == me
    for kind in ("section", "layer_state", "scene_time"):
        assert write(room, other, kind) == "server-not-lead"
        assert write(room, lead, kind) is None
        assert write(room, boss, kind) is None
    assert write(room, other, "annotation") is None
    reset = command("layer_state", op="delete", record="layer.drift")
    assert refusal(room.handle(NOW, other, reset)) == "server-not-lead"
    # The lead hands over, and moderates nothing else.
    for name in ("kick", "mute", "lock"):
        assert act(room, lead, name, member=you) == "server-forbidden"
    assert act(room, other, "lead", member=you) == "server-forbidden"
    assert act(room, lead, "lead", member=you) is None and rules(room)["lead"] == you
    assert write(room, lead, "section") == "server-not-lead"
    # While the lead is away the room is not stuck; back again, it leads again.
    room.leave(NOW, other)
    assert write(room, lead, "section") is None
    assert act(room, boss, "lead") is None and rules(room).get("lead") is None


def test_an_act_of_moderation_is_never_unsaid() -> None:
    room = make_room()
    admin = join(room, "admin")
    (entry, _state) = stored(room.handle(NOW, admin, command("moderation", {"act": "lock"})))
    for op in ("update", "delete", "restore", "give"):
        wish = command("moderation", {"act": "unlock"}, op=op, record=entry.record)
        assert refusal(room.handle(NOW, admin, wish)) == "server-forbidden"
    for op in ("create", "update", "delete", "restore", "give"):
        wish = command("room_state", {}, op=op, record="room")
        assert refusal(room.handle(NOW, admin, wish)) == "server-forbidden"


def test_the_lists_are_bounded_and_say_so() -> None:
    room = make_room()
    admin = join(room, "admin")
    for index in range(MOST_LISTED):
        assert act(room, admin, "kick", member=f"m-{index}") is None
    assert act(room, admin, "kick", member="m-0") is None
    assert act(room, admin, "kick", member="m-more") == "server-room-holds-no-more"
    assert len(rules(room)["kept_out"]) == MOST_LISTED


def test_an_act_that_changes_nothing_is_kept_and_writes_no_rules() -> None:
    room = make_room()
    boss = join(room, "instructor")
    effects = room.handle(NOW, boss, command("moderation", {"act": "unlock"}))
    assert [one.kind for one in stored(effects)] == ["moderation"]
    assert not sent(effects, CommandRefused, boss)


def test_a_room_filled_up_is_still_moderated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MAX_RECORDS", 3)
    room = make_room()
    boss, number = join(room, "instructor"), join(room)
    for _ in range(3):
        assert write(room, number, "message") is None
    assert write(room, number, "message") == "server-room-holds-no-more"
    assert act(room, boss, "mute", member=member_id(room, number)) is None
    assert rules(room)["muted"] == [member_id(room, number)]
