"""Where a twin's files come from: a folder on this machine, or a server's HTTP address.

Called from worker threads; never from the frame thread.
"""

from __future__ import annotations

import http.client
import threading
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from scenes.twin import SCENE_FILE

MAX_FILE_BYTES = 512 * 1024 * 1024
TIMEOUT_S = 20.0


class SourceError(Exception):
    """A file of the twin could not be had."""

    exit_code = 1

    def __init__(self, message_id: str, **arguments: object) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class TwinSource(Protocol):
    """Reads files of one twin by their path relative to the twin folder."""

    name: str

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises `SourceError`."""
        ...

    def close(self) -> None:
        """Give connections back; reading goes on failing afterwards."""
        ...


def _checked(path: str) -> str:
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ".." in parts or ":" in path:
        raise SourceError("source-outside", path=path)
    return path


class FolderSource:
    """A twin folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`."""
        try:
            return (self.folder / _checked(path)).read_bytes()
        except OSError as error:
            raise SourceError("source-unreadable", path=path, reason=str(error)) from error

    def close(self) -> None:
        """Nothing is held open."""


class HttpSource:
    """A twin served under `base`/twin/, over one kept-alive connection per thread."""

    def __init__(self, base: str) -> None:
        self.name = base
        parts = urlsplit(base)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port
        self._prefix = parts.path.rstrip("/") + "/twin/"
        self._local = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            connection = kind(self._host, self._port, timeout=TIMEOUT_S)
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`. A connection that the server closed is opened once more."""
        for attempt in (0, 1):
            connection = self._connection()
            try:
                connection.request("GET", self._prefix + quote(_checked(path)))
                response = connection.getresponse()
                length = int(response.headers.get("Content-Length", "0"))
                if length > MAX_FILE_BYTES:
                    connection.close()
                    raise SourceError("source-unreadable", path=path, reason="too large")
                data = response.read(MAX_FILE_BYTES)
                if response.status != 200:
                    reason = f"HTTP {response.status}"
                    raise SourceError("source-unreadable", path=path, reason=reason)
                return data
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if attempt:
                    raise SourceError("source-unreadable", path=path, reason=str(error)) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._opened:
            connection.close()


def open_source(address: str | Path) -> TwinSource:
    """A source for a folder or an http(s) base address."""
    text = str(address)
    if text.startswith(("http://", "https://")):
        return HttpSource(text)
    return FolderSource(Path(text))


__all__ = ["SCENE_FILE", "FolderSource", "HttpSource", "SourceError", "TwinSource", "open_source"]
