"""A tile with a picture or with instances, from its arrays to the pixels of a display."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from scenes.tiles.glb import TileGeometry, TileImage
from tests.vr_app.picture import offscreen
from vr_app.display.base import Display
from vr_app.stream.tile_node import make_picture, make_tile_node, pack_primitive
from vr_app.world.lighting import Lighting, LightState

WALL = np.array([[-1, 5, -1], [1, 5, -1], [1, 5, 1], [-1, 5, 1]], np.float32)
CORNERS = np.array([0, 1, 2, 0, 2, 3], np.uint32)
# The image's top left is (0, 0): the wall's lower left corner has its lower left.
TEXCOORDS = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    yield from offscreen((200, 200))


def wall(**more: object) -> TileGeometry:
    plain = np.full((4, 3), 200, np.uint8)
    return TileGeometry(
        "triangles", WALL, CORNERS, None, plain, np.zeros(4, np.uint8),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def drawn(display: Display, *tiles: TileGeometry) -> np.ndarray:
    ready = [pack_primitive(one, WALL.min(axis=0) - 9, WALL.max(axis=0) + 9) for one in tiles]
    node = display.scene_root.attach_new_node(make_tile_node("tile", ready))
    node.set_two_sided(True)
    light = Lighting(display.scene_root)
    light.update(LightState(np.zeros(3), np.array([0.0, 1.0, 0.0])), in_open=1.0)
    display.set_eye(np.zeros(3), 0.0, 0.0)
    display.draw()
    picture = display.picture().astype(int)
    node.remove_node()
    return picture


def test_a_picture_lies_on_its_tile_the_right_way_up(display: Display) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :32] = (255, 0, 0)
    pixels[:32, 32:] = (0, 255, 0)
    pixels[32:, :32] = (0, 0, 255)
    pixels[32:, 32:] = (255, 255, 0)
    picture = drawn(display, wall(texcoords=TEXCOORDS, image=TileImage(pixels)))
    middle = picture.shape[0] // 2
    above, below, left, right = middle - 8, middle + 8, middle - 8, middle + 8
    strongest = [
        [tuple(picture[y, x] > 0.7 * picture[y, x].max()) for x in (left, right)]
        for y in (above, below)
    ]
    assert strongest == [
        [(True, False, False), (False, True, False)],
        [(False, False, True), (True, True, False)],
    ]


def test_a_picture_is_as_bright_as_the_same_vertex_colour(display: Display) -> None:
    textured = wall(texcoords=TEXCOORDS, image=TileImage(np.full((8, 8, 3), 200, np.uint8)))
    difference = np.abs(drawn(display, textured) - drawn(display, wall()))
    assert difference.max() <= 4


def test_instances_are_drawn_where_they_stand(display: Display) -> None:
    places = np.tile(np.eye(4, dtype=np.float32), (2, 1, 1))
    places[:, :3, :3] *= 0.2
    places[:, :3, 3] = [[-0.6, 4, 0], [0.6, 4, 0]]
    lit = drawn(display, wall(instances=places)).max(axis=2) > 40
    columns = np.flatnonzero(lit[lit.shape[0] // 2])
    assert lit[lit.shape[0] // 2, lit.shape[1] // 2] == 0
    middle = lit.shape[1] // 2
    assert (columns < middle).any() and (columns > middle).any()


def test_more_instances_than_a_machine_can_hold_are_refused() -> None:
    places = np.broadcast_to(np.eye(4, dtype=np.float32), (2_000_000, 4, 4))
    with pytest.raises(ValueError, match="instances"):
        pack_primitive(wall(instances=places), WALL[0], WALL[2])


def test_every_level_of_a_picture_is_there() -> None:
    levels = make_picture(TileImage(np.full((5, 12, 3), 77, np.uint8))).levels
    assert [level.shape[:2] for level in levels] == [(5, 12), (2, 6), (1, 3), (1, 1)]
    assert all((level[..., :3] == 77).all() for level in levels)
