"""Answers floor and ray queries on a twin with Embree.

Built once from the walk file (off the frame thread); queries take microseconds. Needs the
`embreex` package, which only the [vr] extra installs.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from scenes.walk.store import WalkData

FLOOR_SLOPE_COS = 0.55  # steeper than about 57 degrees is a wall
STEP_UP_M = 0.6  # what people climb without noticing
FAR_M = 5_000.0

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a ray met the twin: point (3,) scene frame, distance in metres, unit face normal
    turned towards the ray's origin."""

    point: Vector
    distance: float
    normal: Vector


@dataclass(frozen=True, slots=True)
class _Region:
    scene: EmbreeScene
    mesh: TriangleMesh  # kept alive with its scene
    first: int


class Ground:
    """Floor and ray queries. Thread-safe for reading once built.

    The acceleration structure is built region by region: Embree's Python binding holds the
    interpreter for about a microsecond a triangle, and frames must be drawn meanwhile.
    """

    def __init__(self, walk: WalkData, pause_s: float = 0.0) -> None:
        self.walk = walk
        self._regions: list[_Region] = []
        lows, highs = [], []
        ends = walk.regions.tolist()
        for first, last in itertools.pairwise(ends):
            corners = walk.vertices[walk.triangles[first:last]]
            if not len(corners):
                continue
            scene = EmbreeScene()
            self._regions.append(_Region(scene, TriangleMesh(scene, corners), first))
            lows.append(corners.min(axis=(0, 1)))
            highs.append(corners.max(axis=(0, 1)))
            time.sleep(pause_s)
            # A first ray commits the region, so that no person's ray has to wait for it.
            scene.run(lows[-1][None], np.array([[0, 0, 1]], np.float32), query="OCCLUDED")
            time.sleep(pause_s)
        # Flat boxes would be missed by rays that run within them.
        self._lows = np.array(lows, np.float64).reshape(-1, 3) - 1e-3
        self._highs = np.array(highs, np.float64).reshape(-1, 3) + 1e-3

    def ray(self, origin: Vector, direction: Vector, reach_m: float = FAR_M) -> Hit | None:
        """The first thing a ray (origin (3,), direction (3,)) meets within `reach_m`."""
        length = float(np.linalg.norm(direction))
        if not self._regions or not length > 0 or not np.isfinite(origin).all():
            return None
        start = np.asarray(origin, np.float64)
        unit = np.asarray(direction, np.float64) / length
        best, triangle = reach_m, -1
        for entry, index in self._entered(start, unit, reach_m):
            if entry > best:
                break  # everything further is behind what was met
            region = self._regions[index]
            found = region.scene.run(
                start.astype(np.float32)[None],
                unit.astype(np.float32)[None],
                query="INTERSECT",
                output=1,
            )
            number, distance = int(found["primID"][0]), float(found["tfar"][0])
            if number >= 0 and distance <= best:
                best, triangle = distance, region.first + number
        if triangle < 0:
            return None
        corners = self.walk.vertices[self.walk.triangles[triangle]].astype(np.float64)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= max(float(np.linalg.norm(normal)), 1e-12)
        if normal @ unit > 0:
            normal = -normal
        return Hit(start + unit * best, best, normal)

    def _entered(self, start: Vector, unit: Vector, reach_m: float) -> list[tuple[float, int]]:
        """Regions whose box the ray enters within reach: (distance, index), nearest first."""
        with np.errstate(divide="ignore", invalid="ignore"):
            near, far = (self._lows - start) / unit, (self._highs - start) / unit
        # 0 / 0: the ray runs within a side of the box, which bounds nothing.
        enter = np.fmax(np.fmin(near, far).max(axis=1, initial=-np.inf), 0.0)
        leave = np.fmax(near, far).min(axis=1, initial=np.inf)
        hit = np.nonzero((enter <= leave) & (enter <= reach_m))[0]
        return sorted((float(enter[index]), int(index)) for index in hit)

    def floor(self, point: Vector, above_m: float = STEP_UP_M, reach_m: float = 4.0) -> Hit | None:
        """The floor under feet at `point` (3,): searched from `above_m` over to `reach_m` below
        it. None over a void, or on something too steep to stand on."""
        start = np.asarray(point, np.float64) + np.array([0.0, 0.0, above_m])
        hit = self.ray(start, np.array([0.0, 0.0, -1.0]), above_m + reach_m)
        return hit if hit is not None and hit.normal[2] >= FLOOR_SLOPE_COS else None
