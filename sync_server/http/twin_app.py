"""The ASGI app of a server: the twin's files by access level, pictures, health and metrics.

It serves scene.yaml and what lies below tiles/, overlays/ and walk/, never a link out of them, and
tells browsers of other sites nothing (no CORS headers).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scenes.errors import Refused as SceneRefused
from scenes.schema import Scene
from scenes.twin import SCENE_FILE
from sync_server.http.access import TwinAccess, Viewer
from sync_server.http.answers import SAFE_HEADERS, Refusals, refuser
from sync_server.http.coding import SMALLEST, coded_file, coded_text, takes_zstd
from sync_server.http.contents import Contents
from sync_server.http.metrics import Durations, Sample, prometheus_text
from sync_server.http.requests import RequestRates
from sync_server.http.scene_file import SceneFile
from sync_server.http.tokens import HttpRefused, Tokens
from sync_server.http.uploads import Uploads
from sync_server.storage.files import FileStore
from sync_server.transport.connection import host_of
from sync_server.transport.gate import Gate
from sync_server.transport.peers import Origins, Peer, Peers, address_key
from sync_server.wire.limits import PER_ADDRESS

FOLDERS: Final = ("tiles", "overlays", "walk")


@dataclass(frozen=True, slots=True)
class HttpParts:
    """What the HTTP side is handed."""

    twin: Path
    scene: Scene
    tokens: Tokens
    stores: Mapping[str, FileStore]
    peers: Peers
    origins: Origins
    gate: Gate
    refused: Refusals
    health: Callable[[], dict[str, object]]
    ready: Callable[[], tuple[bool, dict[str, object]]]
    samples: Callable[[], Sequence[Sample | Durations]]
    per_address: int = PER_ADDRESS
    hashes: Path | None = None  # where the files' hashes are kept over restarts


class _TwinFiles(StaticFiles):
    """A folder that may not be there (yet), whose files a client asks about again."""

    def __init__(self, parts: HttpParts, access: TwinAccess, contents: Contents, name: str) -> None:
        super().__init__(directory=parts.twin / name, check_dir=False)
        self._parts = parts
        self._contents = contents
        self._home = os.path.realpath(parts.twin / name)  # files' paths come with links resolved
        self._access = access
        self._name = name

    async def check_config(self) -> None:
        """A twin without overlays is complete: asking for one is a 404."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; `no-cache` makes clients ask with the ETag, which costs one round trip."""
        viewer = self._parts.tokens.viewer(Request(scope))
        self._check(viewer, path)
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse):
            # A link within the folder belongs to the layer that it leads to.
            self._check(viewer, await run_in_threadpool(self._below, response.path))
            response = await self._smaller(response, scope)
        response.headers.update(SAFE_HEADERS)
        response.headers["Vary"] = "Authorization, Accept-Encoding"
        return response

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, with the hash of its content as ETag where that is known."""
        below = os.path.relpath(full_path, self._home).replace(os.sep, "/")
        path = f"{self._name}/{below}"
        known = self._contents.etag(path, stat_result.st_mtime_ns, stat_result.st_size)
        headers = Headers(scope=scope)
        response = FileResponse(
            full_path,
            status_code,
            {"etag": f'"{known}"'} if known else None,
            stat_result=stat_result,
        )
        # Another coding is another answer to the same question, and so has another tag.
        tagged = MutableHeaders(response.headers)
        if takes_zstd(headers) and stat_result.st_size >= SMALLEST:
            tagged["etag"] = f'{tagged["etag"][:-1]}-zstd"'
        if self.is_not_modified(tagged, headers):
            return NotModifiedResponse(tagged)
        return response

    async def _smaller(self, response: FileResponse, scope: Scope) -> Response:
        state = response.stat_result
        if (
            scope["method"] != "GET"
            or response.status_code != 200
            or state is None
            or state.st_size < SMALLEST
            or not takes_zstd(Headers(scope=scope))
        ):
            return response
        headers = dict(response.headers)
        return await coded_file(response.path, state.st_size, headers, response.media_type)

    def _below(self, file: str | os.PathLike[str]) -> str:
        return os.path.relpath(os.path.realpath(file), os.path.realpath(str(self.directory)))

    def _check(self, viewer: Viewer, path: str) -> None:
        below = os.path.normpath(path).replace(os.sep, "/")
        if not viewer.may_see(self._access.of(f"{self._name}/{below}")):
            raise HttpRefused(403, "server-files-access")


class _Entry:
    """Tells the gate that a connection has asked for something, and who really asks."""

    def __init__(self, app: ASGIApp, parts: HttpParts) -> None:
        self._app = app
        self._parts = parts
        self._rates = RequestRates(parts.per_address)

    def _watched(self, send: Send, peer: Peer) -> Send:
        """Notice answers that refuse: who gets too many of them is kept off for a while."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in {401, 403}:
                now = time.monotonic()
                if self._rates.refused(peer.address, now) and not peer.proxied:
                    self._parts.gate.keep_off(address_key(peer.address))
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        return watched

    async def _too_many(self, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        """No words and no more of this connection: it must not cost what an answer would."""
        self._parts.refused("server-http-rate", address)
        self._parts.gate.offence(address_key(address))
        await Response(status_code=429, headers={"Connection": "close"})(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None:
            self._parts.gate.shown((client[0], client[1]))
            headers = Request(scope).headers
            peer = self._parts.peers.of(
                client[0], scope.get("scheme") == "https", lambda name: headers.get(name, "")
            )
            scope["client"] = (peer.address, client[1])
            now = time.monotonic()
            with_token = "authorization" in headers
            good = self._rates.take(peer.address, with_token, now)
            wait = 0.0 if with_token or not good else self._rates.wait(peer.address, now)
            if not good or wait is None:
                await self._too_many(scope, receive, send, peer.address)
                return
            if wait > 0:
                await asyncio.sleep(wait)
            send = self._watched(send, peer)
        await self._app(scope, receive, send)


def twin_app(parts: HttpParts) -> ASGIApp:
    """The app for one server."""
    access = TwinAccess(parts.scene)
    contents = Contents(parts.twin, FOLDERS, access, parts.hashes)
    scene = SceneFile(parts.twin)
    uploads = Uploads(
        parts.tokens,
        parts.stores,
        lambda request: _own_page(parts.origins, request),
        parts.tokens.clock,
    )

    async def answered(request: Request, content: bytes, etag: str, media_type: str) -> Response:
        headers = SAFE_HEADERS | {"ETag": etag, "Vary": "Authorization, Accept-Encoding"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if len(content) >= SMALLEST and takes_zstd(request.headers):
            content = await run_in_threadpool(coded_text, content)
            headers["Content-Encoding"] = "zstd"
        return Response(content, media_type=media_type, headers=headers)

    async def scene_file(request: Request) -> Response:
        viewer = parts.tokens.viewer(request)
        try:
            text = await run_in_threadpool(scene.text, viewer)
        except (OSError, SceneRefused):
            return PlainTextResponse("no scene.yaml", 404)
        return await answered(request, text.content, text.etag, "application/yaml")

    async def listing(request: Request) -> Response:
        viewer = parts.tokens.viewer(request)
        found = await run_in_threadpool(contents.listing, viewer)
        if found is None:  # it is being made
            return Response(status_code=202, headers=SAFE_HEADERS | {"Retry-After": "2"})
        return await answered(request, found.content, found.etag, "application/json")

    async def token(request: Request) -> Response:
        viewer = parts.tokens.viewer(request)
        fresh, seconds = parts.tokens.renewed(viewer)
        content = {"http_token": fresh, "seconds": seconds}
        return JSONResponse(content, headers=SAFE_HEADERS | {"Cache-Control": "no-store"})

    async def health_page(_request: Request) -> Response:
        return JSONResponse(parts.health())

    async def ready_page(_request: Request) -> Response:
        good, content = parts.ready()
        return JSONResponse(content, 200 if good else 503)

    async def metrics_page(request: Request) -> Response:
        if not _from_this_machine(request) and parts.tokens.viewer(request).role != "admin":
            raise HttpRefused(403, "server-files-access")
        text = prometheus_text(parts.samples())
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    handlers: dict[Any, Any] = {HttpRefused: refuser(parts.refused)}
    app = Starlette(
        routes=[
            Route(f"/twin/{SCENE_FILE}", scene_file),
            Route("/twin/contents.json", listing),
            *(
                Mount(f"/twin/{name}", _TwinFiles(parts, access, contents, name))
                for name in FOLDERS
            ),
            Route("/rooms/{room}/files", uploads.put, methods=["POST", "PUT"]),
            Route("/rooms/{room}/files/{sha256}", uploads.get),
            Route("/token", token, methods=["POST"]),
            Route("/health", health_page),
            Route("/ready", ready_page),
            Route("/metrics", metrics_page),
        ],
        exception_handlers=handlers,
    )
    return _Entry(app, parts)


def _own_page(origins: Origins, request: Request) -> bool:
    host = host_of(request.headers.get("host", ""))
    return origins.allows(request.headers.get("origin", ""), host)


def _from_this_machine(request: Request) -> bool:
    """Whether it comes from here; not where a proxy of this machine passes somebody on."""
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
