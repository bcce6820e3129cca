"""The air of surveyed drifts as a signed distance on a lattice, and its skin as a mesh.

Every leg is a tube between two cross-sections; where tubes meet, the union has no walls inside,
so that junctions are open. Knows no survey format and no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from scenes.errors import Refused
from scenes.geometry import Float32s, Float64s, UInt32s

_CHUNK = 32  # lattice points along an edge of a stored chunk
_PIECE_M = 6.0  # long legs are evaluated in pieces, so that a diagonal one has no huge box
_OUTSIDE = np.float32(1e3)
_MAX_SAMPLES = 60_000_000
_STEEP = 2.0  # rise over run beyond which a leg is a raise or shaft
FINEST_M, COARSEST_M = 0.4, 1.0


@dataclass(frozen=True, slots=True)
class Tube:
    """A leg: ends (2, 3), cross-sections (2, 4) left, right, up, down, all metres; `open_ends`
    says at which ends other legs go on (there the tube is rounded, elsewhere it is closed flat)."""

    ends: Float64s
    sections: Float64s
    open_ends: tuple[bool, bool]

    @property
    def is_steep(self) -> bool:
        """Whether it is a raise: its section is round, its width counts."""
        rise, run = self._rise_and_run()
        return rise > _STEEP * run

    def _rise_and_run(self) -> tuple[float, float]:
        step = self.ends[1] - self.ends[0]
        return abs(float(step[2])), float(np.hypot(step[0], step[1]))

    def distance(self, points: Float64s) -> Float64s:
        """Signed distance (negative in the air) at points (..., 3), exact enough near the wall."""
        return self._round(points) if self.is_steep else self._arched(points)

    def _round(self, points: Float64s) -> Float64s:
        step = self.ends[1] - self.ends[0]
        along = np.clip((points - self.ends[0]) @ step / max(float(step @ step), 1e-12), 0, 1)
        widths = self.sections[:, :2].sum(axis=1) / 2
        radius = widths[0] + along * (widths[1] - widths[0])
        off = points - self.ends[0] - along[..., None] * step
        return np.asarray(np.linalg.norm(off, axis=-1) - radius)

    def _arched(self, points: Float64s) -> Float64s:
        """Flat floor, straight walls, rounded back."""
        step = self.ends[1] - self.ends[0]
        run = max(float(np.hypot(step[0], step[1])), 1e-9)
        ahead = np.array([step[0] / run, step[1] / run, 0.0])
        left_hand = np.array([-ahead[1], ahead[0], 0.0])
        off = points - self.ends[0]
        travelled = off @ ahead
        along = np.clip(travelled / run, 0, 1)
        left, right, up, down = (
            self.sections[0, i] + along * (self.sections[1, i] - self.sections[0, i])
            for i in range(4)
        )
        sideways = off @ left_hand - (left - right) / 2
        half_width = (left + right) / 2
        height = off[..., 2] - along * step[2] - (up - down) / 2
        half_height = (up + down) / 2
        beyond = np.where(along <= 0, -travelled, np.where(along >= 1, travelled - run, 0.0))
        opened = np.where(along <= 0, self.open_ends[0], self.open_ends[1])
        rounded = np.hypot(np.maximum(beyond, 0), sideways) - half_width
        flat = np.maximum(np.abs(sideways) - half_width, beyond)
        wall = np.where((beyond > 0) & ~opened, flat, rounded)
        corner = 0.6 * np.minimum(half_width, half_height)
        a, b = wall + corner, height - half_height + corner
        arch = np.minimum(np.maximum(a, b), 0) + np.hypot(np.maximum(a, 0), np.maximum(b, 0))
        box = np.maximum(wall, -height - half_height)
        return np.asarray(np.where(height > 0, np.maximum(arch - corner, wall), box))

    def boxes(self, margin: float) -> list[tuple[Float64s, Float64s]]:
        """Axis-aligned boxes (low, high) that hold the tube, one for each piece."""
        step = self.ends[1] - self.ends[0]
        count = max(1, int(np.ceil(np.linalg.norm(step) / _PIECE_M)))
        side = float(self.sections[:, :2].max())
        up, down = (side, side) if self.is_steep else self.sections[:, 2:].max(axis=0)
        below = np.array([side, side, down]) + margin
        above = np.array([side, side, up]) + margin
        marks = self.ends[0] + np.linspace(0, 1, count + 1)[:, None] * step
        lows, highs = np.minimum(marks[:-1], marks[1:]), np.maximum(marks[:-1], marks[1:])
        return list(zip(lows - below, highs + above, strict=True))


@dataclass(slots=True)
class _Field:
    """Samples on the lattice `low + index * cell`, in chunks by chunk index."""

    low: Float64s
    cell: float
    chunks: dict[tuple[int, int, int], Float32s] = field(default_factory=dict)

    def carve(self, tube: Tube, box: tuple[Float64s, Float64s]) -> None:
        """Take the minimum of what is stored and the tube's distance inside `box`."""
        first = np.floor((box[0] - self.low) / self.cell).astype(int)
        last = np.ceil((box[1] - self.low) / self.cell).astype(int) + 1
        axes = [self.low[i] + np.arange(first[i], last[i]) * self.cell for i in range(3)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        values = tube.distance(points).astype(np.float32)
        lows, highs = first // _CHUNK, (last - 1) // _CHUNK
        for i in range(lows[0], highs[0] + 1):
            for j in range(lows[1], highs[1] + 1):
                for k in range(lows[2], highs[2] + 1):
                    self._merge((i, j, k), values, first, last)

    def _merge(
        self, key: tuple[int, int, int], values: Float32s, first: np.ndarray, last: np.ndarray
    ) -> None:
        base = np.array(key) * _CHUNK
        start, stop = np.maximum(first, base), np.minimum(last, base + _CHUNK)
        chunk = self.chunks.get(key)
        if chunk is None:
            chunk = np.full((_CHUNK,) * 3, _OUTSIDE, np.float32)
            self.chunks[key] = chunk
        inside = tuple(slice(a, b) for a, b in zip(start - base, stop - base, strict=True))
        source = tuple(slice(a, b) for a, b in zip(start - first, stop - first, strict=True))
        np.minimum(chunk[inside], values[source], out=chunk[inside])

    def padded(self, key: tuple[int, int, int]) -> Float32s:
        """A chunk with one more layer from its neighbours above, (33, 33, 33)."""
        result = np.full((_CHUNK + 1,) * 3, _OUTSIDE, np.float32)
        for i in (0, 1):
            for j in (0, 1):
                for k in (0, 1):
                    chunk = self.chunks.get((key[0] + i, key[1] + j, key[2] + k))
                    if chunk is not None:
                        into = tuple(
                            slice(_CHUNK, None) if s else slice(0, _CHUNK) for s in (i, j, k)
                        )
                        take = tuple(slice(0, 1) if s else slice(None) for s in (i, j, k))
                        result[into] = chunk[take]
        return result


def _fineness(tubes: list[Tube]) -> float:
    """The lattice spacing that keeps the work within bounds, metres."""
    cell = FINEST_M
    while True:
        samples = sum(
            float(np.prod((high - low) / cell + 2))
            for t in tubes
            for low, high in t.boxes(2 * cell)
        )
        if samples <= _MAX_SAMPLES:
            return cell
        if cell >= COARSEST_M:
            raise Refused("import-too-many", count=len(tubes), limit=_MAX_SAMPLES)
        cell = min(cell * 1.3, COARSEST_M)


_CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
# The four cells around a lattice edge along x, y, z, in turning order.
_AROUND = (
    ((0, -1, -1), (0, 0, -1), (0, 0, 0), (0, -1, 0)),
    ((-1, 0, -1), (-1, 0, 0), (0, 0, 0), (0, 0, -1)),
    ((-1, -1, 0), (0, -1, 0), (0, 0, 0), (-1, 0, 0)),
)


def _key(cells: np.ndarray) -> np.ndarray:
    """One sortable number for each lattice cell; 21 bits an axis hold 800 km at 0.4 m."""
    shifted = cells.astype(np.int64) + (1 << 20)
    return np.asarray((shifted[:, 0] << 42) | (shifted[:, 1] << 21) | shifted[:, 2])


def _cell_vertices(samples: Float32s) -> tuple[np.ndarray, Float64s, Float64s]:
    """Cells of a padded chunk that the wall crosses: index (n, 3), vertex in cell units (n, 3),
    direction to the air (n, 3)."""
    air = samples < 0
    stack = np.stack([air[i : i + _CHUNK, j : j + _CHUNK, k : k + _CHUNK] for i, j, k in _CORNERS])
    crossed = stack.any(axis=0) & ~stack.all(axis=0)
    cells = np.argwhere(crossed)
    values = np.stack(
        [samples[tuple((cells + corner).T)].astype(np.float64) for corner in _CORNERS], axis=1
    )
    # Samples that no tube reached say only "rock"; a finite value keeps the slope meaningful.
    values = np.clip(values, -2.0, 2.0)
    total, count = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for a in range(8):
        for b in range(a + 1, 8):
            if np.abs(_CORNERS[a] - _CORNERS[b]).sum() != 1:
                continue
            va, vb = values[:, a], values[:, b]
            cut = (va < 0) != (vb < 0)
            share = np.where(cut, va / np.where(cut, va - vb, 1.0), 0.0)[:, None]
            point = _CORNERS[a] + share * (_CORNERS[b] - _CORNERS[a])
            total += np.where(cut[:, None], point, 0.0)
            count += cut
    # Downhill is into the air: low side minus high side along each axis.
    weights = np.where(_CORNERS == 0, 1.0, -1.0)
    slope = values @ weights
    return cells, total / count[:, None], slope


def _skin(air: _Field) -> tuple[Float64s, UInt32s, Float32s]:
    cells, vertices, slopes, quads = [], [], [], list[np.ndarray]()
    for key in sorted(air.chunks):
        samples = air.padded(key)
        if not (samples < 0).any():
            continue
        base = np.array(key) * _CHUNK
        where, inner, slope = _cell_vertices(samples)
        cells.append(where + base)
        vertices.append(air.low + (where + base + inner) * air.cell)
        slopes.append(slope)
        inside = samples < 0
        for axis in range(3):
            here = inside[:_CHUNK, :_CHUNK, :_CHUNK]
            start = [slice(0, _CHUNK)] * 3
            start[axis] = slice(1, _CHUNK + 1)
            there = inside[tuple(start)]
            for first, second, turn in ((here, there, 1), (there, here, -1)):
                edges = np.argwhere(first & ~second) + base
                around = np.array(_AROUND[axis])[::turn]
                quads.append(np.stack([_key(edges + offset) for offset in around], axis=1))
    if not cells:
        raise Refused("import-nothing-left")
    keys = _key(np.concatenate(cells))
    order = np.argsort(keys)
    wanted = np.concatenate(quads)
    at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    corners = at[(keys[at] == wanted).all(axis=1)]
    triangles = np.concatenate([corners[:, [0, 2, 1]], corners[:, [0, 3, 2]]])
    positions = np.concatenate(vertices)
    a, b, c = (positions[triangles[:, i]] for i in range(3))
    triangles = triangles[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9]
    normals = np.concatenate(slopes)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return positions, triangles.astype(np.uint32), normals.astype(np.float32)


def sweep(tubes: list[Tube]) -> tuple[Float64s, UInt32s, Float32s]:
    """The walls of all tubes together: positions (n, 3), triangles (m, 3), normals (n, 3).

    Normals and triangles face the air inside. Raises `Refused` if there is nothing to sweep or
    far too much.
    """
    if not tubes:
        raise Refused("import-nothing-left")
    cell = _fineness(tubes)
    low = np.floor(np.min([tube.ends.min(axis=0) for tube in tubes], axis=0))
    air = _Field(low, cell)
    for tube in tubes:
        for box in tube.boxes(2 * cell):
            air.carve(tube, box)
    return _skin(air)
