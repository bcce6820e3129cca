"""What the map is drawn from: travel ways, named places, floors under ground, the ground's height.

Taken once from a scene and its walk surface; nothing here paints or changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.schema import Scene
from scenes.walk.floors import FLOOR_CELL_M
from scenes.walk.store import WalkMap

BAND_M: Final = 6.0  # what is so near in height belongs to the viewer's level

# Which network shows where people can go, best first.
_WAYS: Final = ("travel", "ventilation", "drainage")


@dataclass(frozen=True, slots=True)
class PlanPlace:
    """A named place. `titles` by language."""

    titles: dict[str, str]
    position: tuple[float, float, float]
    kind: str
    level: str


@dataclass(frozen=True, eq=False)
class Plan:
    """ways (n, 2, 3) float64: straight reaches, scene metres; places; floors (k, 3) float32:
    points about a metre apart on the floors under ground; heights (rows, columns) float32 of the
    ground (NaN: none), with the raster's low corner and cell. `datum_m` is added to scene heights
    for elevations that people know."""

    ways: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2, 3)))
    places: tuple[PlanPlace, ...] = ()
    floors: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    heights: npt.NDArray[np.float32] | None = None
    raster_low: tuple[float, float] = (0.0, 0.0)
    raster_cell_m: float = 1.0
    datum_m: float = 0.0

    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Low and high (east, north) of ways, floors and places; of the ground if there is
        nothing else."""
        points = [self.ways.reshape(-1, 3)[:, :2], self.floors[:, :2].astype(np.float64)]
        if self.places:
            points.append(np.array([place.position[:2] for place in self.places]))
        flat = np.concatenate(points)
        if not len(flat) and self.heights is not None:
            rows, columns = self.heights.shape
            low = np.asarray(self.raster_low)
            flat = np.stack([low, low + np.array([columns, rows]) * self.raster_cell_m])
        if not len(flat):
            return (-50.0, -50.0), (50.0, 50.0)
        low, high = flat.min(axis=0), flat.max(axis=0)
        return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))

    def ground_height(self, east: float, north: float) -> float | None:
        """Height of the ground there, or None."""
        if self.heights is None:
            return None
        column = int((east - self.raster_low[0]) // self.raster_cell_m)
        row = int((north - self.raster_low[1]) // self.raster_cell_m)
        if not (0 <= row < self.heights.shape[0] and 0 <= column < self.heights.shape[1]):
            return None
        height = float(self.heights[row, column])
        return None if np.isnan(height) else height

    def under_ground(self, position: tuple[float, float, float]) -> bool:
        """Whether a point lies under the ground; everything does where there is no ground. Beside
        the known ground, whatever is lower than all of it does."""
        if self.heights is None:
            return True
        height = self.ground_height(position[0], position[1])
        if height is None:
            height = float(np.nanmin(self.heights))
        return height - position[2] > 2.0

    def level_at(self, elevation: float) -> str:
        """Name of the level at a scene height, or empty."""
        named = [place for place in self.places if place.level]
        nearest = min(named, key=lambda p: abs(p.position[2] - elevation), default=None)
        if nearest is None or abs(nearest.position[2] - elevation) > BAND_M:
            return ""
        return nearest.level

    def spot(
        self, east: float, north: float, elevation: float, reach_m: float, under_ground: bool
    ) -> tuple[float, float, float] | None:
        """Where somebody who clicks there would stand (feet, scene metres): on the nearest floor
        or way of the viewer's level within `reach_m`, else on the ground if the viewer is up
        there; None where there is nothing."""
        if not under_ground:
            height = self.ground_height(east, north)
            return None if height is None else (east, north, height)
        best: tuple[float, tuple[float, float, float]] | None = None
        near = np.abs(self.floors[:, 2] - elevation) <= BAND_M
        if near.any():
            points = self.floors[near]
            distance = np.hypot(points[:, 0] - east, points[:, 1] - north)
            index = int(distance.argmin())
            x, y, z = (float(value) for value in points[index])
            if float(distance[index]) <= 1.5 * FLOOR_CELL_M:
                return east, north, z
            best = (float(distance[index]), (x, y, z))
        for start, end in self.ways[(np.abs(self.ways[:, :, 2] - elevation) <= BAND_M).any(axis=1)]:
            along = end[:2] - start[:2]
            length = float(along @ along)
            share = float((np.array([east, north]) - start[:2]) @ along) / length if length else 0.0
            point = start + (end - start) * min(max(share, 0.0), 1.0)
            distance_m = float(np.hypot(point[0] - east, point[1] - north))
            # A floor is where one really stands; a way only a line between two junctions.
            if best is None or distance_m + 5.0 < best[0]:
                best = (distance_m, (float(point[0]), float(point[1]), float(point[2])))
        return best[1] if best is not None and best[0] <= reach_m else None


def plan_of_scene(scene: Scene, walk: WalkMap | None = None) -> Plan:
    """Gather the plan. Takes a moment for a large network: call it in a worker."""
    networks = {network.kind: network for network in reversed(scene.networks)}
    ways = np.zeros((0, 2, 3))
    network = next((networks[kind] for kind in _WAYS if kind in networks), None)
    if network is not None and network.edges:
        at = {node.id: node.position for node in network.nodes}
        ways = np.array([[at[edge.start], at[edge.end]] for edge in network.edges], np.float64)
    places = tuple(
        PlanPlace({str(k): v for k, v in p.title.items()}, p.position, p.kind, p.level)
        for p in scene.places
    )
    datum = float(scene.frame.origin[2])
    if walk is None:
        return Plan(ways, places, datum_m=datum)
    has_ground = bool(np.isfinite(walk.heights).any())
    return Plan(
        ways,
        places,
        walk.floors,
        walk.heights if has_ground else None,
        walk.raster_low,
        walk.raster_cell_m,
        datum,
    )
