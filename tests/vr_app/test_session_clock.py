"""The two clocks: the estimate over an uneven line, and the one that is rendered by."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from vr_app.session.clock import JUMP_S, SLEW, ClockEstimate, RenderClock

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


@given(st.lists(st.floats(-0.4, 0.4), min_size=1, max_size=60))
def test_render_time_never_runs_back_and_hardly_faster(errors: list[float]) -> None:
    clock = RenderClock()
    clock.steer(0.0, OFFSET)
    shown = clock.time(0.0)
    assert shown is not None
    for step, error in enumerate(errors, start=1):
        now = step / 60
        clock.steer(now, OFFSET + error)
        later = clock.time(now)
        assert later is not None
        assert 0 <= later - shown <= (1 + SLEW) / 60 + JUMP_S * (abs(error) > JUMP_S) + 1e-6
        shown = later


def test_render_time_reaches_the_estimate() -> None:
    clock = RenderClock()
    clock.steer(0.0, OFFSET)
    for step in range(1, 60 * 10):
        clock.steer(step / 60, OFFSET + 0.1)
    shown = clock.time(10.0)
    assert shown is not None and abs(shown - (10.0 + OFFSET + 0.1)) < 0.001


def test_a_clock_that_was_wrong_is_put_right_at_once() -> None:
    clock = RenderClock()
    clock.steer(0.0, OFFSET)
    clock.time(0.0)
    clock.steer(1.0, OFFSET - 3600)
    assert clock.time(1.0) == 1.0 + OFFSET - 3600
