"""A real server process with real clients: joining, refusals, crashes, slow readers, stopping."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from assets.text import LANGUAGES, translator
from sync_server.room.tickets import Ticket, sign
from sync_server.storage.folder import StateFolder
from sync_server.wire.limits import CLOSE_MALFORMED
from sync_server.wire.messages import Ack, CommandRefused, Hello, RecordChanged, encode
from sync_server.wire.poses import BatchDecoder, MemberPose, Placed, PoseEncoder
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    RawMember,
    ServerProcess,
    close_pipes,
    make_twin,
    raw_member,
    running_server,
    start_server,
    until,
)
from vr_app.session import MemberView, RecordEvent, RoomSession

MARK = {"position": [1.0, 2.0, 3.0], "text": "crack"}
FORBIDDEN_IMPORTS = ("panda3d", "open3d", "trimesh", "nicegui", "asyncua", "cel", "celpy")


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_twin(tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="module")
def server(twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for the tests that leave it as it was, open for engineers."""
    state = tmp_path_factory.mktemp("state") / "state"
    with running_server(twin, state, "--open", "engineer", "--simulate") as one:
        yield one


@contextlib.contextmanager
def session(url: str, name: str, role: str = "engineer", **more: object) -> Iterator[RoomSession]:
    one = RoomSession(url, name, role, **more)  # type: ignore[arg-type]
    one.start()
    try:
        yield one
    finally:
        one.close()


def joined(one: RoomSession) -> RoomSession:
    until(lambda: one.status.state == "joined", f"joined: {one.status}")
    return one


def test_a_server_starts_without_any_3d_library(twin: Path, tmp_path: Path) -> None:
    """The imports of a server that listens, seen from inside its process."""
    code = (
        "import asyncio, json, sys\n"
        "from pathlib import Path\n"
        "from sync_server.app import run\n"
        "from sync_server.options import ServerOptions\n"
        "def announce(where):\n"
        "    said = {'json': where.json(), 'modules': sorted(sys.modules)}\n"
        "    print(json.dumps(said), flush=True)\n"
        "    asyncio.get_running_loop().call_later(0.5, lambda: print(\n"
        "        json.dumps(sorted(sys.modules)), flush=True))\n"
        f"asyncio.run(run(ServerOptions(Path({str(twin)!r}), Path({str(tmp_path)!r}), port=0,\n"
        "    opened='engineer', simulate=True, watch_parent=True), announce))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        assert process.stdout is not None and process.stdin is not None
        first = json.loads(process.stdout.readline())
        assert first["json"].keys() == {"ws", "http", "rooms", "pid"}
        later = json.loads(process.stdout.readline())
        for modules in (first["modules"], later):
            roots = {name.split(".")[0] for name in modules}
            assert "websockets" in roots
            assert not roots & set(FORBIDDEN_IMPORTS)
        assert "starlette" in {name.split(".")[0] for name in later}
    finally:
        assert process.stdin is not None
        process.stdin.close()  # and so ends the server, which watches its parent
        assert process.wait(DEADLINE_S) == 0
        close_pipes(process)


def test_two_members_see_each_other(server: ServerProcess) -> None:
    """Head, hand and laser of one arrive at the other, smoothly and within the quantisation."""
    with (
        session(server.url, "Aigerim") as first,
        session(server.url, "Kenji", language="ja") as second,
    ):
        joined(first)
        joined(second)
        pose = MemberPose(
            Placed((100.25, -40.5, 12.0)),
            right=Placed((100.5, -40.1, 11.4), (0.5, 0.5, 0.5, 0.5)),
            pointer=(130.0, -900.0, 7.0),
        )

        def shown() -> MemberView | None:
            first.send_pose(pose)
            others = [m for m in second.members() if m.id == first.me and m.pose is not None]
            return others[0] if others else None

        view = until(shown, "a pose")
        assert (view.name, view.role) == ("Aigerim", "engineer")
        assert math.dist(view.pose.head.position, pose.head.position) < 0.002
        assert view.pose.left is None
        assert math.dist(view.pose.right.position, (100.5, -40.1, 11.4)) < 0.002
        assert math.dist(view.pose.pointer, (130.0, -900.0, 7.0)) < 0.1  # of 860 m
        assert 0 <= view.pose_age_s < 5
        assert [m.name for m in first.members() if m.id == second.me] == ["Kenji"]
        assert abs(first.room_time() - second.room_time()) < 0.5


def test_a_late_member_sees_who_stands_still(server: ServerProcess) -> None:
    with session(server.url, "Still") as first:
        joined(first)
        first.send_pose(MemberPose(Placed((7.0, 8.0, 9.0))))
        with session(server.url, "Witness") as witness:
            joined(witness)
            until(lambda: [m for m in witness.members() if m.pose], "pose of the first")
            with session(server.url, "Late") as late:
                joined(late)
                until(
                    lambda: [
                        m
                        for m in late.members()
                        if m.id == first.me
                        and m.pose
                        and math.dist(m.pose.head.position, (7.0, 8.0, 9.0)) < 0.002
                    ]
                )


def test_sensor_values_come_at_joining_and_after(server: ServerProcess) -> None:
    with session(server.url, "Watcher", "visitor") as watcher:
        joined(watcher)
        first = until(lambda: watcher.observations.get("co"))
        assert first.quality == "good" and first.result is not None
        until(lambda: watcher.observations["co"].time > first.time)
        assert abs(first.time - watcher.room_time()) < DEADLINE_S


def test_an_annotation_survives_sigkill(twin: Path, tmp_path: Path) -> None:
    """Placed by one, seen by the other, acknowledged; then kill -9, and it is there again."""
    state = tmp_path / "state"
    with running_server(twin, state, "--open", "engineer") as first:
        port = first.port
        with session(first.url, "Aigerim") as author, session(first.url, "Kenji") as other:
            joined(author)
            joined(other)
            mark = author.command("annotation", MARK)
            until(lambda: mark in other.records, "the other sees it")
            until(lambda: mark in author.records)
            me = author.me
            first.kill()
            until(lambda: author.status.state == "reconnecting")
            offline = author.command("message", {"text": "said while nobody listened"})
            with running_server(twin, state, "--open", "engineer", port=port) as again:
                assert again.rooms == ["mine"]
                until(lambda: author.status.state == "joined", "author is back")
                until(lambda: other.status.state == "joined", "other is back")
                until(lambda: offline in other.records, "replayed")
                assert author.me == me
                assert other.records[mark].payload["text"] == "crack"
                assert other.records[mark].author == me
                # Replayed once: one record, one number after the first.
                assert [r.number for r in other.records.values()] == [1, 2]
                with raw_member(again.url) as late:
                    assert [r.id for r in late.records] == [mark, offline]


def test_every_acknowledged_command_survives_a_kill_in_the_middle(
    twin: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    acknowledged: list[str] = []
    with running_server(twin, state, "--open", "engineer") as one, raw_member(one.url) as member:
        for index in range(150):
            member.command("message", {"text": f"number {index}"})
        while len(acknowledged) < 60:
            acknowledged.append(member.receive_until(Ack).id)
        os.kill(one.pid, signal.SIGKILL)
        with contextlib.suppress(ConnectionClosed):
            while True:  # what was on its way counts as well
                acknowledged.append(member.receive_until(Ack).id)
    with (
        running_server(twin, state, "--open", "engineer") as again,
        raw_member(again.url) as late,
    ):
        present = [record.id for record in late.records]
        assert len(present) == len(set(present))
        assert set(acknowledged) <= set(present)
        assert [r.number for r in late.records] == list(range(1, len(present) + 1))


@pytest.mark.parametrize(
    ("change", "message_id"),
    [
        ({"versions": [99]}, "server-version"),
        ({"role": "instructor"}, "server-role-not-open"),
        ({"role": "visitor", "ticket": "forged"}, "server-ticket-invalid"),
    ],
)
def test_refusals_come_as_one_message(
    server: ServerProcess, change: dict[str, object], message_id: str
) -> None:
    with raw_member(server.url, **change) as member:
        assert member.refusal is not None
        assert member.refusal.message_id == message_id
        assert "\n" not in member.refusal.english and len(member.refusal.english) > 20
        with pytest.raises(ConnectionClosed) as closed:
            member.receive()
        assert closed.value.rcvd is not None and closed.value.rcvd.code >= 4000


def test_an_unknown_room_is_refused_with_those_that_there_are(server: ServerProcess) -> None:
    with session(f"{server.ws}/nowhere", "Lost") as one:
        until(lambda: one.status.state == "refused")
        assert one.status.message_id == "server-unknown-room"
        assert one.status.arguments == {"room": "nowhere", "known": "mine"}


def test_addresses_that_lead_nowhere_are_explained(server: ServerProcess) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    http_port = server.http.rsplit(":", 1)[1]
    for url, message_id in (
        (f"ws://127.0.0.1:{nobody}/mine", "session-no-server"),
        ("ws://no-such-machine.invalid:7600/mine", "session-no-host"),
        (f"ws://127.0.0.1:{http_port}/mine", "session-no-rooms"),
    ):
        with session(url, "Lost") as one:
            until(lambda one=one: one.status.state == "refused", url)
            assert one.status.message_id == message_id


def test_a_program_of_another_version_is_told_what_to_update(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vr_app.session.link.SUPPORTED_VERSIONS", (99,))
    with session(server.url, "Old") as one:
        until(lambda: one.status.state == "refused")
        assert one.status.message_id == "server-version"
        for language in LANGUAGES:
            line = translator(language)(one.status.message_id, one.status.arguments)
            assert "99" in line and "\n" not in line and "{" not in line


def test_a_room_that_is_not_open_wants_a_ticket(twin: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_server(twin, state) as one:
        with session(one.url, "Nobody") as nobody:
            until(lambda: nobody.status.state == "refused")
            assert nobody.status.message_id == "server-ticket-missing"
        secret = StateFolder(state).secret()
        ticket = Ticket("m-1", "mine", "instructor", time.time() + 60, "once")
        text = sign(secret, "ticket", ticket)
        with session(one.url, "Teacher", "instructor", ticket=text) as teacher:
            joined(teacher)
            assert (teacher.me, teacher.role) == ("m-1", "instructor")
        with session(one.url, "Thief", "instructor", ticket=text) as thief:
            until(lambda: thief.status.state == "refused")
            assert thief.status.message_id == "server-ticket-used"


def test_an_identity_outlives_the_program(server: ServerProcess, tmp_path: Path) -> None:
    kept = tmp_path / "resume.json"
    with session(server.url, "Aigerim", resume_file=kept) as one:
        first = joined(one).me
    if os.name == "posix":
        assert kept.stat().st_mode & 0o077 == 0
    with session(server.url, "Aigerim", resume_file=kept) as one:
        assert joined(one).me == first


def test_a_command_that_is_refused_is_told_and_changes_nothing(server: ServerProcess) -> None:
    with raw_member(server.url, role="visitor") as member:
        wish = member.command("annotation", MARK)
        refusal = member.receive_until(CommandRefused)
        assert (refusal.id, refusal.message_id) == (wish, "server-forbidden")


def test_garbage_is_answered_then_shut_out_and_costs_others_nothing(
    server: ServerProcess,
) -> None:
    with raw_member(server.url) as bystander, raw_member(server.url) as vandal:
        vandal.socket.send(b"\x81\xa4type\xa8teleport")
        assert vandal.receive_until(CommandRefused).message_id == "server-unknown-type"
        for _ in range(20):
            with contextlib.suppress(ConnectionClosed):
                vandal.socket.send(b"\xc1garbage")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                vandal.receive()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == CLOSE_MALFORMED
        bystander.command("message", {"text": "still here"})
        assert bystander.receive_until(Ack)
    with raw_member(server.url) as flood:
        flood.socket.send(bytes(20_000))  # larger than the server reads
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                flood.receive()
        assert closed.value.sent is not None or closed.value.rcvd is not None
    with connect(server.url, compression=None, proxy=None) as silent:
        silent.send("not even binary")
        data = silent.recv(timeout=DEADLINE_S)
        assert b"server-no-hello" in data if isinstance(data, bytes) else False
    assert "Traceback" not in server.log()


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_member_that_does_not_read_costs_no_memory(twin: Path, tmp_path: Path) -> None:
    """One member joins and reads nothing more, while another floods the room with events."""
    with running_server(twin, tmp_path / "state", "--open", "engineer") as one:
        deaf = socket.create_connection(("127.0.0.1", one.port))
        try:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            websocket_hello(deaf, "/mine", encode(Hello(versions=[1], role="engineer")))
            with contextlib.ExitStack() as stack:
                # Three talkers: together they may say 1.1 MB before the server slows them down.
                talkers = [stack.enter_context(raw_member(one.url)) for _ in range(3)]
                until(lambda: members(one) == 4)
                before = resident_mb(one.pid)
                sent = 0
                while sent < 570 and members(one) == 4:
                    for talker in talkers:
                        for _ in range(10):
                            talker.command("message", {"text": "x" * 1900})
                    for talker in talkers:
                        for _ in range(10):
                            talker.receive_until(Ack)
                    sent += 30
                until(lambda: members(one) == 3, "the deaf member is dropped")
                # What it may cost: its backlog's bound, and the records that everybody keeps.
                assert resident_mb(one.pid) - before < 5 + 3 * sent * 2000 / 1e6
                assert "server-too-slow" in one.log()
        finally:
            deaf.close()
        assert "Traceback" not in one.log()


def members(one: ServerProcess) -> int:
    with urllib.request.urlopen(f"{one.http}/health", timeout=DEADLINE_S) as answer:
        return int(json.load(answer)["rooms"]["mine"])


def websocket_hello(raw: socket.socket, path: str, message: bytes) -> None:
    """An upgrade by hand, one masked frame, and never a read after the upgrade's answer."""
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += raw.recv(1)
    assert b" 101 " in answer.split(b"\r\n")[0]
    length = len(message)
    header = (
        bytes((0x82, 0x80 | length)) if length < 126 else b"\x82\xfe" + length.to_bytes(2, "big")
    )
    raw.sendall(header + bytes(4) + message)


def test_a_plain_http_request_gets_a_helpful_line(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while chunk := raw.recv(4096):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 426")
    assert b"kenish join ws://" in answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_stops_cleanly(twin: Path, tmp_path: Path, number: signal.Signals) -> None:
    state = tmp_path / "state"
    with running_server(twin, state, "--open", "engineer") as one:
        with session(one.url, "Aigerim") as member:
            mark = joined(member).command("annotation", MARK)
            until(lambda: mark in member.records)
            assert one.stop(number) == 0
            until(lambda: member.status.state == "reconnecting")
        assert one.log() == ""
    with running_server(twin, state, "--open", "engineer") as again, raw_member(again.url) as late:
        assert [r.id for r in late.records] == [mark]  # from the snapshot this time


def test_a_server_that_watches_its_parent_ends_with_it(twin: Path, tmp_path: Path) -> None:
    with running_server(twin, tmp_path / "state", "--watch-parent") as one:
        assert one.process.stdin is not None
        one.process.stdin.close()
        assert one.process.wait(DEADLINE_S) == 0


def test_two_servers_never_hold_the_same_room(twin: Path, tmp_path: Path) -> None:
    with running_server(twin, tmp_path / "state"):
        with pytest.raises(AssertionError) as said:
            start_server(twin, tmp_path / "state")
        assert "held by another server" in str(said.value)
        assert "Traceback" not in str(said.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere"),
        (["TWIN", "--room", "../x"], "../x"),
        (["TWIN", "--host", "no-such-machine.invalid"], "no-such-machine"),
        (["TWIN", "--host", "a..b"], "a..b"),
        (["TWIN", "--mqtt", "http://x"], "http://x"),
    ],
)
def test_what_serve_cannot_take_is_one_line_and_exit_2(
    twin: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    words = [str(twin) if word == "TWIN" else word for word in arguments]
    command = [sys.executable, "-m", "vr_app", "serve", *words, "--port", "0"]
    result = subprocess.run(
        [*command, "--state", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=DEADLINE_S,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert said in result.stderr and len(result.stderr.strip().splitlines()) == 1


def test_records_tell_who_did_what_by_pseudonym_only(server: ServerProcess) -> None:
    with session(server.url, "Very Personal Name") as one:
        mark = joined(one).command("annotation", MARK)
        until(lambda: mark in one.records)
        assert one.records[mark].author == one.me
    store = next((server.errors.parent / "state" / "rooms").glob("*.sqlite3*"))
    for path in store.parent.iterdir():
        assert b"Very Personal" not in path.read_bytes()
    assert "Very Personal" not in server.log()


def test_changes_are_told_as_events(server: ServerProcess) -> None:
    with session(server.url, "Aigerim") as one, raw_member(server.url) as other:
        joined(one)
        one.poll()
        mark = other.command("annotation", MARK)
        other.command("annotation", MARK | {"text": "wider"}, op="update", record=mark)
        other.command("annotation", {}, op="delete", record=mark)
        told: list[RecordEvent] = []
        until(
            lambda: (
                told.extend(e for e in one.poll() if isinstance(e, RecordEvent)) or len(told) >= 3
            )
        )
        assert [(e.op, e.record.payload["text"]) for e in told] == [
            ("added", "crack"),
            ("changed", "wider"),
            ("deleted", "wider"),
        ]
        assert mark not in one.records


def test_poses_of_a_crowd_come_in_batches(server: ServerProcess) -> None:
    """Sixteen members walk at once: everybody's changes reach a reader, several to a frame."""
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(raw_member(server.url, role="observer"))
        crowd: list[RawMember] = [stack.enter_context(raw_member(server.url)) for _ in range(16)]
        encoders = [PoseEncoder() for _ in crowd]
        decoder = BatchDecoder()
        seen: dict[int, float] = {}
        now_ms = int(time.time() * 1000)
        for step in range(10):
            for index, (member, encoder) in enumerate(zip(crowd, encoders, strict=True)):
                pose = MemberPose(Placed((index * 2.0, step * 0.5, 1.6)))
                frame = encoder.encode(pose, now_ms + step * 50)
                assert frame is not None
                member.socket.send(frame)
        numbers = {member.joined.me for member in crowd}
        batches = 0
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end and not all(seen.get(n) == 4.5 for n in numbers):
            data = reader.socket.recv(timeout=DEADLINE_S)
            if isinstance(data, bytes) and data[0] == 2:
                batches += 1
                for sample in decoder.decode(data):
                    seen[sample.number] = round(sample.pose.head.position[1], 2)
        assert all(seen.get(n) == 4.5 for n in numbers)
        assert batches < 160  # 16 members x 10 poses: not relayed one by one


def test_a_change_reaches_a_raw_client_with_its_author(server: ServerProcess) -> None:
    with raw_member(server.url) as one, raw_member(server.url) as other:
        mark = one.command("annotation", MARK)
        change = other.receive_until(RecordChanged)
        assert (change.command, change.record.author) == (mark, one.joined.member)
