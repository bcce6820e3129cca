"""Reads a twin's files in threads, the most wanted first, several at a time over a slow line.

What lies on this machine has a thread of its own, so that it never waits behind the network. It
decodes nothing: whoever asked gets bytes, or the reason why there are none.
"""

from __future__ import annotations

import logging
import threading
from bisect import insort
from collections.abc import Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

from vr_app.errors import SourceError
from vr_app.stream.source import TwinSource

log = logging.getLogger("kenish.stream")

# Measured at 200 ms and 20 Mbit/s: docs/decisions/0014-tiles-over-a-slow-line.md.
CONNECTIONS: Final = 8

Key = TypeVar("Key", bound=Hashable)


class FetchQueue(Generic[Key]):
    """What is wanted of one source, by key.

    `done(key, bytes or error)` is called on a thread of the queue, once for each file that was
    read: it must be quick (hand the bytes on). Every method may be called from any thread and
    waits for no network.
    """

    def __init__(
        self,
        source: TwinSource,
        done: Callable[[Key, bytes | SourceError], None],
        connections: int = CONNECTIONS,
    ) -> None:
        self._source = source
        self._done = done
        self._lock = threading.Lock()
        self._near = threading.Condition(self._lock)  # something may lie on this machine
        self._far = threading.Condition(self._lock)  # something must be fetched
        # (place, key, path): the most wanted has place 0, and stands last.
        self._unseen: list[tuple[int, Key, str]] = []
        self._to_fetch: list[tuple[int, Key, str]] = []
        self._places: dict[Key, int] = {}
        self._absent: set[Key] = set()  # looked for here, and not found
        self._under_way: set[Key] = set()
        self._closed = False
        for number in range(connections + 1):
            work = self._fetch if number else self._look
            threading.Thread(target=work, name=f"fetch {number}", daemon=True).start()

    def want(self, wanted: Iterable[tuple[Key, str]]) -> None:
        """Keys and paths, the most wanted first; replaces what was wanted and is not begun."""
        with self._lock:
            if self._closed:
                return
            unseen: list[tuple[int, Key, str]] = []
            to_fetch: list[tuple[int, Key, str]] = []
            self._places = {}
            for place, (key, path) in enumerate(wanted):
                self._places[key] = place
                if key not in self._under_way:
                    (to_fetch if key in self._absent else unseen).append((place, key, path))
            unseen.reverse()
            to_fetch.reverse()
            self._unseen, self._to_fetch = unseen, to_fetch
            if unseen:
                self._near.notify()
            if to_fetch:
                self._far.notify(len(to_fetch))

    @property
    def pending(self) -> int:
        """How many files are wanted or under way."""
        with self._lock:
            return len(self._unseen) + len(self._to_fetch) + len(self._under_way)

    def close(self) -> None:
        """Begin nothing more; what is under way comes to nobody. Waits for no thread."""
        with self._lock:
            self._closed = True
            self._unseen, self._to_fetch = [], []
            self._near.notify_all()
            self._far.notify_all()

    def _look(self) -> None:
        while True:
            with self._lock:
                while not self._unseen and not self._closed:
                    self._near.wait()
                if self._closed:
                    return
                _place, key, path = self._unseen.pop()
                self._under_way.add(key)
            try:
                found: bytes | SourceError | None = self._source.kept(path)
            except SourceError as error:
                found = error
            if found is not None:
                self._finish(key, path, found)
                continue
            with self._lock:
                self._under_way.discard(key)
                self._absent.add(key)
                place = self._places.get(key)
                if place is not None:  # else it is no longer wanted
                    insort(self._to_fetch, (place, key, path), key=lambda one: -one[0])
                    self._far.notify()

    def _fetch(self) -> None:
        while True:
            with self._lock:
                while not self._to_fetch and not self._closed:
                    self._far.wait()
                if self._closed:
                    return
                _place, key, path = self._to_fetch.pop()
                self._under_way.add(key)
            try:
                result: bytes | SourceError = self._source.read(path)
            except SourceError as error:
                result = error
            self._finish(key, path, result)

    def _finish(self, key: Key, path: str, result: bytes | SourceError) -> None:
        with self._lock:
            self._under_way.discard(key)
            self._absent.discard(key)
            closed = self._closed
        if not closed:
            try:
                self._done(key, result)
            except Exception:  # a defect of who asked must not end the thread that serves all
                log.exception("%s", path)
