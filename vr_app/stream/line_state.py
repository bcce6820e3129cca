"""Whether a server can be reached, and when to look whether it is back.

Counts and waits only; asking the server is handed in. One line is logged when it is lost, and one
when it is found again, however many files fail meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger("kenish.stream")

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 8.0
HINT_S: Final = 0.25


class LineState:
    """The way to one server. `probe` asks it something small, on a thread of this object, and says
    whether it answered; `back` is called there when it did. `hint` gives something that changes
    when there may be a way again (a new token): then it looks at once."""

    def __init__(
        self,
        name: str,
        probe: Callable[[], bool],
        back: Callable[[], None],
        hint: Callable[[], object] = str,
    ) -> None:
        self.returns = 0
        self._name = name
        self._probe = probe
        self._back = back
        self._hint = hint
        self._lock = threading.Lock()
        self._lost = False
        self._closed = threading.Event()

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

    def _look(self) -> None:
        wait = FIRST_WAIT_S
        while self._patience(wait):
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

    def _patience(self, wait: float) -> bool:
        """Wait, less long where the hint says that there may be a way again; False once closed."""
        before = self._hint()
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0 and self._hint() == before:
            if self._closed.wait(min(left, HINT_S)):
                return False
        return not self._closed.is_set()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
