"""The lobby teaches what was not done yet, in a minute at most."""

from __future__ import annotations

import pytest

from vr_app.display.tracking import RIGHT
from vr_app.locomotion.hand_controls import HandWishes
from vr_app.locomotion.lobby import EACH_S, LESSONS, LONGEST_S, POINTED_S, Lobby

NOTHING = HandWishes()


def test_each_lesson_stays_until_it_was_done() -> None:
    lobby = Lobby()
    assert lobby.step(HandWishes(menu=True, turn=0.5), True, 0.1) == "point"
    assert lobby.step(HandWishes(pointer=RIGHT, use=True), False, 0.1) == "jump"
    assert lobby.step(HandWishes(turn=0.5), False, 0.1) == "jump"
    assert lobby.step(NOTHING, True, 0.1) == "turn"
    assert lobby.step(HandWishes(turn=-0.5), False, 0.1) == "menu"
    assert lobby.step(HandWishes(menu=True), False, 0.1) is None
    assert lobby.step(NOTHING, False, 0.1) is None


def test_a_laser_that_shines_for_a_while_was_meant() -> None:
    lobby = Lobby()
    for _ in range(round(POINTED_S / 0.1) + 1):
        lobby.step(HandWishes(pointer=RIGHT), False, 0.1)
    assert lobby.lesson == "jump"


@pytest.mark.parametrize("done", [0, 2])
def test_nobody_is_kept_longer_than_a_minute(done: int) -> None:
    lobby, seconds = Lobby(), 0.0
    if done:
        lobby.step(HandWishes(pointer=RIGHT, use=True), False, 0.0)
        lobby.step(NOTHING, True, 0.0)
    seen = []
    while lobby.lesson is not None:
        seen.append(lobby.step(NOTHING, False, 0.5))
        seconds += 0.5
    assert seconds <= LONGEST_S
    assert {one for one in seen if one} == set(LESSONS[done : done + int(LONGEST_S // EACH_S)])


def test_it_can_be_skipped() -> None:
    lobby = Lobby()
    lobby.skip()
    assert lobby.lesson is None
