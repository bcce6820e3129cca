"""The twin's files over HTTP: by token and layer, ranges, ETags, and nothing from outside."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ulid import ULID

from scenes.schema import Layer
from scenes.twin import read_scene, save_scene
from sync_server.http.metrics import Sample, prometheus_text
from sync_server.room.tickets import Ticket, sign
from sync_server.storage.folder import StateFolder
from sync_server.wire.messages import Bye, Role, encode
from tests.sync_server.support import (
    DEADLINE_S,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    small_scene,
    until,
)

TILE = "/twin/tiles/drift/tileset.json"
CONTENT = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("http")
    twin = layered_twin(folder / "twin")
    (folder / "secret.txt").write_text("outside")
    (twin / "sources.json").write_text('{"from": "a private path"}')
    (twin / "tiles" / "link").symlink_to(folder / "secret.txt")
    (twin / "tiles" / "drift" / "way-to-ore").symlink_to(twin / "tiles" / "ore" / "tileset.json")
    with running_server(twin, folder / "state", "--open", "engineer") as one:
        yield one


def layered_twin(folder: Path) -> Path:
    """The small scene with a layer of each access level, and files of layers that are gone."""
    make_twin(folder)
    layers = [
        Layer(id="drift", access="public"),
        Layer(id="shaft", access="project"),
        Layer(id="ore", access="restricted", walkable=False, title={"en": "Grade of gold"}),
    ]
    save_scene(folder, small_scene().model_copy(update={"layers": layers}))
    for name in ("shaft", "ore", "gone"):
        (folder / "tiles" / name).mkdir()
        (folder / "tiles" / name / "tileset.json").write_text("{}")
    for name in ("overlays/ore.npz", "walk/walk.npz"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"npz")
    return folder


@pytest.fixture(scope="module")
def tokens(server: ServerProcess) -> Iterator[dict[str, str]]:
    """A token of a present member of each role."""
    with contextlib.ExitStack() as stack:
        yield {
            role: stack.enter_context(raw_member(server.url, role=role)).joined.http_token
            for role in ("visitor", "trainee", "engineer")
        }


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


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_scene_tells_everybody_what_they_may_see(
    connection: http.client.HTTPConnection, tokens: dict[str, str]
) -> None:
    etags = set()
    for role, layers in (
        (None, ["drift"]),
        ("visitor", ["drift"]),
        ("trainee", ["drift", "shaft"]),
        ("engineer", ["drift", "shaft", "ore"]),
    ):
        named = bearer(tokens[role]) if role else {}
        answer, body = get(connection, "/twin/scene.yaml", **named)
        assert answer.status == 200
        scene = read_scene(body.decode(), "http")
        assert [one.id for one in scene.layers] == layers
        assert scene.withheld_layers == 3 - len(layers)
        whole = scene.model_copy(update={"layers": [], "withheld_layers": 0})
        assert whole == small_scene()
        assert (b"gold" in body) == ("ore" in layers)
        etag = answer.headers["ETag"]
        etags.add(etag)
        again, empty = get(connection, "/twin/scene.yaml", If_None_Match=etag, **named)
        assert (again.status, empty) == (304, b"")
    assert len(etags) == 3


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/twin/tiles/drift/tileset.json", {None, "visitor", "trainee", "engineer"}),
        ("/twin/tiles/shaft/tileset.json", {"trainee", "engineer"}),
        ("/twin/tiles/ore/tileset.json", {"engineer"}),
        ("/twin/tiles/drift/../ore/tileset.json", {"engineer"}),
        ("/twin/tiles/drift/..%2fore/tileset.json", {"engineer"}),
        ("/twin/tiles/drift/way-to-ore", {"engineer"}),
        ("/twin/tiles/gone/tileset.json", {"engineer"}),
        ("/twin/overlays/ore.npz", {"engineer"}),
        ("/twin/walk/walk.npz", {"trainee", "engineer"}),
    ],
)
def test_files_are_for_whom_their_layer_is(
    connection: http.client.HTTPConnection,
    tokens: dict[str, str],
    path: str,
    allowed: set[str | None],
) -> None:
    for role in (None, "visitor", "trainee", "engineer"):
        answer, body = get(connection, path, **(bearer(tokens[role]) if role else {}))
        assert answer.status == (200 if role in allowed else 403), role
        if role not in allowed:
            assert json.loads(body)["message_id"] == "server-files-access"


def test_what_is_no_token_opens_nothing(
    server: ServerProcess, connection: http.client.HTTPConnection, tokens: dict[str, str]
) -> None:
    with raw_member(server.url, role="engineer") as member:
        resume = member.joined.resume
    head, payload, signature = tokens["engineer"].split(".")
    forged = f"{head}.{payload}.{signature[::-1]}"
    for text in ("", "x", resume, forged, "a.b.c", "x" * 3000):
        answer, body = get(connection, TILE, Authorization=f"Bearer {text}")
        if text:
            assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", text
            assert json.loads(body)["message_id"] == "server-ticket-invalid"
    answer, _ = get(connection, TILE, Authorization="Basic eDp5")
    assert answer.status == 401


def test_a_token_is_renewed_while_its_member_is_here(
    server: ServerProcess, connection: http.client.HTTPConnection
) -> None:
    with raw_member(server.url) as member:
        token = member.joined.http_token
        answer, body = get(connection, "/token", method="POST", **bearer(token))
        fresh = json.loads(body)["http_token"]
        assert answer.status == 200 and fresh != token
        answer, _ = get(connection, "/twin/tiles/ore/tileset.json", **bearer(fresh))
        assert answer.status == 200
        member.socket.send(encode(Bye()))
        until(lambda: get(connection, "/token", "POST", **bearer(fresh))[0].status == 401)


def test_a_room_that_is_not_open_shows_nothing_without_a_token(tmp_path: Path) -> None:
    with running_server(layered_twin(tmp_path / "twin"), tmp_path / "state") as one:
        host, port = one.http.removeprefix("http://").split(":")
        with contextlib.closing(
            http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
        ) as connection:
            for path in ("/twin/scene.yaml", TILE, "/twin/none"):
                answer, _ = get(connection, path)
                assert answer.status in {401, 404}
            assert get(connection, "/health")[0].status == 200
            metrics = get(connection, "/metrics")[1]
            assert b'kenish_http_refused_total{reason="files-token"} 2' in metrics
            answer, _ = get(connection, "/metrics", X_Forwarded_For="10.0.0.9")
            assert answer.status == 401  # somebody else, through a proxy of this machine


def test_a_kicked_members_token_stops_at_once(tmp_path: Path) -> None:
    with running_server(
        layered_twin(tmp_path / "twin"), tmp_path / "state", "--open", "engineer"
    ) as one:
        ticket = ticket_for(tmp_path / "state", "instructor")
        host, port = one.http.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)
        with (
            contextlib.closing(connection),
            raw_member(one.url, ticket=ticket) as boss,
            raw_member(one.url) as other,
        ):
            token = other.joined.http_token
            assert get(connection, TILE, **bearer(token))[0].status == 200
            boss.command("moderation", {"act": "kick", "member": other.joined.member})
            until(lambda: get(connection, TILE, **bearer(token))[0].status == 403)
            assert json.loads(get(connection, TILE, **bearer(token))[1])["message_id"] == (
                "server-kept-out"
            )
            with raw_member(one.url, resume=other.joined.resume, role="engineer") as back:
                assert back.refusal is not None
                assert back.refusal.message_id == "server-kept-out"


def ticket_for(state: Path, role: Role) -> str:
    secret = StateFolder(state).secret()
    now = time.time()
    return sign(secret, "ticket", Ticket(f"m-{role}", "mine", role, now + 250, str(ULID())))


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
        "/twin/tiles/drift/none",
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
def test_nothing_else_is_handed_out(
    connection: http.client.HTTPConnection, tokens: dict[str, str], path: str
) -> None:
    answer, body = get(connection, path, **bearer(tokens["engineer"]))
    assert answer.status in {400, 401, 404}
    assert b"outside" not in body and b"private" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(connection: http.client.HTTPConnection, method: str) -> None:
    answer, _ = get(connection, TILE, method=method)
    assert answer.status == 405


def test_health_and_metrics(server: ServerProcess, connection: http.client.HTTPConnection) -> None:
    with raw_member(server.url, role="visitor", name="Very Personal Name"):
        answer, body = get(connection, "/health")
        assert answer.status == 200 and json.loads(body)["rooms"]["mine"] >= 1

        def alike() -> bool:  # others may be leaving between the two
            here = json.loads(get(connection, "/health")[1])["rooms"]["mine"]
            lines = get(connection, "/metrics")[1].decode().splitlines()
            return f'kenish_members{{room="mine"}} {here}' in lines

        until(alike)
        body = get(connection, "/metrics")[1]
        lines = body.decode().splitlines()
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
