"""Divides a mesh into charts: connected pieces that one of six directions sees without folds.

Each chart is flattened along its direction and turned to lie along its longest side. It knows no
pictures and packs nothing (`scenes.bake.atlas`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

DIRECTIONS = 6  # +x, -x, +y, -y, +z, -z
_STEEPEST = 0.2  # cosine: a triangle that its chart's direction sees flatter goes elsewhere
_ROUNDS = 4  # of smoothing: noise must not make a chart of every triangle


@dataclass(frozen=True, slots=True)
class Charts:
    """chart (m,) of each triangle; flat (m, 3, 2) metres of its corners in its chart, from the
    chart's low corner; depth (m, 3) metres along the chart's direction; spans (c, 2) metres.

    direction (c,), turn (c, 2) cosine and sine, and low (c, 2) flatten other places alike.
    """

    chart: Int64s
    flat: Float64s
    depth: Float64s
    spans: Float64s
    direction: Int64s
    turn: Float64s
    low: Float64s


def face_normals(places: Float64s, corners: Int64s) -> Float64s:
    """(m, 3) normals as long as twice the area of each triangle."""
    a, b, c = (places[corners[:, k]] for k in range(3))
    return np.asarray(np.cross(b - a, c - a), np.float64)


def directions_of(places: Float64s, corners: Int64s) -> Int64s:
    """(m,) which of the six directions each triangle is seen from, alike among neighbours."""
    own = face_normals(places, corners)
    length = np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-30)
    smooth = own
    for _ in range(_ROUNDS):
        at_place = np.stack(
            [
                sum(np.bincount(corners[:, k], smooth[:, axis], len(places)) for k in range(3))
                for axis in range(3)
            ],
            axis=1,
        )
        smooth = at_place[corners].sum(axis=1)
    own = own / length
    facing = _along_directions(own)
    wanted = np.where(facing >= _STEEPEST, _along_directions(smooth), -np.inf)
    seen = np.isfinite(wanted).any(axis=1)
    return np.asarray(np.where(seen, wanted.argmax(axis=1), facing.argmax(axis=1)), np.int64)


def _along_directions(vectors: Float64s) -> Float64s:
    result = np.empty((len(vectors), DIRECTIONS))
    result[:, 0::2] = vectors
    result[:, 1::2] = -vectors
    return result


def connected(corners: Int64s, labels: Int64s) -> Int64s:
    """(m,) a number for each group of triangles of one label that share places, from 0 without
    gaps."""
    kinds = int(labels.max(initial=0)) + 1
    nodes, own = np.unique(corners * kinds + labels[:, None], return_inverse=True)
    own = own.reshape(corners.shape)
    lowest = np.arange(len(nodes))
    while True:
        before = lowest
        lowest = before.copy()
        least = before[own].min(axis=1)
        for k in range(3):
            np.minimum.at(lowest, own[:, k], least)
            np.minimum.at(lowest, before[own[:, k]], least)
        lowest = lowest[lowest]
        if np.array_equal(lowest, before):
            break
    return np.asarray(np.unique(lowest[own[:, 0]], return_inverse=True)[1].ravel(), np.int64)


def make_charts(places: Float64s, corners: Int64s, labels: Int64s) -> Charts:
    """Charts of triangles (m, 3) over places (n, 3); labels (m,): what may lie in one chart,
    direction + DIRECTIONS * layer."""
    chart = connected(corners, labels)
    count = int(chart.max(initial=-1)) + 1
    first = np.full(count, len(chart))
    np.minimum.at(first, chart, np.arange(len(chart)))
    direction = labels[first] % DIRECTIONS
    flat, depth = flatten(places[corners], direction[chart])
    turn = _turns(flat, chart, count)
    flat = turned(flat, turn[chart])
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    for corner in range(3):
        for axis in range(2):
            np.minimum.at(low[:, axis], chart, flat[:, corner, axis])
            np.maximum.at(high[:, axis], chart, flat[:, corner, axis])
    return Charts(chart, flat - low[chart][:, None], depth, high - low, direction, turn, low)


def flatten(points: Float64s, direction: Int64s) -> tuple[Float64s, Float64s]:
    """(flat (m, 3, 2), depth (m, 3)) of triangles (m, 3, 3), each seen from its direction (m,)."""
    axis = direction // 2
    rows = np.arange(len(points))[:, None]
    corner = np.arange(3)[None]
    flat = np.stack([points[rows, corner, ((axis + k) % 3)[:, None]] for k in (1, 2)], axis=2)
    depth = points[rows, corner, axis[:, None]] * np.where(direction % 2, -1.0, 1.0)[:, None]
    return flat, depth


def turned(flat: Float64s, turn: Float64s) -> Float64s:
    """flat (m, 3, 2) turned by turn (m, 2)."""
    cosine, sine = turn[:, None, 0], turn[:, None, 1]
    x, y = flat[..., 0], flat[..., 1]
    return np.stack([x * cosine + y * sine, y * cosine - x * sine], axis=2)


def _turns(flat: Float64s, chart: Int64s, count: int) -> Float64s:
    """(c, 2) cosine and sine by which each chart lies along its longest extent."""
    middle = flat.mean(axis=1)
    number = np.maximum(np.bincount(chart, minlength=count), 1)
    mean = np.stack([np.bincount(chart, middle[:, k], count) / number for k in range(2)], axis=1)
    x, y = (middle - mean[chart]).T
    xx, yy, xy = (np.bincount(chart, value, count) for value in (x * x, y * y, x * y))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    # Where there is hardly a longest extent the axes will do.
    spread = np.hypot(2 * xy, xx - yy) / np.maximum(xx + yy, 1e-30)
    angle[spread < 0.3] = 0.0
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
