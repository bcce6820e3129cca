"""Recorded people and records in a pure room: they come and go as they did, unjudged."""

from __future__ import annotations

from sync_server.room.effects import LogEntry
from sync_server.room.ghosts import Ghosts
from sync_server.room.record import Record
from sync_server.wire.messages import Joined, Left, RecordChanged
from sync_server.wire.poses import BatchDecoder, MemberPose, Placed, batch
from tests.sync_server.rooms import MARK, NOW, command, join, make_room, refusal, sent


def record(name: str, text: str = "crack", number: int = 1) -> Record:
    return Record(name, "annotation", "m-1", number, 1, NOW - 100, MARK | {"text": text})


def test_a_ghost_is_a_member_without_a_connection() -> None:
    room = make_room()
    watcher = join(room)
    ghosts = Ghosts(room)
    (joined,) = sent(ghosts.enter("m-1", "trainee", "kk", "headset"), Joined)
    info = joined.member
    assert (info.id, info.role, info.language, info.display) == ("m-1", "trainee", "kk", "headset")
    assert info.number != watcher and ghosts.enter("m-1", "trainee", "kk", "headset") == []
    pose = MemberPose(Placed((3.0, 2.0, 1.5)), pointer=(9.0, 9.0, 1.0))
    assert ghosts.pose(NOW, "m-1", pose, NOW - 0.1)
    parts = room.members.poses[info.number]
    data = batch([parts.record(info.number, parts.changed, int(NOW * 1000))], int(NOW * 1000))
    (sample,) = BatchDecoder().decode(data)
    assert sample.pose.head.position == (3.0, 2.0, 1.5)
    assert sample.time_ms == round((NOW - 0.1) * 1000)
    assert sent(ghosts.leave("m-1"), Left)[0].number == info.number
    assert ghosts.leave("m-1") == [] and not ghosts.pose(NOW, "m-1", pose, NOW)


def test_somebody_who_is_really_there_is_not_replaced() -> None:
    room = make_room()
    number = join(room)
    member = room.members.get(number)
    assert member is not None
    assert Ghosts(room).enter(member.id, "admin", "en", "desktop") == []
    assert room.members.get(number) is member and member.role == "engineer"


def test_a_recorded_command_keeps_author_and_time_under_a_number_of_ours() -> None:
    room = make_room()
    room.handle(NOW, join(room), command("message", {"text": "here"}))
    entry = LogEntry(77, "old", "m-1", "annotation", "create", "r-1", NOW - 100, MARK, "m-2")
    (change,) = sent(Ghosts(room).entry(entry), RecordChanged)
    info = change.record
    assert (info.author, info.owner, info.time, info.number) == ("m-1", "m-2", NOW - 100, 2)
    assert change.command != "old"


def test_another_moment_changes_only_what_differs_and_nothing_of_those_present() -> None:
    room = make_room()
    number = join(room)
    own = command("message", {"text": "mine"})
    room.handle(NOW, number, own)
    ghosts = Ghosts(room)
    list(ghosts.become([record("a"), record("b", number=2)]))
    changes = sent(list(ghosts.become([record("b", number=2), record("c")])), RecordChanged)
    assert [(one.op, one.record.id) for one in changes] == [("delete", "a"), ("create", "c")]
    changes = sent(list(ghosts.become([record("b", "crack, wider"), record("c")])), RecordChanged)
    assert [(one.op, one.record.id) for one in changes] == [("update", "b")]
    changes = sent(list(ghosts.become([record("a")])), RecordChanged)
    assert [one.op for one in changes] == ["delete", "delete", "create"]
    alive = {one.id for one in room.records if not one.deleted}
    assert alive == {"a", own.id}


def test_only_a_replay_is_steered_and_it_is_only_looked_at() -> None:
    room = make_room()
    act = command("replay_act", {"act": "pause"})
    assert refusal(room.handle(NOW, join(room), act)) == "server-no-replay"
    shown = make_room(replaying=True)
    engineer, visitor = join(shown), join(shown, "visitor")
    mark = command("annotation", MARK)
    assert refusal(shown.handle(NOW, engineer, mark)) == "server-replay-shows-only"
    assert refusal(shown.handle(NOW, engineer, command("message", {"text": "look"}))) is None
    assert refusal(shown.handle(NOW, engineer, act)) is None
    assert refusal(shown.handle(NOW, visitor, command("replay_act", {"act": "pause"}))) == (
        "server-forbidden"
    )
