"""The two clocks: the estimate over an uneven line, and the one that is rendered by."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vr_app.session.clock import SETTLE_S, SLEW, ClockEstimate, RenderClock

OFFSET = 1_795_449_474.25


@given(st.integers(0, 2**32), st.floats(0.0, 0.2), st.floats(0.001, 0.1))
def test_the_error_is_at_most_half_the_best_round_trip(
    seed: int, base: float, jitter: float
) -> None:
    """Each way takes base + a random part; the best of some exchanges decides."""
    chance = random.Random(seed)
    estimate = ClockEstimate()
    best = float("inf")
    for step in range(20):
        sent = step * 0.5
        there, back = (base + chance.expovariate(1 / jitter) for _ in range(2))
        estimate.take(sent, sent + there + back, sent + there + OFFSET)
        best = min(best, there + back)
        assert estimate.offset is not None
        assert abs(estimate.offset - OFFSET) <= best / 2 + 1e-6
    assert estimate.round_trip is not None
    assert abs(estimate.round_trip - best) < 1e-6


def test_an_answer_from_before_the_question_is_ignored() -> None:
    estimate = ClockEstimate()
    estimate.take(5.0, 4.0, 100.0)
    assert estimate.offset is None


def test_old_exchanges_are_forgotten() -> None:
    estimate = ClockEstimate()
    estimate.take(0.0, 0.001, 10.0)
    for step in range(1, 100):
        estimate.take(step, step + 0.1, step + 0.05 + 99.0)
    assert estimate.offset is not None and abs(estimate.offset - 99.0) < 1e-9


def frames(clock: RenderClock, start: float, seconds: float) -> list[float]:
    """What the clock shows at 60 frames a second."""
    shown = [clock.time(start + step / 60) for step in range(int(seconds * 60))]
    assert None not in shown
    return [one for one in shown if one is not None]


def settled() -> RenderClock:
    clock = RenderClock()
    clock.steer(0.0, OFFSET)
    clock.time(SETTLE_S)
    return clock


@given(st.lists(st.floats(-0.4, 0.4), min_size=1, max_size=12))
def test_render_time_never_runs_back_and_hardly_faster(errors: list[float]) -> None:
    """Estimates come every two seconds; between them there are frames, and no step in any."""
    clock = settled()
    shown: list[float] = []
    for index, error in enumerate(errors):
        now = SETTLE_S + 2.0 * index
        clock.steer(now, OFFSET + error / 2)
        shown += frames(clock, now, 2.0)
    steps = [later - earlier for earlier, later in pairwise(shown)]
    assert min(steps) > (1 - SLEW) / 60 - 1e-6
    assert max(steps) < (1 + SLEW) / 60 + 1e-6


def test_render_time_reaches_the_estimate() -> None:
    clock = settled()
    clock.steer(SETTLE_S, OFFSET + 0.1)
    shown = frames(clock, SETTLE_S, 6.0)
    assert abs(shown[-1] - (SETTLE_S + 359 / 60 + OFFSET + 0.1)) < 0.001


def test_a_rough_first_estimate_is_put_right_by_the_first_exchanges() -> None:
    clock = RenderClock()
    clock.steer(0.0, OFFSET - 0.07)
    first = clock.time(0.1)
    clock.steer(0.2, OFFSET)
    second = clock.time(0.2)
    assert first is not None and second is not None and second > first
    assert abs(second - (0.2 + OFFSET)) < 1e-6
    clock.steer(0.3, OFFSET - 0.2)
    assert clock.time(0.3) == second  # it waits rather than run back


def test_a_clock_that_was_wrong_is_put_right_at_once() -> None:
    clock = RenderClock()
    clock.steer(0.0, OFFSET)
    clock.time(0.0)
    clock.steer(1.0, OFFSET - 3600)
    assert clock.time(1.0) == 1.0 + OFFSET - 3600
