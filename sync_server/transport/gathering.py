"""An event loop that looks at its sockets at most every few milliseconds while much comes in.

Then several members' messages are taken at each look: half of what a frame costs is waking up for
it. A crowd is looked at less often than a few. The first message after a pause, whatever is ready
already and what a timer asks for is not held up; nothing is reordered.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Mapping
from typing import Any, Final

GATHER_S: Final = 0.002
# Where a look finds so many, as in a room of a hundred, the next one may wait about as long as a
# flush of poses does there: the flush's timer cuts it short, so that poses lose nothing by it.
CROWD: Final = 4
CROWD_GATHER_S: Final = 0.014


class GatheringSelector(selectors.BaseSelector):
    """The system's selector, asked a little less often."""

    def __init__(self, gather_s: float = GATHER_S, crowd_gather_s: float = CROWD_GATHER_S) -> None:
        self._selector = selectors.DefaultSelector()
        self._gather_s = gather_s
        self._crowd_gather_s = max(gather_s, crowd_gather_s)
        self._next_look = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As of the system's selector."""
        return self._selector.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As of the system's selector."""
        return self._selector.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As of the system's selector."""
        return self._selector.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; waits up to `timeout` seconds (None: for ever, 0 or less: not at all)."""
        if timeout is None or timeout > 0:
            wait = self._next_look - time.monotonic()
            if wait > 0:
                if timeout is not None:
                    wait = min(wait, timeout)
                    timeout -= wait
                time.sleep(wait)
        ready = self._selector.select(timeout)
        if ready:
            gather_s = self._gather_s if len(ready) < CROWD else self._crowd_gather_s
            self._next_look = time.monotonic() + gather_s
        return ready

    def close(self) -> None:
        """As of the system's selector."""
        self._selector.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """As of the system's selector."""
        return self._selector.get_map()


def gathering_loop() -> asyncio.AbstractEventLoop:
    """A selector loop that gathers."""
    return asyncio.SelectorEventLoop(GatheringSelector())
