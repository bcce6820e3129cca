"""The memory budget: what is not used goes first, what is used stays, and the books add up."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vr_app.stream.branch import Branch
from vr_app.stream.residency import LATELY_S, RETURNS_S, SOON_S, Residency


def tile(number: int, size: int = 100, pinned: bool = False) -> Branch:
    branch = Branch(number, (0.0,) * 6, 0.0, f"{number}", False, 0, None)
    branch.size, branch.pinned = size, pinned
    return branch


def test_within_the_budget_nothing_goes() -> None:
    held = Residency(1000)
    for number in range(9):
        held.add(tile(number))
    held.use(0.0, [])
    assert held.forget(0.0) == [] and held.held_bytes == 900


def test_what_was_not_used_for_longest_goes_first_and_what_is_used_or_pinned_stays() -> None:
    held = Residency(500)
    tiles = [tile(number, pinned=number == 0) for number in range(7)]
    for one in tiles[:5]:
        held.add(one)
    held.use(0.0, tiles[1:5])
    held.use(1.0, [tiles[2], tiles[4]], spare=[tiles[3]])
    held.add(tiles[5])
    held.use(9.0, [tiles[2], tiles[4], tiles[5]])
    assert held.forget(9.0) == [tiles[1]]
    held.add(tiles[6])
    held.use(9.1, [tiles[2], tiles[4], tiles[5], tiles[6]])
    assert held.forget(9.1) == [tiles[3]]
    assert held.held_bytes == 500 and held.forgotten == 2


def test_a_layer_that_is_hidden_frees_its_coarsest_tiles_too() -> None:
    held = Residency(150)
    coarse, fine = tile(0, pinned=True), tile(1)
    held.add(coarse)
    assert held.for_the_view == 20
    held.pin(coarse, False)
    assert held.for_the_view == 120
    held.add(fine)
    held.use(0.0, [fine])
    assert held.forget(0.0) == [coarse]


def test_tiles_wanted_again_at_once_are_counted() -> None:
    held = Residency(100)
    one, two = tile(0), tile(1)
    held.add(one)
    held.add(two)
    held.use(0.0, [])
    assert held.forget(5.0) == [one]
    held.want([one], 5.0 + SOON_S + 0.1)
    assert held.missed == 0
    held.add(one)
    held.use(0.0, [])
    held.forget(20.0)
    held.want([one, two], 21.0)
    held.want([one, two], 21.1)
    assert held.missed == 1 and held.forgotten == 2


def test_early_tiles_have_room_only_beside_what_the_eyes_come_back_to() -> None:
    held = Residency(300)
    used, before = tile(0), tile(1)
    for one in (used, before):
        held.add(one)
    held.use(0.0, [used, before])
    held.use(10.0, [used])
    left = 10.0 + RETURNS_S
    assert held.room_for(100, left - 0.1) and not held.room_for(101, left - 0.1)
    assert held.room_for(200, left + 0.1) and not held.room_for(201, left + 0.1)
    held.use(left, [used], spare=[before])
    assert not held.room_for(101, left + 60.0)


def test_what_was_used_lately_goes_after_the_next_best_and_what_is_old_before() -> None:
    held = Residency(400)
    old, coarse, lately, used = (tile(number) for number in range(4))
    for one in (old, coarse, lately, used):
        held.add(one)
    held.use(0.0, [old, lately, used])
    held.use(1.0, [lately, used], spare=[coarse])
    held.use(10.0, [used], spare=[coarse])
    now = 10.0 + LATELY_S - 0.1
    for most, gone in ((300, [old]), (200, [coarse]), (100, [lately]), (0, [])):
        held.budget = most
        assert held.forget(now) == gone
    assert held.held == {used}


def of_100(branch: Branch) -> int:
    return 100


def test_what_can_wait_does_until_what_was_just_seen_is_old() -> None:
    held = Residency(400)
    used, seen, spare = (tile(number) for number in range(3))
    for one in (used, seen, spare):
        held.add(one)
    held.use(0.0, [used, seen], spare=[spare])
    held.use(5.0, [used], spare=[spare])
    new = [tile(number) for number in range(10, 15)]
    assert held.affordable(new[:1], of_100, 5.1) == new[:1]
    assert held.affordable(new, of_100, 5.1) == new[:1]
    assert held.affordable(new, of_100, 5.1 + LATELY_S) == new[:2]
    assert held.affordable([], of_100, 5.1) == []


def test_where_all_that_is_used_takes_the_room_one_tile_comes_at_a_time() -> None:
    held = Residency(200)
    stands_in = [tile(number) for number in range(2)]
    for one in stands_in:
        held.add(one)
    held.use(0.0, stands_in)
    new = [tile(number) for number in range(10, 13)]
    assert held.affordable(new, of_100, 0.1) == new[:1]


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
        held.use(0.0, needed)
        for gone in held.forget(0.0):
            assert gone not in needed
            del tiles[gone.number]
        assert held.held == set(tiles.values())
        assert held.held_bytes == sum(one.size for one in tiles.values())
        assert held.held_bytes <= max(1000, sum(one.size for one in set(needed)))
