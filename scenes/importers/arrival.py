"""Finds where people arrive in an imported mine: a floor with head room, and some saved views.

Looks at triangles only; a format that knows better (a survey's centreline) says so itself.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.importers.contract import NamedPart
from scenes.schema import Spawn, Viewpoint

HEAD_ROOM_M = 2.0
EYE_M = 1.7
_STEEPEST = 0.8  # cosine of the slope a person stands on
_ROOF_M = 40.0  # a roof higher than this is not overhead
_CANDIDATES = 96
_MAX_TRIANGLES = 4_000_000
_OVERVIEW = {"en": "Overview", "ru": "Общий вид", "kk": "Жалпы көрініс", "ja": "全景"}
_ARRIVAL = {"en": "Arrival", "ru": "Прибытие", "kk": "Келу орны", "ja": "到着地点"}
_PLAN = {"en": "From above", "ru": "Сверху", "kk": "Жоғарыдан", "ja": "真上から"}


def _corners(parts: list[NamedPart]) -> Float64s:
    """(m, 3, 3) corners of all mesh triangles, thinned where there are very many."""
    meshes = [named.part for named in parts if isinstance(named.part, MeshPart)]
    total = sum(len(mesh.triangles) for mesh in meshes)
    step = max(1, -(-total // _MAX_TRIANGLES))
    found = [mesh.positions[mesh.triangles[::step].astype(np.int64)] for mesh in meshes]
    return np.concatenate(found) if found else np.empty((0, 3, 3))


class _Columns:
    """Answers at which heights a vertical line crosses the triangles (m, 3, 3)."""

    def __init__(self, corners: Float64s) -> None:
        low = corners[..., 0].min(axis=1)
        order = np.argsort(low, kind="stable")
        self._corners = corners[order]
        self._west = low[order]
        self._east = self._corners[..., 0].max(axis=1)
        self._south = self._corners[..., 1].min(axis=1)
        self._north = self._corners[..., 1].max(axis=1)
        # Nearly all triangles are narrower than this; the few wider ones are always looked at.
        self._reach = float(np.percentile(self._east - self._west, 99.5))
        self._wide = np.flatnonzero(self._east - self._west > self._reach)

    def heights(self, east: float, north: float) -> Float64s:
        """Heights of all crossings, in no order."""
        first, last = np.searchsorted(self._west, [east - self._reach, east], side="right")
        wide = self._wide[(self._wide < first) | (self._wide >= last)]
        near = np.concatenate([np.arange(first, last), wide])
        near = near[
            (self._west[near] <= east)
            & (self._east[near] >= east)
            & (self._south[near] <= north)
            & (self._north[near] >= north)
        ]
        a, b, c = (self._corners[near, i] for i in range(3))
        ab, ac = b - a, c - a
        x, y = east - a[:, 0], north - a[:, 1]
        det = ab[:, 0] * ac[:, 1] - ac[:, 0] * ab[:, 1]
        flat = np.abs(det) > 1e-12  # a vertical triangle has no height
        safe = np.where(flat, det, 1.0)
        u = (x * ac[:, 1] - ac[:, 0] * y) / safe
        v = (ab[:, 0] * y - x * ab[:, 1]) / safe
        hit = flat & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9)
        return np.asarray((a[:, 2] + u * ab[:, 2] + v * ac[:, 2])[hit])


def find_floor(parts: list[NamedPart]) -> tuple[list[float], list[float]] | None:
    """(feet, gaze direction) on the best floor of the meshes in the survey frame, or None.

    A floor is level enough, with head room of two metres; one with a roof above wins (people
    arrive underground, not on its outside), then the largest. Which way triangles face does not
    matter: files disagree.
    """
    corners = _corners(parts)
    if not len(corners):
        return None
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1)
    level = np.flatnonzero(np.abs(cross[:, 2]) > _STEEPEST * np.maximum(length, 1e-12))
    if not len(level):
        return None
    # Large triangles first, and an even sample of the rest: fine meshes have no large ones.
    by_area = level[np.argsort(-length[level], kind="stable")]
    even = level[:: max(1, len(level) // (_CANDIDATES // 2))]
    candidates = np.unique(np.concatenate([by_area[: _CANDIDATES // 2], even]))
    middle = np.median(corners[even].mean(axis=1), axis=0)
    columns = _Columns(corners)
    best: tuple[float, Float64s] | None = None
    for number in candidates:
        feet = corners[number].mean(axis=0)
        above = columns.heights(feet[0], feet[1]) - feet[2]
        above = above[above > 0.05]
        room = float(above.min()) if len(above) else np.inf
        if room < HEAD_ROOM_M:
            continue
        score = (10.0 if room < _ROOF_M else 0.0) + min(float(length[number]) / 2, 50.0) / 10
        score -= float(np.linalg.norm(feet - middle)) / 1e4
        if best is None or score > best[0]:
            best = (score, feet)
    if best is None:
        return None
    return best[1].tolist(), _clear_direction(columns, best[1])


def _clear_direction(columns: _Columns, feet: Float64s) -> list[float]:
    """The horizontal direction, of sixteen, in which the floor goes on longest."""
    best, farthest = [0.0, 1.0, 0.0], -1.0
    for turn in range(16):
        angle = 2 * np.pi * turn / 16
        ahead = np.array([np.sin(angle), np.cos(angle)])
        reach = 0.0
        height = float(feet[2])
        for step in np.arange(1.0, 13.0):
            heights = columns.heights(*(feet[:2] + ahead * step))
            floors = heights[np.abs(heights - height) < 0.6]
            if not len(floors):
                break
            height = float(floors[np.argmin(np.abs(floors - height))])
            blocked = heights[(heights > height + 0.6) & (heights < height + EYE_M)]
            if len(blocked):
                break
            reach = float(step)
        if reach > farthest:
            best, farthest = [float(ahead[0]), float(ahead[1]), 0.0], reach
    return best


def _azimuth(direction: list[float]) -> float:
    return float(np.degrees(np.arctan2(direction[0], direction[1]))) % 360


def _position(values: Float64s) -> tuple[float, float, float]:
    east, north, up = (round(float(value), 3) for value in values)
    return east, north, up


def spawn_and_views(
    arrival: tuple[list[float], list[float]] | None,
    bounds: list[list[float]],
    origin: tuple[int, int, int],
) -> tuple[Spawn, list[Viewpoint]]:
    """Where people arrive and three saved views. `arrival` and `bounds` are in the survey frame;
    without a floor people arrive above the middle of the bounds."""
    low, high = np.array(bounds[0]) - origin, np.array(bounds[1]) - origin
    centre, size = (low + high) / 2, high - low
    span = max(float(np.linalg.norm(size)), 5.0)
    if arrival is None:
        feet, azimuth = np.array([centre[0], centre[1], high[2]]), 0.0
    else:
        feet, azimuth = np.array(arrival[0]) - origin, _azimuth(arrival[1])
    # From the south-west, looking north-east and down at the middle.
    eye = centre + np.array([-0.42, -0.42, 0.46]) * span
    views = [
        Viewpoint(
            id="overview",
            title=_OVERVIEW,
            position=_position(eye),
            azimuth_deg=45.0,
            pitch_deg=round(-float(np.degrees(np.arctan2(0.46, 0.42 * np.sqrt(2)))), 1),
            mode="fly",
        ),
        Viewpoint(
            id="plan",
            title=_PLAN,
            position=_position(centre + np.array([0, 0, span])),
            pitch_deg=-90.0,
            mode="fly",
        ),
        Viewpoint(
            id="arrival",
            title=_ARRIVAL,
            position=_position(feet + np.array([0, 0, EYE_M])),
            azimuth_deg=round(azimuth, 1),
            mode="fly" if arrival is None else "walk",
        ),
    ]
    return Spawn(position=_position(feet), azimuth_deg=round(azimuth, 1)), views
