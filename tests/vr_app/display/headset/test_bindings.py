"""The suggestions are complete, lawful paths, and named in every language."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.text import LANGUAGES, translator
from vr_app.display.headset import bindings, choices
from vr_app.display.headset.bindings import ACTIONS, PROFILES, Kind, Profile

# The components of each profile, as the OpenXR specification lists them (6.4 and the extensions):
# for both hands, then for the left and the right one only. Those that we may suggest.
_TOUCH = (
    "squeeze/value trigger/value trigger/touch thumbstick thumbstick/click thumbstick/touch "
    "thumbrest/touch grip/pose aim/pose",
    "x/click x/touch y/click y/touch menu/click",
    "a/click a/touch b/click b/touch",
)
_PICO = (
    "squeeze/value squeeze/click trigger/value trigger/click trigger/touch thumbstick "
    "thumbstick/click thumbstick/touch grip/pose aim/pose",
    "x/click x/touch y/click y/touch menu/click",
    "a/click a/touch b/click b/touch",
)
SPECIFIED = {
    "khr/simple_controller": ("select/click menu/click grip/pose aim/pose", "", ""),
    "oculus/touch_controller": _TOUCH,
    "meta/touch_controller_plus": _TOUCH,
    "valve/index_controller": (
        "a/click a/touch b/click b/touch squeeze/value squeeze/force trigger/click trigger/value "
        "trigger/touch thumbstick thumbstick/click thumbstick/touch trackpad trackpad/force "
        "trackpad/touch grip/pose aim/pose",
        "",
        "",
    ),
    "htc/vive_controller": (
        "squeeze/click menu/click trigger/click trigger/value trackpad trackpad/click "
        "trackpad/touch grip/pose aim/pose",
        "",
        "",
    ),
    "microsoft/motion_controller": (
        "menu/click squeeze/click trigger/value thumbstick thumbstick/click trackpad "
        "trackpad/click trackpad/touch grip/pose aim/pose",
        "",
        "",
    ),
    "bytedance/pico_neo3_controller": _PICO,
    "bytedance/pico4_controller": _PICO,
    "hp/mixed_reality_controller": (
        "menu/click squeeze/value trigger/value thumbstick thumbstick/click grip/pose aim/pose",
        "x/click y/click",
        "a/click b/click",
    ),
    "ext/hand_interaction_ext": (
        "aim/pose grip/pose pinch_ext/pose poke_ext/pose pinch_ext/value pinch_ext/ready_ext "
        "aim_activate_ext/value aim_activate_ext/ready_ext grasp_ext/value grasp_ext/ready_ext",
        "",
        "",
    ),
}
each_profile = pytest.mark.parametrize(
    "profile", PROFILES, ids=[profile.path.split("/")[-1] for profile in PROFILES]
)


@each_profile
def test_every_path_is_one_that_the_profile_has(profile: Profile) -> None:
    both, left, right = SPECIFIED[profile.path.removeprefix("/interaction_profiles/")]
    lawful = {f"/user/hand/left/input/{path}" for path in f"{both} {left}".split()}
    lawful |= {f"/user/hand/right/input/{path}" for path in f"{both} {right}".split()}
    if "hand_interaction" not in profile.path:
        lawful |= {f"/user/hand/{hand}/output/haptic" for hand in ("left", "right")}
    assert {path for _, path in profile.suggestions()} <= lawful


@each_profile
def test_every_suggestion_fits_its_action(profile: Profile) -> None:
    kinds = {action.name: action.kind for action in ACTIONS}
    rows = profile.suggestions()
    assert len(rows) == len(set(rows))
    for name, path in rows:
        ending = path.rsplit("/", 1)[-1]
        match kinds[name]:
            case Kind.POSE:
                assert ending == "pose"
            case Kind.BOOLEAN:
                assert ending in ("click", "value", "force")
            case Kind.VECTOR:
                assert ending in ("thumbstick", "trackpad")
            case Kind.VIBRATION:
                assert path.endswith("/output/haptic")


@each_profile
def test_either_hand_alone_can_point_and_select_and_mostly_all_else(profile: Profile) -> None:
    for hand in ("left", "right"):
        names = {name for name, path in profile.suggestions() if f"/hand/{hand}/" in path}
        assert {"aim", "grip", "select"} <= names
        if profile.path.rsplit("/", 1)[-1] not in ("simple_controller", "hand_interaction_ext"):
            assert names == {action.name for action in ACTIONS}


def test_no_button_does_two_things_save_a_pad() -> None:
    for profile in PROFILES:
        twice = [path for path, n in Counter(p for _, p in profile.suggestions()).items() if n > 1]
        assert not twice, profile.path


def test_profiles_of_extensions_wait_for_them() -> None:
    bare = bindings.usable_profiles([])
    assert [profile.path.split("/")[-1] for profile in bare] == [
        "simple_controller",
        "touch_controller",
        "index_controller",
        "vive_controller",
        "motion_controller",
    ]
    assert bindings.usable_profiles(choices.WANTED) == PROFILES
    for profile in PROFILES:
        assert profile.extension is None or profile.extension in choices.WANTED


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_what_openxr_accepts(language: str) -> None:
    text = translator(language)
    names = [text(action.message_id) for action in ACTIONS]
    assert len(set(names)) == len(names)
    for name in [*names, text(bindings.ACTION_SET_MESSAGE)]:
        assert 0 < len(name.encode()) < 128
    for action in ACTIONS:
        assert re.fullmatch(r"[a-z0-9\-_.]{1,63}", action.name)


@given(st.floats(-1, 1), st.floats(-1, 1), st.booleans())
def test_a_pad_turns_or_teleports_and_only_while_pressed(
    right: float, ahead: float, pressed: bool
) -> None:
    stick, teleport = bindings.pad_input((right, ahead), pressed)
    assert pressed or (stick == (0.0, 0.0) and not teleport)
    if pressed:
        assert teleport is (stick == (0.0, 0.0))
        assert stick in ((0.0, 0.0), (right, 0.0))


def test_the_edges_of_a_pad_turn_and_its_middle_teleports() -> None:
    assert bindings.pad_input((0.9, 0.2), True) == ((0.9, 0.0), False)
    assert bindings.pad_input((-0.9, -0.2), True) == ((-0.9, 0.0), False)
    assert bindings.pad_input((0.1, 0.9), True) == ((0.0, 0.0), True)
    assert bindings.is_pad("/interaction_profiles/htc/vive_controller")
    assert not bindings.is_pad("")
