"""The bounded way out: poses are left out, events overflow into a drop, silence is noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sync_server.transport.connection import framed
from sync_server.transport.outbox import EVENT_BACKLOG, POSE_BACKLOG, STUCK_S, Outbox
from sync_server.transport.rates import Bucket


class Pipe:
    """A connection whose other side takes only what the test says."""

    remote = "test"
    host = "test"

    def __init__(self) -> None:
        self.waiting = 0
        self.frames: list[bytes] = []

    def backlog(self) -> int:
        return self.waiting

    def send_framed(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.waiting += len(frame)

    def messages(self) -> AsyncIterator[bytes | str]:
        raise NotImplementedError

    async def close(self, code: int, reason: str) -> None:
        raise NotImplementedError

    def abort(self) -> None:
        raise NotImplementedError


def test_a_member_that_is_behind_misses_poses_and_then_gets_all_of_them() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    assert box.poses(b"x" * 100)
    pipe.waiting = POSE_BACKLOG + 1
    assert box.poses(b"y" * 100)
    assert len(pipe.frames) == 1 and box.poses_left_out == 1
    pipe.waiting = 0
    assert not box.poses(b"z")  # changes alone would be wrong now
    box.all_poses(b"everything")
    assert box.poses(b"z")
    assert pipe.frames[1:] == [b"everything", b"z"]


def test_poses_never_grow_the_backlog_beyond_their_bound() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    for _ in range(10_000):
        box.poses(b"x" * 1000)
    assert pipe.waiting <= POSE_BACKLOG + 1000


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
    pipe.waiting = 0
    assert box.event(b"x")
    assert not box.event(b"x" * (EVENT_BACKLOG + 1))


def test_only_a_backlog_that_does_not_shrink_is_stuck() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    pipe.waiting = 5000
    for second in range(100):
        pipe.waiting -= 10  # slow, but it moves
        assert not box.stuck(second)
    assert not box.stuck(100)
    assert not box.stuck(100 + STUCK_S)
    assert box.stuck(101 + STUCK_S)
    pipe.waiting = 0
    assert not box.stuck(102 + STUCK_S)


def test_frames_have_the_three_lengths_of_rfc_6455() -> None:
    assert framed(b"x" * 125)[:2] == b"\x82\x7d"
    assert framed(b"x" * 126)[:4] == b"\x82\x7e\x00\x7e"
    assert framed(b"x" * 65536)[:10] == b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=8, burst=5)
    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.take(100.125)
    assert not bucket.take(100.125)
    assert sum(bucket.take(200.0) for _ in range(50)) == 5
