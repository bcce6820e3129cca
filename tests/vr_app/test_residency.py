"""The memory budget: what is not used goes first, what is used stays, and the books add up."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vr_app.stream.branch import Branch
from vr_app.stream.residency import SOON_S, Residency


def tile(number: int, size: int = 100, pinned: bool = False) -> Branch:
    branch = Branch(number, (0.0,) * 6, 0.0, f"{number}", False, 0, None)
    branch.size, branch.pinned = size, pinned
    return branch


def test_within_the_budget_nothing_goes() -> None:
    held = Residency(1000)
    for number in range(9):
        held.add(tile(number))
    held.use([])
    assert held.forget(0.0) == [] and held.held_bytes == 900


def test_what_was_not_used_for_longest_goes_first_and_what_is_used_or_pinned_stays() -> None:
    held = Residency(500)
    tiles = [tile(number, pinned=number == 0) for number in range(7)]
    for one in tiles[:5]:
        held.add(one)
    held.use(tiles[1:5])
    held.use([tiles[2], tiles[4]], [tiles[3]])
    held.add(tiles[5])
    held.use([tiles[2], tiles[4], tiles[5]])
    assert held.forget(0.0) == [tiles[1]]
    held.add(tiles[6])
    held.use([tiles[2], tiles[4], tiles[5], tiles[6]])
    assert held.forget(0.0) == [tiles[3]]
    assert held.held_bytes == 500 and held.forgotten == 2


def test_a_layer_that_is_hidden_frees_its_coarsest_tiles_too() -> None:
    held = Residency(150)
    coarse, fine = tile(0, pinned=True), tile(1)
    held.add(coarse)
    assert held.for_the_view == 20
    held.pin(coarse, False)
    assert held.for_the_view == 120
    held.add(fine)
    held.use([fine])
    assert held.forget(0.0) == [coarse]


def test_tiles_wanted_again_at_once_are_counted() -> None:
    held = Residency(100)
    one, two = tile(0), tile(1)
    held.add(one)
    held.add(two)
    held.use([])
    assert held.forget(5.0) == [one]
    held.want([one], 5.0 + SOON_S + 0.1)
    assert held.missed == 0
    held.add(one)
    held.use([])
    held.forget(20.0)
    held.want([one, two], 21.0)
    held.want([one, two], 21.1)
    assert held.missed == 1 and held.forgotten == 2


def test_early_tiles_have_room_only_beside_what_is_used() -> None:
    held = Residency(300)
    used, idle = tile(0), tile(1)
    for one in (used, idle):
        held.add(one)
    for _ in range(3):
        held.use([used])
    assert held.room_for(200) and not held.room_for(201)


def test_early_tiles_do_not_drive_out_what_was_used_a_moment_ago() -> None:
    held = Residency(300)
    used, before = tile(0), tile(1)
    for one in (used, before):
        held.add(one)
    held.use([used, before])
    held.forget(10.0)
    for _ in range(3):
        held.use([used])
    held.forget(10.0 + SOON_S)
    assert held.room_for(100) and not held.room_for(101)
    held.forget(10.1 + SOON_S)
    assert held.room_for(200) and not held.room_for(201)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 400)), max_size=80), st.integers(0, 9))
def test_the_books_add_up(steps: list[tuple[int, int]], seed: int) -> None:
    held = Residency(1000)
    generator = np.random.default_rng(seed)
    tiles: dict[int, Branch] = {}
    for number, size in steps:
        if number not in tiles:
            tiles[number] = tile(number, size)
            held.add(tiles[number])
        needed = [tiles[one] for one in generator.choice(41, 3).tolist() if one in tiles]
        held.use(needed)
        for gone in held.forget(0.0):
            assert gone not in needed
            del tiles[gone.number]
        assert held.held == set(tiles.values())
        assert held.held_bytes == sum(one.size for one in tiles.values())
        assert held.held_bytes <= max(1000, sum(one.size for one in set(needed)))
