"""A twin's files from a server over HTTP, on kept-alive connections, one for each read at a time.

A server out of reach is found again by itself; until then reading fails at once. It keeps nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from scenes.twin import SCENE_FILE
from vr_app.errors import SourceError, SourceLost
from vr_app.stream import source
from vr_app.stream.bearer import Bearer, authorization
from vr_app.stream.line_state import LineState

try:
    import zstandard
except ImportError:  # a third more bytes come then
    zstandard = None  # type: ignore[assignment]

TIMEOUT_S = 20.0
MAX_TOKEN_BYTES: Final = 8192
# The server's or the line's trouble, not the file's. 401: the session is about to get a new token.
PASSING: Final = frozenset({401, 408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer: the content as it is meant, and how many bytes of it were on the line."""

    status: int
    data: bytes
    wire_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    secure: bool
    host: str
    port: int | None
    root: str

    @classmethod
    def of(cls, base: str) -> _Place:
        parts = urlsplit(base)
        secure, host = parts.scheme == "https", parts.hostname or "127.0.0.1"
        return cls(secure, host, parts.port, parts.path.rstrip("/"))

    @property
    def near(self) -> bool:
        """Whether it is this machine: what is coded for a line only costs time here."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


class HttpSource:
    """A twin served under `base`/twin/; `base` may be a function that gives None until it is known.

    `token` gives the session's bearer token, `tls` says whom to trust (None: the system's),
    `back` is called when a lost server was found again.
    """

    changed = False

    def __init__(
        self,
        base: str | Callable[[], str | None],
        token: Callable[[], str] = str,
        tls: ssl.SSLContext | None = None,
        name: str = "",
    ) -> None:
        self._base = (lambda: base) if isinstance(base, str) else base
        self.name = name or self._base() or "-"
        self.back: Callable[[], None] = lambda: None
        self.wire_bytes = 0
        self.asked = 0
        self._tls = tls
        self._bearer = Bearer(token, self._renewed)
        self._lock = threading.Lock()
        self._idle: list[tuple[_Place, http.client.HTTPConnection]] = []
        self._busy: set[http.client.HTTPConnection] = set()
        self._closed = False
        self._line = LineState(
            self.name, self._answers, lambda: self.back(), lambda: (self._base(), token())
        )

    # -- reading -------------------------------------------------------------------------------

    def read(self, path: str, limit: int | None = None) -> bytes:
        """See `TwinSource.read`; `limit`: more bytes than that are refused."""
        answer = self.fetch(path, limit=limit)
        if answer.status != http.client.OK:
            raise SourceError("source-unreadable", path=path, reason=f"HTTP {answer.status}")
        return answer.data

    def kept(self, path: str) -> bytes | None:
        """Nothing is."""
        return None

    def fetch(
        self, path: str, headers: Mapping[str, str] | None = None, limit: int | None = None
    ) -> Answer:
        """The server's answer for a file, whatever its status. Raises `SourceLost` where there is
        none, `SourceError` for one that cannot be taken.

        A connection that the server closed is opened once more.
        """
        limit = source.MAX_FILE_BYTES if limit is None else limit
        target = f"/twin/{quote(source.checked(path))}"
        if self._closed:
            raise SourceError("source-unreadable", path=path, reason="closed")
        if self._line.lost:
            raise SourceLost("source-lost", path=path, reason="-")
        place = self._place(path)
        try:
            try:
                answer = self._get(place, target, path, headers or {}, limit)
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException):
                if self._closed or self._line.lost:
                    raise
                self._drop_idle()  # they may have been closed by the server as well
                answer = self._get(place, target, path, headers or {}, limit)
        except OSError as error:
            raise self._lost(path, str(error) or type(error).__name__) from error
        except http.client.HTTPException as error:
            # It answers, but not with this file: the others need not wait.
            broken = SourceError("source-unreadable", path=path, reason=str(error))
            broken.retryable = True
            raise broken from error
        if answer.status in PASSING:
            lost = self._lost(path, f"HTTP {answer.status}")
            if isinstance(lost, SourceLost):
                lost.denied = answer.status == http.client.UNAUTHORIZED
            raise lost
        return answer

    def _place(self, path: str) -> _Place:
        base = self._base()
        if base is None:
            raise self._lost(path, "-")
        return _Place.of(base)

    def _lost(self, path: str, reason: str) -> SourceError:
        if self._closed:
            return SourceError("source-unreadable", path=path, reason="closed")
        if self._line.lose(reason):
            self._hang_up()  # the others need not wait until their time is up
        return SourceLost("source-lost", path=path, reason=reason)

    def _get(
        self, place: _Place, target: str, path: str, headers: Mapping[str, str], limit: int
    ) -> Answer:
        token = self._bearer.token()
        answer = self._ask(place, target, path, {**headers, **authorization(token)}, limit)
        if answer.status == http.client.UNAUTHORIZED and self._bearer.refused(token):
            fresh = authorization(self._bearer.token())
            answer = self._ask(place, target, path, {**headers, **fresh}, limit)
        return answer

    def _ask(
        self, place: _Place, target: str, path: str, headers: Mapping[str, str], limit: int
    ) -> Answer:
        if self._closed:
            raise SourceError("source-unreadable", path=path, reason="closed")
        connection = self._taken(place)
        coded = zstandard is not None and not place.near
        coding = {"Accept-Encoding": "zstd" if coded else "identity"}
        try:
            connection.request("GET", place.root + target, headers={**headers, **coding})
            response = connection.getresponse()
            zipped = response.headers.get("Content-Encoding", "identity") != "identity"
            # What cannot be made smaller comes out a little larger.
            most = limit + limit // 128 + 1024 if zipped else limit
            # One byte more than allowed tells, whatever length the server claims.
            data = response.read(most + 1)
            if response.length and len(data) <= most:
                # A bounded read gives what there is where the server is cut off, and says nothing.
                raise http.client.IncompleteRead(b"", response.length)
        except BaseException:
            self._give_up(connection)
            raise
        if len(data) > most:
            self._give_up(connection)  # the rest would be taken for the next answer
            raise SourceError("source-unreadable", path=path, reason=source.too_large(limit))
        with self._lock:
            self.asked += 1
            self.wire_bytes += len(data)
            self._busy.discard(connection)
            self._idle.append((place, connection))
        plain = data
        if zipped:
            plain = _decoded(data, response.headers["Content-Encoding"], limit, path)
        return Answer(response.status, plain, len(data), response.headers)  # type: ignore[arg-type]

    # -- connections ---------------------------------------------------------------------------

    def _taken(self, place: _Place) -> http.client.HTTPConnection:
        """The connection that was used last and is free: its line is the warmest."""
        with self._lock:
            connection = None
            while self._idle and connection is None:
                where, one = self._idle.pop()
                if where == place:
                    connection = one
                else:
                    one.close()
            if connection is None:
                connection = self._connect(place)
            self._busy.add(connection)
            return connection

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _place, connection in idle:
            connection.close()

    def _give_up(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._busy.discard(connection)
        connection.close()

    def _connect(self, place: _Place) -> http.client.HTTPConnection:
        if not place.secure:
            return http.client.HTTPConnection(place.host, place.port, timeout=TIMEOUT_S)
        tls = self._tls or ssl.create_default_context()
        return http.client.HTTPSConnection(place.host, place.port, timeout=TIMEOUT_S, context=tls)

    def _alone(self, method: str, target: str, token: str) -> tuple[int, bytes]:
        """Something small over a connection of its own: an answer may be half read on the
        thread's one."""
        base = self._base()
        if base is None:
            raise ConnectionError
        place = _Place.of(base)
        connection = self._connect(place)
        try:
            connection.request(method, place.root + target, headers=authorization(token))
            response = connection.getresponse()
            return response.status, response.read(MAX_TOKEN_BYTES)
        finally:
            connection.close()

    def _renewed(self, token: str) -> str | None:
        """A fresh token for one that is still good; None where the server gives none."""
        try:
            status, data = self._alone("POST", "/token", token)
            content: Any = json.loads(data)
        except (OSError, http.client.HTTPException, ValueError):
            return None
        fresh = content.get("http_token") if isinstance(content, dict) else None
        return fresh if status == http.client.OK and isinstance(fresh, str) else None

    # -- a lost server -------------------------------------------------------------------------

    @property
    def lost(self) -> bool:
        """Whether the server is out of reach now."""
        return self._line.lost

    @property
    def returns(self) -> int:
        """See `TwinSource.returns`."""
        return self._line.returns

    def _answers(self) -> bool:
        try:
            # The token is part of the question: without a good one nothing would come.
            status, _ = self._alone("HEAD", f"/twin/{SCENE_FILE}", self._bearer.token())
        except (OSError, http.client.HTTPException):
            return False
        return status not in PASSING

    def _hang_up(self) -> None:
        with self._lock:
            busy = list(self._busy)
        for connection in busy:
            with contextlib.suppress(OSError, AttributeError):  # not connected now
                # Closing alone would leave a worker waiting in it until its time is up.
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close all connections; reads that are under way fail."""
        self._closed = True
        self._line.close()
        self._hang_up()
        self._drop_idle()


def _decoded(data: bytes, coding: str, limit: int, path: str) -> bytes:
    """What zstd made smaller. Raises `SourceError`: another coding, no size, more than `limit`."""
    if zstandard is None or coding != "zstd":
        reason = f"Content-Encoding {coding[:32]!r}"
        raise SourceError("source-unreadable", path=path, reason=reason)
    try:
        # Nothing is allocated before the frame has said how much it is.
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= limit:
            raise SourceError("source-unreadable", path=path, reason=source.too_large(limit))
        return zstandard.ZstdDecompressor().decompress(data) if size else b""
    except zstandard.ZstdError as error:
        raise SourceError("source-unreadable", path=path, reason=f"zstd: {error}") from error
