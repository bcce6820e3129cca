"""Makes the meshes that the benchmarks bake: half an open pit with scan noise, half rough drifts.

Connectivity is irregular (jittered, random diagonals, random collapses), as scans have it: regular
grids flatter every index codec. It writes no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.geometry import MeshPart

BENCH_M = 12.0  # height of a bench of the pit
SCAN_NOISE_M = 0.1


def _sheet(rows: int, columns: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Triangles (m, 3) of a grid of rows x columns vertices with random diagonals, of which the
    middle vertex of most blocks of 3 x 3 is merged into a neighbour."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    a, b, c, d = corner, corner + 1, corner + columns + 1, corner + columns
    turned = generator.random(len(corner)) < 0.5
    first = np.where(turned[:, None], np.stack([a, b, d], 1), np.stack([a, b, c], 1))
    second = np.where(turned[:, None], np.stack([b, c, d], 1), np.stack([a, c, d], 1))
    triangles = np.concatenate([first, second])
    middle = (np.arange(1, rows - 1, 3)[:, None] * columns + np.arange(1, columns - 1, 3)).ravel()
    middle = middle[generator.random(len(middle)) < 0.8]
    into = np.arange(rows * columns)
    steps = np.array([1, -1, columns, -columns])
    into[middle] += generator.choice(steps, len(middle))
    triangles = into[triangles]
    whole = (
        (triangles[:, 0] != triangles[:, 1])
        & (triangles[:, 1] != triangles[:, 2])
        & (triangles[:, 2] != triangles[:, 0])
    )
    return triangles[whole]


def _waves(
    points: npt.NDArray[Any], lengths: tuple[float, ...], generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Smooth pseudo-noise in about -1..1 for points (n, 3): sines of the given wave lengths."""
    total = np.zeros(len(points))
    for length in lengths:
        for _ in range(3):
            direction = generator.normal(size=3)
            direction *= 2 * np.pi / (length * np.linalg.norm(direction))
            total += np.sin(points @ direction + generator.uniform(0, 6.3))
    return total / (3 * len(lengths))


def pit(triangles: int, generator: np.random.Generator, spacing: float = 1.0) -> MeshPart:
    """About `triangles` of an open pit with benches."""
    side = max(int((triangles / 2 / 0.911) ** 0.5), 8)
    row, column = np.divmod(np.arange(side * side), side)
    flat = np.stack([column, row], 1) * spacing
    flat += generator.uniform(-0.3, 0.3, flat.shape) * spacing
    radius = np.linalg.norm(flat - side * spacing / 2, axis=1)
    shape = np.stack([*flat.T, np.zeros(len(flat))], axis=1)
    depth = np.minimum(radius / 2.2 + 8 * _waves(shape, (130.0, 60.0), generator), 40 * BENCH_M)
    step = depth / BENCH_M
    benched = (np.floor(step) + np.clip((step % 1.0) * 3.0 - 2.0, 0.0, 1.0)) * BENCH_M
    shape[:, 2] = benched + 0.6 * _waves(shape, (17.0, 7.0), generator)
    shape += generator.normal(0.0, SCAN_NOISE_M, shape.shape)
    return MeshPart(shape, _sheet(side, side, generator).astype(np.uint32))


def drifts(triangles: int, generator: np.random.Generator, spacing: float = 0.25) -> MeshPart:
    """About `triangles` of rough drifts of 5 m that wind under the pit, one tube after another."""
    around = 72
    positions, corners = [], []
    count = 0
    lengths = np.full(max(triangles // 400_000, 1), triangles / max(triangles // 400_000, 1))
    for number, wanted in enumerate(lengths):
        rings = max(int(wanted / (2 * around * 0.911)), 8)
        ring, turn = np.divmod(np.arange(rings * (around + 1)), around + 1)
        along = ring * spacing + generator.uniform(-0.25, 0.25, len(ring)) * spacing
        angle = (turn % around) * (2 * np.pi / around)
        bend = along / 90.0
        centre = np.stack([60 * np.sin(bend) + along * 0.7, 60 * np.cos(bend * 0.7),
                           -40.0 - along / 9.0], axis=1)  # fmt: skip
        centre += np.array([0.0, 70.0 * number, -12.0 * number])
        ahead = np.gradient(centre[:: around + 1], axis=0)
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
        side = np.cross(ahead, [0.0, 0.0, 1.0])
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        up = np.cross(side, ahead)
        out = np.cos(angle)[:, None] * side[ring] + np.sin(angle)[:, None] * up[ring]
        rough = 0.35 * _waves(centre + 2.5 * out, (9.0, 3.0, 1.3), generator)
        rough += generator.normal(0.0, 0.02, len(rough))
        points = centre + (2.5 + rough)[:, None] * out
        sheet = _sheet(rings, around + 1, generator)
        # The last column is the first: the tube closes.
        seam = np.arange(rings) * (around + 1)
        points[seam + around] = points[seam]
        positions.append(points)
        corners.append(sheet[:, ::-1] + count)
        count += len(points)
    return MeshPart(np.concatenate(positions), np.concatenate(corners).astype(np.uint32))


def survey(million: float, seed: int = 7) -> list[MeshPart]:
    """About `million` triangles, half pit and half drifts, in the survey frame (origin 0, 0, 0)."""
    generator = np.random.default_rng(seed)
    half = int(million * 5e5)
    return [pit(half, generator), drifts(half, generator)]


def chunks(million: float, part: float = 2.0) -> Iterator[MeshPart]:
    """`survey` in parts of `part` million side by side, so that no size needs memory to make."""
    count = max(round(million / part), 1)
    across = int(np.ceil(np.sqrt(count)))
    for number in range(count):
        for one in survey(million / count, 7 + number):
            one.positions[:, 0] += (number % across) * 1500.0
            one.positions[:, 1] += (number // across) * 1500.0
            yield one
