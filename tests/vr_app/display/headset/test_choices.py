"""What is taken of odd offers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.display.headset import choices
from vr_app.display.headset.choices import BlendMode, Origin, Rate

# What real runtimes list, in their order.
MONADO = [choices.RGBA16F, choices.SRGB8_ALPHA8, choices.RGBA8, choices.DEPTH16, choices.DEPTH24]
STEAMVR = [choices.SRGB8_ALPHA8, choices.SRGB8]


def test_everything_wanted_is_enabled_where_offered_and_nothing_else() -> None:
    features = choices.choose_extensions(["XR_KHR_opengl_enable", "XR_X_new", choices.HP])
    assert features.enable == ("XR_KHR_opengl_enable", choices.HP)
    assert features.missing == ()
    assert features.has(choices.HP)
    assert not features.has(choices.DEPTH)


def test_a_runtime_without_opengl_is_told_apart() -> None:
    assert choices.choose_extensions(["XR_KHR_vulkan_enable2"]).missing == (choices.OPENGL,)


@pytest.mark.parametrize(
    ("listed", "number", "encoded"),
    [
        (MONADO, choices.SRGB8_ALPHA8, True),
        (STEAMVR, choices.SRGB8_ALPHA8, True),
        ([choices.SRGB8, choices.RGBA8], choices.SRGB8, True),
        ([choices.RGBA8, choices.RGBA16F], choices.RGBA16F, False),
        ([choices.RGBA8], choices.RGBA8, False),
    ],
)
def test_colour_formats(listed: list[int], number: int, encoded: bool) -> None:
    chosen = choices.choose_colour(listed)
    assert chosen is not None
    assert (chosen.number, chosen.encoded) == (number, encoded)


def test_transparency_needs_a_format_that_carries_it_while_there_is_one() -> None:
    listed = [choices.SRGB8, choices.RGBA16F]
    carried = choices.choose_colour(listed, need_alpha=True)
    assert carried is not None and carried.number == choices.RGBA16F
    only = choices.choose_colour([choices.SRGB8], need_alpha=True)
    assert only is not None and not only.alpha
    assert choices.choose_colour([choices.DEPTH16, 1, 2]) is None


def test_depth_follows_what_is_drawn() -> None:
    assert choices.choose_depth(MONADO) == choices.DEPTH24
    assert choices.choose_depth(MONADO, drawn=choices.DEPTH16) == choices.DEPTH16
    assert choices.choose_depth(MONADO, drawn=choices.DEPTH32F) is None
    assert choices.choose_depth(STEAMVR) is None


@pytest.mark.parametrize(
    ("listed", "wanted", "mode", "surroundings", "granted"),
    [
        ([1], False, BlendMode.OPAQUE, False, True),
        ([1], True, BlendMode.OPAQUE, False, False),
        ([3, 1], False, BlendMode.OPAQUE, False, True),
        ([1, 3], True, BlendMode.ALPHA_BLEND, True, True),
        ([2, 3], True, BlendMode.ALPHA_BLEND, True, True),
        ([3], False, BlendMode.ALPHA_BLEND, False, True),
        ([2], False, BlendMode.ADDITIVE, True, False),
        ([2], True, BlendMode.ADDITIVE, True, True),
        ([99], True, BlendMode.OPAQUE, False, False),
        ([], False, BlendMode.OPAQUE, False, True),
    ],
)
def test_blend_modes(
    listed: list[int], wanted: bool, mode: BlendMode, surroundings: bool, granted: bool
) -> None:
    chosen = choices.choose_blend(listed, surroundings_wanted=wanted)
    assert (chosen.mode, chosen.surroundings, chosen.granted) == (mode, surroundings, granted)


@pytest.mark.parametrize(
    ("listed", "kind", "down_m"),
    [
        ([1, 2, 3, 1000426000], Origin.LOCAL_FLOOR, 0.0),
        ([1, 2, 3], Origin.STAGE, 0.0),
        ([1, 2], Origin.LOCAL, 1.62),
    ],
)
def test_the_floor(listed: list[int], kind: Origin, down_m: float) -> None:
    chosen = choices.choose_origin(listed, 1.62)
    assert (chosen.kind, chosen.down_m) == (kind, down_m)


def test_refresh_rates() -> None:
    listed = [72.0, 120.0, 90.0, float("nan"), 0.0]
    assert choices.choose_rate(listed, Rate.RUNTIME) is None
    assert choices.choose_rate([], 90.0) is None
    assert choices.choose_rate(listed, Rate.HIGHEST) == 120.0
    assert choices.choose_rate(listed, 80.0) == 72.0
    assert choices.choose_rate(listed, 81.0 + 1e-3) == 90.0
    assert choices.choose_rate(listed, 1e9) == 120.0


@given(st.integers(-4, 64), st.integers(-4, 64))
def test_samples_are_a_power_of_two_within_both(wanted: int, most: int) -> None:
    samples = choices.choose_samples(wanted, most)
    assert samples >= 1 and math.log2(samples).is_integer()
    if wanted >= 1 and most >= 1:
        assert samples <= min(wanted, most) < samples * 2


@given(st.integers(1, 8192), st.integers(1, 8192), st.floats(0.1, 3.0))
def test_picture_sizes_are_even_and_allowed(side: int, largest: int, scale: float) -> None:
    width, height = choices.choose_size((side, side), (largest, largest), scale)
    assert width == height and width % 2 == 0
    assert 2 <= width <= max(2, largest)
