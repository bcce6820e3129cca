"""The twin's files over HTTP: ranges, ETags, keep-alive, and nothing from outside the folders."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenes.twin import read_scene
from sync_server.http.metrics import Sample, prometheus_text
from tests.sync_server.support import (
    DEADLINE_S,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    small_scene,
)

TILE = "/twin/tiles/drift/tileset.json"
CONTENT = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("http")
    twin = make_twin(folder / "twin")
    (folder / "secret.txt").write_text("outside")
    (twin / "sources.json").write_text('{"from": "a private path"}')
    (twin / "tiles" / "link").symlink_to(folder / "secret.txt")
    with running_server(twin, folder / "state", "--open", "visitor") as one:
        yield one


@pytest.fixture
def connection(server: ServerProcess) -> Iterator[http.client.HTTPConnection]:
    host, port = server.http.removeprefix("http://").split(":")
    one = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
    yield one
    one.close()


def get(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    answer = connection.getresponse()
    return answer, answer.read()


def test_the_scene_is_handed_out(connection: http.client.HTTPConnection) -> None:
    answer, body = get(connection, "/twin/scene.yaml")
    assert answer.status == 200
    assert read_scene(body.decode(), "http") == small_scene()
    again, empty = get(connection, "/twin/scene.yaml", If_None_Match=answer.headers["ETag"])
    assert (again.status, empty) == (304, b"")


def test_tiles_come_in_ranges_on_one_connection(connection: http.client.HTTPConnection) -> None:
    answer, body = get(connection, TILE)
    assert (answer.status, body) == (200, CONTENT)
    assert "Access-Control-Allow-Origin" not in answer.headers
    first_socket = connection.sock
    part, body = get(connection, TILE, Range="bytes=100-199")
    assert (part.status, body) == (206, CONTENT[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"
    tail, body = get(connection, TILE, Range="bytes=-50")
    assert (tail.status, body) == (206, CONTENT[-50:])
    beyond, _ = get(connection, TILE, Range="bytes=999999-")
    assert beyond.status == 416
    unchanged, body = get(connection, TILE, If_None_Match=answer.headers["ETag"])
    assert (unchanged.status, body) == (304, b"")
    assert connection.sock is first_socket  # kept alive through all of it


@pytest.mark.parametrize(
    "path",
    [
        "/twin/sources.json",
        "/twin/tiles/../sources.json",
        "/twin/tiles/..%2fsources.json",
        "/twin/tiles/%2e%2e/%2e%2e/secret.txt",
        "/twin/tiles/..%5c..%5csecret.txt",
        "/twin/tiles/link",
        "/twin/tiles//etc/passwd",
        "/twin/tiles/%00",
        "/twin/tiles/drift",
        "/twin/walk/none",
        "/twin/overlays/none",
        "/twin/",
        "/",
        "/etc/passwd",
        "/twin/tiles/" + "x" * 5000,
    ],
)
def test_nothing_else_is_handed_out(connection: http.client.HTTPConnection, path: str) -> None:
    answer, body = get(connection, path)
    assert answer.status in {400, 401, 404}
    assert b"outside" not in body and b"private" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(connection: http.client.HTTPConnection, method: str) -> None:
    answer, _ = get(connection, TILE, method=method)
    assert answer.status == 405


def test_health_and_metrics(server: ServerProcess, connection: http.client.HTTPConnection) -> None:
    with raw_member(server.url, role="visitor", name="Very Personal Name"):
        answer, body = get(connection, "/health")
        assert (answer.status, body) == (200, b'{"status":"ok","rooms":{"mine":1},"sources":{}}')
        answer, body = get(connection, "/metrics")
        lines = body.decode().splitlines()
        assert 'kenish_members{room="mine"} 1' in lines
        assert "# TYPE kenish_joins_total counter" in lines
        assert b"Personal" not in body


def test_the_base_address_uses_the_host_that_the_member_used(server: ServerProcess) -> None:
    port = server.http.rsplit(":", 1)[1]
    with raw_member(server.url, role="visitor") as member:
        assert member.joined.http == f"http://127.0.0.1:{port}"
    with raw_member(server.url.replace("127.0.0.1", "localhost"), role="visitor") as member:
        assert member.joined.http == f"http://localhost:{port}"


def test_a_half_sent_request_holds_up_nobody(
    server: ServerProcess, connection: http.client.HTTPConnection
) -> None:
    port = int(server.http.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as half:
        half.sendall(b"GET /health HT")
        answer, _ = get(connection, "/health")
        assert answer.status == 200


def test_metrics_have_prometheus_form() -> None:
    samples = [
        Sample("joins", "counter", 3),
        Sample("members", "gauge", 1, "a"),
        Sample("source_failures", "counter", 4, source="mqtt"),
        Sample("members", "gauge", 2, "b"),
    ]
    assert prometheus_text(samples) == (
        "# TYPE kenish_joins_total counter\nkenish_joins_total 3\n"
        '# TYPE kenish_members gauge\nkenish_members{room="a"} 1\nkenish_members{room="b"} 2\n'
        "# TYPE kenish_source_failures_total counter\n"
        'kenish_source_failures_total{source="mqtt"} 4\n'
    )


def test_a_twin_on_a_read_only_disk_can_be_shared(tmp_path: Path) -> None:
    twin = make_twin(tmp_path / "twin")
    before = sorted(path for path in twin.rglob("*"))
    for path in (*twin.rglob("*"), twin):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with running_server(twin, tmp_path / "state", "--open", "visitor") as one:
            with raw_member(one.url, role="visitor") as member:
                member.command("message", {"text": "x"})
            assert one.stop() == 0
        assert sorted(path for path in twin.rglob("*")) == before
    finally:
        for path in (twin, *twin.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert (tmp_path / "state" / "rooms").is_dir()
