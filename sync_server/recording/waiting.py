"""What waits for a recording's disk: a queue between two threads, bounded in messages and bytes.

It never blocks the side that puts: what has no room is refused, and the caller counts it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """First in, first out. `messages` and `size` (bytes) are its bounds."""

    def __init__(self, messages: int, size: int) -> None:
        self._items: deque[tuple[T, int]] = deque()
        self._messages = messages
        self._size = size
        self._held = 0
        self._changed = threading.Condition()

    def put(self, item: T, weight: int, share: float = 1.0) -> bool:
        """Add an item of `weight` bytes, if less than `share` of the bounds is taken."""
        with self._changed:
            full = len(self._items) >= self._messages * share
            if full or self._held + weight > self._size * share:
                return False
            self._append(item, weight)
            return True

    def force(self, item: T) -> None:
        """Add an item that must not be refused and weighs nothing."""
        with self._changed:
            self._append(item, 0)

    def _append(self, item: T, weight: int) -> None:
        self._items.append((item, weight))
        self._held += weight
        self._changed.notify()

    def take(self, timeout: float) -> T | None:
        """The oldest item; None where none came within `timeout` seconds."""
        with self._changed:
            if not self._items:
                self._changed.wait(timeout)
            if not self._items:
                return None
            item, weight = self._items.popleft()
            self._held -= weight
            return item
