"""A client in another language, written from docs/protocol.md, is a member like any other: against
a real server it is seen and sees, writes, loses its line, comes back and doubles nothing."""

from __future__ import annotations

import contextlib
import json
import math
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync_server.wire.messages import (
    Ack,
    Bye,
    CommandRefused,
    Joined,
    Left,
    RecordChanged,
    decode_member,
    encode,
)
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, MemberPose, Placed, PoseEncoder
from sync_server.wire.quantise import POSITION_ERROR_M
from tests import node
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    RawMember,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
)

Json = dict[str, Any]
POSE: Json = {
    "head": {"position": [100.25, -32.5, 1.7], "orientation": [0.5, 0.5, -0.5, 0.5]},
    "left": None,
    "right": {"position": [100.5, -32.25, 1.25], "orientation": [1, 0, 0, 0]},
    "pointer": [130.0, -10.0, 2.0],
}


@dataclass
class JavascriptMember:
    """A Node process that is a member; what it says comes as events."""

    process: subprocess.Popen[str]
    events: queue.Queue[Json] = field(default_factory=queue.Queue)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put({"event": "ended"})

    def do(self, what: str, **more: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what} | more) + "\n")
        self.process.stdin.flush()

    def until(self, event: str, **wanted: Any) -> Json:
        """The next event of a name, with these values; others are passed over."""
        end = time.monotonic() + DEADLINE_S
        while True:
            found = self.events.get(timeout=end - time.monotonic())
            if found["event"] == event and all(found.get(k) == v for k, v in wanted.items()):
                return found
            assert found["event"] != "ended", self.process.wait(DEADLINE_S)

    def ask(self, kind: str, payload: Json, **more: Any) -> str:
        """Give an order for a command; its id."""
        self.do("command", kind=kind, payload=payload, more=more)
        return str(self.until("asked")["id"])

    def state(self) -> Json:
        self.do("state")
        return self.until("state")


@contextlib.contextmanager
def javascript_member(url: str, **person: Any) -> Iterator[JavascriptMember]:
    script = ROOT / "tests" / "js" / "member.mjs"
    process = subprocess.Popen(
        [node.require(), str(script), url, json.dumps(person)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    member = JavascriptMember(process)
    reader = threading.Thread(target=member.read)
    reader.start()
    try:
        yield member
    finally:
        process.kill()
        process.wait(DEADLINE_S)
        reader.join(DEADLINE_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    node.require()
    folder = tmp_path_factory.mktemp("javascript")
    twin = make_twin(folder / "twin")
    with running_server(twin, folder / "state", "--open", "engineer") as running:
        yield running


@contextlib.contextmanager
def both(server: ServerProcess) -> Iterator[tuple[JavascriptMember, Json, RawMember]]:
    """A JavaScript member that is in, its welcome, and a Python member beside it."""
    with javascript_member(server.url, name="Кен", role="engineer", site="Sapporo") as script:
        welcome = script.until("welcome")
        script.until("in")
        with raw_member(server.url) as raw:
            yield script, welcome, raw


def note(text: str) -> Json:
    return {"position": [1.5, -2.0, 0.25], "text": text}


def test_it_is_present_like_any_other(server: ServerProcess) -> None:
    with both(server) as (script, welcome, raw):
        me = next(one for one in raw.joined.members if one.number == welcome["me"])
        assert (me.id, me.name, me.site) == (welcome["member"], "Кен", "Sapporo")
        assert script.until("joined")["member"]["id"] == raw.joined.member
        raw.socket.send(encode(Bye()))
        assert script.until("left")["number"] == raw.joined.me
        with raw_member(server.url) as other:
            script.do("leave")
            closed = script.until("closed")
            assert (closed["code"], closed["again"]) == (1000, False)
            assert other.receive_until(Left).number == welcome["me"]


def test_poses_go_both_ways(server: ServerProcess) -> None:
    with both(server) as (script, welcome, raw):
        script.until("pong")
        script.do("pose", pose=POSE)
        decoder = BatchDecoder()
        shown: MemberPose | None = None
        while shown is None:
            data = raw.socket.recv(timeout=DEADLINE_S)
            assert isinstance(data, bytes)
            if data[0] != BATCH_FRAME:
                continue
            for sample in decoder.decode(data):
                if sample.number == welcome["me"]:
                    shown = sample.pose
                    made = sample.time_ms / 1000
        assert math.dist(shown.head.position, POSE["head"]["position"]) <= 2 * POSITION_ERROR_M
        assert shown.head.orientation == pytest.approx(POSE["head"]["orientation"], abs=3e-3)
        assert shown.left is None and shown.right is not None and shown.pointer is not None
        assert math.dist(shown.pointer, POSE["pointer"]) <= 0.01
        assert made >= welcome["time"]

        encoder = PoseEncoder()
        east = 50.0
        for _step in range(3):
            pose = MemberPose(Placed((east, 7.0, 1.6)), pointer=(east, 90.0, 3.0))
            frame = encoder.encode(pose, int(raw.joined.time * 1000))
            assert frame is not None
            raw.socket.send(frame)
            seen = script.until("pose", number=raw.joined.me)["pose"]
            while abs(seen["head"]["position"][0] - east) > 0.001:
                seen = script.until("pose", number=raw.joined.me)["pose"]
            assert seen["pointer"] == pytest.approx([east, 90.0, 3.0], abs=0.01)
            assert seen["left"] is None
            east += 30.0  # each step takes a new anchor


def test_notes_go_both_ways_and_a_repeat_doubles_nothing(server: ServerProcess) -> None:
    with both(server) as (script, welcome, raw):
        command = script.ask("annotation", note("жарық, 亀裂"))
        changed = raw.receive_until(RecordChanged)
        assert (changed.command, changed.record.author) == (command, welcome["member"])
        assert changed.record.payload == note("жарық, 亀裂")
        number = script.until("ack", id=command)["number"]
        assert number == changed.record.number

        message = {"type": "command", "id": command, "kind": "annotation", "payload": note("x")}
        script.do("repeat", message=message)
        assert script.until("ack", id=command)["number"] == number

        own = raw.command("annotation", note("crack"))
        told = script.until("record", command=own)
        assert told["record"]["payload"] == note("crack")
        assert raw.receive_until(Ack).id == own
        # Had the repeat changed anything, it would have come before this.
        assert told["record"]["number"] == number + 1
        assert sum(one["id"] == command for one in script.state()["records"]) == 1


def test_what_may_not_be_is_refused_and_named(server: ServerProcess) -> None:
    with both(server) as (script, _welcome, raw):
        theirs = raw.command("annotation", note("mine"))
        number = script.until("record", command=theirs)["record"]["number"]
        change = {"op": "update", "record": theirs}
        asked = script.ask("annotation", note("yours"), **change)
        assert script.until("error", id=asked)["message_id"] == "server-not-yours"
        asked = script.ask("drill_state", {"drill": "fire"})
        assert script.until("error", id=asked)["message_id"] == "server-forbidden"
        own = script.ask("annotation", note("first"))
        number = script.until("ack", id=own)["number"]
        asked = script.ask("annotation", note("second"), op="update", record=own, expect=number)
        later = script.until("ack", id=asked)["number"]
        asked = script.ask("annotation", note("third"), op="update", record=own, expect=number)
        assert script.until("error", id=asked)["message_id"] == "server-changed-meanwhile"
        asked = script.ask("annotation", {}, op="delete", record=own, expect=later)
        gone = script.until("ack", id=asked)["number"]
        asked = script.ask("annotation", {}, op="restore", record=own, expect=gone)
        back = script.until("record", command=asked)["record"]
        assert (back["payload"], back["deleted"]) == (note("second"), False)


def test_a_lost_line_loses_nothing(server: ServerProcess) -> None:
    with both(server) as (script, welcome, raw):
        kept = script.ask("annotation", note("before"))
        script.until("ack", id=kept)
        script.do("offline")
        assert script.until("closed")["code"] == 1006
        assert raw.receive_until(Left).number == welcome["me"]

        missed = raw.command("annotation", note("while it was away"))
        raw.command("annotation", {}, op="delete", record=missed)
        stays = raw.command("annotation", note("and this"))
        for _each in range(3):
            raw.receive_until(Ack)
        asked = script.ask("annotation", note("offline"))
        script.do("online")

        back = script.until("welcome")
        assert (back["member"], back["difference"]) == (welcome["member"], True)
        assert back["epoch"] == welcome["epoch"]
        inside = script.until("in")
        had = {one["id"] for one in inside["records"]}
        assert {kept, stays} <= had and missed not in had
        number = script.until("ack", id=asked)["number"]
        assert raw.receive_until(Joined).member.id == welcome["member"]
        assert raw.receive_until(RecordChanged).record.number == number
        state = script.state()
        assert state["pending"] == [] and state["last_number"] == number


def test_a_line_that_is_cut_comes_back_by_itself(server: ServerProcess) -> None:
    with both(server) as (script, welcome, _raw):
        script.do("cut")
        closed = script.until("closed")
        assert (closed["code"], closed["again"]) == (1006, True)
        assert script.until("welcome")["member"] == welcome["member"]
        script.until("in")


def test_a_server_that_starts_anew_is_found_again(tmp_path: Path) -> None:
    twin = make_twin(tmp_path / "twin")
    options = ("--open", "engineer")
    with (
        running_server(twin, tmp_path / "state", *options) as first,
        javascript_member(first.url, role="engineer") as script,
    ):
        welcome = script.until("welcome")
        script.until("in")
        kept = script.ask("annotation", note("before"))
        number = script.until("ack", id=kept)["number"]
        assert first.stop() == 0
        assert script.until("closing")["message_id"] == "server-closing"
        closed = script.until("closed")
        assert (closed["code"], closed["again"]) == (1001, True)
        asked = script.ask("annotation", note("while it was down"))
        with running_server(twin, tmp_path / "state", *options, port=first.port):
            back = script.until("welcome")
            assert back["member"] == welcome["member"]
            assert (back["difference"], back["last_number"]) == (True, number)
            assert script.until("ack", id=asked)["number"] == number + 1
            assert len(script.state()["records"]) == 2


def test_its_clock_is_the_rooms(server: ServerProcess) -> None:
    with both(server) as (script, _welcome, raw):
        for _each in range(8):
            script.until("pong")
        state = script.state()
        assert 0 <= state["round_trip"] < DEADLINE_S
        assert abs(state["offset"]) < raw.joined.time + DEADLINE_S


def test_the_server_refuses_every_malformed_vector_by_its_name(server: ServerProcess) -> None:
    path = ROOT / "tests" / "vectors" / "malformed.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["from_member"]
    with javascript_member(server.url, role="engineer") as script:
        script.until("in")
        for index, vector in enumerate(vectors):
            if index and index % 5 == 0:  # ten would close the line
                script.do("cut")
                script.until("in")
            script.do("raw", hex=vector["hex"])
            error = script.until("error")
            found = {"message_id": error["message_id"], "arguments": error["arguments"]}
            assert found == vector["refusal"], vector["name"]


def test_every_way_to_write_a_message_is_taken_by_the_server(server: ServerProcess) -> None:
    path = ROOT / "tests" / "vectors" / "messages.json"
    others = json.loads(path.read_text(encoding="utf-8"))["other_forms"]
    with raw_member(server.url) as raw:
        for one in others:
            data = bytes.fromhex(one["hex"])
            assert decode_member(data).model_dump() == one["means"]
            if one["means"]["type"] == "ping":
                raw.socket.send(data)
        refused = raw.command("nothing", {})
        assert raw.receive_until(CommandRefused).id == refused


def test_a_room_that_is_not_there_is_told_in_english(server: ServerProcess, tmp_path: Path) -> None:
    with javascript_member(f"{server.ws}/nowhere", role="engineer") as script:
        refused = script.until("refused")
        assert refused["message_id"] == "server-unknown-room"
        assert "nowhere" in refused["english"]
        closed = script.until("closed")
        assert (closed["code"], closed["reason"]) == (4002, "server-unknown-room")
        assert closed["again"] is False
