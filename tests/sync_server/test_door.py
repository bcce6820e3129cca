"""A server's door on the network: certificates, pages, proxies, crowds, and a kill at the door."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sync_server.storage.folder import StateFolder
from sync_server.tls import Certificate
from sync_server.wire.errors import Refused
from sync_server.wire.limits import CLOSE_ORIGIN
from sync_server.wire.messages import Hello, Refusal, Welcome, decode_server, encode
from tests.sync_server.support import (
    DEADLINE_S,
    ROOT,
    make_twin,
    raw_member,
    running_server,
    until,
)
from tests.sync_server.test_http import ticket_for
from vr_app.session import RoomSession
from vr_app.session.trust import trusting
from vr_app.stream.http_source import HttpSource


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem and key.pem for localhost, its own authority."""
    if shutil.which("openssl") is None:
        if os.environ.get("KENISH_REQUIRE_ALL"):
            pytest.fail("openssl is missing")
        pytest.skip("openssl is missing")
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder)
    return folder


def make_certificate(folder: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    names = "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names.split(), *files], check=True, capture_output=True)


@pytest.fixture(params=["picows", "websockets"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "picows":
        pytest.importorskip("picows")
    monkeypatch.setenv("KENISH_TRANSPORT", request.param)
    return str(request.param)


@pytest.fixture
def twin(tmp_path: Path) -> Path:
    return make_twin(tmp_path / "twin")


def test_a_room_and_its_files_over_tls(
    twin: Path, tmp_path: Path, certificate: Path, transport: str
) -> None:
    tls = ["--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem")]
    with running_server(twin, tmp_path / "state", "--open", "engineer", *tls) as one:
        assert one.ws.startswith("wss://127.0.0.1:") and one.http.startswith("https://")
        url = f"wss://localhost:{one.port}/mine"
        context = trusting(certificate / "cert.pem")
        session = RoomSession(url, "Aigerim", tls=context)
        session.start()
        try:
            until(lambda: session.status.state == "joined", session.status)
            assert session.http_base is not None
            assert session.http_base.startswith("https://localhost:")
            source = HttpSource(session.http_base, lambda: session.http_token, context)
            assert source.read("tiles/drift/tileset.json") == bytes(range(256)) * 40
            source.close()
        finally:
            session.close()
        stranger = RoomSession(url, "Nobody")  # who trusts the system's authorities only
        stranger.start()
        try:
            until(lambda: stranger.status.state == "refused")
            assert stranger.status.message_id == "session-tls"
        finally:
            stranger.close()
        plain = http.client.HTTPConnection("127.0.0.1", one.port, timeout=DEADLINE_S)
        with contextlib.closing(plain), pytest.raises((OSError, http.client.HTTPException)):
            plain.request("GET", "/")
            plain.getresponse()
        assert one.stop() == 0
        assert "Traceback" not in one.log()


def test_a_renewed_certificate_is_taken_and_a_bad_one_is_not(
    certificate: Path, tmp_path: Path
) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    shutil.copy(certificate / "cert.pem", cert)
    shutil.copy(certificate / "key.pem", key)
    served = Certificate(cert, key)
    assert not served.renewed()
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "cert.pem", cert)
    os.utime(cert, (1, 1))
    with pytest.raises(Refused):  # its key has not come yet
        served.renewed()
    shutil.copy(tmp_path / "other" / "key.pem", key)
    assert served.renewed() and not served.renewed()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls-cert", "CERT"], "--tls-key"),
        (["--tls-cert", "nowhere.pem", "--tls-key", "KEY"], "nowhere.pem"),
        (["--tls-cert", "KEY", "--tls-key", "KEY"], "key.pem"),
        (["--tls-cert", "CERT", "--tls-key", "CERT"], "cert.pem"),
        (["--origin", "example.org"], "example.org"),
        (["--trust-proxy", "proxy"], "proxy"),
        (["--per-address", "8"], "64"),
    ],
)
def test_what_the_door_cannot_take_is_one_line_and_exit_2(
    twin: Path, tmp_path: Path, certificate: Path, options: list[str], said: str
) -> None:
    files = {"CERT": str(certificate / "cert.pem"), "KEY": str(certificate / "key.pem")}
    command = [sys.executable, "-m", "vr_app", "serve", str(twin), "--port", "0"]
    command += ["--state", str(tmp_path), *(files.get(word, word) for word in options)]
    result = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=DEADLINE_S, check=False
    )
    assert result.returncode == 2
    assert said in result.stderr and len(result.stderr.strip().splitlines()) == 1


def first_answer(url: str, **more: Any) -> Welcome | Refusal:
    """What the door says to a hello; the socket is closed afterwards."""
    with connect(url, compression=None, proxy=None, **more) as socket:
        with contextlib.suppress(ConnectionClosed):
            socket.send(encode(Hello(versions=[1], role="engineer")))
        data = socket.recv(timeout=DEADLINE_S)
        assert isinstance(data, bytes)
        message = decode_server(data)
        assert isinstance(message, Welcome | Refusal)
        if isinstance(message, Refusal):
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=DEADLINE_S)
            assert socket.protocol.close_code == CLOSE_ORIGIN
        return message


def test_a_page_of_another_site_may_not_come_in(twin: Path, tmp_path: Path, transport: str) -> None:
    allowed = ["--origin", "https://mine.example.org"]
    with running_server(twin, tmp_path / "state", "--open", "engineer", *allowed) as one:
        own = one.http
        for origin in (None, own, "https://mine.example.org"):
            assert isinstance(first_answer(one.url, origin=origin), Welcome), origin
        for origin in ("https://evil.example", "null", one.http.replace("127.0.0.1", "10.0.0.1")):
            answer = first_answer(one.url, origin=origin)
            assert isinstance(answer, Refusal) and answer.message_id == "server-origin"
        assert metric(one.http, 'kenish_refused_total{reason="origin"}') == 3


def metric(base: str, name: str) -> int:
    host, port = base.split("//")[1].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith(name + " "))


@contextlib.contextmanager
def hello_said(url: str, headers: dict[str, str]) -> Iterator[object]:
    """The first answer of a connection that stays."""
    with connect(
        url, compression=None, proxy=None, additional_headers=headers, max_queue=None
    ) as socket:
        socket.send(encode(Hello(versions=[1], role="observer")))
        data = socket.recv(timeout=DEADLINE_S)
        assert isinstance(data, bytes)
        yield decode_server(data)


def test_behind_a_proxy_people_are_told_apart_and_sent_to_its_address(
    twin: Path, tmp_path: Path, transport: str
) -> None:
    proxy = ["--trust-proxy", "127.0.0.1", "--per-address", "64"]
    with running_server(twin, tmp_path / "state", "--open", "engineer", *proxy) as one:
        headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        answer = first_answer(one.url, additional_headers=headers)
        assert isinstance(answer, Welcome)
        assert answer.http == f"https://127.0.0.1:{one.port}"  # as the proxy was asked for
        with contextlib.ExitStack() as stack:
            for _ in range(64):
                said = stack.enter_context(hello_said(one.url, headers))
                assert isinstance(said, Welcome)
            with hello_said(one.url, headers) as late:
                assert isinstance(late, Refusal) and late.message_id == "server-crowded"
            other = headers | {"X-Forwarded-For": "198.51.100.1"}
            assert isinstance(first_answer(one.url, additional_headers=other), Welcome)


@pytest.fixture
def closed_state(twin: Path, tmp_path: Path) -> Iterator[Path]:
    state = tmp_path / "state"
    StateFolder(state).secret()
    yield state


def test_tickets_and_tokens_outlive_a_killed_server(twin: Path, closed_state: Path) -> None:
    ticket = ticket_for(closed_state, "instructor")
    with running_server(twin, closed_state) as one, raw_member(one.url, ticket=ticket) as member:
        first = member.joined.resume
        one.kill()
    with running_server(twin, closed_state) as one:
        with raw_member(one.url, ticket=ticket) as thief:
            assert thief.refusal is not None
            assert thief.refusal.message_id == "server-ticket-used"
        with raw_member(one.url, resume=first, role="visitor") as back:
            assert back.joined.role == "instructor"
            second = back.joined.resume
            one.kill()  # the reply may have come or not
    with running_server(twin, closed_state) as one:
        with raw_member(one.url, resume=first) as again:  # as if the reply had been lost
            third = again.joined.resume
        with raw_member(one.url, resume=second) as stale:
            assert stale.refusal is not None
            assert stale.refusal.message_id == "server-resume-used"
        with raw_member(one.url, resume=third) as back:
            assert back.joined.role == "instructor"
        assert metric(one.http, 'kenish_refused_total{reason="resume-used"}') == 1


def test_a_disk_that_takes_nothing_lets_nobody_new_in_by_ticket(
    twin: Path, closed_state: Path
) -> None:
    with running_server(twin, closed_state) as one:
        with raw_member(one.url, ticket=ticket_for(closed_state, "engineer")) as member:
            resume = member.joined.resume
        # Another process holds the book for good, as a broken disk would.
        with contextlib.closing(
            sqlite3.connect(closed_state / "entrance.sqlite3", isolation_level=None)
        ) as book:
            book.execute("BEGIN EXCLUSIVE")
            with raw_member(one.url, ticket=ticket_for(closed_state, "trainee")) as new:
                assert new.refusal is not None
                assert new.refusal.message_id == "server-visit-not-stored"
            with raw_member(one.url, resume=resume) as back:
                assert back.joined.role == "engineer"
            book.execute("ROLLBACK")
        with raw_member(one.url, ticket=ticket_for(closed_state, "trainee")) as new:
            assert new.joined.role == "trainee"
        assert "Traceback" not in one.log()


def test_a_sites_own_authority_must_be_one(tmp_path: Path) -> None:
    assert trusting(None) is None
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    for path in (bad, tmp_path / "none.pem"):
        with pytest.raises(Refused) as refused:
            trusting(path)
        assert refused.value.message_id == "session-ca"
