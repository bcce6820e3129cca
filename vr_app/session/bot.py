"""A scripted member without a screen: walks along waypoints, points, talks and leaves marks.

The script is pure (a pose for every moment); the thread only plays it into a `RoomSession`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sync_server.wire.poses import MemberPose, Placed
from sync_server.wire.quantise import Quaternion, Vector
from vr_app.session.session import RoomSession

EYE_HEIGHT_M: Final = 1.62
POSE_RATE_HZ: Final = 30.0


@dataclass(frozen=True, slots=True)
class PointAt:
    """From `at_s` for `for_s` seconds the right hand's laser rests on `target` (scene, metres)."""

    at_s: float
    for_s: float
    target: Vector


@dataclass(frozen=True, slots=True)
class Say:
    """A text message at `at_s`."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Annotate:
    """An annotation placed at `at_s` at `position` (scene frame, metres)."""

    at_s: float
    position: Vector
    text: str


@dataclass(frozen=True, slots=True)
class Operate:
    """An action on an interactable object at `at_s`."""

    at_s: float
    object: str
    action: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a scripted member does. `waypoints` are feet positions (scene frame, metres)."""

    waypoints: Sequence[Vector]
    speed_m_s: float = 1.2
    there_and_back: bool = True  # else it stops at the last waypoint
    look_at: Vector | None = None  # else it looks where it walks
    actions: Sequence[PointAt | Say | Annotate | Operate] = ()


class WalkScript:
    """A script's poses: pure, so that pictures and tests can ask for any moment."""

    def __init__(self, script: Script) -> None:
        if not script.waypoints:
            raise ValueError("a script needs at least one waypoint")
        self._script = script
        self._points: list[Vector] = list(script.waypoints)
        self._lengths = [
            math.dist(a, b) for a, b in zip(self._points, self._points[1:], strict=False)
        ]
        self._total = sum(self._lengths)

    def feet(self, t: float) -> tuple[Vector, float]:
        """Where the feet are after `t` seconds, and the azimuth walked (degrees from north)."""
        walked = max(t, 0.0) * self._script.speed_m_s
        back = False
        if self._script.there_and_back and self._total > 0:
            walked %= 2 * self._total
            back = walked > self._total
            walked = 2 * self._total - walked if back else walked
        position: Vector = self._points[-1]
        azimuth = self._azimuth(len(self._lengths) - 1)
        for index, length in enumerate(self._lengths):
            if walked <= length and length > 0:
                a, b = self._points[index], self._points[index + 1]
                share = walked / length
                position = (
                    a[0] + (b[0] - a[0]) * share,
                    a[1] + (b[1] - a[1]) * share,
                    a[2] + (b[2] - a[2]) * share,
                )
                azimuth = self._azimuth(index)
                break
            walked -= length
        return position, (azimuth + 180.0) % 360.0 if back else azimuth

    def _azimuth(self, index: int) -> float:
        if index < 0:
            return 0.0
        a, b = self._points[index], self._points[index + 1]
        return math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) % 360.0

    def pose(self, t: float) -> MemberPose:
        """Head, hands and laser after `t` seconds; the arms swing with the steps."""
        feet, azimuth = self.feet(t)
        moving = self._total > 0
        stride = math.sin(t * 2 * math.pi * 0.9) if moving else 0.0
        head_at = (feet[0], feet[1], feet[2] + EYE_HEIGHT_M + (0.02 * abs(stride)))
        pointing = self.pointing(t)
        gaze = pointing or self._script.look_at
        head = looking(head_at, gaze) if gaze is not None else facing(azimuth, -4.0)
        body = math.radians(_azimuth_of(head_at, gaze) if gaze is not None else azimuth)
        left = _beside(feet, body, -0.24, 0.12 + 0.18 * stride, 0.95)
        if pointing is None:
            right = _beside(feet, body, 0.24, 0.12 - 0.18 * stride, 0.95)
            right_turn = facing(math.degrees(body), -30.0)
        else:
            right = _beside(feet, body, 0.22, 0.45, 1.32)
            right_turn = looking(right, pointing)
        return MemberPose(
            head=Placed(head_at, head),
            left=Placed(left, facing(math.degrees(body), -30.0)),
            right=Placed(right, right_turn),
            pointer=pointing,
        )

    def pointing(self, t: float) -> Vector | None:
        """What the laser rests on after `t` seconds."""
        for action in self._script.actions:
            if isinstance(action, PointAt) and action.at_s <= t < action.at_s + action.for_s:
                return action.target
        return None


def facing(azimuth_deg: float, pitch_deg: float = 0.0) -> Quaternion:
    """The orientation (w, x, y, z) of a head that looks along an azimuth (clockwise from north)."""
    yaw = -math.radians(azimuth_deg) / 2  # azimuths run clockwise, rotations about +Z do not
    pitch = math.radians(pitch_deg) / 2
    return (
        math.cos(yaw) * math.cos(pitch),
        math.cos(yaw) * math.sin(pitch),
        math.sin(yaw) * math.sin(pitch),
        math.sin(yaw) * math.cos(pitch),
    )


def _azimuth_of(eye: Vector, target: Vector) -> float:
    return math.degrees(math.atan2(target[0] - eye[0], target[1] - eye[1]))


def looking(eye: Vector, target: Vector) -> Quaternion:
    """The orientation of something at `eye` whose +Y points at `target`."""
    flat = math.hypot(target[0] - eye[0], target[1] - eye[1])
    pitch = math.degrees(math.atan2(target[2] - eye[2], flat))
    return facing(_azimuth_of(eye, target), pitch)


def _beside(feet: Vector, body: float, right: float, forward: float, up: float) -> Vector:
    return (
        feet[0] + right * math.cos(body) + forward * math.sin(body),
        feet[1] - right * math.sin(body) + forward * math.cos(body),
        feet[2] + up,
    )


class ScriptedMember:
    """Plays a script into a session, on a thread. The session is started and closed with it."""

    def __init__(self, session: RoomSession, script: Script) -> None:
        self.session = session
        self.walk = WalkScript(script)
        self._actions = sorted(
            (one for one in script.actions if not isinstance(one, PointAt)),
            key=lambda one: one.at_s,
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted-member", daemon=True)
        self.commands: list[str] = []  # ids of the commands that it gave

    def start(self) -> None:
        """Join and begin; time runs from here."""
        self.session.start()
        self._thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Stop and leave."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self.session.close(timeout)

    def _run(self) -> None:
        start = time.monotonic()
        waiting = list(self._actions)
        while not self._stop.wait(1 / POSE_RATE_HZ):
            t = time.monotonic() - start
            self.session.send_pose(self.walk.pose(t))
            while waiting and waiting[0].at_s <= t:
                self.commands.append(self._act(waiting.pop(0)))

    def _act(self, action: Say | Annotate | Operate) -> str:
        match action:
            case Say():
                return self.session.command("message", {"text": action.text})
            case Annotate():
                mark = {"position": list(action.position), "text": action.text}
                return self.session.command("annotation", mark)
            case Operate():
                what = {"object": action.object, "action": action.action}
                return self.session.command("object_state", what)
