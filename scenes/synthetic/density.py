"""How one number of triangles becomes the pitch of each mesh.

Only spacing depends on it, never where anything stands. What is not rock underground is counted
from a table; the workings get what is left of the number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.synthetic.layout import Layout

# Millions asked for, and how many of them the bundled mine needs for all but the workings' walls,
# as counted with the pitches below. The jumps are where bolts and pipes gain detail.
_REST = np.array(
    [
        (0.5, 0.311), (1.0, 0.367), (1.499, 0.42), (1.5, 0.74), (2.0, 0.786), (4.0, 1.03),
        (8.0, 1.451), (11.99, 1.82), (12.0, 2.92), (16.0, 3.24), (40.0, 5.17), (100.0, 8.91),
    ]
)  # fmt: skip
_REST_AREA = 122_000.0  # m2 of walls in the bundled mine, by `wall_area`
_QUADS = 1.36  # surface-net quads on rough rock for each pitch squared of smooth wall


@dataclass(frozen=True)
class Density:
    """Pitches in metres, and the number of sides of round things."""

    void: float
    terrain: float
    pit: float
    sides: int
    step: float  # along pipes and cables, metres
    bolt_detail: int  # 0: a pyramid, 1: plate and nut, 2: more


def wall_area(layout: Layout) -> float:
    """Walls, backs and floors of all workings and stopes, smooth, m2; filled stopes count twice,
    once for their paste."""
    total = 0.0
    for way in layout.ways.values():
        half, rise = way.width / 2, way.height * 0.48
        arch = np.pi * np.sqrt((half**2 + rise**2) / 2)
        total += way.length * (way.width + 2 * way.height * 0.52 + float(arch))
    for stope in layout.stopes:
        x, y = 2 * stope.half[0], 2 * stope.half[1]
        area = 2 * (x + y) * (stope.top - stope.floor - 4) + 2 * x * y
        total += area * (1.6 if stope.state == "filled" else 1.0)
    return total


def density_for(triangles: float, layout: Layout) -> Density:
    """Pitches for a total of `triangles`."""
    scale = float(np.sqrt(2.0e6 / triangles))
    area = wall_area(layout)
    asked = triangles / 1e6
    rest = float(np.interp(np.log(asked), np.log(_REST[:, 0]), _REST[:, 1])) * 1e6
    rest *= 0.4 + 0.6 * area / _REST_AREA
    walls = max(triangles - rest, 0.3 * triangles)
    pitch = float(np.sqrt(2 * _QUADS * area / walls))
    # A finer mesh shows finer roughness, which has more area.
    pitch *= float(np.clip(0.56 / pitch, 0.3, 12.0)) ** 0.035
    return Density(
        void=pitch,
        terrain=7.5 * scale,
        pit=1.45 * scale,
        sides=int(np.clip(round(6 / scale**0.5), 5, 16)),
        step=float(np.clip(2.0 * scale, 0.5, 4.0)),
        bolt_detail=0 if triangles < 1.5e6 else 1 if triangles < 12e6 else 2,
    )
