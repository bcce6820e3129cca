"""Runs an ASGI app on bound sockets inside the server's own event loop (uvicorn).

Takes no signals: the composition root stops it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and Ctrl-C to the server that this one is a part of."""
        yield


class HttpServer:
    """An HTTP listener."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,
            server_header=False,
            limit_concurrency=512,
        )
        self._server = _Quiet(config)
        self._task: asyncio.Task[None] | None = None

    def start(self, sockets: list[socket.socket]) -> None:
        """Begin to serve."""
        self._task = asyncio.create_task(self._server.serve(sockets), name="http")

    async def close(self) -> None:
        """Stop within about a second."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=3.0)
