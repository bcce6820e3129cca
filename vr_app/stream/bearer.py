"""The token that a server's files need: the room's newest, renewed here before it ends.

Keeps no file and logs nothing of it; who asks the server is handed in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

RENEW_AFTER_S: Final = 300.0  # a token is good for three times as long


def authorization(token: str) -> dict[str, str]:
    """The header for a token; none for an empty one."""
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
