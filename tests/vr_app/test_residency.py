"""The memory budget: it coarsens, forgets the least useful, and comes back when there is room."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vr_app.stream.residency import Residency


def test_within_the_budget_nothing_happens() -> None:
    held = Residency(1000)
    for key in range(9):
        held.add(key, 100)
    assert held.settle([], []) == [] and held.factor == 1.0


def test_what_was_not_needed_for_longest_goes_first_and_what_is_needed_stays() -> None:
    held = Residency(500)
    for key in range(5):
        held.add(key, 100, pinned=key == 0)
    held.settle([1, 2, 3, 4], [])
    held.settle([2, 4], [3])
    held.add(5, 100)
    assert held.settle([2, 4, 5], []) == [1]
    held.add(6, 100)
    assert held.settle([2, 4, 5, 6], []) == [3]
    assert held.held_bytes == 500


def test_when_all_is_needed_the_picture_gets_coarser_until_it_fits() -> None:
    held = Residency(1000)
    for key in range(20):
        held.add(key, 100)
    factors = []
    for _ in range(30):
        # Half as many tiles are needed at twice the error.
        count = int(20 / held.factor)
        gone = held.settle(range(count), [])
        assert not set(gone) & set(range(count))
        factors.append(held.factor)
    assert held.held_bytes <= 1000 and 2.0 <= held.factor < 3.2
    assert len(set(factors[-10:])) == 1  # it rests
    for _ in range(100):
        held.settle(range(2), [])
    assert held.factor == 1.0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 400)), max_size=80), st.integers(0, 9))
def test_the_books_add_up(steps: list[tuple[int, int]], seed: int) -> None:
    held = Residency(1000)
    generator = np.random.default_rng(seed)
    sizes: dict[int, int] = {}
    for key, size in steps:
        if key not in sizes:
            held.add(key, size)
            sizes[key] = size
        needed = generator.choice(41, 3).tolist()
        for gone in held.settle(needed, []):
            del sizes[gone]
        assert held.held_bytes == sum(sizes.values())
        kept = sum(sizes.get(one, 0) for one in set(needed))
        assert held.held_bytes <= max(1000, kept)
