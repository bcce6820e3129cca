"""What the map is drawn from: travel ways, named places, floors under ground, the ground's height.

Taken once from a scene and its walk surface; nothing here paints or changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.schema import Scene
from scenes.walk.store import WalkData

BAND_M: Final = 6.0  # what is so near in height belongs to the viewer's level
UNDER_GROUND_M: Final = 3.5  # cover over a floor that makes it under ground
HEADROOM_M: Final = 1.5
FLOOR_CELL_M: Final = 1.0
MAX_SPLITS: Final = 4
MAX_FLOOR_POINTS: Final = 4_000_000

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


def plan_of_scene(scene: Scene, walk: WalkData | None = None) -> Plan:
    """Gather the plan. Takes a moment for a large walk surface: call it in a worker."""
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
        floors_of(walk),
        walk.heights if has_ground else None,
        walk.raster_low,
        walk.raster_cell_m,
        datum,
    )


def floors_of(walk: WalkData, cell_m: float = FLOOR_CELL_M) -> npt.NDArray[np.float32]:
    """Points (k, 3) at most about `cell_m` apart on all floors under ground."""
    corners = walk.vertices[walk.triangles].astype(np.float32)
    if not len(corners):
        return np.zeros((0, 3), np.float32)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    # Winding is not to be trusted: a floor and a roof are told apart by what is above them.
    corners = corners[np.abs(normals[:, 2]) / size > 0.6]
    centres = corners.mean(axis=1)
    cover = _ground_above(walk, centres) - centres[:, 2]
    corners = corners[np.isnan(cover) | (cover > UNDER_GROUND_M)]
    for _ in range(MAX_SPLITS):
        edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
        large = edges > 1.4 * cell_m
        if not large.any() or len(corners) + 3 * int(large.sum()) > MAX_FLOOR_POINTS:
            break
        corners = np.concatenate([corners[~large], _quartered(corners[large])])
    return _without_specks(_lowest_of_each_column(corners.mean(axis=1), cell_m), 1.5 * cell_m)


def _quartered(corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    pieces = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1)
    return pieces.reshape(-1, 3, 3).astype(np.float32)


def _ground_above(walk: WalkData, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Ground height over points (k, 3), NaN where there is none."""
    rows, columns = walk.heights.shape
    column = ((points[:, 0] - walk.raster_low[0]) // walk.raster_cell_m).astype(np.int64)
    row = ((points[:, 1] - walk.raster_low[1]) // walk.raster_cell_m).astype(np.int64)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    found = np.full(len(points), np.nan, np.float32)
    found[inside] = walk.heights[row[inside], column[inside]]
    return found


def _lowest_of_each_column(
    points: npt.NDArray[np.float32], cell_m: float, room_m: float = 12.0
) -> npt.NDArray[np.float32]:
    """One point for each cell and room: the floor, not the roof up to `room_m` above it. What has
    nothing above it in its cell is no floor under ground but a slope in the open, whatever the
    coarse raster of the ground says."""
    if not len(points):
        return points.reshape(-1, 3)
    cells = np.floor(points[:, :2] / (1.5 * cell_m)).astype(np.int64)
    order = np.lexsort((points[:, 2], cells[:, 1], cells[:, 0]))
    cells, points = cells[order], points[order]
    new_cell = np.concatenate([[True], (cells[1:] != cells[:-1]).any(axis=1)])
    rise = np.concatenate([[0.0], np.diff(points[:, 2])])
    first = new_cell | (rise > room_m)
    number = np.cumsum(new_cell) - 1
    highest = np.maximum.reduceat(points[:, 2], np.flatnonzero(new_cell))
    covered = highest[number] - points[:, 2] > HEADROOM_M
    return np.ascontiguousarray(points[first & covered], np.float32)


def _without_specks(
    points: npt.NDArray[np.float32], cell_m: float, least: int = 3, layer_m: float = 3.0
) -> npt.NDArray[np.float32]:
    """Points whose cell has at least `least` of its eight neighbours: slopes that lie over each
    other in the open leave single points and lines, a working is an area."""
    if not len(points):
        return points
    cells = np.floor(points / np.array([cell_m, cell_m, layer_m], np.float32)).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    sizes = cells.max(axis=0) + 2
    keys = (cells[:, 0] * sizes[1] + cells[:, 1]) * sizes[2] + cells[:, 2]
    present = np.unique(keys)
    neighbours = np.zeros(len(points), np.int64)
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            if east == 0 and north == 0:
                continue
            aside = keys + (east * sizes[1] + north) * sizes[2]
            found = [np.isin(aside + up, present) for up in (-1, 0, 1)]
            neighbours += np.logical_or.reduce(found)
    return points[neighbours >= least]
