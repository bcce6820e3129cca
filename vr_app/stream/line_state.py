"""Whether a server can be reached, and when to look whether it is back.

Counts and waits only; asking the server is handed in. One line is logged when it is lost, and one
when it is found again, however many files fail meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

log = logging.getLogger("kenish.stream")

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 8.0


class LineState:
    """The way to one server. `probe` asks it something small, on a thread of this object, and says
    whether it answered; `back` is called there when it did."""

    def __init__(self, name: str, probe: Callable[[], bool], back: Callable[[], None]) -> None:
        self.returns = 0
        self._name = name
        self._probe = probe
        self._back = back
        self._lock = threading.Lock()
        self._lost = False
        self._closed = threading.Event()
        self._wake = threading.Event()

    @property
    def lost(self) -> bool:
        """Whether the server is out of reach now."""
        return self._lost

    def lose(self, reason: str) -> bool:
        """A request failed for the line's sake; whether this is news."""
        with self._lock:
            if self._lost or self._closed.is_set():
                return False
            self._lost = True
        log.warning("%s cannot be reached (%s); what is here stays", self._name, reason)
        threading.Thread(target=self._look, name="line", daemon=True).start()
        return True

    def look_now(self) -> None:
        """There may be a way again: do not wait any longer."""
        self._wake.set()

    def _look(self) -> None:
        wait = FIRST_WAIT_S
        while not self._closed.is_set():
            self._wake.wait(wait)
            self._wake.clear()
            if self._closed.is_set():
                return
            if self._probe():
                break
            wait = min(wait * 2, LONGEST_WAIT_S)
        with self._lock:
            if self._closed.is_set():
                return
            self._lost = False
            self.returns += 1
        log.info("%s is back", self._name)
        self._back()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        self._wake.set()
