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
