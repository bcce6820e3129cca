"""Joining a large room while it is written to: everything once, nothing lost, bounded memory."""

from __future__ import annotations

from pathlib import Path

from sync_server.room.effects import LogEntry
from sync_server.transport.host import RoomHost
from sync_server.transport.outbox import EVENT_BACKLOG
from sync_server.wire.limits import MAX_SERVER_MESSAGE, SNAPSHOT_CHUNK
from sync_server.wire.messages import (
    Hello,
    RecordChanged,
    Records,
    Welcome,
    encode,
    encode_records,
)
from tests.sync_server.hosted import SlowDisk, as_known, enter, run, say, until
from tests.sync_server.rooms import NOW, command, join, make_room, member_id, new_id, sent

RECORDS = 3000


def test_a_slow_joiner_gets_everything_once_while_others_write(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        speaker, number = enter(host)
        await until(lambda: speaker.of(Records) and speaker.of(Records)[-1].last)
        disk.free.clear()
        say(host, number, "before, not stored yet")
        late, _number = enter(host)
        late.open = False
        say(host, number, "after, not stored yet")
        assert not late.waiting
        disk.free.set()
        await until(lambda: late.waiting)
        # Its line takes nothing: no more than a few chunks wait, whatever the room holds.
        for text in range(20):
            say(host, number, f"meanwhile {text}")
        await until(lambda: speaker.heard[-1].type == "ack" and len(speaker.of(RecordChanged)) > 21)
        assert late.most < 4 * SNAPSHOT_CHUNK
        assert sum(len(one.packed) for one in host.room.records) > 6 * SNAPSHOT_CHUNK
        while not (late.of(Records) and late.of(Records)[-1].last):
            before = len(late.heard)
            await until(lambda: late.waiting)
            late.take()
            assert len(late.heard) > before
        late.open = True
        say(host, number, "at the end")
        await until(lambda: len(late.of(RecordChanged)) == 22)
        assert late.mirror() == as_known(host.room.records) == speaker.mirror()
        assert late.of(Welcome)[0].last_number == RECORDS + 1
        assert len(late.of(Records)) > 5 and not late.dropped
        assert [chunk.last for chunk in late.of(Records)][:-1].count(True) == 0

    run(tmp_path, test, RECORDS)


def test_resuming_within_a_slow_commit_brings_each_change_once(tmp_path: Path) -> None:
    async def test(host: RoomHost, disk: SlowDisk) -> None:
        speaker, number = enter(host)
        ear, gone = enter(host)
        await until(lambda: ear.of(Records) and ear.of(Records)[-1].last)
        welcome = ear.of(Welcome)[0]
        host.leave(gone)
        disk.free.clear()
        say(host, number, "one")
        resume = {"resume": welcome.resume, "epoch": welcome.epoch}
        back, _number = enter(host, last_number=welcome.last_number, **resume)
        say(host, number, "two")
        disk.free.set()
        await until(lambda: back.of(RecordChanged))
        assert back.of(Welcome)[0].difference
        (chunk,) = back.of(Records)
        assert [one.payload["text"] for one in chunk.records] == ["one"]
        assert [one.record.payload["text"] for one in back.of(RecordChanged)] == ["two"]
        assert speaker.mirror() == as_known(host.room.records)

    run(tmp_path, test, 5)


def test_who_joins_and_takes_nothing_is_dropped_when_too_much_piles_up(tmp_path: Path) -> None:
    async def test(host: RoomHost, _disk: SlowDisk) -> None:
        _speaker, number = enter(host)
        late, _number = enter(host)
        late.open = False
        wish = {"text": "x" * 2000}
        for _ in range(EVENT_BACKLOG // 2000 + 1):
            host.carry_out(host.room.handle(NOW, number, command("message", wish)))
        await until(lambda: late.dropped)

    run(tmp_path, test, RECORDS)


def test_the_servers_large_records_do_not_get_members_dropped(tmp_path: Path) -> None:
    async def test(host: RoomHost, _disk: SlowDisk) -> None:
        ear, _number = enter(host)
        await until(lambda: ear.of(Records))
        ear.open = False
        for language in ("en", "ru", "kk", "ja"):  # what a drill writes at its start, at its most
            payload = {
                "id": f"fire.{language}",
                "drill": "fire",
                "language": language,
                "reviewed": True,
                "ftl": "火" * 200_000,
            }
            made = ("server", "drill_text", "create", payload["id"], NOW, payload)
            number = host.room.records.last_number + 1
            host.carry_out(host.room.repeat(LogEntry(number, new_id(), *made)))
        await until(lambda: len(ear.waiting) >= 4)
        assert not ear.dropped
        assert max(map(len, ear.waiting)) < MAX_SERVER_MESSAGE
        ear.take()
        assert len(ear.of(RecordChanged)) == 4

    run(tmp_path, test, 1)


def test_records_packed_once_are_the_message_that_the_model_makes() -> None:
    room = make_room()
    number = join(room)
    for text in ("трещина", "ひび", "x" * 300):
        room.handle(NOW, number, command("message", {"text": text}))
    records = list(room.records)
    message = Records(records=[one.info() for one in records], last=True)
    assert encode_records([one.packed for one in records], last=True) == encode(message)
    assert encode_records([], last=False) == encode(Records(records=[], last=False))
    many = [records[0].packed] * 70_000  # another form of the array's length
    assert decode_length(encode_records(many, last=True)) == 70_000


def decode_length(data: bytes) -> int:
    import msgpack  # type: ignore[import-untyped]

    return len(msgpack.unpackb(data)["records"])


def test_a_welcome_names_those_who_are_absent_and_wrote_something() -> None:
    names = {"m-here": "Aigerim", "m-gone": "Kenji", "m-silent": "Nobody"}
    room = make_room(names=names)
    store = room.records
    for number, author in ((1, "m-gone"), (2, "m-other")):
        payload = {"text": "hello"}
        made = (number, new_id(), author, "message", "create", new_id(), NOW, payload)
        store.apply(LogEntry(*made))
    number, effects = room.join(NOW, Hello(versions=[1], role="engineer", name="Me"), "")
    assert sent(effects, Welcome, number)[0].names == {"m-gone": "Kenji"}
    room.handle(NOW, number, command("message", {"text": "hi"}))
    names[member_id(room, number)] = "Me"
    other, effects = room.join(NOW, Hello(versions=[1], site="  Sap\nporo "), "")
    (welcome,) = sent(effects, Welcome, other)
    assert welcome.names == {"m-gone": "Kenji"}  # who is present is among the members
    assert welcome.members[-1].site == "Sap poro"
