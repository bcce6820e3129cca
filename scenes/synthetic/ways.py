"""Centrelines of workings: filleted, evenly sampled polylines with a floor elevation.

Geometry of lines only; it makes no surfaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from scenes.geometry import Float64s

WayKind = Literal["decline", "level", "crosscut", "ore_drive", "drawpoint", "niche", "sump", "stub"]


@dataclass(frozen=True)
class Way:
    """One drift: `points` (n, 3) float64 on the floor, metres, scene frame.

    An open end runs on into another working or the open air; a closed one is a flat face.
    """

    id: str
    kind: WayKind
    points: Float64s
    width: float
    height: float
    level: str = ""
    start_open: bool = True
    end_open: bool = True
    ditch: bool = False
    main: bool = False
    tags: frozenset[str] = field(default=frozenset())

    @cached_property
    def chainage(self) -> Float64s:
        """Horizontal distance along the way at each point (n,), metres."""
        steps = np.linalg.norm(np.diff(self.points[:, :2], axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        """Horizontal length, metres."""
        return float(self.chainage[-1])

    def at(self, chainage: Float64s | float) -> Float64s:
        """Points (k, 3) on the floor at the given chainages (k,)."""
        where = np.atleast_1d(np.asarray(chainage, dtype=np.float64))
        return np.stack(
            [np.interp(where, self.chainage, self.points[:, axis]) for axis in range(3)], axis=1
        )

    def along(self, chainage: Float64s | float) -> Float64s:
        """Horizontal unit directions (k, 3) at the given chainages."""
        where = np.atleast_1d(np.asarray(chainage, dtype=np.float64))
        ends = self.at(np.clip(where + 0.5, 0, self.length)) - self.at(
            np.clip(where - 0.5, 0, self.length)
        )
        ends[:, 2] = 0.0
        unit: Float64s = ends / np.linalg.norm(ends, axis=1, keepdims=True)
        return unit

    def beside(self, chainage: Float64s | float, right: float, up: float) -> Float64s:
        """Points (k, 3) offset to the right of the direction of travel and up from the floor."""
        direction = self.along(chainage)
        side = np.stack([direction[:, 1], -direction[:, 0], np.zeros(len(direction))], axis=1)
        result: Float64s = self.at(chainage) + right * side + np.array([0.0, 0.0, up])
        return result

    def nearest(self, point: Sequence[float]) -> float:
        """Chainage of the sample nearest to `point` in space."""
        offsets = self.points - np.asarray(point, dtype=np.float64)
        return float(self.chainage[int(np.argmin(np.einsum("ij,ij->i", offsets, offsets)))])


def fillet(corners: Sequence[tuple[float, float]], radius: float, step: float = 1.0) -> Float64s:
    """Plan polyline (n, 2) through `corners`, each rounded to `radius`, a point every `step` m."""
    points = [np.asarray(corners[0], dtype=np.float64)]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        here = np.asarray(corner, dtype=np.float64)
        back = np.asarray(before) - here
        ahead = np.asarray(after) - here
        back /= np.linalg.norm(back)
        ahead /= np.linalg.norm(ahead)
        half = 0.5 * np.arccos(np.clip(back @ ahead, -1, 1))
        if half > 1.55:
            points.append(here)
            continue
        reach = radius / np.tan(half)
        centre = here + (back + ahead) / np.linalg.norm(back + ahead) * radius / np.sin(half)
        first, last = here + back * reach - centre, here + ahead * reach - centre
        turn = np.arctan2(first[0] * last[1] - first[1] * last[0], first @ last)
        for angle in np.linspace(0, turn, max(3, int(abs(turn) * radius / step) + 1)):
            c, s = np.cos(angle), np.sin(angle)
            points.append(
                centre + np.array([c * first[0] - s * first[1], s * first[0] + c * first[1]])
            )
    points.append(np.asarray(corners[-1], dtype=np.float64))
    line = np.array(points)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    keep = np.concatenate([[True], steps > 1e-6])
    line = line[keep]
    chainage = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    count = max(2, round(chainage[-1] / step) + 1)
    where = np.linspace(0, chainage[-1], count)
    return np.stack([np.interp(where, chainage, line[:, axis]) for axis in (0, 1)], axis=1)


def with_profile(plan: Float64s, knots: Sequence[tuple[float, float]]) -> Float64s:
    """Add elevations to a plan line (n, 2) by linear interpolation of (chainage, z) knots."""
    steps = np.linalg.norm(np.diff(plan, axis=0), axis=1)
    chainage = np.concatenate([[0.0], np.cumsum(steps)])
    where, height = zip(*knots, strict=True)
    return np.column_stack([plan, np.interp(chainage, where, height)])


def straight(*points: tuple[float, float, float]) -> Float64s:
    """A polyline through `points`, sampled every metre; (n, 3)."""
    pieces = []
    for first, last in pairwise(points):
        a, b = np.asarray(first, dtype=np.float64), np.asarray(last, dtype=np.float64)
        count = max(1, round(float(np.linalg.norm(b - a))))
        pieces.append(a + (b - a) * (np.arange(count) / count)[:, None])
    pieces.append(np.asarray(points[-1], dtype=np.float64)[None])
    return np.concatenate(pieces)


def thin(points: Float64s, tolerance: float) -> Float64s:
    """Leave out points where a polyline (n, 3) runs straight within `tolerance` metres; knots are
    at most 12 m apart."""
    keep = [0]
    for i in range(1, len(points) - 1):
        chord = points[i + 1] - points[keep[-1]]
        between = points[keep[-1] + 1 : i + 1] - points[keep[-1]]
        t = np.clip(between @ chord / (chord @ chord), 0, 1)
        away = np.linalg.norm(between - t[:, None] * chord, axis=1).max()
        if away > tolerance or np.linalg.norm(chord) > 12.0:
            keep.append(i)
    keep.append(len(points) - 1)
    return points[keep]
