"""Pictures: what is taken and what is not, quotas, and that half an upload leaves nothing."""

from __future__ import annotations

import hashlib
import http.client
import io
import itertools
import json
import socket
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.storage import files as files_module
from sync_server.storage.files import MAX_BYTES, DiskFull, FileStore
from sync_server.storage.pictures import Picture, read_picture
from sync_server.wire.errors import Refused
from sync_server.wire.messages import Ack, CommandRefused, RecordChanged
from tests.sync_server.support import (
    DEADLINE_S,
    RawMember,
    ServerProcess,
    make_twin,
    raw_member,
    running_server,
    until,
)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width: int = 3, height: int = 2, salt: int = 0) -> bytes:
    row = b"\0" + bytes([salt % 256]) * (3 * min(width, 64))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(row * min(height, 64))
    chunks = ((b"IHDR", header), (b"tEXt", b"n\0%d" % salt), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def jpeg(width: int = 40, height: int = 30) -> bytes:
    application = b"\xff\xe1" + struct.pack(">H", 2002) + b"Exif" + bytes(1996)
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + application + frame + b"\xff\xda" + bytes(40) + b"\xff\xd9"


def webp(width: int = 50, height: int = 60, kind: bytes = b"VP8X") -> bytes:
    if kind == b"VP8X":
        size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        data = bytes(4) + size
    elif kind == b"VP8L":
        data = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + bytes(5)
    else:
        data = bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", width, height)
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


# -- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        (png(3, 2), Picture("image/png", 3, 2)),
        (jpeg(40, 30), Picture("image/jpeg", 40, 30)),
        (webp(50, 60), Picture("image/webp", 50, 60)),
        (webp(50, 60, b"VP8L"), Picture("image/webp", 50, 60)),
        (webp(50, 60, b"VP8 "), Picture("image/webp", 50, 60)),
        (png(0, 2), None),
        (b"GIF89a" + bytes(60), None),
        (b"\xff\xd8\xff\xe1\xff\xff", None),
        (b"\xff\xd8\xff\xda" + bytes(60), None),
        (b"", None),
    ],
)
def test_a_header_tells_type_and_size(content: bytes, picture: Picture | None) -> None:
    assert read_picture(io.BytesIO(content)) == picture


def test_a_picture_as_programs_write_them_is_read() -> None:
    from PIL import Image

    for name in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (37, 21), (200, 30, 90)).save(file, name)
        assert read_picture(file) == Picture(f"image/{name.lower()}", 37, 21)


@given(st.binary(max_size=200), st.sampled_from([png(), jpeg(), webp()]), st.integers(0, 60))
def test_no_bytes_confuse_the_reader(noise: bytes, honest: bytes, cut: int) -> None:
    for content in (noise, honest[:cut] + noise):
        picture = read_picture(io.BytesIO(content))
        assert picture is None or (picture.width > 0 and picture.height > 0)


# -- the store -----------------------------------------------------------------------------------


def stored(store: FileStore, member: str, content: bytes, said: str = "image/png") -> str:
    upload = store.begin(member, said, len(content))
    try:
        upload.write(content)
        return upload.finish().sha256
    finally:
        upload.discard()


def test_files_outlive_the_server_and_are_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    store = FileStore(folder)
    one = stored(store, "m-1", png())
    assert one == hashlib.sha256(png()).hexdigest() == stored(store, "m-2", png())
    (folder / ".half-of-a-killed-server").write_bytes(b"x")
    again = FileStore(folder)
    assert again.has(one) and not again.has("0" * 64)
    known = again.get(one)
    assert known is not None
    assert again.path(known).read_bytes() == png() and known.member == "m-1"
    assert sorted(p.name for p in folder.iterdir()) == [f"{one}.png", "index.sqlite3"]


def test_quotas_are_by_member_and_by_room(tmp_path: Path) -> None:
    size = len(png(salt=1))
    store = FileStore(tmp_path, member_bytes=2 * size, room_bytes=3 * size)
    for salt in (1, 2):
        stored(store, "m-1", png(salt=salt))
    with pytest.raises(Refused) as own:
        stored(store, "m-1", png(salt=3))
    assert own.value.message_id == "server-file-member-quota"
    waiting = store.begin("m-2", "image/png", size)  # a promise counts before its bytes come
    with pytest.raises(Refused) as room:
        store.begin("m-3", "image/png", size)
    assert room.value.message_id == "server-file-room-quota"
    waiting.discard()
    stored(store, "m-3", png(salt=4))


def test_a_full_disk_takes_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "FREE_BYTES", 1 << 62)
    with pytest.raises(DiskFull):
        FileStore(tmp_path / "f").begin("m-1", "image/png", 10)
    assert list((tmp_path / "f").iterdir()) == []


# -- over HTTP -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("uploads")
    with running_server(make_twin(folder / "twin"), folder / "state", "--open", "engineer") as one:
        yield one


@pytest.fixture
def member(server: ServerProcess) -> Iterator[RawMember]:
    with raw_member(server.url, role="trainee") as one:
        yield one


def connected(server: ServerProcess) -> http.client.HTTPConnection:
    host, port = server.http.removeprefix("http://").split(":")
    return http.client.HTTPConnection(host, int(port), timeout=DEADLINE_S)


def ask(
    server: ServerProcess, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = connected(server)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def sent(
    server: ServerProcess, token: str, content: bytes, kind: str = "image/png", **more: str
) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    answer, body = ask(server, "POST", "/rooms/mine/files", content, headers)
    return answer.status, json.loads(body)


def half_files(server: ServerProcess) -> list[Path]:
    state = server.errors.parent / "state"
    return list(state.rglob(".half-*"))


def test_a_picture_goes_up_is_recorded_and_comes_back(
    server: ServerProcess, member: RawMember
) -> None:
    token = member.joined.http_token
    status, said = sent(server, token, jpeg(), "image/jpeg")
    assert status == 201
    assert (said["width"], said["height"]) == (40, 30)
    photo = {"media_type": "image/jpeg", "width": 40, "height": 30, "position": [1, 2, 3]}
    member.command("photo", photo | {"file": "0" * 64})
    assert member.receive_until(CommandRefused).message_id == "server-no-file"
    declared = {"media_type": "image/png", "width": 9}  # what the file says counts
    member.command("photo", photo | declared | {"file": said["sha256"]})
    shown = member.receive_until(RecordChanged).record.payload
    assert {name: shown[name] for name in photo} == photo | {"position": [1.0, 2.0, 3.0]}
    member.receive_until(Ack)
    path = f"/rooms/mine/files/{said['sha256']}"
    with raw_member(server.url, role="observer") as other:
        headers = {"Authorization": f"Bearer {other.joined.http_token}"}
        answer, body = ask(server, "GET", path, None, headers)
        assert (answer.status, body) == (200, jpeg())
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        known = headers | {"If-None-Match": answer.headers["ETag"]}
        assert ask(server, "GET", path, None, known)[0].status == 304
        assert ask(server, "GET", "/rooms/mine/files/" + "0" * 64, None, headers)[0].status == 404
        assert ask(server, "GET", "/rooms/mine/files/..%2findex", None, headers)[0].status == 404
    assert ask(server, "GET", path, None, {})[0].status == 401


@pytest.mark.parametrize(
    ("content", "more", "status", "message_id"),
    [
        (b"GIF89a" + bytes(100), {"kind": "image/gif"}, 415, "server-file-kind"),
        (png(), {"kind": "text/html"}, 415, "server-file-kind"),
        (png(), {"kind": "image/jpeg"}, 415, "server-file-mismatch"),
        (b"<html>" + bytes(100), {}, 415, "server-file-mismatch"),
        (png()[:20], {}, 415, "server-file-mismatch"),
        (png(20_000, 2), {}, 413, "server-file-size"),
        (png(), {"Content_Encoding": "gzip"}, 415, "server-file-encoding"),
        (png(), {"Origin": "https://evil.example"}, 403, "server-origin"),
        (png(), {"Authorization": "Bearer x"}, 401, "server-ticket-invalid"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(
    server: ServerProcess,
    member: RawMember,
    content: bytes,
    more: dict[str, str],
    status: int,
    message_id: str,
) -> None:
    answered, said = sent(server, member.joined.http_token, content, **more)
    assert (answered, said["message_id"]) == (status, message_id)
    until(lambda: not half_files(server))


def test_who_may_not_annotate_uploads_nothing(server: ServerProcess) -> None:
    with raw_member(server.url, role="visitor") as visitor:
        status, said = sent(server, visitor.joined.http_token, png())
    assert (status, said["message_id"]) == (403, "server-forbidden")


def test_a_declared_length_is_bounded_before_a_byte_is_read(
    server: ServerProcess, member: RawMember
) -> None:
    connection = connected(server)
    connection.putrequest("POST", "/rooms/mine/files")
    connection.putheader("Authorization", f"Bearer {member.joined.http_token}")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Content-Length", str(MAX_BYTES + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    connection.close()
    connection = connected(server)
    connection.putrequest("POST", "/rooms/mine/files")
    connection.putheader("Authorization", f"Bearer {member.joined.http_token}")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_an_upload_that_is_cut_leaves_nothing(server: ServerProcess, member: RawMember) -> None:
    port = int(server.http.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as raw:
        raw.sendall(
            f"POST /rooms/mine/files HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
            f"Authorization: Bearer {member.joined.http_token}\r\n"
            f"Content-Length: 5000\r\n\r\n".encode()
            + png()
        )
        until(lambda: half_files(server))
    until(lambda: not half_files(server))
    until(lambda: counted(server, "file-cut") >= 1)
    assert "Traceback" not in server.log()


def counted(server: ServerProcess, reason: str) -> int:
    text = ask(server, "GET", "/metrics", None, {})[1].decode()
    start = f'kenish_http_refused_total{{reason="{reason}"}} '
    return sum(int(line.split()[-1]) for line in text.splitlines() if line.startswith(start))


def test_uploads_are_bounded_in_rate(server: ServerProcess, member: RawMember) -> None:
    token = member.joined.http_token
    assert sent(server, token, png(salt=0))[0] == 201
    more = itertools.count(1)
    until(lambda: sent(server, token, png(salt=next(more)))[0] == 429)
