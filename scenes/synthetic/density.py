"""How one number of triangles becomes the pitch of each mesh.

Only spacing depends on it, never where anything stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Density:
    """Pitches in metres, and the number of sides of round things."""

    void: float
    terrain: float
    pit: float
    sides: int
    step: float  # along pipes and cables, metres
    bolt_detail: int  # 0: a pyramid, 1: plate and nut, 2: more


def density_for(triangles: float) -> Density:
    """Pitches for a total of `triangles`."""
    scale = float(np.sqrt(2.0e6 / triangles))
    return Density(
        void=0.56 * scale,
        terrain=7.5 * scale,
        pit=1.45 * scale,
        sides=int(np.clip(round(6 / scale**0.5), 5, 16)),
        step=float(np.clip(2.0 * scale, 0.5, 4.0)),
        bolt_detail=0 if triangles < 1.5e6 else 1 if triangles < 12e6 else 2,
    )
