"""Both eyes of one cull against a camera of its own for each, drawn for real."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from panda3d.core import Camera, CardMaker, MatrixLens, Texture

from tests.vr_app.picture import offscreen
from vr_app.display.base import Display
from vr_app.display.headset.eyes import Eyes, make_buffer, panda_matrix
from vr_app.display.headset.poses import EyeView, Fov, pose_matrix, projection
from vr_app.display.tracking import RigPose
from vr_app.world.lighting import load_shader

SIZE = (240, 200)
NEAR_FAR = (0.05, 100.0)
SLOPE = 0.9
APART_M = 0.064


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    yield from offscreen((64, 48))


def _card(display: Display, colour: bytes, half_m: float, place: tuple[float, ...]) -> None:
    maker = CardMaker("card")
    maker.set_frame(-half_m, half_m, -half_m, half_m)
    node = display.scene_root.attach_new_node(maker.generate())
    node.set_pos(*place)
    node.set_shader(load_shader("panel"))
    texture = Texture()
    texture.setup_2d_texture(1, 1, Texture.T_unsigned_byte, Texture.F_rgba8)
    texture.set_ram_image(colour)
    node.set_shader_inputs(image=texture, strength=1.0)


def _pixels(output: Any) -> npt.NDArray[np.uint8]:
    texture = output.get_screenshot()
    flat = np.frombuffer(texture.get_ram_image_as("RGB").get_data(), np.uint8)
    return flat.reshape(texture.get_y_size(), texture.get_x_size(), 3)


def _views() -> list[EyeView]:
    edge = math.atan(SLOPE)
    turn = np.array([math.cos(0.02), 0.0, 0.0, math.sin(0.02)])
    return [
        EyeView(RigPose(np.array([-APART_M / 2, 0.0, 1.6])), Fov(-edge, edge, edge, -edge)),
        # Canted, and not symmetric.
        EyeView(RigPose(np.array([APART_M / 2, 0.0, 1.6]), turn), Fov(-0.7, edge, 0.6, -edge)),
    ]


def test_one_cull_gives_the_picture_of_two_cameras(display: Display) -> None:
    base: Any = display.base  # type: ignore[attr-defined]
    for place in ((0.0, 2.0, 1.6), (-1.6, 2.1, 1.0), (1.7, 2.2, 2.6), (0.0, 0.4, 1.3)):
        _card(display, bytes([40, 90, 200, 255]), 0.2, place)
    eyes = Eyes(base, display.scene_root, SIZE, NEAR_FAR, samples=0)
    try:
        eyes.place_rig(np.zeros(3), 0.0)
        eyes.look(_views())
        eyes.show(True)
        display.draw()
        both = _pixels(eyes.buffer)
    finally:
        eyes.close()
    for number, view in enumerate(_views()):
        buffer, _, _ = make_buffer(base, "alone", SIZE, samples=0, depth=True, sort=-30)
        lens = MatrixLens()
        lens.set_user_mat(panda_matrix(projection(view.fov, *NEAR_FAR)))
        camera = display.scene_root.attach_new_node(Camera("alone", lens))
        camera.set_mat(panda_matrix(pose_matrix(view.pose)))
        buffer.make_display_region().set_camera(camera)
        display.draw()
        alone = _pixels(buffer)
        base.graphics_engine.remove_window(buffer)
        camera.remove_node()
        part = both[:, number * SIZE[0] : (number + 1) * SIZE[0]]
        assert alone.any(axis=2).sum() > 500
        differing = (np.abs(part.astype(int) - alone) > 2).any(axis=2)
        assert differing.mean() < 0.002  # edges of cards, by a rounding


def test_a_point_has_the_disparity_of_its_distance_in_smoothed_pictures(display: Display) -> None:
    base: Any = display.base  # type: ignore[attr-defined]
    distance = 4.0
    _card(display, bytes([0, 0, 255, 255]), 0.1, (0.0, 60.0 + distance, 1.6))  # red: BGRA
    eyes = Eyes(base, display.scene_root, SIZE, NEAR_FAR)
    edge = math.atan(SLOPE)
    views = [
        EyeView(RigPose(np.array([side * APART_M / 2, 0.0, 1.6])), Fov(-edge, edge, edge, -edge))
        for side in (-1, 1)
    ]
    try:
        eyes.place_rig(np.array([0.0, 60.0, 0.0]), 0.0)
        eyes.look(views)
        eyes.show(True)
        display.draw()
        both = _pixels(eyes.buffer)[..., 0].astype(float)
    finally:
        eyes.close()
    middles = []
    for number in (0, 1):
        part = both[:, number * SIZE[0] : (number + 1) * SIZE[0]]
        assert part.sum() > 0
        middles.append(float((part.sum(axis=0) * (np.arange(SIZE[0]) + 0.5)).sum() / part.sum()))
    expected = APART_M / distance / (2 * SLOPE) * SIZE[0]
    assert middles[0] - middles[1] == pytest.approx(expected, abs=0.25)


def test_what_lenses_hide_is_not_drawn(display: Display) -> None:
    base: Any = display.base  # type: ignore[attr-defined]
    _card(display, bytes([255, 255, 255, 255]), 20.0, (0.0, 210.0, 1.6))
    eyes = Eyes(base, display.scene_root, SIZE, NEAR_FAR, samples=0)
    edge = math.atan(SLOPE)
    view = EyeView(RigPose(np.array([0.0, 0.0, 1.6])), Fov(-edge, edge, edge, -edge))
    left_half = np.array([[-1, -1], [0, -1], [0, 1], [-1, -1], [0, 1], [-1, 1]], np.float64)
    try:
        eyes.place_rig(np.array([0.0, 200.0, 0.0]), 0.0)
        eyes.hide(0, left_half)
        eyes.look([view, view])
        eyes.show(True)
        display.draw()
        both = _pixels(eyes.buffer)
    finally:
        eyes.close()
    middle = both[SIZE[1] // 2, :, 1]
    quarter = SIZE[0] // 4
    assert middle[quarter] == 0 and middle[3 * quarter] > 100
    assert middle[SIZE[0] + quarter] > 100
