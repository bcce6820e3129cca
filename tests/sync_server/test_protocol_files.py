"""What docs/protocol.md says of files over HTTP, tried on a real server."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator

import pytest

from tests.sync_server.plain_member import (
    Door,
    ask,
    member,
    running_door,
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with running_door(tmp_path_factory.mktemp("door")) as running:
        yield running


def png() -> bytes:
    """A red pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def test_files(door: Door) -> None:
    assert ask(door, "/health")[0] == 200
    assert ask(door, "/ready")[0] == 200
    with member(door) as one, member(door) as other:
        token = one.welcome["http_token"]
        status, headers, body = ask(door, "/twin/scene.yaml", token)
        assert status == 200 and body
        assert headers["Cache-Control"] == "private, no-cache"
        assert "Access-Control-Allow-Origin" not in headers
        assert ask(door, "/twin/scene.yaml", token, If_None_Match=headers["ETag"])[0] == 304
        assert ask(door, "/twin/scene.yaml", "forged")[0] == 401
        status, _headers, body = ask(door, "/token", token, method="POST")
        fresh = json.loads(body)
        assert status == 200 and 0 < fresh["seconds"] <= 900
        assert ask(door, "/twin/scene.yaml", fresh["http_token"])[0] == 200

        picture = png()
        name = hashlib.sha256(picture).hexdigest()
        where = "/rooms/mine/files"
        assert ask(door, where, None, picture, Content_Type="image/png")[0] == 401
        assert ask(door, where, token, picture, Content_Type="text/html")[0] == 415
        assert ask(door, where, token, b"no picture", Content_Type="image/png")[0] == 415
        for method in ("POST", "PUT"):
            status, _h, body = ask(door, where, token, picture, method, Content_Type="image/png")
            stored = json.loads(body)
            assert status == 201
            assert stored == {
                "sha256": name,
                "media_type": "image/png",
                "width": 1,
                "height": 1,
                "bytes": len(picture),
            }
        assert ask(door, f"{where}/{name}", other.welcome["http_token"])[2] == picture
        assert ask(door, f"{where}/{name}")[0] == 401
        status, _headers, body = ask(door, f"{where}/{'0' * 64}", token)
        unknown = json.loads(body)
        assert status == 404 and unknown["message_id"] == "server-file-unknown"
        assert unknown["english"]
        fields = {key: stored[key] for key in ("media_type", "width", "height")}
        shown = one.command("photo", fields | {"file": name, "position": [0, 0, 1.6]})
        assert shown["type"] == "ack"
