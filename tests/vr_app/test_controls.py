"""Keys and mouse to wishes."""

from __future__ import annotations

from vr_app.controls import REQUESTS, read_wishes
from vr_app.display.input import InputFrame


def test_wasd_moves_and_shift_hurries() -> None:
    wishes = read_wishes(InputFrame(held=frozenset({"w", "d", "lshift"})), 0.02, True, False)
    assert (wishes.intent.forward, wishes.intent.right) == (1.0, 1.0)
    assert wishes.intent.fast


def test_opposite_keys_cancel() -> None:
    wishes = read_wishes(InputFrame(held=frozenset({"w", "s", "a", "d"})), 0.02, True, False)
    assert (wishes.intent.forward, wishes.intent.right) == (0.0, 0.0)


def test_letters_are_text_while_writing() -> None:
    frame = InputFrame(held=frozenset({"w"}), pressed=["t", "backspace", "enter"], typed="т")
    wishes = read_wishes(frame, 0.02, False, True)
    assert wishes.intent.forward == 0.0 and wishes.requests == []
    assert wishes.edit_keys == ["t", "backspace", "enter"] and wishes.typed == "т"


def test_the_left_button_is_a_laser_or_a_click() -> None:
    frame = InputFrame(held=frozenset({"mouse1"}), pressed=["mouse1"], pointer=(10.0, 20.0))
    looking = read_wishes(frame, 0.02, True, False)
    assert looking.laser and looking.click is None
    free = read_wishes(frame, 0.02, False, False)
    assert not free.laser and free.click == (10.0, 20.0)


def test_requests_come_in_order_and_once() -> None:
    frame = InputFrame(pressed=["e", "y", "t", "wheel_up", "wheel_up", "wheel_down"])
    wishes = read_wishes(frame, 0.02, True, False)
    assert wishes.requests == ["use", "teleport"] and wishes.wheel == 1


def test_no_walking_key_is_a_request() -> None:
    assert not {"w", "a", "s", "d", "q", "z", "lshift"} & set(REQUESTS)


def test_the_arrows_walk_or_go_through_an_open_list() -> None:
    frame = InputFrame(held=frozenset({"arrow_up"}), pressed=["arrow_up", "arrow_down", "2"])
    walking = read_wishes(frame, 0.02, False, False)
    assert walking.intent.forward == 1.0 and walking.requests == ["choose-2"]
    listing = read_wishes(frame, 0.02, False, False, listing=True)
    assert listing.intent.forward == 0.0
    assert listing.requests == ["list-up", "list-down", "choose-2"]
