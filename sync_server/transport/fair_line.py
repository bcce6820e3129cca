"""A line in which addresses take turns: a crowd behind one of them keeps nobody else waiting.

Pure: it knows no time; who takes from it sets the pace.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairLine(Generic[Item]):
    """Items by key; each key's own come in their order."""

    def __init__(self) -> None:
        self._by_key: dict[str, deque[Item]] = {}  # whose turn is next stands first
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, key: str) -> int:
        """How many of a key wait."""
        return len(self._by_key.get(key, ()))

    @property
    def keys(self) -> int:
        """How many keys they are of."""
        return len(self._by_key)

    def put(self, key: str, item: Item) -> None:
        """One more, behind all of the same key."""
        self._by_key.setdefault(key, deque()).append(item)
        self._count += 1

    def take(self) -> Item:
        """Whose turn it is. Raises IndexError where nobody waits."""
        if not self._by_key:
            raise IndexError("nobody waits")
        key = next(iter(self._by_key))
        waiting = self._by_key.pop(key)
        item = waiting.popleft()
        if waiting:
            self._by_key[key] = waiting  # behind all other keys
        self._count -= 1
        return item

    def remove(self, key: str, item: Item) -> None:
        """Somebody leaves the line; nothing happens where they do not stand in it."""
        waiting = self._by_key.get(key)
        if waiting is None or item not in waiting:
            return
        waiting.remove(item)
        self._count -= 1
        if not waiting:
            del self._by_key[key]
