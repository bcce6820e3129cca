"""Shows one member's poses smoothly: a buffer as long as the network is uneven, then a blend.

Pure: samples and room times in, poses out. Where samples fail to come it guesses on for a quarter
of a second, and catches up with what comes later without a jump.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

from sync_server.wire.poses import MemberPose, Placed
from sync_server.wire.quantise import Quaternion, Vector
from vr_app.session.lateness import Lateness

KEEP: Final = 64  # samples
EXTRAPOLATE_S: Final = 0.25
PAUSE_S: Final = 0.25  # a gap this long is a member that stood still, not a slow sender
DELAY_SLEW: Final = 0.1  # shown time runs at 0.9 to 1.1 of the clock while the buffer adapts
CATCH_UP_S: Final = 0.12  # what is left of a wrong guess after so long: a third,
CATCH_UP_M_S: Final = 4.8  # but nobody is moved faster than this to make one good: 8 cm a frame
STOOD_M: Final = 0.01
TELEPORT_M: Final = 3.0  # further than anyone walks between two samples: no blend

_ZERO: Final[Vector] = (0.0, 0.0, 0.0)


@dataclass(slots=True)
class _Sample:
    time: float
    pose: MemberPose


class PoseTrack:
    """The poses of one member. Times are room time in seconds."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=KEEP)
        self._lateness = Lateness()
        self._delay: float | None = None
        self._shown_at = float("-inf")
        self._asked_at = float("-inf")
        self._correction: Vector = _ZERO

    @property
    def delay(self) -> float:
        """How far behind the room clock this member is shown, seconds."""
        return self._delay if self._delay is not None else self._lateness.delay

    def add(self, time: float, arrived: float, pose: MemberPose) -> None:
        """A sample made at `time` that came at `arrived`."""
        last = self._samples[-1] if self._samples else None
        if last is not None and time <= last.time:
            return  # a whole pose repeated for us, or out of order
        if last is not None and time - last.time < PAUSE_S:
            self._lateness.interval_was(time - last.time)
        stood = last is None or (time - last.time >= PAUSE_S and self._stood())
        covers = self._lateness.interval if last is None or stood else time - last.time
        self._lateness.add(arrived, max(arrived - time, 0.0), covers)
        before = self._at(self._shown_at) if self._guessing() else None
        if last is not None and stood:
            # It stood still until one interval ago; a blend over the whole pause would creep.
            self._samples.append(_Sample(max(time - self._lateness.interval, last.time), last.pose))
        self._samples.append(_Sample(time, pose))
        if before is not None:
            self._remember_error(before)

    def _stood(self) -> bool:
        # Whoever stops says so once more. Without that the samples between were lost to a line that
        # held everything up, and the walk went on.
        if len(self._samples) < 2:
            return True
        return _apart(self._samples[-1].pose, self._samples[-2].pose) < STOOD_M

    def _guessing(self) -> bool:
        return bool(self._samples) and self._shown_at > self._samples[-1].time

    def _remember_error(self, before: MemberPose) -> None:
        after = self._at(self._shown_at)
        if after is None:
            return
        error = _minus(before.head.position, after.head.position)
        total = _plus(self._correction, error)
        self._correction = total if _length(total) < TELEPORT_M else _ZERO

    def show(self, now: float) -> MemberPose | None:
        """The pose to draw at room time `now`; None before the first sample."""
        if not self._samples:
            return None
        step = min(max(now - self._asked_at, 0.0), 0.25) if math.isfinite(self._asked_at) else 0.0
        self._asked_at = max(self._asked_at, now)
        wanted = self._lateness.delay
        if self._delay is None:
            self._delay = wanted
        else:
            reach = step * DELAY_SLEW
            self._delay += min(max(wanted - self._delay, -reach), reach)
        self._shown_at = max(self._shown_at, now - self._delay)
        self._correction = _scaled(self._correction, _left_after(step, _length(self._correction)))
        pose = self._at(self._shown_at)
        if pose is None or _length(self._correction) < 1e-4:
            return pose
        return _moved(pose, self._correction)

    def age(self, now: float) -> float:
        """How old what is shown is: from when it was so at the sender to now, seconds."""
        if not self._samples:
            return 0.0
        last = self._samples[-1].time
        if self._guessing() and now - last < PAUSE_S:
            return now - last
        return max(now - self._shown_at, 0.0)

    def behind(self, now: float) -> float:
        """How long ago the moment is that is shown, or guessed, seconds."""
        return max(now - self._shown_at, 0.0) if self._samples else 0.0

    def _at(self, time: float) -> MemberPose | None:
        samples = self._samples
        if not samples:
            return None
        if time <= samples[0].time:
            return samples[0].pose
        last = samples[-1]
        if time >= last.time:
            if len(samples) < 2 or last.time - samples[-2].time > PAUSE_S:
                return last.pose
            before = samples[-2]
            if _apart(before.pose, last.pose) > TELEPORT_M:
                return last.pose
            ahead = min(time - last.time, EXTRAPOLATE_S)
            return _ahead(before.pose, last.pose, ahead / (last.time - before.time))
        index = bisect_right(samples, time, key=lambda one: one.time)
        left, right = samples[index - 1], samples[index]
        if _apart(left.pose, right.pose) > TELEPORT_M:
            return left.pose
        return blend(left.pose, right.pose, (time - left.time) / (right.time - left.time))


def _left_after(step: float, error: float) -> float:
    """The share of an error (metres) that is left after a step (seconds) of making it good."""
    if error <= 0.0:
        return 0.0
    return max(math.exp(-step / CATCH_UP_S), 1.0 - CATCH_UP_M_S * step / error)


def _plus(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _minus(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _scaled(a: Vector, factor: float) -> Vector:
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def _length(a: Vector) -> float:
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


def _apart(a: MemberPose, b: MemberPose) -> float:
    return _length(_minus(a.head.position, b.head.position))


def mix(a: Vector, b: Vector, share: float) -> Vector:
    """The point `share` of the way from a to b (metres)."""
    return _plus(a, _scaled(_minus(b, a), share))


def turn(a: Quaternion, b: Quaternion, share: float) -> Quaternion:
    """The orientation `share` of the way from a to b on the short way round (slerp)."""
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    if dot < 0:
        b = (-b[0], -b[1], -b[2], -b[3])
        dot = -dot
    if dot > 0.9995:
        first, second = 1 - share, share
    else:
        angle = math.acos(min(dot, 1.0))
        first = math.sin((1 - share) * angle) / math.sin(angle)
        second = math.sin(share * angle) / math.sin(angle)
    w, x, y, z = (p * first + q * second for p, q in zip(a, b, strict=True))
    length = math.sqrt(w * w + x * x + y * y + z * z)
    return (w / length, x / length, y / length, z / length)


def _mix_placed(a: Placed, b: Placed, share: float) -> Placed:
    return Placed(mix(a.position, b.position, share), turn(a.orientation, b.orientation, share))


def _mix_hand(a: Placed | None, b: Placed | None, share: float) -> Placed | None:
    if a is None or b is None:
        return b if share >= 0.5 else a
    return _mix_placed(a, b, share)


def blend(a: MemberPose, b: MemberPose, share: float) -> MemberPose:
    """The pose `share` (0 to 1) of the way from a to b; what only one has comes at half way."""
    if a.pointer is None or b.pointer is None:
        pointer = b.pointer if share >= 0.5 else a.pointer
    else:
        pointer = mix(a.pointer, b.pointer, share)
    return MemberPose(
        _mix_placed(a.head, b.head, share),
        _mix_hand(a.left, b.left, share),
        _mix_hand(a.right, b.right, share),
        pointer,
    )


def _ahead(before: MemberPose, last: MemberPose, share: float) -> MemberPose:
    """Goes on as from `before` to `last`, for `share` of that step; orientations stay."""
    onward = _scaled(_minus(last.head.position, before.head.position), share)
    return _moved(last, onward)


def _moved(pose: MemberPose, by: Vector) -> MemberPose:
    def hand(placed: Placed | None) -> Placed | None:
        return None if placed is None else Placed(_plus(placed.position, by), placed.orientation)

    head = Placed(_plus(pose.head.position, by), pose.head.orientation)
    return MemberPose(head, hand(pose.left), hand(pose.right), pose.pointer)
