"""The headset display against a scripted runtime, for what Monado cannot do: odd formats, missing
extensions, blend modes, one layer only, and every way in which a session ends."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import xr
from panda3d.core import CardMaker

from tests.headset.fake_session import ALL, FakeSessions
from vr_app.display.headset.display import PANELS, HeadsetDisplay
from vr_app.display.headset.lifecycle import Away, State
from vr_app.display.preferences import Preferences
from vr_app.world.blending import blend_through

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb on this machine")
SRGB, SRGB_OPAQUE, LINEAR_16, LINEAR_8 = 0x8C43, 0x8C41, 0x881A, 0x8058
OPAQUE, ADDITIVE, ALPHA_BLEND = 1, 2, 3
SEEN_THROUGH = 2  # XR_COMPOSITION_LAYER_BLEND_TEXTURE_SOURCE_ALPHA_BIT
PROJECTION = xr.StructureType.COMPOSITION_LAYER_PROJECTION.value
QUAD = xr.StructureType.COMPOSITION_LAYER_QUAD.value
GREY = 0.5


@pytest.fixture(scope="module", autouse=True)
def a_screen() -> Iterator[None]:
    """A screen that ends with this process: Panda3D aborts where one ends before it."""
    before = os.environ.get("DISPLAY")
    read, write = os.pipe()
    size = ["-screen", "0", "800x600x24", "-terminate"]
    subprocess.run(
        ["setsid", "-f", "Xvfb", "-displayfd", str(write), *size],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
        check=True,
    )
    os.close(write)
    with os.fdopen(read) as number:
        os.environ["DISPLAY"] = f":{number.readline().strip()}"
    # A client of our own that stays: windows come and go.
    ctypes.CDLL("libX11.so.6").XOpenDisplay(None)
    yield
    if before is None:
        del os.environ["DISPLAY"]
    else:
        os.environ["DISPLAY"] = before


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Worn:
    """A display with a scripted runtime."""

    def __init__(self, fake: FakeSessions) -> None:
        self.fake, self.clock = fake, Clock()
        self.display = HeadsetDisplay(
            (320, 180),
            "scripted",
            load=lambda: fake,
            registered=lambda: True,
            clock=self.clock,
            text=str,
        )

    def frame(self, seconds: float = 0.02) -> Any:
        """One frame of the program."""
        self.clock.now += seconds
        taken = self.display.take_input()
        attempt = self.display._attempt
        if attempt is not None:
            attempt.wait(10.0)
        if taken.tracked is not None:
            self.display.set_rig(np.zeros(3), 0.0)
        self.display.draw()
        return taken

    def until(self, done: Callable[[], bool], frames: int = 200) -> None:
        for _ in range(frames):
            self.frame()
            if done():
                return
        raise AssertionError(f"{self.display.lifecycle.state}, {self.display.take_notices()}")

    def put_on(self) -> None:
        """Until the headset is worn and its frames are shown."""
        self.until(lambda: self.display.session is not None)
        for state in ("IDLE", "READY", "SYNCHRONIZED", "VISIBLE", "FOCUSED"):
            self.fake.say(getattr(xr.SessionState, state))
            self.frame()
        self.until(lambda: bool(self.fake.ended and self.fake.ended[-1].kinds))


@pytest.fixture
def worn() -> Iterator[Callable[..., Worn]]:
    made: list[Worn] = []

    def make(**offers: Any) -> Worn:
        fake = FakeSessions()
        for name, value in offers.items():
            assert hasattr(fake, name)
            setattr(fake, name, value)
        made.append(Worn(fake))
        return made[-1]

    yield make
    for one in made:
        one.fake.error = None
        one.display.close()


def _grey_card(display: HeadsetDisplay, ahead_m: float = 2.0, alpha: float = 1.0) -> Any:
    maker = CardMaker("card")
    maker.set_frame(-5, 5, -5, 5)
    card = display.scene_root.attach_new_node(maker.generate())
    card.set_pos(0.0, ahead_m, 1.6)
    card.set_color(GREY, GREY, GREY, alpha)
    return card


def _middle(worn: Worn, chain: int = 0) -> np.ndarray[Any, Any]:
    picture = worn.fake.picture(chain)
    return picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(int)


@pytest.mark.parametrize("extension", ALL[1:])
def test_every_extension_but_opengl_may_be_missing(
    worn: Callable[..., Worn], extension: str
) -> None:
    one = worn(extensions=tuple(name for name in ALL if name != extension))
    one.display.prefer(Preferences(highest_rate=True))
    one.put_on()
    for _ in range(3):
        one.frame()
    assert one.fake.ended[-1].kinds == [PROJECTION, QUAD]
    assert one.fake.ended[-1].depths == (0 if "depth" in extension else 2)
    assert one.fake.asked_rates == ([] if "refresh" in extension else [90.0])


def test_a_runtime_without_opengl_leaves_the_desktop_and_says_why(
    worn: Callable[..., Worn],
) -> None:
    one = worn(extensions=ALL[1:])
    one.until(lambda: one.display.lifecycle.away is Away.REFUSED)
    assert [(name, a["reason"]) for name, a in one.display.take_notices()] == [
        ("headset-refused", ALL[0])
    ]


@pytest.mark.parametrize(
    ("formats", "number", "stored"),
    [
        ((SRGB, LINEAR_8), SRGB, 128),  # encoded as drawn
        ((SRGB_OPAQUE,), SRGB_OPAQUE, 128),
        ((LINEAR_16,), LINEAR_16, 55),  # 0.5 of sRGB is 0.214 of linear light
        ((LINEAR_8,), LINEAR_8, 55),
    ],
)
def test_grey_is_the_same_grey_in_every_format(
    worn: Callable[..., Worn], formats: tuple[int, ...], number: int, stored: int
) -> None:
    one = worn(formats=formats)
    one.put_on()
    assert one.display.session is not None and one.display.session.colour.number == number
    _grey_card(one.display)
    one.frame()
    one.frame()
    assert _middle(one)[:3] == pytest.approx([stored] * 3, abs=2)
    assert one.fake.ended[-1].depths == 0  # it listed no format that depth could be copied to


def test_no_format_that_we_can_fill_leaves_the_desktop(worn: Callable[..., Worn]) -> None:
    one = worn(formats=(0x8C3A, 0x8CAC))
    one.until(lambda: one.display.lifecycle.away is Away.REFUSED)
    assert one.display.session is None and not one.display.closed
    assert one.fake.alive["Session"] == one.fake.alive["Instance"] == 0


@pytest.mark.parametrize(
    ("listed", "wanted", "mode", "surroundings", "notices"),
    [
        ((OPAQUE,), False, OPAQUE, False, []),
        ((OPAQUE,), True, OPAQUE, False, ["headset-no-surroundings"]),
        ((OPAQUE, ALPHA_BLEND), True, ALPHA_BLEND, True, []),
        ((ALPHA_BLEND, OPAQUE), False, OPAQUE, False, []),
        ((ADDITIVE,), False, ADDITIVE, True, []),
        ((ADDITIVE, OPAQUE), True, ADDITIVE, True, []),
        ((77,), False, OPAQUE, False, []),
    ],
)
def test_the_blend_mode_is_what_was_wanted_and_listed(
    worn: Callable[..., Worn],
    listed: tuple[int, ...],
    wanted: bool,
    mode: int,
    surroundings: bool,
    notices: list[str],
) -> None:
    one = worn(blends=listed)
    one.display.prefer(Preferences(surroundings=wanted))
    one.put_on()
    assert one.fake.ended[-1].blend == mode
    assert one.display.surroundings is surroundings
    assert bool(one.fake.ended[-1].flags[0] & SEEN_THROUGH) is surroundings
    assert [name for name, _ in one.display.take_notices()] == notices


def test_the_surroundings_show_where_nothing_is_and_not_through_panes(
    worn: Callable[..., Worn],
) -> None:
    one = worn(blends=(OPAQUE, ALPHA_BLEND))
    one.put_on()
    assert one.fake.ended[-1].blend == OPAQUE
    one.display.prefer(Preferences(surroundings=True))
    one.frame()
    one.frame()
    assert one.fake.ended[-1].blend == ALPHA_BLEND
    assert _middle(one)[3] == 0
    pane = _grey_card(one.display, 1.5, alpha=0.5)
    pane.set_transparency(True)
    blend_through(pane)
    one.frame()
    one.frame()
    # Premultiplied: half of the grey, half seen through.
    assert _middle(one) == pytest.approx([64, 64, 64, 128], abs=2)
    _grey_card(one.display, 3.0)
    one.frame()
    one.frame()
    assert _middle(one) == pytest.approx([128, 128, 128, 255], abs=2)
    one.display.prefer(Preferences())
    one.frame()
    assert one.fake.ended[-1].blend == OPAQUE


def test_the_panels_are_in_the_picture_where_a_compositor_takes_one_layer(
    worn: Callable[..., Worn],
) -> None:
    pictures = {}
    for layers in (1, 16):
        one = worn(layers=layers)
        one.put_on()
        maker = CardMaker("panel")
        maker.set_frame(0, PANELS[0], -PANELS[1], 0)
        card = one.display.screen_root.attach_new_node(maker.generate())
        card.set_color(GREY, GREY, GREY, 1.0)
        for _ in range(3):
            one.frame()
        kinds = one.fake.ended[-1].kinds
        assert kinds == ([PROJECTION] if layers == 1 else [PROJECTION, QUAD])
        pictures[layers] = _middle(one)
        one.display.close()
    assert pictures[1][:3] == pytest.approx([128] * 3, abs=2)
    assert pictures[16][:3].max() == 0  # there they are a layer of their own


def test_the_highest_rate_is_asked_for_when_it_is_wanted(worn: Callable[..., Worn]) -> None:
    one = worn(rates=(72.0, 120.0, 90.0))
    one.put_on()
    assert one.fake.asked_rates == []
    one.display.prefer(Preferences(highest_rate=True))
    one.display.prefer(Preferences(highest_rate=True))
    assert one.fake.asked_rates == [120.0]


def test_who_watches_sees_the_twin_and_the_wearer_loses_nothing(
    worn: Callable[..., Worn],
) -> None:
    one = worn()
    one.put_on()
    _grey_card(one.display)
    one.display.prefer(Preferences(steady=True))
    for _ in range(3):
        one.frame()
    window = one.display.picture()
    assert window[window.shape[0] // 2, window.shape[1] // 2].astype(int) == pytest.approx(
        [128] * 3, abs=3
    )
    assert _middle(one)[:3] == pytest.approx([128] * 3, abs=2)
    assert one.display.size == PANELS


@pytest.mark.parametrize("name", ["LOCAL_FLOOR", "STAGE", "LOCAL"])
def test_the_floor_is_found_in_the_order_that_was_promised(
    worn: Callable[..., Worn], name: str
) -> None:
    order = {"LOCAL_FLOOR": 1000426000, "STAGE": 3, "LOCAL": 2}
    names = list(order)
    one = worn(spaces=tuple(order[n] for n in reversed(names[names.index(name) :])))
    one.put_on()
    made = one.fake.space_made
    assert int(made.reference_space_type.value) == order[name]
    down = made.pose_in_reference_space.position.y
    assert down == pytest.approx(-1.65 if name == "LOCAL" else 0.0)


def test_taking_it_off_and_on_again_is_the_same_session(worn: Callable[..., Worn]) -> None:
    one = worn()
    one.put_on()
    session = one.display.session
    for state in ("VISIBLE", "SYNCHRONIZED", "STOPPING", "IDLE"):
        one.fake.say(getattr(xr.SessionState, state))
        one.frame()
    assert one.display.lifecycle.state is State.IDLE and not one.display.worn
    frames = len(one.fake.ended)
    for _ in range(3):
        assert one.frame().tracked is None
    assert len(one.fake.ended) == frames
    assert one.display.size == (320, 180)  # the panels are the window's
    for state in ("READY", "SYNCHRONIZED", "VISIBLE", "FOCUSED"):
        one.fake.say(getattr(xr.SessionState, state))
        one.frame()
    one.until(lambda: len(one.fake.ended) > frames and bool(one.fake.ended[-1].kinds))
    assert one.display.session is session and one.display.size == PANELS


@pytest.mark.parametrize("end", ["EXITING", "LOSS_PENDING", "instance", "call", "frame"])
def test_every_end_leaves_the_desktop_and_gives_everything_back(
    worn: Callable[..., Worn], end: str
) -> None:
    one = worn()
    one.put_on()
    one.display.take_notices()
    if end == "instance":
        one.fake.lose_instance()
    elif end in ("call", "frame"):
        one.fake.error = xr.InstanceLostError() if end == "call" else xr.SessionLostError()
    else:
        one.fake.say(getattr(xr.SessionState, end))
    one.frame()
    one.fake.error = None
    one.until(lambda: one.display.session is None or not one.display.worn, 3)
    notices = [name for name, _ in one.display.take_notices()]
    assert notices == ["headset-exited" if end == "EXITING" else "headset-lost"]
    window = one.display.picture()
    assert window.shape[:2] == (180, 320) and not one.display.closed
    # The runtime is still there: it is asked again, later where it asked us to leave.
    one.until(lambda: one.display.session is not None, 4000)
    one.put_on()
    alive = one.fake.alive
    assert alive["Session"] == alive["Instance"] == 1
    assert alive["Swapchain"] == len(one.fake.chains) == 5  # two eyes, their depths, the panels


def test_the_origin_moves_when_the_wearer_asks(worn: Callable[..., Worn]) -> None:
    one = worn()
    one.put_on()
    one.fake.move_origin()
    seen = [one.frame().tracked for _ in range(4)]
    assert [bool(frame and frame.recentred) for frame in seen].count(True) == 1


def test_a_headset_that_comes_later_is_found(worn: Callable[..., Worn]) -> None:
    one = worn(headset=False)
    one.until(lambda: one.display.lifecycle.away is Away.NO_HEADSET)
    one.fake.headset = True
    one.until(lambda: one.display.session is not None, 4000)
    one.put_on()


def test_closing_gives_everything_back(worn: Callable[..., Worn]) -> None:
    one = worn()
    one.put_on()
    one.display.close()
    assert {name: n for name, n in one.fake.alive.items() if n} == {}
