"""Garbage is collected in what a frame leaves over, and the process is afterwards as it was."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from vr_app.frame_rest import SWITCH_S, YOUNG, FrameRest


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def rests() -> Iterator[list[FrameRest]]:
    rests = [FrameRest(), FrameRest()]
    yield rests
    for rest in rests:
        rest.end()


def test_several_in_one_process_restore_it_with_the_last(rests: list[FrameRest]) -> None:
    switch_s, frozen = sys.getswitchinterval(), gc.get_freeze_count()
    one, two = rests
    one.begin()
    one.begin()
    two.begin()
    assert not gc.isenabled() and gc.get_freeze_count() > frozen
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
    one.end()
    one.end()
    assert not gc.isenabled(), "the other still draws"
    two.end()
    assert gc.isenabled() and gc.get_freeze_count() == 0
    assert sys.getswitchinterval() == pytest.approx(switch_s)


def test_a_collector_that_was_off_stays_off(rests: list[FrameRest]) -> None:
    gc.disable()
    try:
        rests[0].begin()
        rests[0].end()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_garbage_goes_when_a_frame_has_time_and_not_before(rests: list[FrameRest]) -> None:
    rest = rests[0]
    rest.begin()
    knot = weakref.ref(Knot())
    kept = [[number] for number in range(2 * YOUNG)]
    rest.rest(0.0)
    assert knot() is not None
    rest.rest(1.0)
    assert knot() is None and len(kept) > YOUNG


def test_it_does_nothing_before_it_began(rests: list[FrameRest]) -> None:
    knot = weakref.ref(Knot())
    gc.disable()
    try:
        kept = [[number] for number in range(2 * YOUNG)]
        rests[0].rest(1.0)
        assert knot() is not None and kept
    finally:
        gc.enable()
