"""Where a twin's files come from: a folder on this machine, or a server's HTTP address.

Called from worker threads; never from the frame thread.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from vr_app.errors import SourceError

MAX_FILE_BYTES = 512 * 1024 * 1024
TIMEOUT_S = 20.0
TOO_LARGE = f"> {MAX_FILE_BYTES // 2**20} MiB"


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
    strange = any(letter in path for letter in "\\:\0")
    if path.startswith("/") or strange or ".." in parts:
        raise SourceError("source-outside", path=path)
    return path


class FolderSource:
    """A twin folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`."""
        file = self.folder / _checked(path)
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                raise SourceError("source-unreadable", path=path, reason=TOO_LARGE)
            return file.read_bytes()
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
        self._closed = False

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
        address = self._prefix + quote(_checked(path))
        try:
            try:
                return self._get(address, path)
            except (OSError, http.client.HTTPException):
                return self._get(address, path)
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("source-unreadable", path=path, reason=str(error)) from error

    def _get(self, address: str, path: str) -> bytes:
        if self._closed:
            raise SourceError("source-unreadable", path=path, reason="closed")
        connection = self._connection()
        try:
            connection.request("GET", address)
            response = connection.getresponse()
            # One byte more than allowed tells, whatever length the server claims.
            data = response.read(MAX_FILE_BYTES + 1)
            if response.length and len(data) <= MAX_FILE_BYTES:
                # A bounded read gives what there is where the server is cut off, and says nothing.
                raise http.client.IncompleteRead(b"", response.length)
        except BaseException:
            connection.close()
            raise
        if len(data) > MAX_FILE_BYTES:
            connection.close()  # the rest would be taken for the next answer
            raise SourceError("source-unreadable", path=path, reason=TOO_LARGE)
        if response.status != http.client.OK:
            reason = f"HTTP {response.status}"
            raise SourceError("source-unreadable", path=path, reason=reason)
        return data

    def close(self) -> None:
        """Close every thread's connection; reads that are under way fail."""
        self._closed = True
        for connection in self._opened:
            with contextlib.suppress(OSError, AttributeError):  # not connected now
                # Closing alone would leave a worker waiting in it until its time is up.
                connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()
