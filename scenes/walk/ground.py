"""Answers floor and ray queries on a twin with Embree.

Built once from the walk file (off the frame thread); queries take microseconds. Needs the
`embreex` package, which only the [vr] extra installs.
"""

from __future__ import annotations

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


class Ground:
    """Floor and ray queries. Thread-safe for reading once built."""

    def __init__(self, walk: WalkData) -> None:
        self.walk = walk
        self._scene: EmbreeScene | None = None
        if len(walk.triangles):
            self._scene = EmbreeScene()
            TriangleMesh(self._scene, walk.vertices[walk.triangles])

    def ray(self, origin: Vector, direction: Vector, reach_m: float = FAR_M) -> Hit | None:
        """The first thing a ray (origin (3,), direction (3,)) meets within `reach_m`."""
        if self._scene is None:
            return None
        length = float(np.linalg.norm(direction))
        if not length > 0 or not np.isfinite(origin).all():
            return None
        unit = np.asarray(direction, np.float64) / length
        found = self._scene.run(
            np.asarray(origin, np.float32)[None],
            unit.astype(np.float32)[None],
            query="INTERSECT",
            output=1,
        )
        triangle = int(found["primID"][0])
        distance = float(found["tfar"][0])
        if triangle < 0 or distance > reach_m:
            return None
        corners = self.walk.vertices[self.walk.triangles[triangle]].astype(np.float64)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= max(float(np.linalg.norm(normal)), 1e-12)
        if normal @ unit > 0:
            normal = -normal
        return Hit(np.asarray(origin, np.float64) + unit * distance, distance, normal)

    def floor(self, point: Vector, above_m: float = STEP_UP_M, reach_m: float = 4.0) -> Hit | None:
        """The floor under feet at `point` (3,): searched from `above_m` over to `reach_m` below
        it. None over a void, or on something too steep to stand on."""
        start = np.asarray(point, np.float64) + np.array([0.0, 0.0, above_m])
        hit = self.ray(start, np.array([0.0, 0.0, -1.0]), above_m + reach_m)
        return hit if hit is not None and hit.normal[2] >= FLOOR_SLOPE_COS else None
