"""Any pair of hands, and any one hand, gets about, points and turns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.display.tracking import LEFT, RIGHT, HandInput, RigPose
from vr_app.locomotion.hand_controls import HELD_FOR_ARC_S, HandControls, HandStyle, HandWishes
from vr_app.locomotion.turning import STEP_RAD

FRAME_S = 0.02


def hand(**buttons: object) -> HandInput:
    return replace(HandInput(RigPose(), RigPose()), **buttons)


def run(style: HandStyle, *frames: dict[str, HandInput], on: bool = False) -> list[HandWishes]:
    controls = HandControls()
    return [controls.step(one, FRAME_S, style, on) for one in frames]


REST = {LEFT: hand(), RIGHT: hand()}


@pytest.mark.parametrize("name", [LEFT, RIGHT])
@pytest.mark.parametrize("one_handed", [True, False])
def test_the_chosen_hand_throws_and_jumps_when_let_go(name: str, one_handed: bool) -> None:
    style = HandStyle(name, one_handed)
    hands = {name: hand()} if one_handed else dict(REST)
    pushed = hands | {name: hand(stick=(0.1, 0.9))}
    seen = run(style, hands, pushed, pushed, hands, hands)
    assert [one.arc for one in seen] == [None, name, name, name, None]
    assert [one.land for one in seen] == [False, False, False, True, False]


def test_the_other_stick_walks_or_jumps_as_chosen() -> None:
    pushed = REST | {LEFT: hand(stick=(-0.3, 0.9))}
    (walks,) = run(HandStyle(), pushed)
    assert (walks.right, walks.forward, walks.arc) == (-0.3, 0.9, None)
    (throws,) = run(HandStyle(walk=False), pushed)
    assert (throws.forward, throws.arc) == (0.0, LEFT)


def test_a_stick_to_the_side_turns_once_and_throws_nothing() -> None:
    pushed = REST | {RIGHT: hand(stick=(0.95, 0.2))}
    seen = run(HandStyle(), REST, pushed, pushed, REST)
    assert [one.turn for one in seen] == [0, STEP_RAD, 0, 0]
    assert not any(one.arc for one in seen)


def test_nobody_turns_while_they_aim_an_arc() -> None:
    seen = run(
        HandStyle(), REST | {RIGHT: hand(stick=(0, 1))}, REST | {RIGHT: hand(stick=(1, 0.9))}
    )
    assert [one.turn for one in seen] == [0, 0]


def test_a_press_is_for_what_is_pointed_at() -> None:
    pressed = REST | {RIGHT: hand(select=True)}
    seen = run(HandStyle(), REST, *[pressed] * 30, REST, on=True)
    assert sum(one.use for one in seen) == 1 and seen[1].use
    assert not any(one.arc or one.land for one in seen)


def test_a_bare_hand_jumps_by_pressing_on_nothing_for_a_while() -> None:
    bare = {RIGHT: hand()}
    pressed = {RIGHT: hand(select=True)}
    count = round(HELD_FOR_ARC_S / FRAME_S)
    seen = run(HandStyle(), bare, *[pressed] * (count + 5), bare)
    assert seen[count + 2].arc == RIGHT and not seen[2].arc
    assert seen[-1].land and not any(one.land for one in seen[:-1])
    short = run(HandStyle(), bare, *[pressed] * (count // 2), bare)
    assert not any(one.arc or one.land or one.use for one in short)


def test_an_arc_of_a_hand_that_is_lost_jumps_nowhere() -> None:
    pushed = REST | {RIGHT: hand(teleport=True)}
    seen = run(HandStyle(), pushed, {LEFT: hand()}, REST)
    assert seen[0].arc == RIGHT
    assert not any(one.land for one in seen)


def test_the_hand_that_is_there_points() -> None:
    seen = run(HandStyle(LEFT), REST, {RIGHT: hand()}, {RIGHT: HandInput()}, {})
    assert [one.pointer for one in seen] == [LEFT, RIGHT, None, None]


def test_menu_and_grip_are_told_once() -> None:
    held = REST | {LEFT: hand(menu=True, grab=True)}
    seen = run(HandStyle(), REST, held, held, REST, held)
    assert [one.menu for one in seen] == [False, True, False, False, True]
    assert [one.grab for one in seen] == [False, True, False, False, True]


hands = st.builds(
    HandInput,
    aim=st.none() | st.just(RigPose()),
    select=st.booleans(),
    grab=st.booleans(),
    teleport=st.booleans(),
    menu=st.booleans(),
    stick=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)


@given(
    st.lists(st.dictionaries(st.sampled_from([LEFT, RIGHT]), hands), max_size=30),
    st.builds(
        HandStyle, st.sampled_from([LEFT, RIGHT]), st.booleans(), st.booleans(), st.booleans()
    ),
    st.booleans(),
)
def test_whatever_hands_do_a_jump_follows_an_arc_of_a_hand_that_is_there(
    frames: list[dict[str, HandInput]], style: HandStyle, on: bool
) -> None:
    controls, shown = HandControls(), None
    for frame in frames:
        wishes = controls.step(frame, FRAME_S, style, on)
        if wishes.land:
            assert wishes.arc == shown is not None
        if wishes.arc is not None:
            assert frame[wishes.arc].aim is not None
        shown = wishes.arc
        assert abs(wishes.right) <= 1 and abs(wishes.forward) <= 1
