"""Painted images on their way to the GPU, and the worker that paints them."""

from __future__ import annotations

import threading

import numpy as np

from vr_app.overlay.images import prepare
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.ui.canvas import Canvas, Hit, Painted


def painted(value: int = 200, size: int = 4) -> Painted:
    return Painted(np.full((size, size, 4), value, np.uint8))


def test_preparing_flips_reorders_and_premultiplies() -> None:
    rgba = np.zeros((2, 1, 4), np.uint8)
    rgba[0, 0] = (200, 100, 50, 128)
    rgba[1, 0] = (10, 20, 30, 255)
    image = prepare(Painted(rgba, (Hit("x", 0, 0, 1, 1),)))
    stored = np.frombuffer(image.data, np.uint8).reshape(2, 1, 4)
    assert stored[0, 0].tolist() == [30, 20, 10, 255]
    assert stored[1, 0].tolist() == [25, 50, 100, 128]
    assert (image.width, image.height) == (1, 2)
    assert image.hits[0].name == "x"


def test_transparent_pixels_add_no_light() -> None:
    canvas = Canvas(10, 10)
    canvas.disc(5, 5, 3, (255, 255, 255, 128))
    stored = np.frombuffer(prepare(canvas.painted()).data, np.uint8).reshape(-1, 4)
    assert (stored[:, :3].max(axis=1) <= stored[:, 3]).all()


def test_a_newer_job_replaces_one_that_waits() -> None:
    queue = PaintQueue()
    gate, begun = threading.Event(), threading.Event()

    def slow() -> Painted:
        begun.set()
        assert gate.wait(10)
        return painted()

    queue.ask("busy", slow)
    assert begun.wait(10)
    queue.ask("a", lambda: painted(1))
    queue.ask("a", lambda: painted(2))
    queue.ask("gone", lambda: painted(3))
    queue.forget("gone")
    assert not queue.idle
    gate.set()
    assert queue.wait()
    taken: list[tuple[object, int]] = []
    while queue.take(lambda key, image: taken.append((key, image.data[3]))):
        pass
    assert taken == [("busy", 200), ("a", 2)]
    assert queue.idle
    queue.close()


def test_a_painter_that_fails_is_reported_and_others_go_on() -> None:
    queue = PaintQueue()
    queue.ask("bad", lambda: painted(1 // 0))
    queue.ask("good", painted)
    assert queue.wait()
    keys: list[object] = []
    while queue.take(lambda key, image: keys.append(key)):
        pass
    assert keys == ["good"]
    assert len(queue.problems) == 1 and "ZeroDivisionError" in queue.problems[0]
    queue.close()


def test_the_frame_takes_one_image_at_least_and_stops_when_time_is_up() -> None:
    queue = PaintQueue()
    for key in range(5):
        queue.ask(key, painted)
    assert queue.wait()
    assert queue.take(lambda key, image: None, budget_s=0.0) == 1
    assert queue.take(lambda key, image: None, budget_s=10.0) == 4
    assert queue.take(lambda key, image: None) == 0
    queue.close()
