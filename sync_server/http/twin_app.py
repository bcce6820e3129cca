"""An ASGI app that hands out a twin's files (ranges, ETags) and the server's health and metrics.

Read-only: it serves scene.yaml and what lies below tiles/, overlays/ and walk/, never a link out
of them, and tells browsers of other sites nothing (no CORS headers).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from scenes.twin import SCENE_FILE
from sync_server.http.metrics import Sample, prometheus_text

FOLDERS: Final = ("tiles", "overlays", "walk")


class _TwinFiles(StaticFiles):
    """A folder that may not be there (yet), whose files a client asks about again."""

    async def check_config(self) -> None:
        """A twin without overlays is complete: asking for one is a 404."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; `no-cache` makes clients ask with the ETag, which costs one round trip."""
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response


def twin_app(
    twin: Path, health: Callable[[], dict[str, object]], metrics: Callable[[], list[Sample]]
) -> Starlette:
    """The app for one twin folder."""
    scene = StaticFiles(directory=twin, check_dir=False)

    async def scene_file(request: Request) -> Response:
        path = twin / SCENE_FILE
        if not path.is_file():
            return PlainTextResponse("no scene.yaml", 404)
        response = FileResponse(path, media_type="application/yaml", stat_result=path.stat())
        if scene.is_not_modified(response.headers, request.headers):
            return NotModifiedResponse(response.headers)
        return response

    async def health_page(_request: Request) -> Response:
        return JSONResponse(health())

    async def metrics_page(_request: Request) -> Response:
        return PlainTextResponse(prometheus_text(metrics()), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route(f"/twin/{SCENE_FILE}", scene_file),
            *(
                Mount(f"/twin/{name}", _TwinFiles(directory=twin / name, check_dir=False))
                for name in FOLDERS
            ),
            Route("/health", health_page),
            Route("/metrics", metrics_page),
        ]
    )
