"""A server as a service: its log, numbers, readiness, stopping, and what systemd hears."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from sync_server import systemd
from sync_server.histogram import BOUNDS, Histogram
from sync_server.http.metrics import Durations, Sample, prometheus_text
from sync_server.logs import set_up_logs
from sync_server.storage.folder import StateFolder
from sync_server.storage.log import RoomLog
from sync_server.wire.limits import CLOSE_GOING_AWAY
from sync_server.wire.messages import Ack, Closing, CommandRefused, Welcome
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    until,
)

LINE = re.compile(
    r"# TYPE kenish_[a-z0-9_]+ (counter|gauge|histogram)"
    r'|kenish_[a-z0-9_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+'
)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_twin(tmp_path_factory.mktemp("twin"))


def page(server: ServerProcess, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.http}{path}", timeout=DEADLINE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


# -- the log -----------------------------------------------------------------------------------


@contextlib.contextmanager
def logs(form: str, level: str) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    try:
        set_up_logs(form, level, stream)  # type: ignore[arg-type]
        yield stream
    finally:
        root.handlers[:], root.level = before[0], before[1]
        logging.getLogger("kenish.socket").setLevel(logging.NOTSET)


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_event_is_one_line_whatever_is_in_it(form: str) -> None:
    evil = "a\nb\r\x1b[2J\u2028c"
    with logs(form, "info") as stream:
        log = logging.getLogger("kenish.test")
        log.info("%s refused: %s", evil, "server-x")
        log.debug("not said")
        try:
            raise ValueError(evil)
        except ValueError:
            log.exception("a defect")
    lines = stream.getvalue().split("\n")
    assert len(lines) == 3 and lines[2] == ""
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()
    if form == "json":
        first, second = (json.loads(line) for line in lines[:2])
        assert first["message"] == f"{evil} refused: server-x"
        assert (first["level"], first["logger"]) == ("info", "kenish.test")
        assert first.keys() == {"time", "level", "logger", "message"}
        assert "ValueError" in second["exception"]
    else:
        assert "INFO kenish.test a\\nb" in lines[0] and "ValueError" in lines[1]


# -- numbers -----------------------------------------------------------------------------------


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram()
    for seconds in (0.0005, 0.001, 0.02, 99.0):
        histogram.observe(seconds)
    counts = dict(histogram.cumulative())
    assert counts[0.001] == 2 and counts[0.025] == 3 and counts[10.0] == 3
    assert counts[float("inf")] == histogram.count == 4
    assert list(counts) == [*BOUNDS, float("inf")]
    text = prometheus_text([Durations("commit_seconds", histogram, "mine")])
    assert 'kenish_commit_seconds_bucket{room="mine",le="+Inf"} 4' in text
    assert 'kenish_commit_seconds_count{room="mine"} 4' in text


def test_numbers_keep_their_last_digits_and_labels_are_escaped() -> None:
    text = prometheus_text(
        [
            Sample("bytes_in", "counter", 12_345_678_901),
            Sample("refused", "counter", 1, reason='a"b\\c\nd'),
        ]
    )
    assert "kenish_bytes_in_total 12345678901\n" in text
    assert 'kenish_refused_total{reason="a\\"b\\\\c\\nd"} 1\n' in text


def test_a_server_tells_how_it_is(twin: Path, tmp_path: Path) -> None:
    """Metrics of everything that happens, in the form that Prometheus reads."""
    with running_server(twin, tmp_path / "state", "--open", "visitor", "--simulate") as server:
        with raw_member(server.url, role="visitor", name="Very Personal") as member:
            member.command("message", {"text": "hello"})
            member.receive_until(Ack)
            member.command("layer_state", {"layer": "x"})  # which a visitor may not
            member.receive_until(CommandRefused)
        with raw_member(server.url, role="visitor", resume=member.joined.resume):
            pass
        with raw_member(server.url, role="engineer") as stranger:
            assert stranger.refusal is not None

        def numbers() -> dict[str, float]:
            status, text = page(server, "/metrics")
            assert status == 200
            lines = text.splitlines()
            assert all(LINE.fullmatch(line) for line in lines), lines
            assert "Personal" not in text and member.joined.member not in text
            return {
                line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in lines
                if not line.startswith("#")
            }

        found = until(
            lambda: n if (n := numbers()).get("kenish_resumes_total") else None, "a resume"
        )
        assert found["kenish_joins_total"] == 2
        assert found['kenish_refused_total{reason="role-not-open"}'] == 1
        assert found['kenish_commands_refused_total{reason="forbidden"}'] == 1
        assert (
            found['kenish_commit_seconds_count{room="mine"}'] == found["kenish_commits_total"] == 1
        )
        assert found["kenish_messages_in_total"] >= 2
        for name in ("bytes_in_total", "messages_out_total", "message_bytes_out_total"):
            assert found[f"kenish_{name}"] > 0
        assert found['kenish_records{room="mine"}'] == 1
        assert found['kenish_source_running{source="simulator"}'] == 1
        for name in (
            'members{room="mine"}',
            'flush_seconds{room="mine"}',
            'backlog_bytes{room="mine"}',
            'storage_failing{room="mine"}',
            "loop_lag_max_seconds",
            "disk_free_bytes",
        ):
            assert f"kenish_{name}" in found
        assert page(server, "/health")[0] == 200
        status, content = page(server, "/ready")
        assert status == 200 and json.loads(content)["reasons"] == []


# -- stopping ----------------------------------------------------------------------------------


def test_members_are_told_before_a_server_closes_and_all_is_kept(
    twin: Path, tmp_path: Path
) -> None:
    state, recording = tmp_path / "state", tmp_path / "a.mcap"
    options = ("--open", "engineer", "--drain-seconds", "60", "--record", str(recording))
    with running_server(twin, state, *options) as server:
        with raw_member(server.url) as member:
            command = member.command("message", {"text": "kept"})
            server.process.send_signal(signal.SIGTERM)
            closing = member.receive_until(Closing)
            assert (closing.message_id, closing.seconds) == ("server-closing", 60.0)
            status, content = page(server, "/ready")
            assert status == 503 and json.loads(content)["reasons"] == ["closing"]
            assert page(server, "/health")[0] == 200
            last = member.command("message", {"text": "while it drains"})
            with pytest.raises(OSError), raw_member(server.url):
                pass
        # Nobody is here any more: no reason to wait for the minute to be over.
        assert server.process.wait(DEADLINE_S) == 0
    log = RoomLog(StateFolder(state).room("mine"), "")
    try:
        assert [one.command for one in log.entries()] == [command, last]
    finally:
        log.close()
    assert recording.read_bytes()[-8:] == b"\x89MCAP0\r\n"  # its end was written


def test_a_drain_ends_by_itself(twin: Path, tmp_path: Path) -> None:
    options = ("--open", "engineer", "--drain-seconds", "0.3")
    with (
        running_server(twin, tmp_path / "state", *options) as server,
        raw_member(server.url) as member,
    ):
        server.process.send_signal(signal.SIGTERM)
        member.receive_until(Closing)
        with pytest.raises(ConnectionClosed):
            member.receive_until(Welcome)  # which never comes
        assert member.socket.close_code == CLOSE_GOING_AWAY
        assert server.process.wait(DEADLINE_S) == 0


def test_a_second_signal_ends_a_drain_at_once(twin: Path, tmp_path: Path) -> None:
    options = ("--open", "engineer", "--drain-seconds", "600")
    with (
        running_server(twin, tmp_path / "state", *options) as server,
        raw_member(server.url) as member,
    ):
        server.process.send_signal(signal.SIGTERM)
        member.receive_until(Closing)
        server.process.send_signal(signal.SIGTERM)  # at once: it is the same one, told twice

        def asked_again() -> bool:
            server.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(0.1)
            return server.process.poll() is not None

        until(asked_again, "ended")
        assert server.process.wait(DEADLINE_S) == 128 + signal.SIGTERM


def test_stopping_has_an_end_even_where_a_disk_hangs() -> None:
    code = "import time; from sync_server.signals import end_within\n"
    code += "with end_within(0.05): time.sleep(600)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert done.returncode == 1 and "not stopped after" in done.stderr


# -- systemd -----------------------------------------------------------------------------------

UNIT = ROOT / "tools" / "systemd" / "kenish.service"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets")
def test_systemd_hears_ready_alive_and_stopping(
    twin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(DEADLINE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "400000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        with running_server(twin, tmp_path / "state") as server:
            heard = [listener.recv(100).decode() for _ in range(4)]
            assert sorted(set(heard)) == ["READY=1", "WATCHDOG=1"]
            assert heard.count("READY=1") == 1
            assert server.stop() == 0
            while (last := listener.recv(100).decode()) == "WATCHDOG=1":
                pass
            assert last == "STOPPING=1"


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    assert not systemd.notify("READY=1")
    assert systemd.watchdog_interval() is None
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not systemd.notify("READY=1")
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert systemd.watchdog_interval() == 15.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert systemd.watchdog_interval() is None


def test_the_unit_is_sound_and_its_command_is_one_of_ours(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    (line,) = (one for one in text.splitlines() if one.startswith("ExecStart="))
    arguments = line.split(" ", 1)[1].replace("${KENISH_TWIN}", "/nowhere")
    command = [*arguments.replace("$KENISH_OPTIONS", "").split(), "--port", "0"]
    command[command.index("--state") + 1] = str(tmp_path / "state")
    done = subprocess.run(
        [sys.executable, "-m", "vr_app", *command, "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    # Everything is understood but for the twin, which is not there.
    assert json.loads(done.stdout)["error"]["id"] != "cli-help-refused"
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    unit = tmp_path / "kenish.service"
    unit.write_text(text.replace("/opt/kenish/.venv/bin/kenish", sys.executable))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0 and "kenish" not in checked.stderr, checked.stderr
