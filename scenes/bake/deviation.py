"""How far two surfaces lie apart, by samples: what a tile's geometricError is made of.

Distances are never too small; where a surface is far away they may be a little too large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

SAMPLES = 150  # of each surface
# What a sample may have missed: measured, the largest of these times this is as good a bound as
# the largest of five times as many anywhere on the surface.
_MISSED = 1.1
_TABLE = 1 << 20
_DIAMETER = 1.7321  # of a triangle at most, in longest sides of its box
_AROUND = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)


def deviation(
    places: Float64s, corners: Int64s, other_places: Float64s, other_corners: Int64s
) -> float:
    """The largest distance between two surfaces that points on each of them found, and a tenth.

    Most points of the first are corners that the other lacks: nothing moved further than they did.

    What has no counterpart at all in the other surface (a bolt that was left out) counts with its
    own size where that is less than the way to whatever is next.
    """
    generator = np.random.default_rng(len(corners))  # the same bake gives the same tiles
    gone = np.zeros(len(places), bool)
    gone[corners] = True
    if other_places is places:
        gone[other_corners] = False
    chosen = np.flatnonzero(gone)
    if len(chosen) > SAMPLES:
        chosen = np.sort(generator.choice(chosen, SAMPLES, replace=False))
    points, owners = sample(places, corners, max(SAMPLES // 3, SAMPLES - len(chosen)), generator)
    points = np.concatenate([places[chosen], points])
    forth = distances(points, other_places, other_corners)
    points, _ = sample(other_places, other_corners, SAMPLES, generator)
    back = float(distances(points, places, corners).max())
    if forth.max() > 2 * back:
        sizes = piece_sizes(places, corners)
        at = np.zeros(len(places))
        at[corners] = sizes[:, None]
        forth = np.minimum(forth, np.concatenate([at[chosen], sizes[owners]]))
    return _MISSED * max(float(forth.max()), back)


def piece_sizes(places: Float64s, corners: Int64s) -> Float64s:
    """(m,) the diagonal of the connected piece that each triangle belongs to."""
    group, low, high = pieces(places, corners)
    return np.asarray(np.linalg.norm(high - low, axis=1)[group], np.float64)


def pieces(places: Float64s, corners: Int64s) -> tuple[Int64s, Float64s, Float64s]:
    """(piece of each triangle, low and high corner of each piece (n, 3))."""
    label = np.arange(len(places))
    while True:
        lowest = label[corners].min(axis=1)
        new = label.copy()
        for k in range(3):
            np.minimum.at(new, label[corners[:, k]], lowest)
        new = new[new][label]
        if np.array_equal(new, label):
            break
        label = new
    found, group = np.unique(label[corners[:, 0]], return_inverse=True)
    low = np.full((len(found), 3), np.inf)
    high = np.full((len(found), 3), -np.inf)
    for k in range(3):
        np.minimum.at(low, group.ravel(), places[corners[:, k]])
        np.maximum.at(high, group.ravel(), places[corners[:, k]])
    return group.ravel(), low, high


def sample(
    places: Float64s, corners: Int64s, count: int, generator: np.random.Generator
) -> tuple[Float64s, Int64s]:
    """((count, 3) points on random triangles, those triangles)."""
    owners = generator.integers(0, len(corners), count)
    weights = generator.dirichlet((1.0, 1.0, 1.0), count)
    points = np.einsum("nk,nkc->nc", weights, places[corners[owners]])
    return np.asarray(points, np.float64), owners


def distances(
    points: Float64s, places: Float64s, corners: Int64s, limit: float = np.inf
) -> Float64s:
    """(n,) metres from points (n, 3) to the triangles (m, 3) of a surface, m > 0; inf where they
    are more than `limit`."""
    return nearest(points, places, corners, limit)[0]


def nearest(
    points: Float64s, places: Float64s, corners: Int64s, limit: float = np.inf
) -> tuple[Float64s, Int64s]:
    """As `distances`, and the nearest triangle of each point."""
    result = np.full(len(points), np.inf)
    which = np.zeros(len(points), np.int64)
    used = corners[: min(len(corners), 4096)]
    edge = float(np.linalg.norm(places[used[:, 0]] - places[used[:, 1]], axis=1).mean())
    surface = _Surface.of(places, corners)
    low, high = surface.low, surface.high
    reach = float(max(np.ptp(points, axis=0).max(), (high - low).max(), np.abs(points - low).max()))
    cell = max(2.0 * edge, 1e-3)
    tried = False
    while True:
        left = np.flatnonzero(~np.isfinite(result))
        if not len(left) or (tried and cell > 8 * limit):
            return np.where(result > limit, np.inf, result), which
        if cell > 8 * reach + 1.0:  # not finite: whatever the surface is, it is not near
            result[left] = np.linalg.norm(points[left] - places[corners[0, 0]], axis=1)
            return np.asarray(np.nan_to_num(result, posinf=0.0), np.float64), which
        result[left], which[left] = _in_cells(points[left], surface, cell)
        tried = True
        cell *= 4


@dataclass(frozen=True, slots=True)
class _Surface:
    """Triangles to be searched: places (p, 3) and by axis, corners (m, 3) and by corner, low and
    high corner of the box (3,), and the longest side of each triangle's box (m,)."""

    places: Float64s
    corners: Int64s
    axes: list[Float64s]
    columns: list[Int64s]
    low: Float64s
    high: Float64s
    spans: npt.NDArray[np.float32]

    @staticmethod
    def of(places: Float64s, corners: Int64s) -> _Surface:
        # By column: numpy is several times faster on them than on rows of three.
        axes = [np.ascontiguousarray(places[:, axis]) for axis in range(3)]
        columns = [np.ascontiguousarray(corners[:, k]) for k in range(3)]
        low, high = (np.array([f(axis) for axis in axes]) for f in (np.min, np.max))
        spans = np.zeros(len(corners), np.float32)
        for axis, start in zip(axes, low, strict=True):
            near = (axis - start).astype(np.float32)
            a, b, c = (near[column] for column in columns)
            widest = np.maximum(np.maximum(a, b), c) - np.minimum(np.minimum(a, b), c)
            np.maximum(spans, widest, out=spans)
        return _Surface(places, corners, axes, columns, low, high, spans)


def _hash(x: Int64s, y: Int64s, z: Int64s) -> Int64s:
    return np.asarray((x * 73856093 ^ y * 19349663 ^ z * 83492791) & (_TABLE - 1), np.int64)


def _in_cells(points: Float64s, surface: _Surface, cell: float) -> tuple[Float64s, Int64s]:
    """(distance, triangle) of the nearest that is known in the 27 cells around, else inf."""
    around = np.floor((points - surface.low) / cell).astype(np.int64)[:, None] + _AROUND
    wanted = _hash(*(around[..., axis] for axis in range(3)))
    near = np.zeros(_TABLE, bool)
    near[wanted] = True
    keys, triangles = _known(surface, cell, near)
    order = np.argsort(keys)
    keys, triangles = keys[order], triangles[order]
    first = np.searchsorted(keys, wanted.ravel(), "left")
    count = np.searchsorted(keys, wanted.ravel(), "right") - first
    owner = np.repeat(np.repeat(np.arange(len(points)), len(_AROUND)), count)
    offsets = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    candidates = triangles[np.repeat(first, count) + offsets]
    result = np.full(len(points), np.inf)
    which = np.zeros(len(points), np.int64)
    if len(owner):
        owner, candidates = _promising(points, surface, owner, candidates)
        a, b, c = (surface.places[surface.columns[k][candidates]] for k in range(3))
        away = point_triangle(points[owner], a, b, c)
        # Written from far to near: the last one stays.
        order = np.argsort(-away)
        result[owner[order]] = away[order]
        which[owner[order]] = candidates[order]
    return result, which


def _promising(
    points: Float64s, surface: _Surface, owner: Int64s, candidates: Int64s
) -> tuple[Int64s, Int64s]:
    """Those pairs of point and triangle that may be the nearest, by the triangle's first corner:
    the surface is at most as far as that, and at least as far less the triangle's diameter."""
    corner = surface.columns[0][candidates]
    square = np.zeros(len(owner))
    for axis in range(3):
        square += (surface.axes[axis][corner] - points[owner, axis]) ** 2
    away = np.sqrt(square)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))  # owners ascend
    nearest_corner = np.repeat(
        np.minimum.reduceat(away, starts), np.diff(starts, append=len(owner))
    )
    kept = np.flatnonzero(away - _DIAMETER * surface.spans[candidates] <= nearest_corner)
    return owner[kept], candidates[kept]


def _known(surface: _Surface, cell: float, near: npt.NDArray[np.bool_]) -> tuple[Int64s, Int64s]:
    """(cell hash, triangle) for cells that are `near`: a triangle is known in that of its middle,
    a large one in those of points spread over it as densely as cells are, 8 to a side at most."""
    scaled = [(axis - low) / cell for axis, low in zip(surface.axes, surface.low, strict=True)]
    # Most triangles are small and far from all points: none of their corners' cells is near.
    beside = near[_hash(*(np.floor(axis).astype(np.int64) for axis in scaled))]
    a, b, c = surface.columns
    left = np.flatnonzero(beside[a] | beside[b] | beside[c] | (surface.spans > cell))
    steps = np.clip(np.ceil(surface.spans[left] / cell), 1, 8).astype(np.int64)
    keys, triangles = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number in np.flatnonzero(np.bincount(steps, minlength=9)):
        chosen = left[steps == number]
        if number == 1:
            weights = [(1 / 3, 1 / 3)]
        else:
            weights = [(i / number, j / number)
                       for i in range(number + 1) for j in range(number + 1 - i)]  # fmt: skip
        at = [[axis[column[chosen]] for column in (a, b, c)] for axis in scaled]
        for u, v in weights:
            hashed = _hash(
                *(np.floor((1 - u - v) * x + u * y + v * z).astype(np.int64) for x, y, z in at)
            )
            hit = np.flatnonzero(near[hashed])
            keys.append(hashed[hit])
            triangles.append(chosen[hit])
    return np.concatenate(keys), np.concatenate(triangles)


def point_triangle(p: Float64s, a: Float64s, b: Float64s, c: Float64s) -> Float64s:
    """(n,) distances of points (n, 3) to triangles a, b, c (n, 3 each)."""
    # Columns: numpy is several times faster on them than on rows of three.
    px, py, pz = (p - a).T
    bx, by, bz = (b - a).T
    cx, cy, cz = (c - a).T
    bb, cc, bc = (
        bx * bx + by * by + bz * bz,
        cx * cx + cy * cy + cz * cz,
        bx * cx + by * cy + bz * cz,
    )
    pb, pc = px * bx + py * by + pz * bz, px * cx + py * cy + pz * cz
    pp = px * px + py * py + pz * pz
    area = bb * cc - bc * bc
    solid = np.where(area > 1e-24, area, 1.0)
    u, v = (cc * pb - bc * pc) / solid, (bb * pc - bc * pb) / solid
    inside = (area > 1e-24) & (u >= 0) & (v >= 0) & (u + v <= 1)
    # Squares of the distances to the plane, and to the three edges.
    plane = pp - u * pb - v * pc
    s = np.clip(pb / np.maximum(bb, 1e-30), 0, 1)
    first = pp - 2 * s * pb + s * s * bb
    s = np.clip(pc / np.maximum(cc, 1e-30), 0, 1)
    second = pp - 2 * s * pc + s * s * cc
    ee, qq, qe = bb - 2 * bc + cc, pp - 2 * pb + bb, pc - pb - bc + bb
    s = np.clip(qe / np.maximum(ee, 1e-30), 0, 1)
    third = qq - 2 * s * qe + s * s * ee
    square = np.where(inside, plane, np.minimum(np.minimum(first, second), third))
    return np.asarray(np.sqrt(np.maximum(square, 0.0)), np.float64)
