"""A server on a disk that is really full: poses go on, records are refused, all are told, and it
recovers by itself when there is space again.

The disk is a small tmpfs in a namespace of the server's own; where the system allows none, the
size of the server's files is limited instead.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.wire.errors import Refused
from sync_server.wire.messages import CommandRefused as CommandRefusedMessage
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    ServerProcess,
    close_pipes,
    make_twin,
    raw_member,
    until,
)
from vr_app.session import CommandAccepted, CommandRefused, MemberPose, Placed, RoomSession

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces and prlimit")

TMPFS_BYTES = 3 * 1024 * 1024
UNSHARE = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


@functools.cache
def namespaces_work() -> bool:
    """Whether a tmpfs may be mounted without being root outside."""
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*UNSHARE, "mount -t tmpfs none /mnt"], capture_output=True, check=False)
    return done.returncode == 0


class SmallDisk:
    """A server whose state folder lies on a disk that can be filled and freed."""

    def __init__(self, server: ServerProcess, state: Path, mounted: bool) -> None:
        self.server = server
        self._mounted = mounted
        # The server's own view of its folder: the mount exists only there.
        self.folder = Path(f"/proc/{server.pid}/root{state}") if mounted else state

    def fill(self) -> None:
        if not self._mounted:
            largest = max(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())
            resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (largest, -1))
            return
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", 0) as ballast:
            for size in (1 << 16, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(bytes(size))

    def free(self) -> None:
        if self._mounted:
            (self.folder / "ballast").unlink()
        else:
            resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (-1, -1))


@contextlib.contextmanager
def small_disk(tmp_path: Path, mounted: bool) -> Iterator[SmallDisk]:
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    state.mkdir()
    errors = tmp_path / "errors.log"
    serve = [sys.executable, "-m", "vr_app", "serve", str(twin), "--state", str(state)]
    serve += ["--port", "0", "--open", "engineer", "--log-format", "json"]
    command = serve
    if mounted:
        mount = f'mount -t tmpfs -o size={TMPFS_BYTES} none "{state}" && exec "$@"'
        command = [*UNSHARE, mount, "sh", *serve]
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        server = ServerProcess(
            process, said["ws"], said["http"], said["rooms"], said["pid"], errors
        )
        yield SmallDisk(server, state, mounted)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE_S)
        close_pipes(process)


def ready(server: ServerProcess) -> tuple[int, list[str]]:
    """The status of /ready and its reasons."""
    connection = http.client.HTTPConnection(server.http.removeprefix("http://"), timeout=DEADLINE_S)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        content = json.loads(answer.read())
        return answer.status, content["reasons"]
    finally:
        connection.close()


def metric(server: ServerProcess, line: str) -> float:
    """One number of /metrics."""
    with urllib.request.urlopen(f"{server.http}/metrics", timeout=DEADLINE_S) as answer:
        for one in answer.read().decode().splitlines():
            if one.startswith(f"{line} "):
                return float(one.split()[-1])
    return math.nan


@pytest.mark.parametrize("mounted", [True, False], ids=["tmpfs", "limit"])
def test_a_full_disk_is_said_loudly_and_passes(tmp_path: Path, mounted: bool) -> None:
    if mounted and not namespaces_work():
        if os.environ.get("KENISH_REQUIRE_ALL") == "1" and os.geteuid() == 0:
            pytest.fail("no mount namespace")
        pytest.skip("no mount namespace here: the limit of file sizes stands for it")
    with small_disk(tmp_path, mounted) as disk:
        server = disk.server
        first, second = (RoomSession(server.url, name) for name in ("Aigerim", "Kenji"))
        told: list[str] = []
        accepted: dict[str, int] = {}
        refused: dict[str, str] = {}

        def listen() -> None:
            for event in first.poll():
                if isinstance(event, CommandAccepted):
                    accepted[event.id] = event.number
                elif isinstance(event, CommandRefused) and event.id:
                    refused[event.id] = event.message_id
            told.extend(
                e.message_id for e in second.poll() if isinstance(e, CommandRefused) and not e.id
            )

        first.start()
        second.start()
        try:
            until(lambda: first.status.state == second.status.state == "joined", "joined")
            kept = first.command("message", {"text": "before"})
            until(lambda: (listen(), kept in accepted)[1], "stored")
            assert until(lambda: ready(server)[0] == 200, "ready")
            disk.fill()
            # The file may have some room left in pages of its own: write until it has not.
            lost: list[str] = []

            def one_more() -> bool:
                listen()
                if refused:
                    return True
                if len(lost) == sum(one in accepted for one in lost):
                    lost.append(first.command("message", {"text": "x" * 1900}))
                return False

            until(one_more, "refused")
            assert set(refused.values()) == {"server-not-stored"}
            until(lambda: (listen(), "server-stores-nothing" in told)[1], "everybody is told")
            until(lambda: "storage:mine" in ready(server)[1], "not ready")
            assert ready(server)[0] == 503
            assert metric(server, 'kenish_storage_failing{room="mine"}') == 1
            assert metric(server, "kenish_storage_failures_total") >= 1
            assert metric(server, 'kenish_commands_refused_total{reason="not-stored"}') >= 1

            # Poses go on.
            goal = (7.0, 8.0, 9.0)

            def shown() -> bool:
                first.send_pose(MemberPose(Placed(goal)))
                return any(
                    one.pose is not None and math.dist(one.pose.head.position, goal) < 0.002
                    for one in second.members()
                    if one.id == first.me
                )

            until(shown, "a pose")
            assert first.status.state == "joined"

            with raw_member(server.url) as late:  # who comes now is let in, and told
                told_late = late.receive_until(CommandRefusedMessage)
                assert told_late.message_id == "server-stores-nothing"

            disk.free()
            # Nobody writes, and still it is noticed.
            until(lambda: (listen(), "server-stores-again" in told)[1], "everybody is told again")
            until(lambda: ready(server)[0] == 200, "ready again")
            assert metric(server, 'kenish_storage_failing{room="mine"}') == 0
            again = first.command("message", {"text": "after"})
            until(lambda: (listen(), again in accepted)[1], "stored again")
            until(lambda: again in second.records, "seen")
            assert told == ["server-stores-nothing", "server-stores-again"]
            stored = {one for one in lost if one in accepted} | {kept, again}
            assert set(second.records) == stored
        finally:
            first.close()
            second.close()
        log = [json.loads(line) for line in server.log().splitlines()]
        assert [one["level"] for one in log if one["message"] == "server-stores-nothing"] == [
            "error"
        ]
        assert all("exception" not in one for one in log)
        assert "Aigerim" not in server.log()
        assert server.stop() == 0


def test_a_server_that_finds_no_space_at_its_start_says_so(tmp_path: Path) -> None:
    if not namespaces_work():
        pytest.skip("no mount namespace here")
    twin, state = make_twin(tmp_path / "twin"), tmp_path / "state"
    state.mkdir()
    serve = [sys.executable, "-m", "vr_app", "serve", str(twin), "--state", str(state)]
    full = f'mount -t tmpfs -o size=8k none "{state}" && exec "$@"'
    done = subprocess.run(
        [*UNSHARE, full, "sh", *serve, "--port", "0", "--json"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode in {1, Refused.exit_code}
    assert json.loads(done.stdout)["error"]["id"] in {"server-storage", "server-state"}
    assert "Traceback" not in done.stderr
