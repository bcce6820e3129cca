"""The bounded way out of events: they overflow into a drop, silence and lateness are noticed."""

from __future__ import annotations

import pytest

from sync_server.transport.connection import framed
from sync_server.transport.outbox import (
    EVENT_BACKLOG,
    LARGE_BACKLOG,
    LARGE_EVENT,
    LATE_BYTES,
    LATE_S,
    STUCK_S,
    Outbox,
)
from tests.sync_server.support_pipe import Pipe


def test_events_are_never_left_out_but_overflow() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    taken = 0
    while box.event(b"x" * 1000):
        taken += 1
        assert taken < 10_000
    assert pipe.waiting <= EVENT_BACKLOG < pipe.waiting + 1001
    assert len(pipe.frames) == taken


def test_a_large_snapshot_is_no_overflow_and_leaves_no_larger_bound() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    for _ in range(30):
        assert box.event(b"s" * 100_000, snapshot=True)
    assert box.event(b"x" * 1000)
    pipe.take_all()
    while box.event(b"x" * 1000):
        assert pipe.waiting <= EVENT_BACKLOG


def test_events_of_the_server_that_are_larger_than_the_bound_have_one_of_their_own() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    assert box.event(b"x" * (EVENT_BACKLOG + 1))
    assert box.event(b"x" * 1000)
    while box.event(b"x" * (LARGE_EVENT + 1)):
        assert pipe.waiting <= EVENT_BACKLOG + LARGE_BACKLOG
    pipe.take_all()
    assert box.event(b"x" * (LARGE_EVENT + 1))


def test_only_a_line_that_takes_nothing_is_stuck() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    assert box.event(b"s" * 100_000, snapshot=True)
    for second in range(100):
        pipe.take(10)  # slow, but it moves
        assert not box.too_slow(second)
    assert not box.too_slow(100)
    assert not box.too_slow(100 + STUCK_S)
    assert box.too_slow(101 + STUCK_S)
    pipe.take_all()
    assert not box.too_slow(102 + STUCK_S)


def test_a_line_that_takes_as_much_as_it_is_sent_is_not_stuck() -> None:
    """Its backlog is the same at every look, but what waits is new each time."""
    pipe = Pipe()
    box = Outbox(pipe)
    box.segment(b"p" * 1200)
    for second in range(200):
        assert not box.too_slow(second)
        pipe.take(1200)
        box.segment(b"p" * 1200)


def test_events_that_wait_for_too_long_are_too_slow_though_the_line_moves() -> None:
    """A backlog within its bound in bytes that never becomes empty: what comes is ever older."""
    pipe = Pipe()
    box = Outbox(pipe)
    assert box.event(b"x" * (LATE_BYTES + 1))
    second = 0
    while not box.too_slow(second):
        pipe.take(500)
        assert box.event(b"x" * 500)
        second += 1
        assert second <= LATE_S + 2
    assert second > LATE_S


def test_the_snapshot_may_take_as_long_as_it_takes() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    assert box.event(b"s" * 1_000_000, snapshot=True)
    for second in range(900):
        pipe.take(1000)
        assert not box.too_slow(second)


def test_frames_have_the_three_lengths_of_rfc_6455() -> None:
    assert framed(b"x" * 125)[:2] == b"\x82\x7d"
    assert framed(b"x" * 126)[:4] == b"\x82\x7e\x00\x7e"
    assert framed(b"x" * 65536)[:10] == b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"


def test_a_pipe_cannot_give_more_than_it_has() -> None:
    pipe = Pipe()
    with pytest.raises(AssertionError):
        pipe.take(1)
