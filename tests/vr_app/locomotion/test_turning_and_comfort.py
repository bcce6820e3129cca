"""Snap turns come one at a time, sight closes while one is moved, and jumps wait for the dark."""

from __future__ import annotations

import math

import pytest

from vr_app.locomotion.comfort import CLOSES_S, DARKEN_S, LIGHTEN_S, OPENS_S, Fade, Vignette
from vr_app.locomotion.turning import AGAIN_S, SMOOTH_RAD_S, STEP_RAD, Turning

FRAME_S = 1 / 90


def test_one_push_is_one_step() -> None:
    turning = Turning()
    pushes = [0.0, 0.5, 0.8, 1.0, 0.9, 0.6, 0.5, 0.75, 0.3, 0.0]
    assert sum(turning.step(one, FRAME_S, False) for one in pushes) == pytest.approx(STEP_RAD)
    assert turning.step(-0.9, FRAME_S, False) == -STEP_RAD


def test_a_stick_that_trembles_at_the_threshold_turns_once() -> None:
    turning = Turning()
    turns = [turning.step(0.69 + 0.02 * (n % 2), FRAME_S, False) for n in range(30)]
    assert sum(one != 0 for one in turns) == 1


def test_a_stick_that_is_held_turns_again_after_a_while() -> None:
    turning = Turning()
    total = sum(turning.step(1.0, 0.01, False) for _ in range(round((2 * AGAIN_S + 0.05) / 0.01)))
    assert total == pytest.approx(3 * STEP_RAD)


def test_smooth_turning_follows_the_stick_and_a_resting_thumb_turns_nobody() -> None:
    turning = Turning()
    assert turning.step(0.1, 1.0, True) == 0.0
    assert turning.step(1.0, 0.5, True) == pytest.approx(SMOOTH_RAD_S / 2)
    assert turning.step(-1.0, 0.5, True) == pytest.approx(-SMOOTH_RAD_S / 2)


def test_sight_closes_fast_and_opens_slowly() -> None:
    vignette = Vignette()
    for _ in range(math.ceil(CLOSES_S / FRAME_S)):
        vignette.step(FRAME_S * 3.0, 0.0, FRAME_S, True)
    assert vignette.amount == pytest.approx(1.0)
    vignette.step(0.0, 0.0, OPENS_S / 2, True)
    assert vignette.amount == pytest.approx(0.5)
    vignette.step(0.0, 0.0, OPENS_S, True)
    assert vignette.amount == 0.0


def test_who_does_not_want_it_keeps_their_sight() -> None:
    vignette = Vignette()
    assert vignette.step(1.0, 1.0, FRAME_S, False) == 0.0
    assert vignette.step(1.0, 1.0, 0.0, True) == 0.0


def test_a_jump_happens_in_the_dark_and_only_once() -> None:
    fade, jumps = Fade(), []
    fade.jump(lambda: jumps.append("first"))
    fade.jump(lambda: jumps.append("second"))
    while fade.jumping:
        assert not jumps
        fade.step(FRAME_S)
    assert jumps == ["first"] and fade.dark == 1.0
    fade.step(LIGHTEN_S / 2)
    assert 0.0 < fade.dark < 1.0
    fade.step(LIGHTEN_S)
    assert fade.dark == 0.0


def test_it_stays_dark_in_rock() -> None:
    fade = Fade()
    assert fade.step(DARKEN_S, in_rock=True) == pytest.approx(1.0)
    assert fade.step(10.0, in_rock=True) == 1.0
    assert fade.step(LIGHTEN_S) == pytest.approx(0.0)
