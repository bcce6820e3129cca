"""The walkable box that the made files hold: floor, walls and back."""

from __future__ import annotations

import numpy as np

ROOM_LOW, ROOM_HIGH = np.array([1000.0, 2000.0, 300.0]), np.array([1040.0, 2030.0, 304.0])
_UNIT = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float64)
ROOM_VERTICES = ROOM_LOW + _UNIT * (ROOM_HIGH - ROOM_LOW)
ROOM_QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
ROOM_TRIANGLES = np.array([t for a, b, c, d in ROOM_QUADS for t in ((a, b, c), (a, c, d))])
