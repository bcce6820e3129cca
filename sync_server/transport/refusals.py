"""Counts refusals by name and says them in the log, so seldom that an attack cannot fill a disk.

It refuses nothing itself and writes no names of people.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

log = logging.getLogger("kenish.door")

WINDOW_S: Final = 60.0
LINES: Final = 10  # of each kind in a window
MANY: Final = 100  # in a window: whoever runs the server should know


class Refusals:
    """All refusals of one server, by message id."""

    def __init__(
        self,
        counters: Counter[str],
        prefix: str = "refused_",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counters = counters
        self._prefix = prefix
        self._clock = clock
        self._since = clock()
        self._window: Counter[str] = Counter()

    def __call__(self, message_id: str, who: str) -> None:
        """Somebody at the address `who` was refused."""
        name = message_id.removeprefix("server-")
        self._counters[f"{self._prefix}{name}"] += 1
        if self._clock() - self._since > WINDOW_S:
            self.summarise()
        self._window[name] += 1
        if self._window[name] <= LINES:
            log.info("%s refused: %s", who, message_id)

    def summarise(self) -> None:
        """Say what there was too much of to say one by one, and begin anew."""
        for name, count in self._window.items():
            if count >= MANY:
                log.warning("%s%s: %d times in a minute or so", self._prefix, name, count)
        self._window.clear()
        self._since = self._clock()
