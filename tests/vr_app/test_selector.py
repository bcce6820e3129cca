"""Tile selection: what is seen is shown, what is missing is asked for, no gap while loading."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenes.tiles.tileset import Tile
from vr_app.stream.selector import View, frustum_planes, select


def view(position: tuple[float, float, float] = (0, 0, 0)) -> View:
    """Looks along +X, 90 degrees wide and high."""
    s = math.sqrt(0.5)
    x, y, z = position
    normals = np.array([[s, s, 0], [s, -s, 0], [s, 0, s], [s, 0, -s], [1, 0, 0]])
    planes = np.concatenate([normals, -(normals @ np.array([x, y, z]))[:, None]], axis=1)
    return View(np.array(position, float), planes, 600.0)


def leaf(x: float, name: str, y: float = 0.0) -> Tile:
    centre = np.array([x, y, 0.0])
    return Tile(centre - 1, centre + 1, 0.0, name)


def test_only_what_is_in_view_is_shown() -> None:
    front, behind = leaf(10, "front"), leaf(-10, "behind")
    root = Tile(behind.low, front.high, 100.0, None, "ADD", [front, behind])
    selection = select([root], [view()], lambda tile: True)
    assert selection.show == [front] and selection.load == []


def test_the_union_of_views_counts_and_nothing_is_doubled() -> None:
    near, far = leaf(10, "near"), leaf(60, "far")
    root = Tile(near.low, far.high, 100.0, None, "ADD", [near, far])
    selection = select([root], [view(), view((40, 0, 0))], lambda tile: True)
    assert sorted(str(tile.content) for tile in selection.show) == ["far", "near"]


def test_missing_tiles_are_asked_for_nearest_first() -> None:
    tiles = [leaf(x, f"{x}") for x in (30, 10, 20)]
    root = Tile(np.array([9.0, -1, -1]), np.array([31.0, 1, 1]), 100.0, None, "ADD", tiles)
    selection = select([root], [view()], lambda tile: False)
    assert [tile.content for tile in selection.load] == ["10", "20", "30"]
    assert selection.show == []


def test_a_parent_stays_until_all_its_children_are_ready() -> None:
    children = [leaf(10, "a", -1.0), leaf(10, "b", 1.0)]
    parent = Tile(
        np.array([9.0, -2, -1]), np.array([11.0, 2, 1]), 5.0, "parent", "REPLACE", children
    )
    waiting = select([parent], [view()], lambda tile: tile.content != "b")
    assert waiting.show == [parent] and [tile.content for tile in waiting.load] == ["b"]
    ready = select([parent], [view()], lambda tile: True)
    assert {tile.content for tile in ready.show} == {"a", "b"}


def test_far_away_the_coarse_tile_is_enough() -> None:
    child = leaf(4000, "fine")
    parent = Tile(child.low, child.high, 5.0, "coarse", "REPLACE", [child])
    selection = select([parent], [view()], lambda tile: True)
    assert [tile.content for tile in selection.show] == ["coarse"]


def test_small_features_are_left_out_far_away() -> None:
    bolts = leaf(500, "bolts")
    root = Tile(bolts.low, bolts.high, 0.1, None, "ADD", [bolts])
    assert select([root], [view()], lambda tile: True).show == []
    assert select([root], [view((490, 0, 0))], lambda tile: True).show == [bolts]


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


def test_nothing_is_drawn_or_loaded_beyond_reach() -> None:
    near, far = leaf(10, "near"), leaf(400, "far")
    root = Tile(near.low, far.high, 1e9, None, "ADD", [near, far])
    selection = select([root], [view()], lambda tile: False, reach_m=250.0)
    assert [tile.content for tile in selection.load] == ["near"]


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


def everything(root: Tile) -> list[Tile]:
    return [root] + [one for child in root.children for one in everything(child)]


def test_whatever_has_arrived_the_view_is_covered_once_or_by_what_there_is() -> None:
    root = tree()
    tiles = everything(root)
    generator = np.random.default_rng(5)
    for share in (0.1, 0.5, 0.9):
        for _ in range(40):
            ready = {id(tile) for tile in tiles if generator.random() < share} | {id(root)}
            eye = tuple(generator.uniform(-30, 10, 3))
            selection = select([root], [view(eye)], lambda tile, ready=ready: id(tile) in ready)  # type: ignore[misc, arg-type]
            for one in selection.show:
                assert id(one) in ready
                below = {id(tile) for tile in everything(one)} - {id(one)}
                assert not below & {id(tile) for tile in selection.show}
            assert not {id(tile) for tile in selection.load} & ready
            assert {id(tile) for tile in selection.load} <= {id(t) for t in selection.needed}
            if selection.needed:
                assert selection.show  # the root stands in for what is missing
            again = select([root], [view(eye)], lambda tile, ready=ready: id(tile) in ready)  # type: ignore[misc, arg-type]
            assert again == selection


def test_what_is_wanted_is_loaded_step_by_step_until_nothing_is() -> None:
    root = tree()
    ready: set[int] = set()
    for _ in range(200):
        selection = select([root], [view((0, 0, 0))], lambda tile: id(tile) in ready)
        if not selection.load:
            break
        ready.add(id(selection.load[0]))
    assert not selection.load
    assert {id(tile) for tile in selection.show} == {id(tile) for tile in selection.needed}
    assert any(not tile.children for tile in selection.show)


def test_a_tile_near_the_limit_does_not_flicker() -> None:
    root = tree(1)
    far, near = -29.0, -23.5  # 0.2 m of error are 4 px at 30 m
    finer = select([root], [view((near, 0, 0))], lambda tile: True)
    coarse = select([root], [view((far, 0, 0))], lambda tile: True)
    assert len(finer.show) == 4 and coarse.show == [root]
    stays = select([root], [view((far, 0, 0))], lambda tile: True, refined=finer.refined)
    assert len(stays.show) == 4
    away = select([root], [view((far - 12, 0, 0))], lambda tile: True, refined=stays.refined)
    assert away.show == [root]


def test_a_broken_child_leaves_its_parent_on_screen_for_good() -> None:
    root = tree(2)
    broken = root.children[1].children[0]
    selection = select(
        [root], [view((0, 0, 0))], lambda tile: tile is not broken, has_failed=lambda t: t is broken
    )
    shown = {id(tile) for tile in selection.show}
    assert id(root.children[1]) in shown and id(broken) not in map(id, selection.load)
    assert not {id(tile) for tile in root.children[1].children} & shown
    assert {id(tile) for tile in root.children[0].children} & shown


def test_what_lies_ahead_comes_before_what_lies_beside() -> None:
    ahead, beside = leaf(20, "ahead"), leaf(15, "beside", 14.0)
    root = Tile(np.array([0.0, -2, -1]), np.array([21.0, 15, 1]), 100.0, None, "ADD",
                [beside, ahead])  # fmt: skip
    selection = select([root], [view()], lambda tile: False)
    assert [tile.content for tile in selection.load] == ["ahead", "beside"]


def test_an_empty_tile_is_refined_and_its_children_stand_alone() -> None:
    root = tree(1)
    hollow = Tile(root.low, root.high, 30.0, None, "REPLACE", root.children)
    selection = select([hollow], [view((0, 0, 0))], lambda tile: tile is root.children[0])
    assert selection.show == [root.children[0]] and len(selection.load) == 3
    assert all(one.urgency == 0 for one in selection.wanted)


def test_only_views_that_see_a_tile_say_how_fine_it_is() -> None:
    root = tree(1)
    away = View(np.array([4.0, 0, 0]), view((40, 0, 0)).planes, 600.0)  # close, but looks elsewhere
    assert select([root], [view((-40, 0, 0)), away], lambda tile: True).show == [root]
