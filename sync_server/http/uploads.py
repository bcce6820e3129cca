"""Takes a member's pictures over HTTP and hands them out: bounded in size, time, number and kind.

What a picture is for is told by a `photo` record; nothing here writes one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from sync_server.http.answers import SAFE_HEADERS
from sync_server.http.tokens import HttpRefused, Tokens
from sync_server.room.roles import NEEDED, allows
from sync_server.storage.files import MAX_BYTES, MEDIA_TYPES, SHA256, FileStore, StoredFile, Upload
from sync_server.transport.rates import Bucket
from sync_server.wire.errors import Refused

AT_ONCE: Final = 16  # uploads
AT_ONCE_PER_MEMBER: Final = 2
PIECE_TIMEOUT_S: Final = 10.0  # nothing came for so long
SLOWEST: Final = 16 * 1024  # bytes a second, on the whole
PATIENCE_S: Final = 20.0  # besides
MAX_BUCKETS: Final = 4096
_STATUS: Final[Mapping[str, int]] = {
    "server-file-too-large": 413,
    "server-file-kind": 415,
    "server-file-mismatch": 415,
    "server-file-size": 413,
    "server-file-cut": 400,
    "server-file-member-quota": 429,
    "server-file-room-quota": 507,
    "server-file-disk": 507,
    "server-not-stored": 500,
}


class Uploads:
    """The endpoints of all rooms' pictures. `stores` holds one for each room."""

    def __init__(
        self,
        tokens: Tokens,
        stores: Mapping[str, FileStore],
        allowed_origin: Callable[[Request], bool],
        clock: Callable[[], float],
    ) -> None:
        self._tokens = tokens
        self._stores = stores
        self._allowed_origin = allowed_origin
        self._clock = clock
        self._running: Counter[str] = Counter()
        self._buckets: dict[str, Bucket] = {}

    async def put(self, request: Request) -> Response:
        """POST /rooms/ROOM/files: the picture as the body; {sha256, media_type, width, ...}."""
        if not self._allowed_origin(request):
            origin = request.headers.get("origin", "")[:100]
            raise HttpRefused(403, "server-origin", origin=origin)
        room = request.path_params["room"]
        viewer = self._tokens.member(request, room)
        assert viewer.role is not None
        host = self._tokens.hosts[room]
        if not allows(viewer.role, NEEDED["photo"]):
            raise HttpRefused(403, "server-forbidden", kind="photo")
        if viewer.member in self._tokens.rules(host, "muted"):
            raise HttpRefused(403, "server-muted")
        media_type, length = _declared(request)
        self._may_begin(viewer.member)
        self._running[viewer.member] += 1
        try:
            stored = await self._take(
                request, self._stores[room], viewer.member, media_type, length
            )
        except Refused as error:
            if isinstance(error, HttpRefused):
                raise
            status = _STATUS.get(error.message_id, 400)
            raise HttpRefused(status, error.message_id, **error.arguments) from error
        finally:
            self._running[viewer.member] -= 1
            if not self._running[viewer.member]:
                del self._running[viewer.member]
        content = {
            "sha256": stored.sha256,
            "media_type": stored.media_type,
            "width": stored.width,
            "height": stored.height,
            "bytes": stored.bytes,
        }
        return JSONResponse(content, 201, {"Location": f"/rooms/{room}/files/{stored.sha256}"})

    def _may_begin(self, member: str) -> None:
        if len(self._buckets) >= MAX_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        bucket = self._buckets.setdefault(member, Bucket(1.0, 20.0))
        many = self._running.total() >= AT_ONCE or self._running[member] >= AT_ONCE_PER_MEMBER
        if many or not bucket.take(self._clock()):
            raise HttpRefused(429, "server-file-rate")

    async def _take(
        self, request: Request, store: FileStore, member: str, media_type: str, length: int
    ) -> StoredFile:
        upload: Upload = await asyncio.to_thread(store.begin, member, media_type, length)
        try:
            pieces = request.stream().__aiter__()
            async with asyncio.timeout(PATIENCE_S + length / SLOWEST):
                while True:
                    async with asyncio.timeout(PIECE_TIMEOUT_S):
                        piece = await anext(pieces, None)
                    if piece is None:
                        break
                    if piece:
                        await asyncio.to_thread(upload.write, piece)
            return await asyncio.to_thread(upload.finish)
        except TimeoutError:
            raise HttpRefused(408, "server-file-slow") from None
        except ClientDisconnect:
            raise HttpRefused(400, "server-file-cut") from None
        finally:
            await asyncio.shield(asyncio.to_thread(upload.discard))

    async def get(self, request: Request) -> Response:
        """GET /rooms/ROOM/files/SHA256: the picture, for members of the room."""
        room = request.path_params["room"]
        self._tokens.member(request, room)
        sha256 = request.path_params["sha256"]
        stored = self._stores[room].get(sha256) if SHA256.fullmatch(sha256) else None
        if stored is None:
            raise HttpRefused(404, "server-file-unknown")
        headers = SAFE_HEADERS | {
            "ETag": f'"{sha256}"',
            # What is stored under its own checksum never changes.
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Disposition": f'attachment; filename="{sha256}'
            f'.{MEDIA_TYPES[stored.media_type]}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        path = self._stores[room].path(stored)
        return FileResponse(path, media_type=stored.media_type, headers=headers)


def _declared(request: Request) -> tuple[str, int]:
    """Media type and length that the request gives. Raises `HttpRefused`."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HttpRefused(415, "server-file-encoding")
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise HttpRefused(411, "server-file-length")
    if int(length) > MAX_BYTES:
        raise HttpRefused(413, "server-file-too-large", limit=MAX_BYTES >> 20)
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise HttpRefused(415, "server-file-kind")
    return media_type, int(length)
