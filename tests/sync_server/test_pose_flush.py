"""Poses to many: one frame for all who keep up, chosen ones in a budget for those who do not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.transport.flush_interval import LONGEST_S, SHORTEST_S, flush_interval
from sync_server.transport.outbox import Outbox
from sync_server.transport.pose_flush import SEGMENT, WATCH_EVERY_S, PoseFlush
from sync_server.wire.poses import (
    MemberPose,
    Placed,
    PoseEncoder,
    PoseParts,
    take_member_frame,
)
from tests.sync_server.support_pipe import Pipe, PoseReader

START = 1_000_000.0
STEP = 0.0125


class Hall:
    """Members who walk, receivers who read as the test says, and the flush between them."""

    def __init__(self, members: int, rate: float = 1e9, burst: float = 1e9) -> None:
        self.now = START
        self.poses = {number: PoseParts() for number in range(1, members + 1)}
        self.encoders = {number: PoseEncoder() for number in self.poses}
        self.flush = PoseFlush(self.poses, rate, burst)
        self.pipes: dict[int, Pipe] = {}
        self.readers: dict[int, PoseReader] = {}
        self.x: dict[int, float] = {}
        for number in self.poses:
            self.walk(number, 0.0)

    def walk(self, number: int, x: float, pointing: bool = False) -> None:
        self.x[number] = number + x
        head = (self.x[number], 0.0, 1.6)
        pose = MemberPose(
            Placed(head), Placed(head), Placed(head), (x, 5.0, 1.0) if pointing else None
        )
        frame = self.encoders[number].encode(pose, int(self.now * 1000))
        if frame is not None:
            take_member_frame(self.poses[number], frame, int(self.now * 1000))

    def receive(self, number: int, watches: bool = False) -> Pipe:
        pipe = self.pipes[number] = Pipe()
        self.readers[number] = PoseReader(pipe)
        self.flush.add(number, Outbox(pipe), self.now, watches)
        return pipe

    def tick(self) -> None:
        self.now += STEP
        self.flush.flush(self.now)

    def seen(self, number: int) -> dict[int, float]:
        return {s.number: s.pose.head.position[0] for s in self.readers[number].samples()}


def test_who_keeps_up_gets_the_very_same_frame() -> None:
    hall = Hall(10)
    pipes = [hall.receive(number) for number in range(1, 6)]
    hall.tick()
    for pipe in pipes:
        pipe.take_all()
    hall.walk(7, 1.0)
    hall.tick()
    frames = [pipe.frames[-1] for pipe in pipes]
    assert all(frame is frames[0] for frame in frames)  # framed once, not five times
    assert hall.flush.own_frames == 5  # only at joining
    hall.tick()
    assert [len(pipe.frames) for pipe in pipes] == [2] * 5  # nobody moved: nothing is sent


def test_a_newcomer_is_told_everybody_at_once_and_nothing_twice() -> None:
    hall = Hall(40)
    hall.flush.flush(hall.now)
    pipe = hall.receive(3)
    assert hall.flush.waits
    hall.tick()
    assert hall.seen(3).keys() == set(hall.poses) - {3}
    pipe.take_all()
    assert not hall.flush.waits
    hall.tick()
    assert len(pipe.frames) == 1


def test_somebody_who_is_behind_has_no_queue_and_is_level_again_at_once() -> None:
    """Poses that nobody takes never pile up; then the newest come, not those that were missed."""
    hall = Hall(20)
    hall.receive(1)
    slow = hall.receive(2)
    hall.tick()
    largest = slow.waiting
    for step in range(2000):
        for number in hall.poses:
            hall.walk(number, step * 0.001)
        hall.tick()
        hall.pipes[1].take_all()
        assert slow.waiting <= largest
    assert len(hall.pipes[1].frames) >= 2000 and len(slow.frames) == 1
    assert hall.flush.left_out >= 1999
    hall.readers[2].samples()
    slow.take_all()
    hall.tick()
    seen = hall.seen(2)
    assert len(seen) == 19
    assert all(abs(x - hall.x[number]) < 0.002 for number, x in seen.items())


def test_a_full_line_is_given_a_segment_at_a_time_and_the_nearest_first() -> None:
    hall = Hall(100)
    slow = hall.receive(50)
    hall.tick()  # everybody's pose waits in the line
    for number in hall.poses:
        hall.walk(number, 0.25)
    hall.tick()
    hall.seen(50)
    slow.take_all()
    hall.tick()
    assert len(slow.frames[-1]) <= SEGMENT
    told = hall.seen(50).keys()
    assert {46, 47, 48, 49, 51, 52, 53, 54} <= told and len(told) < 30


def test_a_hiccup_of_a_good_line_is_over_soon() -> None:
    """Everybody moves all the time: far more than a segment each flush, and still it recovers."""
    hall = Hall(300)
    pipes = [hall.receive(1), hall.receive(2)]
    hall.tick()
    frames = []
    for step in range(40):
        for number in hall.poses:
            hall.walk(number, step * 0.01)
        hall.tick()
        pipes[0].take_all()
        if step > 0:  # the other one missed a moment
            pipes[1].take_all()
        frames.append([pipe.frames[-1] for pipe in pipes])
    assert frames[5][0] is not frames[5][1]
    assert all(mine is theirs for mine, theirs in frames[20:])
    hall.seen(2)


def test_who_points_is_told_first() -> None:
    hall = Hall(100)
    slow = hall.receive(1)
    hall.tick()
    for number in hall.poses:
        hall.walk(number, 0.25, pointing=number == 100)
    hall.tick()
    hall.seen(1)
    slow.take_all()
    hall.tick()
    assert 100 in hall.seen(1)


def test_a_stuck_receiver_changes_nothing_for_the_others() -> None:
    alone, beside = Hall(30), Hall(30)
    for hall in (alone, beside):
        hall.receive(1)
    beside.receive(2)  # never reads
    for step in range(50):
        for hall in (alone, beside):
            for number in hall.poses:
                hall.walk(number, step * 0.01)
            hall.tick()
            hall.pipes[1].take_all()
    assert alone.pipes[1].frames == beside.pipes[1].frames


def test_somebody_who_left_is_not_owed_any_more() -> None:
    hall = Hall(5)
    slow = hall.receive(1)
    hall.tick()
    for number in hall.poses:
        hall.walk(number, 1.0)
    hall.tick()
    hall.seen(1)
    for number in (2, 3):
        del hall.poses[number]
    slow.take_all()
    hall.tick()
    assert hall.seen(1).keys() == {4, 5}
    hall.flush.remove(1)
    hall.walk(4, 2.0)
    hall.tick()
    assert len(slow.frames) == 2


@settings(max_examples=25)
@given(
    st.integers(2, 60),
    st.floats(4_000, 200_000),
    st.lists(st.sampled_from(["takes", "takes half", "takes nothing"]), min_size=20, max_size=120),
    st.integers(-1, 60),  # when it has a pose of its own: before 0 at once, else it watches until
)
def test_any_line_stays_within_its_budget_and_ends_up_right(
    members: int, rate: float, line: list[str], moves: int
) -> None:
    """Bytes within rate and burst, backlog bounded, and once all stand still everything is told."""
    burst = 4096.0
    hall = Hall(members, rate, burst)
    pipe = hall.receive(1, watches=moves >= 0)
    began = hall.now
    for step, how in enumerate(line):
        if step == moves:
            hall.flush.moves(1)
        for number in hall.poses:
            hall.walk(number, step * 0.01)
        hall.tick()
        sent = sum(map(len, pipe.frames))
        # At most three budgets' worth: its own, and what those who keep up and who watch are given
        # together.
        assert sent <= 3 * (burst + rate * (hall.now - began)) + 1
        assert pipe.waiting <= 2 * burst
        pipe.take({"takes": pipe.waiting, "takes half": pipe.waiting // 2}.get(how, 0))
    seen = hall.seen(1)
    for _ in range(int(members * 44 / rate / STEP) + members * 8 + 50):
        pipe.take_all()
        hall.tick()
    seen |= hall.seen(1)
    assert seen.keys() == set(hall.poses) - {1} or 1 in seen
    for number in set(hall.poses) - {1}:
        assert abs(seen[number] - hall.x[number]) < 0.002
    assert not hall.flush.waits


def test_who_only_watches_is_told_all_in_one_frame_less_often() -> None:
    hall = Hall(10)
    walker = hall.receive(1)
    watchers = [hall.receive(number, watches=True) for number in range(20, 25)]
    hall.tick()  # everybody, whole
    hall.tick()
    for pipe in (walker, *watchers):
        pipe.take_all()
    steps = 40
    before = len(watchers[0].frames)
    for step in range(1, steps + 1):
        hall.walk(1 + step % 5, step * 0.1)
        hall.tick()
        for pipe in (walker, *watchers):
            pipe.take_all()
    told = len(watchers[0].frames) - before
    most = steps * STEP / WATCH_EVERY_S
    assert 0.7 * most <= told <= most + 1
    frames = [pipe.frames[-1] for pipe in watchers]
    assert all(frame is frames[0] for frame in frames)  # framed once
    while hall.flush.waits:
        hall.tick()
    assert hall.seen(20) == pytest.approx(hall.x, abs=0.001)


def test_who_watched_and_moves_is_told_at_once_and_nothing_is_missing() -> None:
    hall = Hall(6)
    pipe = hall.receive(9, watches=True)
    hall.tick()
    hall.tick()
    assert hall.flush.watching == {9}
    pipe.take_all()
    hall.walk(2, 5.0)
    hall.tick()  # may or may not be its turn
    pipe.take_all()
    hall.flush.moves(9)
    assert not hall.flush.watching
    hall.tick()
    pipe.take_all()
    assert hall.seen(9)[2] == pytest.approx(hall.x[2], abs=0.001)
    hall.tick()
    before = len(pipe.frames)
    for step in range(10):
        hall.walk(3, step * 0.1)
        hall.tick()
        pipe.take_all()
    assert len(pipe.frames) - before == 10  # as often as everybody who moves


def test_a_watcher_that_reads_nothing_costs_the_others_nothing() -> None:
    hall = Hall(5)
    stuck, reads = hall.receive(8, watches=True), hall.receive(9, watches=True)
    for step in range(60):
        hall.walk(1, step * 0.1)
        hall.tick()
        reads.take_all()
    assert stuck.waiting <= 2 * SEGMENT
    while hall.flush.waits and hall.now < START + 10:
        hall.tick()
        reads.take_all()
        stuck.take_all()
    for number in (8, 9):
        assert hall.seen(number)[1] == pytest.approx(hall.x[1], abs=0.001)


def test_the_interval_grows_with_the_crowd_and_the_load() -> None:
    assert flush_interval(1, 0.0) == flush_interval(16, 0.0) == SHORTEST_S
    assert 0.010 <= flush_interval(100, 0.0) <= 0.014
    assert flush_interval(100, 0.008) > flush_interval(100, 0.0)
    assert flush_interval(100, 10.0) == LONGEST_S
    assert flush_interval(100, 0.0, 0.05) == 0.05
    assert math.isclose(flush_interval(2, 0.0, 0.3), 0.3)
