"""Hostile traffic of every kind on a real server: members go on, refusals have names, no traceback.

Small and without times; `kenish bench attack` does the same at full size.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from assets.text import translator
from sync_server.storage.folder import StateFolder
from sync_server.wire.messages import Ack
from sync_server.wire.poses import BATCH_FRAME, BatchDecoder, MemberPose, Placed, PoseEncoder
from tests.sync_server.support import (
    DEADLINE_S,
    RawMember,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    until,
)
from tools.bench._attackers import ALL, addresses, attack
from tools.bench._hostile_socket import Target
from tools.bench.attack import TRACES

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="attackers need more addresses than 127.0.0.1"
)
SECONDS = 0.6


@pytest.fixture(scope="module", params=["picows", "websockets"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    if request.param == "picows":
        pytest.importorskip("picows")
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KENISH_TRANSPORT", request.param)
        with running_server(
            make_twin(folder / "twin"), folder / "state", "--open", "engineer"
        ) as one:
            yield one
            assert one.stop() == 0
            log = one.log()
            assert "Traceback" not in log and "ERROR" not in log
            assert len(log) < 20_000


@pytest.fixture(scope="module")
def walker(server: ServerProcess) -> Iterator[RawMember]:
    with raw_member(server.url) as one:
        yield one


@pytest.fixture(scope="module")
def witness(server: ServerProcess) -> Iterator[RawMember]:
    with raw_member(server.url) as one:
        yield one


def counters(server: ServerProcess) -> Counter[str]:
    host, port = server.http.split("//")[1].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found: Counter[str] = Counter()
    for name, reason, value in re.findall(
        r'^kenish_(\w+)_total(?:\{.*?reason="(.*?)"\})? (\S+)$', text, re.M
    ):
        found[name] += int(float(value))
        if reason:
            found[f"{name} {reason}"] += int(float(value))
    return found


def target(server: ServerProcess, kind: str) -> Target:
    return Target(
        "127.0.0.1",
        server.port,
        int(server.http.rsplit(":", 1)[1]),
        "mine",
        SECONDS,
        StateFolder(server.errors.parent / "state").secret(),
        addresses(8, ALL.index(kind) * 8),
        connections=300,
    )


@pytest.mark.parametrize("kind", ALL)
def test_members_go_on(
    server: ServerProcess, walker: RawMember, witness: RawMember, kind: str
) -> None:
    before = counters(server)
    seen: Counter[str] = Counter()

    def told() -> Counter[str]:
        now = counters(server)
        now.subtract(before)
        return now

    def attacked() -> bool:
        seen.update(asyncio.run(attack(kind, target(server, kind))))
        return not TRACES[kind] or any(told()[one] > 0 for one in TRACES[kind])

    until(attacked, f"{kind} left no trace")  # on a busy machine once is too short
    assert seen["connections"] > 0 and not seen["compression was negotiated"]
    # Who is closed is counted when the server sees it, a moment after the attacker has.
    expected = Counter(
        {
            f"refused {key.removeprefix('refused server-')}": value
            for key, value in seen.items()
            if key.startswith("refused ")
        }
    )
    until(lambda: all(told()[key] >= value for key, value in expected.items()), f"{expected}")
    for key in expected:
        message_id = f"server-{key.removeprefix('refused ')}"
        assert translator("en")(message_id, {}) != message_id
    assert_alive(walker, witness)


def assert_alive(walker: RawMember, witness: RawMember) -> None:
    """Both are still members, commands are stored, poses are passed on."""
    wish = walker.command("message", {"text": "still here"})
    while walker.receive_until(Ack).id != wish:
        pass
    decoder, encoder = BatchDecoder(), PoseEncoder()
    time_ms = 1
    while True:  # every frame is whole, so that the one that is seen first will do
        frame = encoder.encode(MemberPose(Placed((77.0, 8.0 + time_ms, 9.0))), time_ms)
        assert frame is not None
        walker.socket.send(frame)
        time_ms += 1
        data = witness.socket.recv(timeout=DEADLINE_S)
        if isinstance(data, bytes) and data[0] == BATCH_FRAME:
            for sample in decoder.decode(data):
                mine = sample.number == walker.joined.me
                if mine and abs(sample.pose.head.position[0] - 77.0) < 0.01:
                    return


def test_a_server_without_descriptors_stays_up(tmp_path: Path) -> None:
    """A process that may hold 80 descriptors, and 200 who connect."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    twin = make_twin(tmp_path / "twin")
    # The server raises its own soft limit, so that the hard one has to be low, in a child alone.
    launcher = tmp_path / "few.py"
    launcher.write_text(
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_module('vr_app', run_name='__main__')\n"
    )
    assert soft >= 400 or hard >= 400
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.sync_server.support.PROGRAM", [str(launcher), "vr_app"])
        with running_server(twin, tmp_path / "state", "--open", "engineer") as one:
            assert counters(one)["joins"] == 0  # the port of the files is there
            crowd = [socket.socket() for _ in range(200)]
            try:
                for index, comer in enumerate(crowd):
                    comer.bind((addresses(20)[index % 20], 0))
                    comer.settimeout(DEADLINE_S)
                    comer.connect(("127.0.0.1", one.port))
            finally:
                for comer in crowd:
                    comer.close()
            until(lambda: joins(one))
            assert one.stop() == 0
            assert "Traceback" not in one.log()


def joins(server: ServerProcess) -> bool:
    try:
        with raw_member(server.url) as member:
            return member.welcome is not None
    except (OSError, EOFError, WebSocketException):
        return False
