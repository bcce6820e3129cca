"""Makes the coarser geometry of an inner tile from what lies below it, with its error.

Colours, normals and materials are carried over, never invented. It knows no files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.bake.deviation import deviation, nearest, pieces, sample
from scenes.bake.simplify import Mesh, Simplified, simplify
from scenes.bake.vertices import GRID, VERTEX, Int64s, Vertices, used_of, welded

Float64s = npt.NDArray[np.float64]
Locks = Callable[[npt.NDArray[np.integer]], npt.NDArray[np.bool_]]

HEAVY = 65_536  # triangles: an inner tile that stays above is left out
COLOUR_EDGES = 0.5
STRAY = 0.99  # of points that may lie farther off than the error says: one in a hundred
COLOUR_SAMPLES = 200
_LIGHTER = 0.75  # ... as is one that keeps more than this share of its children's


@dataclass(frozen=True, slots=True)
class Coarse:
    """VERTEX (n,), corners (m, 3 or 1), and metres from what was coarsened."""

    vertices: Vertices
    corners: Int64s
    error: float


def coarse_mesh(
    vertices: Vertices, corners: Int64s, place: Int64s, locks: Locks, target: int
) -> Coarse | None:
    """About `target` triangles of a welded mesh; None where that is not to be had."""
    one = np.zeros(int(place.max(initial=-1)) + 1, np.int64)
    one[place] = np.arange(len(place))
    steps = vertices["steps"][one].astype(np.int64)
    middle = steps.mean(axis=0).astype(np.int64)
    places = (steps - middle) / GRID
    locked = locks(steps)
    # Every locked place keeps about two triangles, whatever else goes.
    target = max(target, target // 2 + 2 * int(locked.sum()))
    looks = _looks(vertices, places, place, corners)
    found = simplify(Mesh(places, place, corners, looks), target, locked)
    if len(found.corners) == 0:
        return None
    error = deviation(places, place[corners], found.places, found.corners)
    if len(found.corners) > 1.5 * target:
        found, size = _without_crumbs(found, middle, locks, target)
        error = max(error, size)
    too_many = max(_LIGHTER * len(corners), 1.5 * target)
    if not 0 < len(found.corners) <= min(too_many, max(HEAVY, 2 * target)):
        return None
    carried, new_corners = _carried(vertices, place, found, middle)
    if looks is not None:
        off = _off_colour(vertices, corners, places, place[corners], carried, new_corners, found)
        error = max(error, off)
    if len(places) < len(vertices):
        carried, new_corners, _ = welded(carried, new_corners)
    # The grid itself moves a place by half a step along each axis.
    return Coarse(carried, new_corners, error + 1.0 / GRID) if len(new_corners) else None


def _edge(places: Float64s, corners: Int64s) -> float:
    """The usual length of an edge in metres."""
    return float(np.median(np.linalg.norm(places[corners[:, 0]] - places[corners[:, 1]], axis=1)))


def _looks(
    vertices: Vertices, places: Float64s, place: Int64s, corners: Int64s
) -> npt.NDArray[np.float32] | None:
    """Colours as metres: black beside white is worth moving by COLOUR_EDGES edges."""
    colours = vertices["colour"]
    if not len(colours) or (colours == colours[0]).all():
        return None
    worth = COLOUR_EDGES * _edge(places, place[corners]) / 255
    return np.asarray(colours * worth, np.float32)


def _off_colour(
    vertices: Vertices, corners: Int64s, places: Float64s, source: Int64s,
    coarse: Vertices, coarse_corners: Int64s, found: Simplified,
) -> float:  # fmt: skip
    """How wrong the colours are, as metres: a wrong patch is about an edge of `found` wide."""
    points, owners = sample(places, source, COLOUR_SAMPLES, np.random.default_rng(len(corners)))
    _, nearest_one = nearest(points, found.places, found.corners)

    def colour_at(own: Float64s, shape: Int64s, colours: npt.NDArray[np.uint8]) -> Float64s:
        weight = 1.0 / (np.linalg.norm(own[shape] - points[:, None], axis=2) + 1e-6)
        weight /= weight.sum(axis=1, keepdims=True)
        return np.asarray((weight[..., None] * colours).sum(axis=1))

    before = colour_at(places, source[owners], vertices["colour"][corners[owners]])
    after = colour_at(
        found.places, found.corners[nearest_one], coarse["colour"][coarse_corners[nearest_one]]
    )
    wrong = np.abs(before - after).max(axis=1) / 255
    return float(np.quantile(wrong, 0.95)) * COLOUR_EDGES * _edge(found.places, found.corners)


def coarse_points(vertices: Vertices) -> Coarse | None:
    """Every fourth point, in an order in which near ones follow each other."""
    if len(vertices) < 8:
        return None
    steps = vertices["steps"].astype(np.int64)
    vertices = vertices[np.argsort(_morton(steps))]
    kept = vertices[1::4]
    gone = np.delete(np.arange(len(vertices)), np.s_[1::4])
    there = kept["steps"].astype(np.float64)
    near = np.clip((gone[:, None] - 1) // 4 + np.arange(-1, 3), 0, len(kept) - 1)
    away = vertices["steps"][gone].astype(np.float64)[:, None] - there[near]
    # Not the largest: one stray point far from all others would call for the finest everywhere.
    nearest = np.sqrt((away**2).sum(axis=2).min(axis=1))
    error = float(np.quantile(nearest, STRAY)) / GRID
    return Coarse(kept, np.arange(len(kept))[:, None], error)


def _morton(steps: Int64s) -> Int64s:
    low = steps.min(axis=0)
    shift = max(int((steps.max(axis=0) - low).max()).bit_length() - 20, 0)
    code = np.zeros(len(steps), np.int64)
    for axis in range(3):
        bits = (steps[:, axis] - low[axis]) >> shift
        for width, mask in (
            (32, 0x1F00000000FFFF),
            (16, 0x1F0000FF0000FF),
            (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3),
            (2, 0x1249249249249249),
        ):
            bits = (bits | (bits << width)) & mask
        code |= bits << axis
    return code


def _without_crumbs(
    found: Simplified, middle: Int64s, locks: Locks, target: int
) -> tuple[Simplified, float]:
    """(without the smallest connected pieces, as few as bring it to the target; the diagonal of
    the largest of them in metres). Pieces that go on in another tile stay."""
    group, low, high = pieces(found.places, found.corners)
    count = np.bincount(group)
    size = np.linalg.norm(high - low, axis=1)
    steps = np.rint(found.places * GRID).astype(np.int64) + middle
    held = locks(steps)[found.corners].any(axis=1)
    size[np.unique(group[held])] = np.inf
    order = np.argsort(size)
    left = len(found.corners) - np.cumsum(count[order])
    enough = int(np.searchsorted(-left, -target)) + 1
    dropped = order[: min(enough, int(np.isfinite(size).sum()))]
    if len(dropped) == len(size):  # a tile of nothing says nothing
        dropped = dropped[:-1]
    if not len(dropped):
        return found, 0.0
    gone = np.zeros(len(size), bool)
    gone[dropped] = True
    kept = ~gone[group]
    return (
        Simplified(found.places, found.corners[kept], found.vertices[kept]),
        float(size[dropped].max()),
    )


def _carried(
    vertices: Vertices, place: Int64s, found: Simplified, middle: Int64s
) -> tuple[Vertices, Int64s]:
    """What the corners carry: the mean over those that meet at a place with one material, and,
    where the source had an edge between normals, with one main direction."""
    if len(found.places) == len(vertices):  # places are vertices, and stay
        used, corners = used_of(found.vertices, len(vertices))
        return vertices[used], corners
    corner = found.corners.ravel()
    source = vertices[found.vertices.ravel()]
    creased = np.bincount(place)[place] > 1
    normals = vertices["normal"].astype(np.int64)
    axis = np.abs(normals).argmax(axis=1)
    side = 1 + 2 * axis + (normals[np.arange(len(normals)), axis] < 0)
    side = np.where(creased & normals.any(axis=1), side, 0)[found.vertices.ravel()]
    codes = (corner * 256 + source["material"]) * 8 + side
    order = np.argsort(codes)
    new = np.ones(len(order), bool)
    new[1:] = codes[order[1:]] != codes[order[:-1]]
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    first = order[new]
    result = np.zeros(len(first), VERTEX)
    result["steps"] = np.rint(found.places[corner[first]] * GRID).astype(np.int64) + middle
    result["material"] = source["material"][first]
    result["field"] = source["field"][first]
    count = np.bincount(group)
    for channel in range(3):
        mean = np.bincount(group, source["colour"][:, channel]) / count
        result["colour"][:, channel] = np.rint(mean)
    if normals.any():
        summed = np.stack(
            [np.bincount(group, source["normal"][:, k].astype(float)) for k in range(3)], axis=1
        )
        length = np.linalg.norm(summed, axis=1, keepdims=True)
        result["normal"] = np.rint(summed / np.maximum(length, 1e-9) * 127)
    return result, group.reshape(-1, 3)
