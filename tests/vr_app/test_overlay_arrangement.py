"""Panels that meet give way: what a notice or the map would cover of a drill's prompt."""

from __future__ import annotations

import pytest

from vr_app.overlay.arrangement import (
    EDGE,
    GAP,
    NOTICE_TOP,
    drill_top,
    middle_shift,
    notice_top,
)

MENU = (740.0, 60.0)
DRILL = (520.0, 145.0)


@pytest.mark.parametrize("width", [640, 1024, 1279, 1280, 1920])
def test_the_drill_never_lies_on_the_menu(width: int) -> None:
    top = drill_top(width, DRILL[0], *MENU)
    beside = width - EDGE - DRILL[0] >= MENU[0]
    assert top == EDGE if beside else top >= MENU[1] + GAP
    assert drill_top(width, DRILL[0], 0.0, 0.0) == EDGE or width < DRILL[0] + EDGE


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_a_notice_never_lies_on_the_drill(width: int) -> None:
    low = EDGE + DRILL[1]
    notice = 514.0
    top = notice_top(width, notice, DRILL[0], low)
    beside = (width + notice) / 2 <= width - EDGE - DRILL[0]
    assert top == NOTICE_TOP if beside else top >= low + GAP
    assert notice_top(width, notice, 0.0, 0.0) == NOTICE_TOP


@pytest.mark.parametrize(("height", "panel"), [(1080, 500.0), (720, 500.0), (640, 300.0)])
def test_a_panel_at_the_right_stands_below_the_drill(height: int, panel: float) -> None:
    low = 213.0
    shift = middle_shift(height, panel, 40.0, low)
    top = (height - panel) / 2 + shift
    assert top >= min(low + GAP, height - EDGE - panel)
    assert top + panel <= height - EDGE
    assert middle_shift(height, panel, 40.0, 0.0) == 40.0
