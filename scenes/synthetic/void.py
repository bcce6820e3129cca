"""The air underground as one signed distance: drifts, stopes and the raise, with rough walls.

Negative is air. A query names the primitives that can matter there, so that a brick costs what is
near it. It never makes triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.geometry import Float64s
from scenes.synthetic.layout import RAISE_RADIUS, RAISE_X, RAISE_Y, Layout, Stope
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.ways import Way, thin

Indices = npt.NDArray[np.int64]
MARGIN = 0.8  # metres by which a primitive's box is grown: more than roughness moves a wall
OVERBREAK = 0.75  # of the roughness: walls move out by it on average, hardly ever in
OVERLAP = 0.25  # metres that the segments of a way overlap


@dataclass(frozen=True)
class Nearest:
    """What a point is nearest to: distance (n,), primitive (n,), side offset (n,) and height above
    the floor (n,) within that primitive, metres."""

    distance: Float64s
    primitive: Indices
    lateral: Float64s
    height: Float64s


class Void:
    """Signed distance to the walls of all workings. Primitives are numbered: segments of drifts
    first, then stopes, then the raise."""

    def __init__(self, layout: Layout, noise: Noise, roughness: float) -> None:
        self._noise = noise
        self._roughness = roughness
        self.ways: list[Way] = list(layout.ways.values())
        self.stopes: tuple[Stope, ...] = layout.stopes
        starts, ends, owner, flags = [], [], [], []
        for number, way in enumerate(self.ways):
            knots = thin(way.points, 0.04)
            for i in range(len(knots) - 1):
                starts.append(knots[i])
                ends.append(knots[i + 1])
                owner.append(number)
                first, final = i == 0, i == len(knots) - 2
                flags.append(
                    (
                        (np.inf if way.start_open else 0.0) if first else OVERLAP,
                        (np.inf if way.end_open else 0.0) if final else OVERLAP,
                    )
                )
        self._start = np.array(starts)
        self._step = np.array(ends) - self._start
        self._length = np.hypot(self._step[:, 0], self._step[:, 1])
        self.owner: Indices = np.array(owner, dtype=np.int64)
        self._reach = np.array(flags)
        self._half = np.array([self.ways[o].width / 2 for o in owner])
        self._spring = np.array([self.ways[o].height * 0.52 for o in owner])
        self._rise = np.array([self.ways[o].height * 0.48 for o in owner])
        self._ditch = np.array([1.0 if self.ways[o].ditch else 0.0 for o in owner])
        self._ruts = np.array([0.0 if self.ways[o].kind == "sump" else 1.0 for o in owner])
        self._raise = (layout.raise_bottom, layout.raise_top)
        self.segments = len(self._start)
        self.count = self.segments + len(self.stopes) + 1
        self.low, self.high = self._boxes()

    def _boxes(self) -> tuple[Float64s, Float64s]:
        first, last = self._start, self._start + self._step
        reach = self._half[:, None] * [1.0, 1.0, 0.0]
        top = (self._spring + self._rise)[:, None] * [0.0, 0.0, 1.0]
        low = [np.minimum(first, last) - reach - MARGIN]
        high = [np.maximum(first, last) + reach + top + MARGIN]
        for stope in self.stopes:
            x, y = stope.centre
            corner = np.array([stope.half[0], stope.half[1], 0.0]) + 1.8
            low.append((np.array([x, y, stope.floor]) - corner)[None])
            high.append((np.array([x, y, stope.top]) + corner)[None])
        reach_r = np.array([RAISE_RADIUS, RAISE_RADIUS, 0.0]) + MARGIN
        low.append((np.array([RAISE_X, RAISE_Y, self._raise[0]]) - reach_r)[None])
        high.append((np.array([RAISE_X, RAISE_Y, self._raise[1]]) + reach_r)[None])
        return np.concatenate(low), np.concatenate(high)

    def candidates(self, low: Float64s, high: Float64s) -> Indices:
        """Numbers of the primitives whose grown boxes meet the box `low`..`high` (3,)."""
        return np.nonzero(np.all((self.low <= high) & (self.high >= low), axis=1))[0]

    def distance(self, points: Float64s, primitives: Indices, finest: float) -> Float64s:
        """Signed distance (n,) at `points` (n, 3); waves shorter than `finest` m are left out."""
        return self._evaluate(points, primitives, finest)[0].min(axis=0)  # type: ignore[no-any-return]

    def nearest(self, points: Float64s, primitives: Indices, finest: float) -> Nearest:
        """What each point is nearest to."""
        values, lateral, height = self._evaluate(points, primitives, finest)
        best = values.argmin(axis=0)
        column = np.arange(len(points))
        return Nearest(
            values[best, column], primitives[best], lateral[best, column], height[best, column]
        )

    def floor_below(self, points: Float64s) -> Float64s:
        """Elevations (n,) of the floor under points (n, 3) that are in the air, metres."""
        near = self.candidates(points.min(axis=0) - 4.0, points.max(axis=0) + 4.0)
        low = points.copy()
        low[:, 2] -= 4.0
        high = points.copy()
        for _ in range(40):
            middle = 0.5 * (low + high)
            air = (self.distance(middle, near, 1.0) < 0)[:, None]
            high = np.where(air, middle, high)
            low = np.where(air, low, middle)
        result: Float64s = high[:, 2]
        return result

    def smooth(self, points: Float64s, primitives: Indices) -> Float64s:
        """Signed distance (n,) without roughness: cheap, for culling."""
        walls, floors, _, _, _ = self._bare(points, primitives)
        result: Float64s = np.maximum(walls, floors).min(axis=0)
        return result

    def _evaluate(
        self, points: Float64s, primitives: Indices, finest: float
    ) -> tuple[Float64s, Float64s, Float64s]:
        if not len(primitives):
            far = np.full((1, len(points)), 1e3)
            return far, far, far
        walls, floors, lateral, height, amount = self._bare(points, primitives)
        # Roughness is sampled only where it can matter; where, depends on nothing but the place.
        band = (1.0 + OVERBREAK) * amount + 0.75 * finest + 0.1
        near = (np.abs(np.maximum(walls, floors)) < band).any(axis=0)
        if near.any():
            close = points[near]
            rough = self._noise.rock(close, finest)
            # Overbreak mostly takes rock away: the profile is the clearance that stays.
            strength = amount[:, near] * smoothstep(0.0, 0.7, height[:, near])
            walls[:, near] -= strength * (rough + OVERBREAK)
            bumps = 0.02 * self._noise.sample(close, 0.9) + 0.025 * self._noise.sample(close, 4.0)
            floors[:, near] += bumps
        return np.maximum(walls, floors), lateral, height

    def _bare(
        self, points: Float64s, primitives: Indices
    ) -> tuple[Float64s, Float64s, Float64s, Float64s, Float64s]:
        """Wall distance, floor distance, lateral, height above floor, roughness: each (k, n)."""
        shape = (len(primitives), len(points))
        walls, floors = np.empty(shape), np.empty(shape)
        lateral, height, amount = np.zeros(shape), np.empty(shape), np.empty(shape)
        drift = primitives < self.segments
        if drift.any():
            rows = np.nonzero(drift)[0]
            which = primitives[rows]
            w, f, u, v = self._drifts(points, which)
            walls[rows], floors[rows], lateral[rows], height[rows] = w, f, u, v
            amount[rows] = self._roughness
        for row in np.nonzero(~drift)[0]:
            number = int(primitives[row]) - self.segments
            if number < len(self.stopes):
                walls[row], floors[row], height[row] = self._stope(points, self.stopes[number])
                amount[row] = 2.4 * self._roughness
            else:
                walls[row] = np.hypot(points[:, 0] - RAISE_X, points[:, 1] - RAISE_Y) - RAISE_RADIUS
                walls[row] = np.maximum(walls[row], points[:, 2] - self._raise[1])
                height[row] = points[:, 2] - self._raise[0]
                floors[row] = -height[row]
                amount[row] = 0.35 * self._roughness
        return walls, floors, lateral, height, amount

    def _drifts(
        self, points: Float64s, which: Indices
    ) -> tuple[Float64s, Float64s, Float64s, Float64s]:
        start, step, length = self._start[which], self._step[which], self._length[which]
        dx = points[None, :, 0] - start[:, 0, None]
        dy = points[None, :, 1] - start[:, 1, None]
        ux, uy = (step[:, 0] / length)[:, None], (step[:, 1] / length)[:, None]
        along = dx * ux + dy * uy
        inside = np.clip(along, 0.0, length[:, None])
        beyond = along - inside
        side = dx * uy - dy * ux  # to the right of travel
        across = np.hypot(side, beyond)
        floor = start[:, 2, None] + step[:, 2, None] * (inside / length[:, None])
        height = points[None, :, 2] - floor
        half, spring, rise = (
            self._half[which][:, None],
            self._spring[which][:, None],
            self._rise[which][:, None],
        )
        up = np.maximum(height - spring, 0.0)
        k0 = np.hypot(across / half, up / rise)
        k1 = np.hypot(across / half**2, up / rise**2)
        arch = np.where(up > 0, k0 * (k0 - 1.0) / np.maximum(k1, 1e-9), across - half)
        # A segment ends flat where the way is closed or its next segment takes over; only open ends
        # are round. Otherwise floors of sloping neighbours would cut into each other.
        reach = self._reach[which]
        arch = np.maximum(arch, -along - reach[:, 0, None])
        arch = np.maximum(arch, along - length[:, None] - reach[:, 1, None])
        # Wheel ruts and the ditch are wide and shallow, so that a coarse mesh still follows them.
        rut = 0.05 * self._ruts[which][:, None] * np.exp(-(((np.abs(side) - 0.95) / 0.3) ** 2))
        ditch = self._ditch[which][:, None] * 0.24 * np.exp(
            -(((side + half - 0.55) / 0.32) ** 2)
        )  # fmt: skip
        return arch, -height - rut - ditch, side, height

    def _stope(self, points: Float64s, stope: Stope) -> tuple[Float64s, Float64s, Float64s]:
        offset = np.abs(points[:, :2] - stope.centre) - stope.half
        # Rounded corners in plan, and a back that arches.
        outside = np.hypot(np.maximum(offset[:, 0] + 2, 0), np.maximum(offset[:, 1] + 2, 0)) - 2
        plan = np.where((offset < -2).all(axis=1), offset.max(axis=1), outside)
        height = points[:, 2] - stope.floor
        dome = stope.top - 3.5 * (1 + np.clip(plan / min(stope.half), -1, 0.3)) - points[:, 2]
        walls = np.maximum(plan, -dome)
        # Broken ore lies against the far wall; the drawpoint side is mucked out.
        lean = smoothstep(-0.6, 1.0, (stope.centre[0] - points[:, 0]) / stope.half[0])
        pile = 7.5 * lean + 0.35 * self._noise.sample(points * [1, 1, 0], 1.1)
        return walls, -(height - pile) * 0.75, np.maximum(height - pile, 0.0)
