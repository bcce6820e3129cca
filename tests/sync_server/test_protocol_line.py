"""What docs/protocol.md says of the line, of coming in and back, poses, values and rates, tried on
a real server."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator

import msgpack  # type: ignore[import-untyped]
import pytest
from ulid import ULID
from websockets.exceptions import ConnectionClosed

from sync_server.room.roles import ROLES
from tests.sync_server.plain_member import (
    NOTE,
    Door,
    member,
    plain,
    refused,
    running_door,
)
from tests.sync_server.support import DEADLINE_S


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with running_door(tmp_path_factory.mktemp("door"), "--simulate") as running:
        yield running


# -- 2. The line, 3. Control messages ----------------------------------------------------------


def test_the_line(door: Door) -> None:
    with plain(door.server.ws + "/?of=interest", compression="deflate") as one:
        assert one.socket.response is not None
        headers = one.socket.response.headers
        assert "Sec-WebSocket-Extensions" not in headers
        assert "Sec-WebSocket-Protocol" not in headers
        one.say(type="hello", versions=[1, 7], role="engineer", of_tomorrow=1)
        assert one.hear()["room"] == "mine"
        one.socket.send("text")
        error = one.until("error")
        assert (error["id"], error["arguments"]) == ("", {"what": "text"})
        one.socket.send(b"\x81" + bytes(16_500))
        assert one.closed()[0] == 1009


def test_fragments_are_put_together(door: Door) -> None:
    with member(door) as one:
        whole = msgpack.packb({"type": "ping", "sent": 3.5})
        one.socket.send([whole[:5], whole[5:11], whole[11:]])
        assert one.until("pong")["sent"] == 3.5


def test_closes(door: Door) -> None:
    assert refused(door, versions=[99])["code"] == 4001
    assert refused(door, path="/nowhere")["code"] == 4002
    assert refused(door, ticket="x.y.z", role="admin")["code"] == 4003
    assert refused(door, role="instructor")["code"] == 4004
    assert refused(door, type="ping", sent=1.0)["code"] == 4007
    assert refused(door, origin="https://elsewhere.example")["code"] == 4013
    large = refused(door, name="x", site="y", padding="z" * 9000)
    assert (large["code"], large["message_id"]) == (4007, "server-too-large")


def test_what_is_no_message(door: Door) -> None:
    with member(door) as one:
        one.say(type="teleport")
        assert one.until("error")["message_id"] == "server-unknown-type"
        one.say(type="ping", sent=1.0, blob=b"x" * 600)
        assert one.until("error")["message_id"] == "server-too-large"
        with contextlib.suppress(ConnectionClosed):
            for _each in range(100):
                one.say(type="teleport")
        assert one.closed() == (4007, "server-unknown-type")


# -- 4. Coming in, 5. Coming back --------------------------------------------------------------


def test_keys(door: Door) -> None:
    pseudonym = f"m-{ULID()}"
    ticket = door.ticket("instructor", pseudonym)
    with member(door, ticket=ticket, role="visitor") as one:
        assert (one.welcome["member"], one.welcome["role"]) == (pseudonym, "instructor")
        me = next(m for m in one.welcome["members"] if m["number"] == one.welcome["me"])
        assert me["name"] == f"#{me['number']}"
        first = one.welcome["resume"]
    assert refused(door, ticket=ticket, role="admin")["message_id"] == "server-ticket-used"
    with member(door, resume=first) as one:  # whose welcome is lost, let us say
        second = one.welcome["resume"]
    with member(door, resume=first) as one:
        assert one.welcome["member"] == pseudonym
        third = one.welcome["resume"]
    late = refused(door, resume=second, role="admin")
    assert late["message_id"] == "server-resume-used"
    with member(door, resume=third) as one:
        fourth = one.welcome["resume"]
    with member(door, ticket=door.ticket("instructor", pseudonym)):
        pass
    assert refused(door, resume=fourth, role="admin")["message_id"] == "server-resume-used"
    with member(door, resume=fourth) as one:  # the room is open for engineers
        assert one.welcome["member"] != pseudonym


def test_the_same_member_again(door: Door) -> None:
    with member(door) as old, member(door, resume=old.welcome["resume"]) as new:
        assert old.closed() == (4009, "server-replaced")
        assert new.welcome["member"] == old.welcome["member"]


def test_a_command_right_after_hello_is_answered_after_the_records(door: Door) -> None:
    with plain(door.server.ws + "/mine") as one:
        one.say(type="hello", versions=[1], role="engineer")
        one.say(type="command", id=str(ULID()), kind="annotation", payload=NOTE)
        seen = [one.hear()["type"]]
        while seen[-1] != "ack":
            seen.append(one.hear()["type"])
        assert [kind for kind in seen if kind in {"welcome", "records", "record", "ack"}] == [
            "welcome",
            "records",
            "record",
            "ack",
        ]


def test_the_difference(door: Door) -> None:
    with member(door) as one:
        number = one.command()["number"]
        gone = one.command()
        one.command(op="delete", record=gone["id"])
        had = {"epoch": one.welcome["epoch"], "last_number": number}
    with member(door, **had) as one:
        assert one.welcome["difference"] is True
        (record,) = one.welcome["records"]
        assert (record["id"], record["deleted"], record["payload"]) == (gone["id"], True, {})
        assert one.welcome["last_number"] == record["number"]
    for wrong in (had | {"epoch": "another"}, had | {"last_number": 2**40}):
        with member(door, **wrong) as one:
            assert one.welcome["difference"] is False
            assert not any(record["deleted"] for record in one.welcome["records"])


# -- 9. Poses, 10. Sensor values and quality ---------------------------------------------------


def pose_frame(mask: int, parts: bytes) -> bytes:
    return struct.pack("<BBI", 1, mask, 0) + parts


def test_poses(door: Door) -> None:
    cell, head = struct.pack("<I", 0x80200400), struct.pack("<hhhI", 1, 2, 1638, 0x20080200)
    absent = struct.pack("<hhhI", -32768, -32768, -32768, 0)
    with member(door) as one, member(door, role="observer") as observer, member(door) as third:
        one.socket.send(pose_frame(0x03, cell + head))
        batch = third.socket.recv(timeout=DEADLINE_S)
        while batch[0] != 0x02 or one.welcome["me"] not in numbers(batch):
            batch = third.socket.recv(timeout=DEADLINE_S)
        one.socket.send(pose_frame(0x04, absent))
        one.socket.send(pose_frame(0x03, cell + head))  # the hand is missing
        error = one.until("error")
        assert (error["id"], error["arguments"]) == ("", {"what": "pose"})
        one.socket.send(bytes((1,)) + bytes(80))
        assert one.until("error")["message_id"] == "server-too-large"
        # An observer's poses are not taken: the next batch is another's.
        observer.socket.send(pose_frame(0x03, cell + head))
        observer.say(type="ping", sent=1.0)
        observer.until("pong")
        third.say(type="ping", sent=1.0)
        third.until("pong")
        third.socket.send(pose_frame(0x03, cell + head))
        batch = one.socket.recv(timeout=DEADLINE_S)
        while batch[0] != 0x02 or third.welcome["me"] not in numbers(batch):
            assert batch[0] != 0x02 or observer.welcome["me"] not in numbers(batch)
            batch = one.socket.recv(timeout=DEADLINE_S)


def numbers(batch: bytes) -> list[int]:
    """Whose entries are in a batch."""
    sizes = (4, 10, 10, 10, 6)
    found, at = [], 9
    while at < len(batch):
        number, mask, _age = struct.unpack_from("<HBB", batch, at)
        found.append(number)
        at += 4 + sum(size for bit, size in enumerate(sizes) if mask >> bit & 1)
    return found


def test_values_and_quality(door: Door) -> None:
    with member(door) as one:
        one.say(type="ping", sent=5, round_trip=0.2, jitter=0.01)
        pong = one.until("pong")
        assert pong["sent"] == 5 and abs(pong["time"] - one.welcome["time"]) < DEADLINE_S
        values: list[list[int]] = []
        while [one.welcome["me"], 3, 200] not in values:
            values = one.until("quality")["values"]
        ((name, _time, result, quality, origin),) = one.until("observations")["values"]
        assert (name, quality, origin) == ("co", "good", "simulated")
        assert isinstance(result, float)


# -- 13. Rates ---------------------------------------------------------------------------------


def test_rates(door: Door) -> None:
    with member(door) as one:
        for index in range(400):
            one.say(type="ping", sent=float(index))
        asked = [str(ULID()) for _each in range(210)]
        for command in asked:
            one.say(type="command", id=command, kind="nothing")
        answered: list[str] = []
        pongs = 0
        while len(answered) < len(asked):
            found = one.hear()
            pongs += found["type"] == "pong"
            if found["type"] == "error":
                answered.append(found["id"])
        assert answered == asked
        assert 40 <= pongs < 400


def test_roles_are_in_the_order_of_the_document() -> None:
    assert ROLES == ("observer", "visitor", "trainee", "engineer", "instructor", "admin")
