"""Paints in a worker thread and hands finished images to the frame thread, newest only.

Knows neither what is painted nor Panda3D's nodes.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable

from vr_app.overlay.images import PreparedImage, prepare
from vr_app.ui.canvas import Painted

log = logging.getLogger("kenish.overlay")

Paint = Callable[[], Painted]


class PaintQueue:
    """Jobs by key: a newer job of the same key replaces one that has not begun.

    A painter that raises is reported in `problems`; the picture before it stays.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._wanted: dict[Hashable, Paint] = {}
        self._finished: queue.SimpleQueue[tuple[Hashable, PreparedImage]] = queue.SimpleQueue()
        self._condition = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="painter", daemon=True)
        self._thread.start()

    def ask(self, key: Hashable, paint: Paint) -> None:
        """Paint this, some time soon."""
        with self._condition:
            self._wanted[key] = paint
            self._condition.notify()

    def forget(self, key: Hashable) -> None:
        """Drop a job that has not begun."""
        with self._condition:
            self._wanted.pop(key, None)

    def take(self, use: Callable[[Hashable, PreparedImage], None], budget_s: float = 0.0008) -> int:
        """Hand finished images to `use` until the budget is spent (at least one, so that no
        queue grows); returns how many."""
        until = time.perf_counter() + budget_s
        taken = 0
        while taken == 0 or time.perf_counter() < until:
            try:
                key, image = self._finished.get_nowait()
            except queue.Empty:
                break
            use(key, image)
            taken += 1
        return taken

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted, being painted, or waiting to be taken."""
        with self._condition:
            return not self._wanted and not self._busy and self._finished.empty()

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything asked for is painted (not taken); for pictures and tests."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._wanted and not self._busy, timeout_s)

    def close(self) -> None:
        """Stop the worker."""
        with self._condition:
            self._closed = True
            self._wanted.clear()
            self._condition.notify_all()
        self._thread.join(5.0)

    def _work(self) -> None:
        while True:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                key = next(iter(self._wanted))
                paint = self._wanted.pop(key)
                self._busy = True
            try:
                self._finished.put((key, prepare(paint())))
            except Exception as error:
                # A panel that cannot be painted must not end the painter, nor pass unseen.
                self.problems.append(f"{key}: {error!r}")
                log.warning("%s: %r", key, error)
