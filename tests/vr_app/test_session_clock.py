"""The two clocks: the estimate over an uneven line, and the one that is rendered by."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vr_app.session.clock import (
    BEST_SHARE,
    QUICK_EXCHANGE_S,
    QUICK_S,
    SETTLE_S,
    SLEW,
    ClockEstimate,
    RenderClock,
    next_exchange,
)

OFFSET = 1_795_449_474.25


@given(st.integers(0, 2**32), st.floats(0.0, 0.2), st.floats(0.001, 0.1))
def test_the_error_is_at_most_half_the_best_round_trips(
    seed: int, base: float, jitter: float
) -> None:
    """Each way takes base + a random part; the best fifth of the exchanges decides."""
    chance = random.Random(seed)
    estimate = ClockEstimate()
    trips: list[float] = []
    for step in range(20):
        sent = step * 0.5
        there, back = (base + chance.expovariate(1 / jitter) for _ in range(2))
        estimate.take(sent, sent + there + back, sent + there + OFFSET)
        trips = sorted([*trips, there + back])
        worst = trips[max(round(len(trips) * BEST_SHARE), 1) - 1]
        assert estimate.offset is not None
        assert abs(estimate.offset - OFFSET) <= worst / 2 + 1e-6
    assert estimate.round_trip is not None
    assert abs(estimate.round_trip - trips[0]) < 1e-6


def test_an_answer_from_before_the_question_is_ignored() -> None:
    estimate = ClockEstimate()
    estimate.take(5.0, 4.0, 100.0)
    assert estimate.offset is None


def uneven_way(chance: random.Random, seconds: float) -> Callable[[float], float]:
    """150 ms, and up to 25 ms more or less, changing evenly between draws 60 ms apart."""
    drawn = [chance.uniform(-0.025, 0.025) for _ in range(int(seconds / 0.06) + 3)]

    def delay(t: float) -> float:
        index, share = int(t / 0.06), t / 0.06 % 1
        return 0.15 + drawn[index] + (drawn[index + 1] - drawn[index]) * share

    return delay


def test_ten_seconds_after_joining_the_clock_is_right_to_a_tenth_of_the_jitter() -> None:
    """50 ms of symmetric jitter on 300 ms, and one exchange in five stands behind a lost packet."""
    errors: list[float] = []
    for seed in range(60):
        chance = random.Random(seed)
        there, back = uneven_way(chance, 20.0), uneven_way(chance, 20.0)
        answers: list[tuple[float, float, float]] = []
        sent = 0.0
        while sent < QUICK_S + 1.0:
            held = [chance.uniform(0, 0.4) if chance.random() < 0.1 else 0.0 for _ in range(2)]
            asked = sent + there(sent) + held[0]
            answers.append((asked + back(asked) + held[1], sent, asked))
            sent += next_exchange(sent, 0.05)
        estimate, clock = ClockEstimate(), RenderClock()
        for received, asked_at, answered in sorted(answers):
            estimate.take(asked_at, received, answered + OFFSET)
            assert estimate.offset is not None
            clock.steer(received, estimate.offset)
            shown = clock.time(received)
            assert shown is not None
            if received >= 10.0:
                errors.append(abs(shown - received - OFFSET))
    assert sorted(errors)[int(0.95 * len(errors))] < 0.005


def test_an_even_line_is_not_asked_for_long() -> None:
    assert next_exchange(0.3, None) == next_exchange(0.3, 0.0) == QUICK_EXCHANGE_S
    assert next_exchange(1.0, 0.0005) > 1.0
    assert next_exchange(5.0, 0.05) == QUICK_EXCHANGE_S
    assert next_exchange(11.0, 0.05) > 1.0


def test_old_exchanges_are_forgotten() -> None:
    estimate = ClockEstimate()
    estimate.take(0.0, 0.001, 10.0)
    for step in range(1, 200):
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
