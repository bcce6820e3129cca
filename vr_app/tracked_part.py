"""A tracked person in the mine: the rig that carries them, how hands move it, and their comfort.

Keeps the application's walker where the person is, so that all else (panels, maps, sensors) knows
nothing of headsets. It draws nothing (`vr_app.world.hand_view` does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vr_app.display.tracking import HandInput, RigPose, TrackedInput, turned
from vr_app.locomotion.arc import Arc, throw
from vr_app.locomotion.comfort import Fade, Vignette
from vr_app.locomotion.hand_controls import HandControls, HandStyle, HandWishes
from vr_app.locomotion.rig import Rig, heading
from vr_app.ui.settings_panel import Settings
from vr_app.world.walker import EYE_HEIGHT_M, GroundQueries, Intent, Vector, Walker

SLOWLY: Final = 0.5  # of a desktop's pace
SEATED_M: Final = 1.2  # eyes of somebody who sits
TICK_S: Final = 0.02  # of a hand's motor, when it lands or presses
TICK: Final = 0.4  # its strength


@dataclass(slots=True)
class HandSeen:
    """A hand in the scene frame: where it is held, where it aims, and its joints (26, 3)."""

    grip: RigPose | None
    aim: RigPose | None
    joints: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None


@dataclass(slots=True)
class Ray:
    """What a laser starts at and goes along, (3,) each, scene frame."""

    origin: Vector
    direction: Vector


@dataclass(slots=True)
class TrackedState:
    """What came of a frame: head and hands in the scene frame, the laser, the arc if one is shown,
    how far sight is closed and darkened, and the hands' other wishes."""

    head: RigPose
    hands: dict[str, HandSeen] = field(default_factory=dict)
    ray: Ray | None = None
    arc: Arc | None = None
    vignette: float = 0.0
    dark: float = 0.0
    wishes: HandWishes = field(default_factory=HandWishes)
    landed: bool = False  # a jump to a good place was begun


def style_of(settings: Settings) -> HandStyle:
    """How hands move somebody with these settings."""
    return HandStyle(
        settings.hand, settings.hands == "one", settings.turn == "smooth", settings.moving == "walk"
    )


class TrackedPart:
    """One tracked person. `pulse`: a hand's motor (hand, seconds, strength)."""

    def __init__(self, walker: Walker, pulse: Callable[[str, float, float], None]) -> None:
        self.rig = Rig()
        self.fade = Fade()
        self._walker, self._pulse = walker, pulse
        self._controls = HandControls()
        self._vignette = Vignette()
        self._head = RigPose(np.array([0.0, 0.0, EYE_HEIGHT_M]))
        self._placed = False
        self._last_air: Vector | None = None  # the eye's last place out of the rock

    def leave(self) -> None:
        """Nobody is tracked any more: whoever comes back stands where the walker is."""
        self._placed = False

    def place(self, feet: Vector, azimuth_rad: float | None = None) -> None:
        """Stand elsewhere, once it is dark."""
        there = np.array(feet, np.float64)

        def stand() -> None:
            self.rig.stand(self._head, there, azimuth_rad)
            self._walker.place(there, self._walker.azimuth_rad, self._walker.pitch_rad)
            self._last_air = None

        self.fade.jump(stand)

    def step(
        self,
        tracked: TrackedInput,
        intent: Intent,
        seconds: float,
        ground: GroundQueries | None,
        settings: Settings,
        on_something: bool,
    ) -> TrackedState:
        """One frame of `seconds`. `intent`: of a keyboard beside the headset; `on_something`: the
        laser meets what can be pressed."""
        self._head = tracked.head
        rig, head, walker = self.rig, tracked.head, self._walker
        rig.raised_m = settings.raised_cm / 100.0 + self._sitting(settings)
        if not self._placed:
            self._placed, self._last_air = True, None
            rig.stand(head, walker.feet, walker.azimuth_rad)
        elif tracked.recentred:
            rig.stand(head, walker.feet)  # the room's origin moved; the person did not
        hands = tracked.hands
        wishes = self._controls.step(hands, seconds, style_of(settings), on_something)
        smooth = settings.turn == "smooth"
        if wishes.turn:
            rig.turn_about(head, wishes.turn)
        if intent.turn:
            rig.turn_about(head, intent.turn)
        moved = self._move(wishes, intent, seconds, ground)
        arc = self._throw(wishes, hands, ground)
        landed = wishes.land and self.fade.jumping
        turned_rad = intent.turn + (wishes.turn if smooth else 0.0)
        closed = self._vignette.step(moved, turned_rad, seconds, settings.vignette == "on")
        dark = self.fade.step(seconds, self._in_rock(ground))
        if wishes.use and wishes.pointer is not None:
            self._pulse(wishes.pointer, TICK_S, TICK)
        self._follow()
        seen = {name: self._seen(hand) for name, hand in hands.items()}
        state = TrackedState(rig.pose(head), seen, None, arc, closed, dark, wishes, landed)
        pointing = seen.get(wishes.pointer or "")
        if pointing is not None and pointing.aim is not None and arc is None:
            ahead = turned(pointing.aim.orientation, np.array([0.0, 1.0, 0.0]))
            state.ray = Ray(pointing.aim.position, ahead)
        return state

    def _sitting(self, settings: Settings) -> float:
        """How much higher than their chair somebody's eyes are to be."""
        return EYE_HEIGHT_M - SEATED_M if settings.posture == "seated" else 0.0

    def _move(
        self, wishes: HandWishes, intent: Intent, seconds: float, ground: GroundQueries | None
    ) -> float:
        """Walk by stick or key; metres that the rig was moved by it."""
        walker, rig = self._walker, self.rig
        before = rig.feet(self._head)
        walker.feet = before.copy()
        walker.azimuth_rad, walker.pitch_rad = heading(rig.pose(self._head).orientation)
        wish = Intent(
            right=intent.right + SLOWLY * wishes.right,
            forward=intent.forward + SLOWLY * wishes.forward,
            up=intent.up,
            fast=intent.fast,
        )
        walker.step(wish, seconds, ground)
        rig.floor = rig.floor + (walker.feet - before)
        asked = abs(wish.right) + abs(wish.forward) + abs(wish.up) > 0.0
        return float(np.linalg.norm((walker.feet - before)[:2])) if asked else 0.0

    def _throw(
        self, wishes: HandWishes, hands: dict[str, HandInput], ground: GroundQueries | None
    ) -> Arc | None:
        aim = None if wishes.arc is None else hands[wishes.arc].aim
        if aim is None or ground is None or wishes.arc is None:
            return None
        aim = self.rig.pose(aim)
        arc = throw(aim.position, turned(aim.orientation, np.array([0.0, 1.0, 0.0])), ground)
        if not wishes.land:
            return arc
        if arc.landing is not None:
            self._pulse(wishes.arc, TICK_S, TICK)
            self._walker.mode = "walk"
            self.place(arc.landing)
        return None

    def _in_rock(self, ground: GroundQueries | None) -> bool:
        """Whether the head has gone through a wall since it was last in the open."""
        eye = self.rig.place(self._head.position)
        if ground is None or self._walker.mode == "fly" or self._last_air is None:
            self._last_air = eye
            return False
        way = eye - self._last_air
        length = float(np.linalg.norm(way))
        if length < 1e-4:
            return False
        if ground.solid(self._last_air, way, length) is not None:
            return True
        self._last_air = eye
        return False

    def _follow(self) -> None:
        """Keep the walker where the person is."""
        walker, rig = self._walker, self.rig
        walker.feet = rig.feet(self._head)
        walker.eye_m = float(rig.place(self._head.position)[2] - rig.floor[2])
        walker.azimuth_rad, walker.pitch_rad = heading(rig.pose(self._head).orientation)

    def _seen(self, hand: HandInput) -> HandSeen:
        rig = self.rig
        joints = None
        if hand.joints is not None:
            joints = rig.origin + turned(rig.turn, hand.joints)
        return HandSeen(
            None if hand.grip is None else rig.pose(hand.grip),
            None if hand.aim is None else rig.pose(hand.aim),
            joints,
        )
