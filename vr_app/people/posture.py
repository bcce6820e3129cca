"""Where the parts of a figure are, from what is known of a member: head, hands, pointer.

Pure geometry in plain floats (numpy is ten times slower on single vectors): a pose and the time
passed in, placements out. Nothing is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sync_server.wire.poses import MemberPose, Placed
from sync_server.wire.quantise import Quaternion, Vector
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

TURN_FREE_RAD: Final = math.radians(28)  # the head turns so far before the body follows
TURN_TIME_S: Final = 0.25
STRIDE_M: Final = 1.45  # of two steps
REST_HAND: Final = (0.245, 0.08, -0.535)  # z from the shoulder, the rest from the torso
LONGEST_STRETCH: Final = 1.3  # sleeves give a little rather than let a hand float off
TELEPORT_M: Final = 3.0


@dataclass(frozen=True, slots=True)
class Limb:
    """From one joint to the next, metres in the scene frame."""

    start: Vector
    end: Vector


@dataclass(slots=True)
class Posture:
    """A figure's parts in the scene frame; pairs are left, right. Angles in radians, yaw
    counter-clockwise from north seen from above."""

    head: Placed
    torso: Vector
    body_yaw: float
    upper_arms: tuple[Limb, Limb]
    forearms: tuple[Limb, Limb]
    hands: tuple[Placed, Placed]
    hips: tuple[Vector, Vector]
    leg_scale: float
    leg_swings: tuple[float, float]


def rotate(orientation: Quaternion, vector: Vector) -> Vector:
    """A vector turned by a quaternion (w, x, y, z)."""
    w, x, y, z = orientation
    a, b, c = vector
    tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return (
        a + w * tx + y * tz - z * ty,
        b + w * ty + z * tx - x * tz,
        c + w * tz + x * ty - y * tx,
    )


def yaw_of(orientation: Quaternion) -> float:
    """Where a head looks: radians counter-clockwise from north. Looking straight up or down, the
    top of the head tells."""
    x, y, z = rotate(orientation, (0.0, 1.0, 0.0))
    if math.hypot(x, y) < 0.15:
        x, y, _ = rotate(orientation, (0.0, 0.0, -math.copysign(1.0, z)))
    return math.atan2(-x, y)


def yaw_quaternion(yaw: float) -> Quaternion:
    """The orientation that looks along a yaw, level."""
    return (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2))


def _add(one: Vector, other: Vector, share: float = 1.0) -> Vector:
    return (one[0] + share * other[0], one[1] + share * other[1], one[2] + share * other[2])


def _dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _unit(vector: Vector, instead: Vector) -> Vector:
    size = math.sqrt(_dot(vector, vector))
    return _add((0.0, 0.0, 0.0), vector, 1 / size) if size > 1e-9 else instead


def arm(shoulder: Vector, wrist: Vector, outward: Vector) -> tuple[Vector, Vector]:
    """Elbow and wrist of an arm that reaches for `wrist`, bent down and to `outward`. The wrist
    is drawn in where even a stretched arm is too short."""
    reach = _add(wrist, shoulder, -1)
    distance = math.sqrt(_dot(reach, reach))
    direction = _unit(reach, (0.0, 0.0, -1.0))
    stretch = min(max(distance / (0.985 * (UPPER_ARM + FOREARM)), 1.0), LONGEST_STRETCH)
    upper, fore = UPPER_ARM * stretch, FOREARM * stretch
    distance = min(max(distance, upper - fore + 0.02), 0.99 * (upper + fore))
    along = (distance**2 + upper**2 - fore**2) / (2 * distance)
    aside = math.sqrt(max(upper**2 - along**2, 0.0))
    hint = _add((0.0, 0.0, -1.0), outward, 0.45)
    hint = _unit(_add(hint, direction, -_dot(hint, direction)), outward)
    return _add(_add(shoulder, direction, along), hint, aside), _add(shoulder, direction, distance)


def beam_of(pose: MemberPose) -> Limb | None:
    """The laser: from the pointing hand's finger, or the helmet's lamp without hands."""
    if pose.pointer is None:
        return None
    hand = pose.right or pose.left
    if hand is not None:
        start = _add(hand.position, rotate(hand.orientation, (0.0, 0.14, 0.0)))
    else:
        start = _add(pose.head.position, rotate(pose.head.orientation, (0.0, 0.11, 0.10)))
    return Limb(start, pose.pointer)


@dataclass(slots=True)
class Body:
    """What a figure remembers from frame to frame: where its body faces, and its stride."""

    yaw: float | None = None
    phase: float = 0.0
    swing: float = 0.0
    last: Vector | None = None

    def pose(self, pose: MemberPose, seconds: float, floor_z: float | None = None) -> Posture:
        """The figure `seconds` after the last call. `floor_z`: height of the floor below the
        member; where it is unknown or far away (flying), the figure stands in the air."""
        head = pose.head.position
        yaw = self._turn(yaw_of(pose.head.orientation), seconds)
        facing = yaw_quaternion(yaw)
        self._stride(head, seconds)
        # The neck hangs from the head as it is turned, but only a third as far as it is tilted.
        neck = (0.0, -NECK_BEHIND, -NECK_BELOW)
        torso = _add(head, rotate(pose.head.orientation, neck), 0.35)
        torso = _add(torso, rotate(facing, neck), 0.65)
        arms = [self._arm(side, given, torso, facing) for side, given in
                ((-1, pose.left), (1, pose.right))]  # fmt: skip
        height = EYE_HEIGHT if floor_z is None else head[2] - floor_z
        if not 0.6 <= height <= 2.3:
            height = EYE_HEIGHT
        hips_below_eyes = NECK_BELOW - HIP[2]
        angle = self.swing * math.sin(self.phase)
        return Posture(
            head=pose.head,
            torso=torso,
            body_yaw=yaw,
            upper_arms=(arms[0][0], arms[1][0]),
            forearms=(arms[0][1], arms[1][1]),
            hands=(arms[0][2], arms[1][2]),
            hips=(
                _add(torso, rotate(facing, (-HIP[0], HIP[1], HIP[2]))),
                _add(torso, rotate(facing, HIP)),
            ),
            leg_scale=max((height - hips_below_eyes) / (EYE_HEIGHT - hips_below_eyes), 0.2),
            leg_swings=(angle, -angle),
        )

    def _arm(
        self, side: int, given: Placed | None, torso: Vector, facing: Quaternion
    ) -> tuple[Limb, Limb, Placed]:
        shoulder = _add(torso, rotate(facing, (side * SHOULDER[0], SHOULDER[1], SHOULDER[2])))
        outward = rotate(facing, (float(side), -0.3, 0.0))
        if given is None:
            swing = 0.13 * self.swing * math.sin(self.phase) * side
            rest = (side * REST_HAND[0], REST_HAND[1] + swing, SHOULDER[2] + REST_HAND[2])
            given = Placed(_add(torso, rotate(facing, rest)), _hanging(facing))
        back = rotate(given.orientation, (0.0, -WRIST_TO_PALM, 0.0))
        joint, wrist = arm(shoulder, _add(given.position, back), outward)
        # The hand itself stays where it was said to be, even if the arm cannot reach it.
        return Limb(shoulder, joint), Limb(joint, wrist), given

    def _turn(self, wanted: float, seconds: float) -> float:
        if self.yaw is None:
            self.yaw = wanted
        off = math.remainder(wanted - self.yaw, 2 * math.pi)
        excess = math.copysign(max(abs(off) - TURN_FREE_RAD, 0.0), off)
        self.yaw += excess * (1 - math.exp(-seconds / TURN_TIME_S))
        # Standing still with the head turned, the body comes round slowly.
        self.yaw += (off - excess) * (1 - math.exp(-seconds / 2.5))
        return self.yaw

    def _stride(self, head: Vector, seconds: float) -> None:
        last, self.last = self.last, head
        moved = 0.0 if last is None else math.hypot(head[0] - last[0], head[1] - last[1])
        if moved > TELEPORT_M:
            moved = 0.0
        self.phase = (self.phase + 2 * math.pi * moved / STRIDE_M) % (2 * math.pi)
        speed = moved / seconds if seconds > 1e-6 else 0.0
        # Whoever is faster than a runner flies, with still legs.
        wanted = 0.48 * min(speed / 1.2, 1.0) if speed < 8.0 else 0.0
        self.swing += (wanted - self.swing) * (1 - math.exp(-seconds / 0.12))


def _hanging(facing: Quaternion) -> Quaternion:
    """Orientation of a hand that hangs beside a body: fingers down and a little forward."""
    half = math.radians(-72) / 2
    w, z = facing[0], facing[3]
    c, s = math.cos(half), math.sin(half)
    return (w * c, w * s, z * s, z * c)
