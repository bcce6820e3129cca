"""What is fetched first, what is no longer fetched, and that a slow line holds up nothing here."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Final

import pytest

from tests.sync_server.support import DEADLINE_S
from vr_app.errors import SourceError
from vr_app.stream.fetch_queue import FetchQueue


class Shelf:
    """A source with some files here and a line that passes one request for each `pass_one`."""

    returns: Final = 0
    changed: Final = False
    name: Final = "shelf"

    def __init__(self, here: set[str]) -> None:
        self.here = here
        self.asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.may_answer = threading.Semaphore(0)

    def kept(self, path: str) -> bytes | None:
        return path.encode() if path in self.here else None

    def read(self, path: str) -> bytes:
        self.asked.put(path)
        assert self.may_answer.acquire(timeout=DEADLINE_S)
        if path == "missing":
            raise SourceError("source-unreadable", path=path, reason="HTTP 404")
        return path.encode()

    def close(self) -> None:
        """Nothing."""


class Desk:
    """A queue on a shelf, and what came out of it."""

    def __init__(self, here: set[str], connections: int) -> None:
        self.shelf = Shelf(here)
        self.came: queue.SimpleQueue[tuple[str, bytes | SourceError]] = queue.SimpleQueue()
        self.queue: FetchQueue[str] = FetchQueue(
            self.shelf, lambda key, data: self.came.put((key, data)), connections
        )

    def want(self, *paths: str) -> None:
        self.queue.want([(one, one) for one in paths])

    def asked(self) -> str:
        return self.shelf.asked.get(timeout=DEADLINE_S)

    def next(self) -> str:
        key, data = self.came.get(timeout=DEADLINE_S)
        assert data == key.encode()
        return key


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk({"here 1", "here 2"}, 1)
    yield one
    one.queue.close()
    one.shelf.may_answer.release(100)


def test_what_is_here_does_not_wait_for_the_line(desk: Desk) -> None:
    desk.want("far 1", "far 2", "here 1", "here 2")
    assert desk.asked() == "far 1"  # and is not answered
    assert [desk.next(), desk.next()] == ["here 1", "here 2"]
    assert desk.queue.pending == 2


def test_the_most_wanted_is_next_and_that_may_change_on_the_way(desk: Desk) -> None:
    desk.want("a", "b", "c", "d")
    assert desk.asked() == "a"
    desk.want("a", "d", "b", "c")  # "a" is under way and is not asked for twice
    desk.shelf.may_answer.release(1)
    assert desk.next() == "a"
    assert desk.asked() == "d"
    desk.want("c")  # nobody wants "b" any more; "d" comes, as it is under way
    desk.shelf.may_answer.release(2)
    assert [desk.next(), desk.next()] == ["d", "c"]
    assert desk.asked() == "c"
    assert desk.queue.pending == 0 and desk.shelf.asked.empty()


def test_an_error_comes_as_one_and_the_next_file_is_fetched(desk: Desk) -> None:
    desk.shelf.may_answer.release(2)
    desk.want("missing", "b")
    key, error = desk.came.get(timeout=DEADLINE_S)
    assert key == "missing" and isinstance(error, SourceError) and not error.retryable
    assert desk.next() == "b"


def test_so_many_are_under_way_at_once() -> None:
    desk = Desk(set(), 3)
    desk.want("a", "b", "c", "d")
    assert {desk.asked() for _ in range(3)} == {"a", "b", "c"}
    assert desk.shelf.asked.empty()
    desk.shelf.may_answer.release(4)
    assert desk.asked() == "d"
    assert {desk.next() for _ in range(4)} == {"a", "b", "c", "d"}
    desk.queue.close()


def test_after_closing_nothing_is_begun_and_nothing_comes(desk: Desk) -> None:
    desk.want("a", "b")
    assert desk.asked() == "a"
    desk.queue.close()
    desk.shelf.may_answer.release(1)
    desk.want("c")
    assert desk.queue.pending <= 1
    with pytest.raises(queue.Empty):
        desk.came.get(timeout=0.05)
    assert desk.shelf.asked.empty()


def test_a_defect_of_who_asked_does_not_end_the_threads() -> None:
    came: queue.SimpleQueue[str] = queue.SimpleQueue()

    def done(key: str, _data: bytes | SourceError) -> None:
        came.put(key)
        if key == "a":
            raise RuntimeError("a defect")

    shelf = Shelf({"a", "b"})
    fetches: FetchQueue[str] = FetchQueue(shelf, done, 1)
    fetches.want([("a", "a"), ("b", "b")])
    assert [came.get(timeout=DEADLINE_S) for _ in range(2)] == ["a", "b"]
    fetches.close()
