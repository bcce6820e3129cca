"""Hands to intentions: which one points, throws the arc, turns and walks, for either hand and one.

Pure: what the hands did in a frame in, wishes out. What a hand points at decides what a press
means, and is told from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vr_app.display.tracking import LEFT, RIGHT, HandInput
from vr_app.locomotion.turning import DEAD, PUSHED, RELEASED, Turning

HELD_FOR_ARC_S: Final = 0.25  # a press where nothing is to be pressed becomes an arc


@dataclass(frozen=True, slots=True)
class HandStyle:
    """What a person chose: the hand that points, whether it is their only one, turning smoothly,
    walking with a stick (else it throws the arc too)."""

    hand: str = RIGHT
    one_handed: bool = False
    smooth_turn: bool = False
    walk: bool = True


@dataclass(slots=True)
class HandWishes:
    """One frame's wishes of the hands.

    pointer: the hand whose laser shines, None: none is there; arc: the hand that shows an arc;
    land: the arc that was shown is to be jumped along; turn: radians clockwise; right, forward:
    -1..1, a slow walk; use: a press that is for what is pointed at; menu: the menu was asked for;
    grab: the hand began to grip.
    """

    pointer: str | None = None
    arc: str | None = None
    land: bool = False
    turn: float = 0.0
    right: float = 0.0
    forward: float = 0.0
    use: bool = False
    menu: bool = False
    grab: bool = False


def other_hand(name: str) -> str:
    """The hand that is not this one."""
    return LEFT if name == RIGHT else RIGHT


@dataclass(slots=True)
class _Held:
    """What a hand held in the last frame."""

    select: bool = False
    menu: bool = False
    grab: bool = False


class HandControls:
    """The two hands of one person."""

    def __init__(self) -> None:
        self._turning = Turning()
        self._held: dict[str, _Held] = {}
        self._arc: str | None = None  # the hand that shows one
        self._arc_by_press = False
        self._press_s: float | None = None  # how long a press on nothing has lasted
        self._pointer: str | None = None

    def step(
        self, hands: dict[str, HandInput], seconds: float, style: HandStyle, on_something: bool
    ) -> HandWishes:
        """One frame. `on_something`: the pointing hand's laser meets what can be pressed."""
        wishes = HandWishes()
        there = {name: hand for name, hand in hands.items() if hand.aim is not None}
        wishes.pointer = self._pointing(there, style)
        began = self._edges(hands, wishes)
        self._throw(there, wishes, style)
        self._press(there, wishes, began, on_something, seconds)
        self._walk_and_turn(there, wishes, style, seconds)
        self._pointer = wishes.pointer
        return wishes

    def _pointing(self, there: dict[str, HandInput], style: HandStyle) -> str | None:
        for name in (style.hand, other_hand(style.hand)):
            if name in there:
                return name
        return None

    def _edges(self, hands: dict[str, HandInput], wishes: HandWishes) -> set[str]:
        """Note what was pressed; the hands that began to select."""
        began = set()
        for name, hand in hands.items():
            before = self._held.get(name, _Held())
            wishes.menu = wishes.menu or (hand.menu and not before.menu)
            wishes.grab = wishes.grab or (hand.grab and not before.grab)
            if hand.select and not before.select:
                began.add(name)
            self._held[name] = _Held(hand.select, hand.menu, hand.grab)
        for name in self._held.keys() - hands.keys():
            del self._held[name]
        return began

    def _throw(self, there: dict[str, HandInput], wishes: HandWishes, style: HandStyle) -> None:
        """The arc by its button or by a stick pushed ahead; letting go jumps."""
        if self._arc is not None and not self._arc_by_press:
            hand = there.get(self._arc)
            if hand is None:
                self._arc = None  # lost sight of: nobody jumps by that
            elif hand.teleport or hand.stick[1] > RELEASED:
                wishes.arc = self._arc
            else:
                wishes.land, wishes.arc, self._arc = True, self._arc, None
            return
        if self._arc is not None:
            return
        walking = other_hand(style.hand) if style.walk and not style.one_handed else None
        for name, hand in there.items():
            ahead = hand.stick[1] > PUSHED and abs(hand.stick[0]) < hand.stick[1]
            if hand.teleport or (ahead and name != walking):
                self._arc, self._arc_by_press = name, False
                wishes.arc = name
                return

    def _press(
        self,
        there: dict[str, HandInput],
        wishes: HandWishes,
        began: set[str],
        on_something: bool,
        seconds: float,
    ) -> None:
        """A press is for what is pointed at; on nothing it throws an arc while it is held: that is
        how hands without a stick get about."""
        if self._arc is not None and self._arc_by_press:
            hand = there.get(self._arc)
            if hand is None:
                self._arc = None
            elif hand.select:
                wishes.arc = self._arc
            else:
                wishes.land, wishes.arc, self._arc = True, self._arc, None
            return
        pointer = wishes.pointer
        if pointer is None or self._arc is not None:
            self._press_s = None
            return
        if pointer in began:
            if on_something:
                wishes.use = True
            else:
                self._press_s = 0.0
        if self._press_s is None:
            return
        if not there[pointer].select or on_something:
            self._press_s = None
            return
        self._press_s += seconds
        if self._press_s >= HELD_FOR_ARC_S:
            self._arc, self._arc_by_press, self._press_s = pointer, True, None
            wishes.arc = pointer

    def _walk_and_turn(
        self, there: dict[str, HandInput], wishes: HandWishes, style: HandStyle, seconds: float
    ) -> None:
        main, other = there.get(style.hand), there.get(other_hand(style.hand))
        turner = main if main is not None else other
        stick = 0.0 if turner is None or wishes.arc is not None else turner.stick[0]
        if turner is not None and abs(turner.stick[1]) > abs(turner.stick[0]):
            stick = 0.0
        wishes.turn = self._turning.step(stick, seconds, style.smooth_turn)
        if style.walk and not style.one_handed and other is not None and other is not turner:
            wishes.right, wishes.forward = (_beyond_rest(one) for one in other.stick)


def _beyond_rest(value: float) -> float:
    return 0.0 if abs(value) < DEAD else value
