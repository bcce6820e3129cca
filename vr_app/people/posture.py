"""Where the parts of a figure are, from what is known of a member: head, hands, pointer.

Pure geometry: a pose and the time passed in, placements out. Nothing is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from sync_server.wire.poses import MemberPose, Placed
from vr_app.people.figure import (
    EYE_HEIGHT,
    FOREARM,
    HIP,
    NECK_BEHIND,
    NECK_BELOW,
    SHOULDER,
    UPPER_ARM,
    WRIST_TO_PALM,
)

Floats = npt.NDArray[np.float64]
TURN_FREE_RAD: Final = math.radians(28)  # the head turns so far before the body follows
TURN_TIME_S: Final = 0.25
STRIDE_M: Final = 1.45  # of two steps
REST_HAND: Final = (0.245, 0.08, -0.535)  # from the shoulder's height at the torso's middle


@dataclass(frozen=True, slots=True)
class Limb:
    """From one joint to the next: (3,) each, metres in the scene frame."""

    start: Floats
    end: Floats


@dataclass(slots=True)
class Posture:
    """A figure's parts in the scene frame. Angles in radians, counter-clockwise from above."""

    head: Placed
    torso: Floats
    body_yaw: float
    upper_arms: list[Limb]  # left, right
    forearms: list[Limb]
    hands: list[Placed]
    hips: list[Floats]
    leg_scale: float
    leg_swings: list[float]
    beam: Limb | None


def rotate(orientation: tuple[float, float, float, float], vector: Floats) -> Floats:
    """A vector turned by a quaternion (w, x, y, z)."""
    w, axis = orientation[0], np.asarray(orientation[1:], np.float64)
    twice = 2.0 * np.cross(axis, vector)
    turned: Floats = vector + w * twice + np.cross(axis, twice)
    return turned


def yaw_of(orientation: tuple[float, float, float, float]) -> float:
    """Where a head looks: radians counter-clockwise from north. Looking straight up or down, the
    top of the head tells."""
    forward = rotate(orientation, np.array([0.0, 1.0, 0.0]))
    if math.hypot(forward[0], forward[1]) < 0.15:
        forward = rotate(orientation, np.array([0.0, 0.0, -math.copysign(1.0, forward[2])]))
    return math.atan2(-forward[0], forward[1])


def yaw_quaternion(yaw: float) -> tuple[float, float, float, float]:
    """The orientation that looks along a yaw, level."""
    return (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2))


def elbow(shoulder: Floats, wrist: Floats, outward: Floats) -> tuple[Floats, Floats]:
    """The elbow of an arm that reaches for `wrist`, bent down and to `outward`; and the wrist,
    drawn in where the arm is too short."""
    reach = wrist - shoulder
    distance = float(np.linalg.norm(reach))
    longest = (UPPER_ARM + FOREARM) * 0.999
    direction = reach / distance if distance > 1e-6 else np.array([0.0, 0.0, -1.0])
    distance = min(max(distance, abs(UPPER_ARM - FOREARM) + 0.02), longest)
    along = (distance**2 + UPPER_ARM**2 - FOREARM**2) / (2 * distance)
    aside = math.sqrt(max(UPPER_ARM**2 - along**2, 0.0))
    hint = np.array([0.0, 0.0, -1.0]) + 0.45 * outward
    hint -= direction * float(hint @ direction)
    size = float(np.linalg.norm(hint))
    hint = hint / size if size > 1e-6 else outward
    return shoulder + along * direction + aside * hint, shoulder + distance * direction


@dataclass(slots=True)
class Body:
    """What a figure remembers from frame to frame: where its body faces, and its stride."""

    yaw: float | None = None
    phase: float = 0.0
    swing: float = 0.0
    last: Floats | None = field(default=None)

    def pose(self, pose: MemberPose, seconds: float, floor_z: float | None = None) -> Posture:
        """The figure `seconds` after the last call. `floor_z`: the floor's height below the
        member; where it is unknown or far away (flying), the figure stands in the air."""
        head = np.asarray(pose.head.position, np.float64)
        yaw = self._turn(yaw_of(pose.head.orientation), seconds)
        facing = yaw_quaternion(yaw)
        self._stride(head, seconds)

        def from_body(vector: tuple[float, float, float] | Floats) -> Floats:
            return torso + rotate(facing, np.asarray(vector, np.float64))

        # The neck hangs from the head as it is turned, but only half as far as it is tilted.
        tilted = rotate(pose.head.orientation, np.array([0.0, -NECK_BEHIND, -NECK_BELOW]))
        upright = rotate(facing, np.array([0.0, -NECK_BEHIND, -NECK_BELOW]))
        torso = head + 0.35 * tilted + 0.65 * upright
        height = EYE_HEIGHT if floor_z is None else float(head[2]) - floor_z
        if not 0.6 <= height <= 2.3:
            height = EYE_HEIGHT
        legs = (height - NECK_BELOW + HIP[2]) / (EYE_HEIGHT - NECK_BELOW + HIP[2])
        uppers, fores, hands = [], [], []
        for side, given in ((-1, pose.left), (1, pose.right)):
            shoulder = from_body((side * SHOULDER[0], SHOULDER[1], SHOULDER[2]))
            outward = rotate(facing, np.array([float(side), -0.3, 0.0]))
            if given is None:
                swing = 0.5 * self.swing * math.sin(self.phase) * side
                rest = np.array([side * REST_HAND[0], REST_HAND[1] + 0.25 * swing,
                                 SHOULDER[2] + REST_HAND[2]])  # fmt: skip
                palm = from_body(rest)
                turn = _hanging(facing)
            else:
                palm, turn = np.asarray(given.position, np.float64), given.orientation
            back = rotate(turn, np.array([0.0, -WRIST_TO_PALM, 0.0]))
            joint, wrist = elbow(shoulder, palm + back, outward)
            uppers.append(Limb(shoulder, joint))
            fores.append(Limb(joint, wrist))
            # A hand that was given stays where it is, even if the arm cannot reach it.
            at = palm if given is not None else wrist - back
            hands.append(Placed((float(at[0]), float(at[1]), float(at[2])), turn))
        angle = self.swing * math.sin(self.phase)
        return Posture(
            head=pose.head,
            torso=torso,
            body_yaw=yaw,
            upper_arms=uppers,
            forearms=fores,
            hands=hands,
            hips=[from_body((side * HIP[0], HIP[1], HIP[2])) for side in (-1, 1)],
            leg_scale=max(legs, 0.2),
            leg_swings=[angle, -angle],
            beam=self._beam(pose),
        )

    @staticmethod
    def _beam(pose: MemberPose) -> Limb | None:
        if pose.pointer is None:
            return None
        hand = pose.right or pose.left
        if hand is not None:
            tip = rotate(hand.orientation, np.array([0.0, 0.14, 0.0]))
            start = np.asarray(hand.position, np.float64) + tip
        else:
            # Without hands it comes from the lamp on the helmet.
            lamp = rotate(pose.head.orientation, np.array([0.0, 0.11, 0.10]))
            start = np.asarray(pose.head.position, np.float64) + lamp
        return Limb(start, np.asarray(pose.pointer, np.float64))

    def _turn(self, wanted: float, seconds: float) -> float:
        if self.yaw is None:
            self.yaw = wanted
        off = math.remainder(wanted - self.yaw, 2 * math.pi)
        excess = math.copysign(max(abs(off) - TURN_FREE_RAD, 0.0), off)
        self.yaw += excess * (1 - math.exp(-seconds / TURN_TIME_S))
        # Standing still with the head turned, the body comes round slowly.
        self.yaw += (off - excess) * (1 - math.exp(-seconds / 2.5))
        return self.yaw

    def _stride(self, head: Floats, seconds: float) -> None:
        moved = 0.0 if self.last is None else float(np.linalg.norm((head - self.last)[:2]))
        self.last = head
        if moved > 3.0:  # a teleport is no step
            moved = 0.0
        self.phase = (self.phase + 2 * math.pi * moved / STRIDE_M) % (2 * math.pi)
        speed = moved / seconds if seconds > 1e-6 else 0.0
        wanted = 0.48 * min(speed / 1.2, 1.0) if speed < 8.0 else 0.0
        self.swing += (wanted - self.swing) * (1 - math.exp(-seconds / 0.12))


def _hanging(facing: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Orientation of a hand that hangs beside a body: fingers down and a little forward."""
    half = math.radians(-72) / 2
    w, z = facing[0], facing[3]
    c, s = math.cos(half), math.sin(half)
    return (w * c, w * s, z * s, z * c)
