"""What docs/protocol.md says of commands, undo, things and people in charge, tried on a real
server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ulid import ULID

from tests.sync_server.plain_member import (
    NOTE,
    Door,
    Json,
    Plain,
    ask,
    member,
    refused,
    running_door,
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with running_door(tmp_path_factory.mktemp("door")) as running:
        yield running


# -- 6. Records --------------------------------------------------------------------------------


def test_commands(door: Door) -> None:
    with member(door) as one, member(door) as other:
        made = one.command(payload=NOTE | {"of_tomorrow": 1})
        assert other.until("record", command=made["id"])["record"]["payload"] == NOTE
        again = one.command(id=made["id"], payload={"text": "else"})
        assert again["number"] == made["number"]
        assert other.command(id=made["id"])["message_id"] == "server-duplicate-id"
        assert one.command(record=str(ULID()))["message_id"] == "server-malformed"
        own = str(ULID())
        assert one.command(id=own, record=own, expect=0)["type"] == "ack"
        bad = one.command(payload={"text": ""})
        assert (bad["message_id"], bad["arguments"]["kind"]) == (
            "server-invalid-record",
            "annotation",
        )
        assert one.command("nothing")["message_id"] == "server-unknown-kind"
        assert one.command(op="update", record=own, expect=1)["message_id"] == (
            "server-changed-meanwhile"
        )
        # a refused id may be sent again, and is judged again
        later = str(ULID())
        assert one.command(id=later, op="update", record=later)["type"] == "error"
        assert one.command(id=later)["type"] == "ack"


def test_undo(door: Door) -> None:
    with member(door) as one, member(door) as other:
        made = one.command()
        theirs, mine = other.welcome["member"], one.welcome["member"]
        record = made["id"]
        gone = one.command(op="delete", record=record, expect=made["number"])
        back = one.command(op="restore", record=record, expect=gone["number"])
        told = other.until("record", command=back["id"])
        assert told["op"] == "restore" and told["record"]["payload"] == NOTE
        given = one.command(op="give", record=record, payload={"to": theirs})
        told = other.until("record", command=given["id"])
        assert (told["record"]["owner"], told["record"]["author"]) == (theirs, mine)
        assert one.command(op="delete", record=record)["message_id"] == "server-not-yours"
        taken = one.command(op="give", record=record, payload={"to": mine}, expect=given["number"])
        assert taken["type"] == "ack"
        nobody = one.command(op="give", record=record, payload={"to": "m-nobody"})
        assert nobody["message_id"] == "server-no-member"
        question = str(ULID())
        one.say(type="ask_history", id=question, record=record)
        history = one.until("history", id=question)
        ops = [entry["op"] for entry in history["entries"]]
        assert ops == ["give", "give", "restore", "delete", "create"] and not history["more"]
        one.say(type="ask_history", id=question, record=record, before=back["number"])
        ops = [entry["op"] for entry in one.until("history")["entries"]]
        assert ops == ["delete", "create"]


def test_what_a_moderator_took_away_stays_away(door: Door) -> None:
    ticket = door.ticket("instructor")
    with member(door) as one, member(door, ticket=ticket) as moderator:
        made = one.command()
        assert moderator.command(op="delete", record=made["id"])["type"] == "ack"
        restored = one.command(op="restore", record=made["id"])
        assert restored["message_id"] == "server-not-yours"
        assert moderator.command(op="restore", record=made["id"])["type"] == "ack"
        said = one.command("message", {"text": "hello"})
        changed = moderator.command("message", {"text": "x"}, op="update", record=said["id"])
        assert changed["message_id"] == "server-forbidden"
        assert one.command("message", {}, op="delete", record=said["id"])["type"] == "ack"


def test_things(door: Door) -> None:
    with member(door) as one, member(door, ticket=door.ticket("instructor")) as moderator:
        action = {"object": "valve", "action": "close"}
        done = one.command("object_state", action)
        told = moderator.until("record", command=done["id"])
        assert told["record"]["id"] == "valve"
        assert told["record"]["payload"] == action | {"state": "closed", "event": "valve_closed"}
        assert one.command("object_state", action)["message_id"] == "server-action-not-now"
        kicked = one.command("object_state", {"object": "valve", "action": "kick"})
        assert moderator.until("record", command=kicked["id"])["op"] == "update"
        gone = one.command("object_state", {}, op="delete", record="valve")
        assert gone["message_id"] == "server-forbidden"
        gone = moderator.command("object_state", {}, op="delete", record="valve")
        assert gone["type"] == "ack"
        given = one.command("object_state", {"to": "m"}, op="give", record="valve")
        assert given["message_id"] == "server-forbidden"
        live = one.command("scene_time", {"time": 1.5e9, "rate": 60})
        assert moderator.until("record", command=live["id"])["record"]["id"] == "scene_time"
        assert one.command("scene_time", {}, op="delete", record="scene_time")["type"] == "ack"
        photo = {"file": "0" * 64, "media_type": "image/png", "width": 1, "height": 1}
        unseen = one.command("photo", photo | {"position": [0, 0, 0]})
        assert unseen["message_id"] == "server-no-file"
        assert one.command("room_state", {})["message_id"] == "server-forbidden"
        assert one.command("replay_act", {"act": "play"})["message_id"] == "server-no-replay"


# -- 7. People in charge -----------------------------------------------------------------------


def test_moderation(door: Door) -> None:
    ticket = door.ticket("instructor")
    with member(door) as one, member(door) as other, member(door, ticket=ticket) as moderator:

        def act(act: str, whom: Plain | None = None) -> Json:
            named = {} if whom is None else {"member": whom.welcome["member"]}
            done = moderator.command("moderation", {"act": act} | named)
            assert done["type"] == "ack", done
            return done

        assert one.command("moderation", {"act": "lock"})["message_id"] == "server-forbidden"
        act("mute", one)
        state = other.until("record")["record"]
        while state["kind"] != "room_state":
            state = other.until("record")["record"]
        assert (state["id"], state["author"]) == ("room", "server")
        assert state["payload"]["muted"] == [one.welcome["member"]]
        assert one.command("message", {"text": "a"})["message_id"] == "server-muted"
        kick = {"object": "valve", "action": "kick"}
        assert one.command("object_state", kick)["type"] == "ack"
        act("unmute", one)
        assert one.command("message", {"text": "a"})["type"] == "ack"

        act("lead", one)
        assert other.command("scene_time", {"time": 1.0})["message_id"] == "server-not-lead"
        assert one.command("scene_time", {"time": 1.0})["type"] == "ack"
        handed = {"act": "lead", "member": other.welcome["member"]}
        assert one.command("moderation", handed)["type"] == "ack"
        assert one.command("scene_time", {"time": 1.0})["message_id"] == "server-not-lead"
        act("lead")

        act("lock")
        locked = refused(door)
        assert (locked["code"], locked["message_id"]) == (4011, "server-locked")
        with member(door, resume=other.welcome["resume"]):
            assert other.closed()[0] == 4009
        act("unlock")

        token = one.welcome["http_token"]
        act("kick", one)
        assert one.closed() == (4010, "server-kept-out")
        out = refused(door, resume=one.welcome["resume"], role="admin")
        assert (out["code"], out["message_id"]) == (4010, "server-kept-out")
        assert ask(door, "/twin/scene.yaml", token)[0] == 403
        act("admit", one)
        with member(door, resume=one.welcome["resume"]) as again:
            assert again.welcome["member"] == one.welcome["member"]
        itself = moderator.command(
            "moderation", {"act": "kick", "member": moderator.welcome["member"]}
        )
        assert itself["message_id"] == "server-forbidden"
