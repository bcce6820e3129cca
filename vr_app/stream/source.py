"""Where a twin's files come from: a folder on this machine, or a server's HTTP address.

A server's files need the token that the room gave at joining; it is renewed here before it ends.
Called from worker threads; never from the frame thread.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from vr_app.errors import SourceError

MAX_FILE_BYTES = 512 * 1024 * 1024
TIMEOUT_S = 20.0
RENEW_AFTER_S: Final = 300.0  # a token is good for three times as long
MAX_TOKEN_BYTES: Final = 8192
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


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


class Bearer:
    """The token for a server's files: the session's newest, renewed over HTTP while it is old.

    `given` is what the session has now; `renew` asks the server with a token for the next one
    (None where it gives none). May be called from any thread.
    """

    def __init__(self, given: Callable[[], str], renew: Callable[[str], str | None]) -> None:
        self._given = given
        self._renew = renew
        self._lock = threading.Lock()
        self._seen = ""
        self._token = ""
        self._since = 0.0

    def token(self) -> str:
        """The token to send; empty where none is needed."""
        with self._lock:
            given = self._given()
            if given != self._seen:  # joined again
                self._seen = self._token = given
                self._since = time.monotonic()
            old = self._token if time.monotonic() - self._since > RENEW_AFTER_S else ""
            if old:
                self._since = time.monotonic()  # the other threads go on with the old one
        if old:
            self._take(old)
        return self._token

    def refused(self, token: str) -> bool:
        """The server did not take a token; whether there is another one to try."""
        if not token:
            return False
        if self.token() != token:
            return True
        self._take(token)
        return self._token != token

    def _take(self, old: str) -> None:
        fresh = self._renew(old)
        with self._lock:
            if fresh and self._token == old:
                self._token, self._since = fresh, time.monotonic()


class HttpSource:
    """A twin served under `base`/twin/, over one kept-alive connection per thread.

    `token` gives the session's bearer token, `tls` says whom to trust (None: the system's).
    """

    def __init__(
        self,
        base: str,
        token: Callable[[], str] = str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name = base
        self._tls = tls
        parts = urlsplit(base)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port
        self._root = parts.path.rstrip("/")
        self._bearer = Bearer(token, self._renewed)
        self._local = threading.local()
        self._opened: list[http.client.HTTPConnection] = []
        self._closed = False

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    def _connect(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        tls = self._tls or ssl.create_default_context()
        return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=tls)

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`. A connection that the server closed is opened once more."""
        address = f"{self._root}/twin/{quote(_checked(path))}"
        try:
            try:
                return self._get(address, path)
            except (OSError, http.client.HTTPException):
                return self._get(address, path)
        except (OSError, http.client.HTTPException) as error:
            raise SourceError("source-unreadable", path=path, reason=str(error)) from error

    def _get(self, address: str, path: str) -> bytes:
        token = self._bearer.token()
        status, data = self._ask(address, path, token)
        if status == http.client.UNAUTHORIZED and self._bearer.refused(token):
            status, data = self._ask(address, path, self._bearer.token())
        if status != http.client.OK:
            raise SourceError("source-unreadable", path=path, reason=f"HTTP {status}")
        return data

    def _ask(self, address: str, path: str, token: str) -> tuple[int, bytes]:
        if self._closed:
            raise SourceError("source-unreadable", path=path, reason="closed")
        connection = self._connection()
        try:
            connection.request("GET", address, headers=_authorization(token))
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
        return response.status, data

    def _renewed(self, token: str) -> str | None:
        """A fresh token for one that is still good; None where the server gives none."""
        connection = self._connect()  # its own: an answer may be half read on the thread's one
        try:
            connection.request("POST", f"{self._root}/token", headers=_authorization(token))
            response = connection.getresponse()
            content = json.loads(response.read(MAX_TOKEN_BYTES))
            fresh = content.get("http_token") if isinstance(content, dict) else None
            return fresh if response.status == http.client.OK and isinstance(fresh, str) else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def close(self) -> None:
        """Close every thread's connection; reads that are under way fail."""
        self._closed = True
        for connection in self._opened:
            with contextlib.suppress(OSError, AttributeError):  # not connected now
                # Closing alone would leave a worker waiting in it until its time is up.
                connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()
