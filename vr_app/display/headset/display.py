"""The headset as a display: its pictures where it is worn, the desktop's window everywhere else.

The window is always there: it mirrors the left eye while somebody wears the headset, and is an
ordinary desktop display before, between and after. No runtime and no loss of one ends the program.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assets.text import translator
from vr_app.display.desktop import DesktopDisplay
from vr_app.display.headset.actions import Actions
from vr_app.display.headset.choices import Rate
from vr_app.display.headset.drawing import Drawing
from vr_app.display.headset.graphics import wait_for_screen
from vr_app.display.headset.lifecycle import Action, Away, Lifecycle
from vr_app.display.headset.panel import Panel
from vr_app.display.headset.pointing import Pointing
from vr_app.display.headset.poses import head_of, openxr_orientation, openxr_position
from vr_app.display.headset.runtime import (
    Attempt,
    Found,
    destroy_quietly,
    load_xr,
    runtime_registered,
)
from vr_app.display.headset.session import Located, Session, Timing
from vr_app.display.headset.steady import SteadyView
from vr_app.display.input import InputFrame
from vr_app.display.preferences import Preferences
from vr_app.display.tracking import HandInput, RigPose, TrackedInput, turned
from vr_app.stream.views import View

EYES_M: Final = 1.65  # above the floor, where a runtime knows none
PANELS: Final = (1280, 720)  # pixels of a wearer's panels, whatever the window is like
TOUCH_S, TOUCH = 0.02, 0.4  # of a hand's motor when its finger presses
ANSWER_S: Final = 3.0  # `auto` waits for a registered runtime, while room and twin load anyway
_NOTICES: Final = {
    Away.NO_RUNTIME: "headset-no-runtime",
    Away.NO_HEADSET: "headset-no-headset",
    Away.REFUSED: "headset-refused",
    Away.EXITED: "headset-exited",
    Away.SESSION_LOST: "headset-lost",
    Away.INSTANCE_LOST: "headset-lost",
}


class HeadsetDisplay(DesktopDisplay):
    """A headset with a window beside it. quietly: the person did not ask for one, so that a
    missing one is not worth a line, and nothing is tried again before one was there."""

    name = "headset"
    _for_wearer = False  # the panels have a wearer's size, not the window's
    _window = (1, 1)

    def __init__(
        self,
        size: tuple[int, int],
        title: str,
        *,
        quietly: bool = False,
        validate: bool = False,
        height_m: float = EYES_M,
        load: Callable[[], Any] = load_xr,
        registered: Callable[[], bool] = runtime_registered,
        clock: Callable[[], float] = time.monotonic,
        text: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(size, title)
        self._quietly, self._validate, self._height_m = quietly, validate, height_m
        self._load, self._registered, self._clock = load, registered, clock
        self.lifecycle = Lifecycle()
        self.found: Found | None = None
        self.session: Session | None = None
        self.drawing: Drawing | None = None
        self.actions: Actions | None = None
        self._hands: dict[str, HandInput] = {}
        self._pointing = Pointing()
        self._steady = SteadyView()
        self._preferences = Preferences()
        self._surroundings_told = False
        self._text = text or translator("en")
        self._attempt: Attempt | None = None
        self._instance: tuple[Any, Any, Any] | None = None
        self._timing: Timing | None = None
        self._located: Located | None = None
        self._head = RigPose()
        self._rig_floor = np.zeros(3)
        self._rig_azimuth = 0.0
        self._panel = Panel()
        self._stepped = self._seen_at = clock()
        self._told: Away | None = None
        self._notices: list[tuple[str, dict[str, str]]] = []
        self._had_one = False

    # -- the session's life ---------------------------------------------------------------------

    def _live(self) -> None:
        """Whatever has happened to runtime and headset since the last frame."""
        now = self._clock()
        if self.session is not None:
            self._guarded(self._take_events)
        if self._attempt is not None:
            self._take_attempt(now)
        elif not (self._quietly and self._told is not None and not self._had_one):
            self._carry_out(self.lifecycle.tick(now))

    def _take_events(self) -> None:
        session = self.session
        if session is None:
            return
        for kind, number in session.events():
            now = self._clock()
            if kind == "state":
                self._carry_out(self.lifecycle.session_state(number, now))
            elif kind == "lost":
                self._carry_out(self.lifecycle.instance_lost(now))
            elif kind == "origin":
                self.lifecycle.origin_change_pending(number)
            elif kind == "profile" and self.actions is not None:
                self.actions.profiles_changed()
            elif kind == "mask" and self.drawing is not None and number in (0, 1):
                self.drawing.eyes.hide(number, session.hidden_mesh(number))
            if self.session is None:
                return

    def _take_attempt(self, now: float) -> None:
        attempt = self._attempt
        if attempt is None or attempt.result is None:
            return
        self._attempt, result = None, attempt.result
        self._instance = attempt.kept
        if isinstance(result, Found):
            self.found = result
            try:
                self._open(result)
            except Exception as error:  # drivers raise anything; the window lives on
                result = (Away.REFUSED, f"{type(error).__name__}: {error}")
                self._close_session()
                self._drop_instance()
            else:
                self._carry_out(self.lifecycle.opened())
                return
        why, reason = result
        self.lifecycle.refused(why, now, keep_instance=self._instance is not None)
        self._tell(self.lifecycle.away, reason)

    def _open(self, found: Found) -> None:
        self.session = Session(found, self._height_m, self._preferences.surroundings)
        self.actions = Actions(
            found.xr, found.instance, self.session.handle, found.features, self._text
        )
        camera = self.screen_root.find("screen camera")
        self.drawing = Drawing(
            self.base, self.scene_root, camera, self.session, PANELS, self._window
        )
        self.drawing.eyes.place_rig(self._rig_floor, self._rig_azimuth)

    def _carry_out(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            if action is Action.OPEN:
                self._attempt = Attempt(
                    self._load,
                    self._registered,
                    instance=self._instance,
                    validate=self._validate,
                )
            elif action is Action.BEGIN_SESSION and self.session is not None:
                self.session.begin()
                self._ask_rate()
                self._check_surroundings()
            elif action is Action.END_SESSION and self.session is not None:
                self._show_headset(False)
                self.session.end()
            elif action is Action.TO_HEADSET:
                wait_for_screen(False)
                self._panel.forget()
                if self._told is not None and self._told is not Away.NOT_TRIED:
                    self._notices.append(("headset-back", {}))
                self._told, self._had_one = None, True
            elif action is Action.DESTROY_SESSION:
                self._close_session()
            elif action is Action.DESTROY_INSTANCE:
                self._drop_instance()
            elif action is Action.TO_DESKTOP:
                wait_for_screen(True)
                self._tell(self.lifecycle.away, "")

    def _tell(self, away: Away, reason: str) -> None:
        if away is self._told:
            return
        self._told = away
        if away in _NOTICES and not (self._quietly and not self._had_one):
            self._notices.append((_NOTICES[away], {"reason": reason}))

    def prefer(self, preferences: Preferences) -> None:
        """See `Display.prefer`."""
        before, self._preferences = self._preferences, preferences
        session = self.session
        if session is None:
            return
        session.show_surroundings(preferences.surroundings)
        self._check_surroundings()
        if preferences.highest_rate != before.highest_rate and self.lifecycle.running:
            self._guarded(self._ask_rate)

    def _ask_rate(self) -> None:
        if self.session is not None and self._preferences.highest_rate:
            self.session.ask_rate(Rate.HIGHEST)

    def _check_surroundings(self) -> None:
        """Say it once where a headset cannot show the room around."""
        session, wanted = self.session, self._preferences.surroundings
        if session is None or not wanted or session.blend.granted:
            self._surroundings_told = self._surroundings_told and wanted
        elif not self._surroundings_told:
            self._surroundings_told = True
            self._notices.append(("headset-no-surroundings", {}))

    @property
    def surroundings(self) -> bool:
        """See `Display.surroundings`."""
        return self.session is not None and self.worn and self.session.blend.surroundings

    def take_notices(self) -> list[tuple[str, dict[str, str]]]:
        """See `Display.take_notices`."""
        taken, self._notices = self._notices, []
        return taken

    def _close_session(self) -> None:
        self._timing = self._located = None
        self._hands = {}
        actions, self.actions = self.actions, None
        drawing, self.drawing = self.drawing, None
        session, self.session = self.session, None
        if drawing is not None:
            self._show_desktop_region(True)
            drawing.close()
        if actions is not None:
            actions.close()
        if session is not None:
            session.close()

    def _drop_instance(self) -> None:
        kept, self._instance = self._instance, None
        self.found = None
        if kept is not None:
            xr, instance, _ = kept
            destroy_quietly(xr, xr.destroy_instance, instance)

    def _guarded(self, call: Callable[[], None]) -> None:
        """Call the runtime; what it raises is a loss, never the program's end."""
        found = self.found
        if found is None:
            return
        xr = found.xr
        try:
            call()
        except (xr.InstanceLostError, xr.RuntimeFailureError, xr.HandleInvalidError):
            self._carry_out(self.lifecycle.instance_lost(self._clock()))
        except (xr.XrException, ValueError):
            self._carry_out(self.lifecycle.session_lost(self._clock()))

    # -- frames ---------------------------------------------------------------------------------

    def take_input(self) -> InputFrame:
        """See `Display.take_input`."""
        frame = super().take_input()
        self._begin()
        self._fit_panels()
        if self._for_wearer and frame.pointer is not None:
            across, down = (p / w for p, w in zip(PANELS, self._window, strict=True))
            frame.pointer = (frame.pointer[0] * across, frame.pointer[1] * down)
        if self._timing is not None:
            frame.tracked = self._tracked(self._timing)
            self._point(frame)
        return frame

    def _point(self, frame: InputFrame) -> None:
        """A hand that aims at the panels, or touches them, is the mouse."""
        pointed = self._pointing.step(self._hands, self._panel, PANELS)
        if pointed.pixel is None:
            # A mouse that lies on the desk is not over what the wearer presses.
            if self._hands and "mouse1" not in frame.pressed:
                frame.pointer = None
            return
        frame.pointer = pointed.pixel
        if pointed.pressed:
            frame.pressed.append("mouse1")
            if not self._hands[pointed.pressed].select:
                self.vibrate(pointed.pressed, TOUCH_S, TOUCH)

    def resize(self, width: int, height: int) -> None:
        """See `PandaDisplay.resize`: the panels keep a wearer's size while there is one."""
        super().resize(width, height)
        self._window = self.size
        if self._for_wearer:
            self._fit_screen(*PANELS)

    def _fit_panels(self) -> None:
        """The panels are laid out for whoever sees them: the wearer, else the window."""
        wanted = self.session is not None and self.lifecycle.worn
        if wanted != self._for_wearer:
            self._for_wearer = wanted
            self.resize(*self._window)

    def _begin(self) -> None:
        """Everything before a frame is drawn, up to where the eyes will be."""
        if self._timing is not None:
            return
        self._live()
        if self.lifecycle.waits_for_frames:
            self._guarded(self._wait)

    def _wait(self) -> None:
        if self.session is None:
            return
        timing = self.session.wait_frame()
        self._timing = timing
        self._locate(timing)
        self._hands = {}
        if self.actions is not None and self.lifecycle.takes_input and self.actions.sync():
            self._hands = self.actions.hands(self.session.origin, timing.shown_at)
        now = self._clock()
        if self._located is not None:
            self._panel.step(self._head, min(now - self._stepped, 0.25))
        self._stepped = now

    def _locate(self, timing: Timing) -> None:
        if self.session is None or self.drawing is None:
            return
        located = self.session.locate(timing.shown_at)
        if not located.tracked:
            self._located = None
            return
        self.drawing.eyes.look(located.eyes)
        self._located = located
        self._head = head_of([eye.pose for eye in located.eyes])

    def _tracked(self, timing: Timing) -> TrackedInput:
        recentred = self.lifecycle.recentred(timing.shown_at)
        if recentred:
            self._panel.forget()
        return TrackedInput(self._head, self._hands, recentred, self.lifecycle.worn)

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """See `Display.vibrate`."""
        actions = self.actions
        if actions is not None and self.lifecycle.takes_input:
            self._guarded(lambda: actions.vibrate(hand, seconds, strength))

    def set_rig(self, floor: npt.NDArray[np.float64], azimuth_rad: float) -> None:
        """See `Display.set_rig`."""
        self._rig_floor = np.asarray(floor, np.float64)
        self._rig_azimuth = azimuth_rad
        if self.drawing is not None:
            self.drawing.eyes.place_rig(self._rig_floor, azimuth_rad)
        # What the window shows between two wearers, and pictures of it, are from the head.
        rotation = np.array([math.cos(-azimuth_rad / 2), 0.0, 0.0, math.sin(-azimuth_rad / 2)])
        eye = self._rig_floor + turned(rotation, self._head.position)
        ahead = turned(rotation, turned(self._head.orientation, np.array([0.0, 1.0, 0.0])))
        azimuth = math.atan2(float(ahead[0]), float(ahead[1]))
        pitch = math.asin(max(-1.0, min(1.0, float(ahead[2]))))
        if self._watched:
            now = self._clock()
            self._steady.step(eye, azimuth, pitch, min(now - self._seen_at, 0.25))
            self._seen_at = now
            eye, azimuth, pitch = self._steady.eye, self._steady.azimuth_rad, self._steady.pitch_rad
        else:
            self._steady.forget()
        super().set_eye(eye, azimuth, pitch)

    @property
    def _watched(self) -> bool:
        """Whether the window shows a steady view of what the wearer sees."""
        return self._preferences.steady and self.lifecycle.worn

    def views(self) -> list[View]:
        """See `Display.views`."""
        if self._located is None or self.drawing is None or not self.lifecycle.worn:
            return super().views()
        return self.drawing.eyes.views(self._located.eyes)

    def draw(self) -> None:
        """See `Display.draw`."""
        self._begin()  # a script draws without taking input
        timing = self._timing
        if timing is None or self.session is None or self.drawing is None:
            super().draw()
            return
        if not self.lifecycle.draws(timing.wanted) or self._located is None:
            self._show_headset(False)
            super().draw()
            self._guarded(lambda: self._end(timing, None))
        else:
            self._guarded(lambda: self._draw_eyes(timing))
        self._timing = None

    def _draw_eyes(self, timing: Timing) -> None:
        drawing, session = self.drawing, self.session
        if drawing is None or session is None:
            return
        drawing.fit(PANELS, self._window)
        drawing.place_panel(self._panel.pose(), self._panel.metres(PANELS))
        self._show_headset(True)
        self._locate(timing)  # as late as can be
        layers = drawing.draw()
        if layers is not None and drawing.panel_chain is not None:
            pose = self._panel.pose()
            xr = session.xr
            layers.panel = (
                drawing.panel_chain,
                xr.Posef(
                    xr.Quaternionf(*openxr_orientation(pose.orientation)),
                    xr.Vector3f(*openxr_position(pose.position)),
                ),
                self._panel.metres(PANELS),
            )
        self._end(timing, layers)

    def _end(self, timing: Timing, layers: Any) -> None:
        if self.session is not None:
            self.session.end_frame(timing, self._located, layers)

    def _show_headset(self, wanted: bool) -> None:
        if self.drawing is not None:
            self.drawing.show(wanted, mirror=not self._watched)
        self._show_desktop_region(not wanted or self._watched)

    def _show_desktop_region(self, wanted: bool) -> None:
        base: Any = self.base
        base.camNode.get_display_region(0).set_active(wanted)

    # -- the window -----------------------------------------------------------------------------

    @property
    def worn(self) -> bool:
        """Whether somebody sees the headset's frames."""
        return self.lifecycle.worn

    def capture_pointer(self, wanted: bool) -> None:
        """See `Display.capture_pointer`: a wearer's head looks around, never the mouse."""
        super().capture_pointer(wanted and not self.lifecycle.worn)

    def still(self) -> npt.NDArray[np.uint8]:
        """See `Display.still`: from the head, also while the window mirrors an eye."""
        shown = self.drawing is not None and self.lifecycle.worn
        if shown:
            self._show_headset(False)
            super().resize(*self._window)
        try:
            return super().still()
        finally:
            if shown:
                self._show_headset(True)
                self.resize(*self._window)

    def wait_answer(self, seconds: float = ANSWER_S) -> bool:
        """Whether there is a headset; waits for the first answer at most so long."""
        self._live()
        if self._attempt is not None:
            self._attempt.wait(seconds)
            return isinstance(self._attempt.result, Found)
        return self.session is not None

    def close(self) -> None:
        """See `Display.close`."""
        if not self._destroyed:
            self._close_session()
            if self._attempt is not None:
                self._attempt.wait(ANSWER_S)
                self._instance = self._attempt.kept
                self._attempt = None
            self._drop_instance()
        super().close()
