"""Tile selection: the finest cut that fits, the same for the same eyes, no gap while loading."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.tiles.tileset import Tile
from vr_app.stream.branch import Branch, grow
from vr_app.stream.cover import HOLE, SWAP, Cover, cover
from vr_app.stream.selector import Choice, Limits, choose, missing
from vr_app.stream.views import TURN_RAD, View, eyes_of, frustum_planes, same_views

S = math.sqrt(0.5)


def view(position: tuple[float, float, float] = (0, 0, 0)) -> View:
    """Looks along +X, 90 degrees wide and high."""
    normals = np.array([[S, S, 0], [S, -S, 0], [S, 0, S], [S, 0, -S], [1, 0, 0]])
    planes = np.concatenate([normals, -(normals @ np.array(position))[:, None]], axis=1)
    return View(np.array(position, float), planes, 600.0)


def leaf(x: float, name: str, y: float = 0.0) -> Tile:
    centre = np.array([x, y, 0.0])
    return Tile(centre - 1, centre + 1, 0.0, name)


def tree(
    depth: int = 3, low: tuple[float, float, float] = (5.0, -8.0, -8.0), size: float = 16.0
) -> Tile:
    """A cube of replaced tiles, four in a row at a time: every tile has content and an error."""
    corner = np.array(low)
    name = f"{depth}:{low[0]:g},{low[1]:g},{low[2]:g}"
    children = []
    if depth:
        half = size / 2
        for east in (0.0, half):
            for north in (0.0, half):
                children.append(tree(depth - 1, (low[0] + east, low[1] + north, low[2]), half))
    return Tile(corner, corner + size, 0.05 * 4**depth if depth else 0.0, name, "REPLACE", children)


def chosen(
    root: Branch, *views: View, limits: Limits | None = None, last: Choice | None = None
) -> Choice:
    number = -1 if last is None else last.number
    eyes = eyes_of(views, 0.0)
    return choose([root], eyes, limits or Limits(), number, number + 1)


def names(branches: list[Branch]) -> list[str]:
    return sorted(str(one.address) for one in branches)


def ready(*branches: Branch) -> None:
    for one in branches:
        one.ready = True


def covered(root: Branch, *views: View) -> tuple[Choice, Cover]:
    choice = chosen(root, *views)
    return choice, cover([root], choice, eyes_of(views, 0.0))


def test_only_what_is_in_view_is_meant() -> None:
    front, behind = leaf(10, "front"), leaf(-10, "behind")
    root = grow(Tile(behind.low, front.high, 100.0, None, "ADD", [front, behind]), "")
    assert names(chosen(root, view()).cut) == ["front"]


def test_a_view_opened_for_turns_sees_what_a_turn_of_the_head_brings() -> None:
    for degrees, inside in ((44.0, True), (53.0, True), (57.0, False)):
        angle = math.radians(degrees)
        x, y = 30 * math.cos(angle), 30 * math.sin(angle)
        root = grow(Tile(np.array([x, y, 0.0]), np.array([x, y, 0.0]), 0.0, "one"), "")
        choice = choose([root], eyes_of([view()], TURN_RAD), Limits())
        assert bool(choice.cut) == inside


def test_the_union_of_views_counts_and_nothing_is_doubled() -> None:
    near, far = leaf(10, "near"), leaf(60, "far")
    root = grow(Tile(near.low, far.high, 100.0, None, "ADD", [near, far]), "")
    assert names(chosen(root, view(), view((40, 0, 0))).cut) == ["far", "near"]


def test_two_eyes_of_one_head_are_one_head_that_sees_what_either_does() -> None:
    (eye,) = eyes_of([view((0, 0.03, 0)), view((0, -0.03, 0))])
    assert len(eye.frusta) == 2 and eye.position == (0.0, 0.0, 0.0)
    assert eye.radius == pytest.approx(0.03)
    assert eye.gaze == pytest.approx((1.0, 0.0, 0.0))
    assert len(eyes_of([view(), view((3, 0, 0))])) == 2


def test_missing_tiles_are_asked_for_worst_error_first_and_the_coarsest_before_all() -> None:
    root = grow(tree(), "")
    _, result = covered(root, view())
    order = result.in_order()
    assert order[0] is root
    levels = [one.level for one in order]
    assert levels == sorted(levels)
    assert {one[0] for one in result.wanted} == {HOLE}


def test_a_parent_stays_until_all_its_children_are_ready_and_the_last_ones_are_hurried() -> None:
    children = [leaf(10, "a", -1.0), leaf(10, "b", 1.0)]
    parent = grow(
        Tile(np.array([9.0, -2, -1]), np.array([11.0, 2, 1]), 5.0, "parent", "REPLACE", children),
        "",
    )
    first, second = parent.children
    ready(parent, first)
    _, waiting = covered(parent, view())
    assert waiting.show == [parent] and waiting.kept == [first]
    assert waiting.wanted == [(SWAP, -second.weight, second)]
    ready(second)
    _, done = covered(parent, view())
    assert names(done.show) == ["a", "b"] and not done.wanted


def test_finer_tiles_stand_in_for_a_coarse_one_that_is_not_there() -> None:
    root = grow(tree(1), "")
    ready(*root.children)
    _, result = covered(root, view((-200, 0, 0)))
    assert result.show == root.children and result.in_order() == [root]
    assert result.wanted[0][0] != HOLE
    root.children[0].ready = False
    _, gone = covered(root, view((-200, 0, 0)))
    assert gone.show == [] and gone.wanted[0][0] == HOLE


def test_far_away_the_coarse_tile_is_enough() -> None:
    child = leaf(4000, "fine")
    root = grow(Tile(child.low, child.high, 5.0, "coarse", "REPLACE", [child]), "")
    assert names(chosen(root, view()).cut) == ["coarse"]


def test_small_features_are_left_out_far_away() -> None:
    bolts = leaf(500, "bolts")
    root = grow(Tile(bolts.low, bolts.high, 0.1, None, "ADD", [bolts]), "")
    assert chosen(root, view()).cut == []
    assert names(chosen(root, view((490, 0, 0))).cut) == ["bolts"]


def test_planes_of_a_projection_hold_what_it_shows() -> None:
    # clip = M @ point for a camera at the origin that looks along +Y, 90 degrees.
    matrix = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, -0.2], [0, 1, 0, 0]])
    planes = frustum_planes(matrix)
    for point, inside in [
        ((0, 5, 0), True),
        ((4.9, 5, 0), True),
        ((5.1, 5, 0), False),
        ((0, -1, 0), False),
        ((0, 5, -5.2), False),
    ]:
        assert (planes @ np.array([*point, 1.0]) >= 0).all() == inside
    assert np.linalg.norm(planes[:, :3], axis=1) == pytest.approx(np.ones(5))


def test_nothing_is_meant_beyond_reach() -> None:
    near, far = leaf(10, "near"), leaf(400, "far")
    root = grow(Tile(near.low, far.high, 1e9, None, "ADD", [near, far]), "")
    assert names(chosen(root, view(), limits=Limits(reach_m=250.0)).cut) == ["near"]


def test_whatever_has_arrived_the_view_is_covered_once_or_by_what_there_is() -> None:
    generator = np.random.default_rng(5)
    for share in (0.1, 0.5, 0.9):
        for _ in range(40):
            root = grow(tree(), "")
            for one in root.walk():
                one.ready = bool(generator.random() < share) or one is root
            eye = tuple(generator.uniform(-30, 10, 3))
            choice, result = covered(root, view(eye))
            assert set(result.show).isdisjoint(result.kept)
            for shown in result.show:
                assert shown.ready
                below = set(shown.walk()) - {shown}
                assert not below & set(result.show)
            assert not any(one.ready for _, _, one in result.wanted)
            assert {one for _, _, one in result.wanted} <= {*choice.cut, *choice.refined}
            if choice.cut:
                assert result.show  # the root stands in for what is missing


def test_what_is_wanted_is_loaded_step_by_step_until_nothing_is() -> None:
    root = grow(tree(), "")
    for _ in range(200):
        choice, result = covered(root, view())
        if not result.wanted:
            break
        ready(result.in_order()[0])
    assert not result.wanted and names(result.show) == names(choice.cut)
    assert any(not one.children for one in result.show)


def test_a_tile_near_the_limit_does_not_flicker() -> None:
    root = grow(tree(1), "")
    far, near = view((-29.0, 0, 0)), view((-23.5, 0, 0))  # 0.2 m of error are 4 px at 30 m
    finer = chosen(root, near)
    assert len(finer.cut) == 4
    stays = chosen(root, far, last=finer)
    assert len(stays.cut) == 4
    away = chosen(root, view((-41, 0, 0)), last=stays)
    assert away.cut == [root]
    assert chosen(root, far, last=away).cut == [root]


def test_a_broken_child_leaves_its_parent_on_screen_for_good() -> None:
    root = grow(tree(2), "")
    ready(*root.walk())
    broken = root.children[1].children[0]
    broken.ready, broken.failed = False, True
    _, result = covered(root, view())
    assert root.children[1] in result.show and not result.wanted
    assert not set(root.children[1].children) & set(result.show)
    assert set(root.children[0].children) <= set(result.show)


def test_what_lies_ahead_comes_before_what_lies_beside() -> None:
    def block(x: float, y: float, name: str) -> Tile:
        part = leaf(x, f"{name} fine", y)
        return Tile(part.low, part.high, 0.5, name, "REPLACE", [part])

    beside, ahead = block(15, 14, "beside"), block(20, 0, "ahead")
    low, high = np.array([0.0, -2, -1]), np.array([21.0, 15, 1])
    root = grow(Tile(low, high, 100.0, None, "ADD", [beside, ahead]), "")
    ready(*root.children)
    _, result = covered(root, view())
    assert [one.address for one in result.in_order()] == ["ahead fine", "beside fine"]


def test_an_empty_tile_is_refined_and_its_children_stand_alone() -> None:
    inner = tree(1)
    hollow = grow(Tile(inner.low, inner.high, 30.0, None, "REPLACE", inner.children), "")
    ready(hollow.children[0])
    _, result = covered(hollow, view())
    assert result.show == [hollow.children[0]] and len(result.wanted) == 3
    assert all(urgency == HOLE for urgency, _, _ in result.wanted)


def test_only_views_that_see_a_tile_say_how_fine_it_is() -> None:
    root = grow(tree(1), "")
    away = View(np.array([4.0, 0, 0]), view((40, 0, 0)).planes, 600.0)  # close, but looks elsewhere
    assert chosen(root, view((-40, 0, 0)), away).cut == [root]


SIZES = st.lists(st.integers(1, 100), min_size=85, max_size=85)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(10, 3000), st.integers(1, 60), st.integers(-60, 4))
def test_a_choice_never_exceeds_its_limits_and_repeats_itself(
    sizes: list[int], budget: int, tiles: int, x: int
) -> None:
    root = grow(tree(), "")
    for branch, size in zip(root.walk(), sizes, strict=True):
        branch.size = size
    limits = Limits(budget=budget, max_tiles=tiles)
    choice = chosen(root, view((x, 0, 0)), limits=limits)
    assert choice.size == sum(one.size for one in choice.cut)
    assert choice.size <= max(budget, root.size) and len(choice.cut) <= tiles
    if choice.short_px == 0.0:
        free = chosen(grow(tree(), ""), view((x, 0, 0)))
        assert names(free.cut) == names(choice.cut)
    twin = grow(tree(), "")
    for branch, size in zip(twin.walk(), sizes, strict=True):
        branch.size = size
    again = chosen(twin, view((x, 0, 0)), limits=limits)
    assert [one.address for one in again.cut] == [one.address for one in choice.cut]


def test_little_memory_leaves_the_smallest_errors_in() -> None:
    root = grow(tree(), "")
    for one in root.walk():
        one.size = 10
    choice = chosen(root, view(), limits=Limits(budget=130))
    free = chosen(grow(tree(), ""), view())
    assert 4 < len(choice.cut) < len(free.cut) and choice.size <= 130
    assert choice.short_px > Limits().max_error_px
    less = chosen(root, view(), limits=Limits(budget=50), last=Choice(choice.number + 1))
    assert len(less.cut) < len(choice.cut) and less.short_px > choice.short_px


def test_a_look_ahead_names_what_is_missing_there_and_marks_nothing() -> None:
    root = grow(tree(), "")
    ready(*list(root.walk())[:40])
    before = [(one.chosen, one.refined) for one in root.walk()]
    found = missing([root], eyes_of([view()], 0.0), Limits(), 5)
    assert len(found) == 5 and not any(one.ready for one in found)
    assert [(one.chosen, one.refined) for one in root.walk()] == before
    assert set(found) <= set(chosen(root, view()).cut)


def rolled(position: npt.NDArray[np.float64], yaw: float) -> View:
    turn = np.array(
        [[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]]
    )
    planes = view().planes.copy()
    planes[:, :3] = planes[:, :3] @ turn.T
    planes[:, 3] = -(planes[:, :3] @ position)
    return View(position, planes, 600.0)


def test_a_choice_is_good_until_a_head_has_moved_or_turned_some_way() -> None:
    here = [view()]
    assert same_views(here, here, 0.25, 0.05)
    assert same_views(here, [rolled(np.array([0.2, 0, 0]), 0.04)], 0.25, 0.05)
    assert not same_views(here, [rolled(np.array([0.3, 0, 0]), 0.0)], 0.25, 0.05)
    assert not same_views(here, [rolled(np.zeros(3), 0.06)], 0.25, 0.05)
    assert not same_views(here, [], 0.25, 0.05)
    wide = View(here[0].position, here[0].planes, 900.0)
    assert not same_views(here, [wide], 0.25, 0.05)
