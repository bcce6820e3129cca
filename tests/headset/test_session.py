"""A wearer's session with Monado: it begins, follows the head, and outlives the runtime."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.headset.monado import PATIENCE_S, Monado, installed
from vr_app.display.headset.display import HeadsetDisplay
from vr_app.display.headset.lifecycle import State
from vr_app.display.input import InputFrame

pytestmark = pytest.mark.skipif(not installed(), reason="no Monado on this machine")


@pytest.fixture(scope="module")
def monado() -> Iterator[Monado]:
    monado = Monado()
    yield monado
    monado.close()


@pytest.fixture(scope="module")
def display(monado: Monado) -> Iterator[HeadsetDisplay]:
    display = HeadsetDisplay((640, 360), "Kenish")
    yield display
    display.close()


def _until(display: HeadsetDisplay, done: Callable[[InputFrame], bool]) -> InputFrame:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        frame = display.take_input()
        if frame.tracked is not None:
            display.set_rig(np.array([100.0, 50.0, -20.0]), math.radians(30.0))
        display.draw()
        if done(frame):
            return frame
    raise AssertionError(f"not within {PATIENCE_S} s: {display.lifecycle.state}")


def _focused(display: HeadsetDisplay) -> Callable[[InputFrame], bool]:
    return lambda frame: display.lifecycle.state is State.FOCUSED and frame.tracked is not None


def test_the_head_is_where_the_camera_is(monado: Monado, display: HeadsetDisplay) -> None:
    _until(display, _focused(display))
    session, drawing = display.session, display.drawing
    assert session is not None and drawing is not None
    assert session.colour.encoded and len(session.eye_chains) == 2
    assert len(session.depth_chains) == 2
    half = math.radians(25.0) / 2
    monado.head((0.0, math.sin(half), 0.0, math.cos(half)), (0.5, 1.9, -0.3))
    wanted = np.array([0.5, 0.3, 1.9])

    def there(frame: InputFrame) -> bool:
        head = None if frame.tracked is None else frame.tracked.head.position
        return head is not None and bool(np.abs(head - wanted).max() < 0.01)

    _until(display, there)
    for _ in range(5):
        _until(display, there)
    camera = np.array(drawing.eyes.camera.get_mat(display.scene_root), np.float64).reshape(4, 4)
    az = math.radians(30.0)
    turned = np.array(
        [
            100.0 + wanted[0] * math.cos(az) + wanted[1] * math.sin(az),
            50.0 - wanted[0] * math.sin(az) + wanted[1] * math.cos(az),
            -20.0 + wanted[2],
        ]
    )
    assert np.linalg.norm(camera[3, :3] - turned) <= 0.001
    # A turn about OpenXR's y to the left: less azimuth.
    azimuth = math.degrees(math.atan2(camera[1, 0], camera[1, 1]))
    assert azimuth == pytest.approx(30.0 - 25.0, abs=0.1)
    assert len(display.views()) == 2


def test_a_killed_runtime_leaves_the_desktop_and_comes_back(
    monado: Monado, display: HeadsetDisplay
) -> None:
    _until(display, _focused(display))
    display.take_notices()
    for _ in range(2):
        monado.kill()
        _until(display, lambda _: display.session is None)
        assert [one[0] for one in display.take_notices()] == ["headset-lost"]
        assert _until(display, lambda _: True).tracked is None
        assert len(display.views()) == 1 and not display.closed
        monado.start()
        _until(display, _focused(display))
        assert [one[0] for one in display.take_notices()] == ["headset-back"]
