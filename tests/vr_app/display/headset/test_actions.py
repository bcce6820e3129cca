"""Hands as a scripted runtime tells of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import xr

from assets.text import LANGUAGES, translator
from tests.vr_app.display.headset.fake_runtime import FakeXr
from vr_app.display.headset import choices
from vr_app.display.headset.actions import Actions
from vr_app.display.headset.bindings import PROFILES, Profile
from vr_app.display.tracking import LEFT, RIGHT

ALL = choices.choose_extensions([choices.OPENGL, *choices.WANTED])
BARE = choices.choose_extensions([choices.OPENGL])
L, R = "/user/hand/left", "/user/hand/right"
AHEAD = ((0.0, 0.0, 0.0, 1.0), (0.2, 1.1, -0.5))


def made(fake: FakeXr, features: choices.Features = ALL, language: str = "en") -> Actions:
    return Actions(fake, xr.Instance(), xr.Session(), features, translator(language))


def hands(fake: FakeXr, actions: Actions) -> dict[str, Any]:
    assert actions.sync()
    return actions.hands(xr.Space(), 123)


@pytest.mark.parametrize("profile", PROFILES, ids=[p.path.split("/")[-1] for p in PROFILES])
def test_each_controller_points_and_selects(profile: Profile) -> None:
    fake = FakeXr()
    fake.profile = {L: profile.path, R: profile.path}
    fake.places = {("aim", R): AHEAD, ("grip", R): AHEAD}
    fake.held = {("select", R): True}
    if any(name == "stick" for name, _ in profile.suggestions()):
        fake.held |= {("stick", R): (0.9, 0.1), ("teleport", R): True}
    actions = made(fake)
    assert fake.suggested[profile.path] == profile.suggestions()
    assert actions.profiles == {LEFT: profile.path, RIGHT: profile.path}
    right = hands(fake, actions)[RIGHT]
    assert right.select and not right.grab
    np.testing.assert_allclose(right.aim.position, [0.2, 0.5, 1.1], atol=1e-6)
    if ("stick", R) in fake.held:
        # The pad's edge turns instead of teleporting; a stick and a button do both.
        assert right.teleport is not profile.pad
        assert right.stick[0] == pytest.approx(0.9)
    left = hands(fake, actions)[LEFT]
    assert left.aim is None and not left.select


def test_without_extensions_only_the_core_profiles_are_told_of() -> None:
    fake = FakeXr()
    made(fake, BARE)
    assert len(fake.suggested) == 5
    assert fake.alive["HandTrackerEXT"] == 0


def test_a_profile_that_the_runtime_refuses_costs_only_itself() -> None:
    fake = FakeXr()
    refused = "/interaction_profiles/bytedance/pico4_controller"
    fake.lawful[refused] = set()
    actions = made(fake)
    assert actions.refused == [refused]
    assert len(fake.suggested) == len(PROFILES) - 1
    assert fake.attached


def test_hands_that_are_not_there_are_absent_and_appear_when_taken_up() -> None:
    fake = FakeXr()
    actions = made(fake)
    assert hands(fake, actions) == {}
    fake.profile[L] = PROFILES[0].path
    actions.profiles_changed()
    assert set(hands(fake, actions)) == {LEFT}


def test_joints_come_whole_or_not_at_all() -> None:
    fake = FakeXr()
    fake.joints[2] = [(0.1 * i, 1.0, -0.5) for i in range(26)]
    actions = made(fake)
    found = hands(fake, actions)
    assert set(found) == {RIGHT}
    joints = found[RIGHT].joints
    assert joints.shape == (26, 3)
    np.testing.assert_allclose(joints[3], [0.3, 0.5, 1.0], atol=1e-6)
    fake.joints[2] = fake.joints[2][:20]
    assert hands(fake, actions) == {}


def test_a_headset_without_hand_tracking_works_without() -> None:
    fake = FakeXr()
    fake.hands_supported = False
    fake.places = {("aim", L): AHEAD}
    assert hands(fake, made(fake))[LEFT].joints is None


def test_without_focus_nothing_is_taken_over_and_loss_is_told() -> None:
    fake = FakeXr()
    actions = made(fake)
    fake.focused = False
    assert not actions.sync()
    fake.error = xr.SessionLostError()
    with pytest.raises(xr.SessionLostError):
        actions.sync()
    actions.close()  # of a lost session too
    assert not any(fake.alive.values())


def test_everything_is_given_back() -> None:
    fake = FakeXr()
    actions = made(fake)
    assert fake.alive["Space"] == 4
    actions.close()
    actions.close()
    assert not any(fake.alive.values())


def test_pulses_have_a_length_and_a_bounded_strength() -> None:
    fake = FakeXr()
    actions = made(fake)
    actions.vibrate(LEFT, 0.05, 0.5)
    actions.vibrate(RIGHT, 0.0, 7.0)
    assert fake.pulses[0] == (L, 50_000_000, 0.5)
    assert fake.pulses[1] == (R, xr.MIN_HAPTIC_DURATION, 1.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_runtimes_settings_show_our_words(language: str) -> None:
    fake = FakeXr()
    made(fake, BARE, language)
    assert translator(language)("headset-action-menu") in fake.names
    assert len(set(fake.names)) == 9


def test_a_turned_controller_points_where_it_is_turned() -> None:
    fake = FakeXr()
    half = math.sqrt(0.5)
    fake.places = {("aim", L): ((0.0, half, 0.0, half), (0.0, 1.0, 0.0))}
    aim = hands(fake, made(fake))[LEFT].aim
    from vr_app.display.tracking import turned

    np.testing.assert_allclose(
        turned(aim.orientation, np.array([0.0, 1.0, 0.0])), [-1.0, 0.0, 0.0], atol=1e-6
    )
