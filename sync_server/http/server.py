"""Runs an ASGI app on bound sockets inside the server's own event loop (uvicorn).

Takes no signals: the composition root stops it. Who holds a connection without asking, or asks and
does not read, is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

WATCH_S: Final = 2.0
REQUEST_S: Final = 10.0  # a request that was begun must be complete within
STUCK_S: Final = 20.0  # nothing of an answer was read for so long
KEEP_ALIVE_S: Final = 30
_NOT_HTTP: Final = ("Invalid HTTP request", "Unsupported upgrade", "No supported WebSocket")


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM and Ctrl-C to the server that this one is a part of."""
        yield


class _NotHttp(logging.Filter):
    """What is no HTTP is the other side's mistake: counted, not written line by line."""

    def __init__(self, refused: Callable[[str, str], None]) -> None:
        super().__init__()
        self._refused = refused

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith(_NOT_HTTP):
            return True
        if not str(record.msg).startswith("No supported"):  # the second line about one request
            self._refused("server-not-http", "-")
        return False


@dataclass(slots=True)
class _Watched:
    """What a connection was like when it last moved."""

    state: tuple[str, int]
    since: float


class HttpServer:
    """An HTTP listener; `refused` is told of each request that is cut off, by message id."""

    def __init__(
        self, app: Any, refused: Callable[[str, str], None], tls: ssl.SSLContext | None = None
    ) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        config.load()
        config.ssl = tls
        self._refused = refused
        self._filter = _NotHttp(refused)
        logging.getLogger("uvicorn.error").addFilter(self._filter)
        self._server = _Quiet(config)
        self._tasks: list[asyncio.Task[None]] = []
        self._watched: dict[Any, _Watched] = {}

    def start(self, sockets: list[socket.socket]) -> None:
        """Begin to serve."""
        self._tasks = [
            asyncio.create_task(self._server.serve(sockets), name="http"),
            asyncio.create_task(self._watch(), name="http watch"),
        ]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            now = time.monotonic()
            connections = set(self._server.server_state.connections)
            for gone in self._watched.keys() - connections:
                del self._watched[gone]
            for one in connections:
                self._look(one, now)

    def _look(self, protocol: Any, now: float) -> None:
        cycle = protocol.cycle
        unsent = protocol.transport.get_write_buffer_size()
        if unsent:
            state, patience = ("unread", unsent), STUCK_S
        elif cycle is not None and not cycle.response_complete:
            state, patience = ("answering", 0), float("inf")  # the app bounds its own time
        elif protocol.timeout_keep_alive_task is not None:
            state, patience = ("idle", 0), float("inf")  # uvicorn ends it
        else:
            state, patience = ("asking", 0), REQUEST_S
        known = self._watched.get(protocol)
        if known is None or known.state != state:
            self._watched[protocol] = _Watched(state, now)
        elif now - known.since > patience:
            name = "server-http-unread" if state[0] == "unread" else "server-http-slow"
            self._refused(name, str(protocol.client[0]) if protocol.client else "?")
            protocol.transport.abort()

    async def close(self) -> None:
        """Stop within about a second."""
        self._server.should_exit = True
        logging.getLogger("uvicorn.error").removeFilter(self._filter)
        if self._tasks:
            serving, watching = self._tasks
            watching.cancel()
            await asyncio.wait({serving}, timeout=3.0)
            await asyncio.wait({watching})
