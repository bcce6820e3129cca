"""Rays against many meshes that come and go: Embree in pieces of a few thousand triangles.

Embree's Python binding holds the interpreter for about half a microsecond a triangle while it
builds, and frames must be drawn meanwhile: hence the pieces. It knows no tile, layer or file.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore import EmbreeDevice
from embreex.rtcore_scene import EmbreeScene

PIECE = 4096  # triangles: the interpreter is held for 2 ms
_MORTON_STEPS = 1023
# Boxes without thickness would be missed by rays that run within them.
_THICKER_M = 1e-3

# One for all: each takes one of the thousand thread keys that a process has, and without a key
# Embree's binding crashes.
_DEVICE = EmbreeDevice()

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    scene: EmbreeScene
    mesh: TriangleMesh  # kept alive with its scene
    positions: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A mesh that rays can meet: pieces with boxes lows and highs (k, 3) float64 metres."""

    pieces: tuple[_Piece, ...]
    lows: Vector
    highs: Vector
    triangles: int

    @property
    def size(self) -> int:
        """Bytes in memory, those of Embree's tree included (about 60 a triangle)."""
        return sum(one.positions.nbytes + one.triangles.nbytes for one in self.pieces) + (
            60 * self.triangles
        )


def make_solid(
    positions: npt.NDArray[np.float32],
    triangles: npt.NDArray[np.integer],
    pause_s: float = 0.0,
) -> Solid | None:
    """A solid of triangles (m, 3) over positions (n, 3) scene metres; None where there is no
    finite triangle. Workers call it; it lets others run for `pause_s` after each piece."""
    finite = np.asarray(np.isfinite(positions).all(axis=1), np.bool_)
    if not finite.all():
        triangles = triangles[finite[triangles].all(axis=1)]
    if not len(triangles):
        return None
    if len(triangles) > PIECE:
        centres = positions[triangles].mean(axis=1)
        triangles = triangles[np.argsort(_morton(centres), kind="stable")]
    pieces, lows, highs = [], [], []
    for first in range(0, len(triangles), PIECE):
        used, numbers = np.unique(triangles[first : first + PIECE], return_inverse=True)
        own = np.ascontiguousarray(positions[used], np.float32)
        corners = np.ascontiguousarray(numbers.reshape(-1, 3), np.int32)
        scene = EmbreeScene(_DEVICE)
        pieces.append(_Piece(scene, TriangleMesh(scene, own, corners), own, corners))
        lows.append(own.min(axis=0))
        highs.append(own.max(axis=0))
        if pause_s:
            time.sleep(pause_s)
        # A first ray commits the piece, so that no person's ray has to wait for it.
        scene.run(lows[-1][None], np.array([[0, 0, 1]], np.float32), query="OCCLUDED")
        if pause_s:
            time.sleep(pause_s)
    return Solid(
        tuple(pieces),
        np.array(lows, np.float64) - _THICKER_M,
        np.array(highs, np.float64) + _THICKER_M,
        len(triangles),
    )


def _morton(points: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    """Numbers of points (n, 3) along a curve that stays near itself, so that pieces are small."""
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-6)
    steps = ((points - low) * (_MORTON_STEPS / extent)).astype(np.uint32)
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        steps = (steps | (steps << np.uint32(shift))) & np.uint32(mask)
    return np.asarray(steps[:, 0] | steps[:, 1] << 1 | steps[:, 2] << 2, np.uint32)


@dataclass(frozen=True, slots=True)
class Met:
    """What a ray met: the key of the solid, metres from the origin, the face's unit normal (3,)
    turned towards it."""

    key: int
    distance: float
    normal: Vector


class Solids:
    """Solids by key. One thread adds and removes; any may ask."""

    def __init__(self) -> None:
        self._solids: dict[int, Solid] = {}
        self._flat: tuple[Vector, Vector, list[tuple[int, _Piece]]] | None = None

    def __len__(self) -> int:
        return len(self._solids)

    def __contains__(self, key: int) -> bool:
        return key in self._solids

    def add(self, key: int, solid: Solid) -> None:
        """Let rays meet a solid."""
        self._solids[key] = solid
        self._flat = None

    def remove(self, key: int) -> None:
        """Let rays meet it no more; nothing happens where it is not there."""
        if self._solids.pop(key, None) is not None:
            self._flat = None

    def _pieces(self) -> tuple[Vector, Vector, list[tuple[int, _Piece]]]:
        flat = self._flat
        if flat is None:
            solids = list(self._solids.items())
            empty = np.zeros((0, 3))
            flat = (
                np.concatenate([one.lows for _, one in solids] or [empty]),
                np.concatenate([one.highs for _, one in solids] or [empty]),
                [(key, piece) for key, one in solids for piece in one.pieces],
            )
            self._flat = flat
        return flat

    def ray(
        self,
        start: Vector,
        unit: Vector,
        reach_m: float,
        counts: Callable[[int], bool] | None = None,
    ) -> Met | None:
        """The first thing that a ray (start (3,), unit direction (3,)) meets within `reach_m`, of
        those whose key `counts`."""
        lows, highs, pieces = self._pieces()
        best, found = reach_m, None
        for entry, index in entered(lows, highs, start, unit, reach_m):
            if entry > best:
                break  # everything further is behind what was met
            key, piece = pieces[index]
            if counts is not None and not counts(key):
                continue
            hit = piece.scene.run(
                start.astype(np.float32)[None],
                unit.astype(np.float32)[None],
                query="INTERSECT",
                output=1,
            )
            number, distance = int(hit["primID"][0]), float(hit["tfar"][0])
            if number >= 0 and distance <= best:
                best, found = distance, (key, piece, number)
        if found is None:
            return None
        key, piece, number = found
        corners = piece.positions[piece.triangles[number]].astype(np.float64)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= max(float(np.linalg.norm(normal)), 1e-12)
        return Met(key, best, -normal if normal @ unit > 0 else normal)


def entered(
    lows: Vector, highs: Vector, start: Vector, unit: Vector, reach_m: float
) -> list[tuple[float, int]]:
    """Boxes (n, 3) that a ray enters within reach: (metres to it, index), nearest first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (lows - start) / unit, (highs - start) / unit
    near, far = np.minimum(one, other), np.maximum(one, other)
    # 0 / 0: the ray runs within a side of the box, which bounds nothing.
    along = np.isnan(near)
    near[along], far[along] = -np.inf, np.inf
    enter = np.maximum(near.max(axis=1, initial=-np.inf), 0.0)
    leave = far.min(axis=1, initial=np.inf)
    hit = np.nonzero((enter <= leave) & (enter <= reach_m))[0]
    return sorted((float(enter[index]), int(index)) for index in hit)
