"""Simple solids as numpy arrays: boxes, cylinders, balls, tubes, joined to one mesh.

Pure: no Panda3D. Lengths in metres, axes as in the scene frame (+Y forward, +Z up).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.geometry import MATERIAL

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Solid:
    """positions (n, 3) float32, triangles (m, 3) uint32, normals (n, 3) float32, colours (n, 4)
    uint8, materials (n,) uint8."""

    positions: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.uint32]
    normals: npt.NDArray[np.float32]
    colours: npt.NDArray[np.uint8]
    materials: npt.NDArray[np.uint8]

    def moved(self, offset: Sequence[float], turn_z_rad: float = 0.0) -> Solid:
        """The solid turned about +Z (counter-clockwise seen from above), then moved."""
        c, s = np.cos(turn_z_rad), np.sin(turn_z_rad)
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
        return Solid(
            self.positions @ turn.T + np.asarray(offset, np.float32),
            self.triangles,
            self.normals @ turn.T,
            self.colours,
            self.materials,
        )


def _solid(
    positions: npt.NDArray[np.float64],
    triangles: npt.NDArray[np.int64],
    normals: npt.NDArray[np.float64],
    colour: Colour,
    material: str,
) -> Solid:
    count = len(positions)
    return Solid(
        positions.astype(np.float32),
        triangles.astype(np.uint32),
        normals.astype(np.float32),
        np.tile(np.array([*colour, 255], np.uint8), (count, 1)),
        np.full(count, MATERIAL[material], np.uint8),
    )


def join(solids: Sequence[Solid]) -> Solid:
    """Several solids as one."""
    offsets = np.cumsum([0, *(len(solid.positions) for solid in solids[:-1])]).astype(np.uint32)
    return Solid(
        np.concatenate([solid.positions for solid in solids]),
        np.concatenate([s.triangles + at for s, at in zip(solids, offsets, strict=True)]),
        np.concatenate([solid.normals for solid in solids]),
        np.concatenate([solid.colours for solid in solids]),
        np.concatenate([solid.materials for solid in solids]),
    )


def box(
    centre: Sequence[float], size: Sequence[float], colour: Colour, material: str = "paint"
) -> Solid:
    """An upright box."""
    faces = []
    half = np.asarray(size, np.float64) / 2
    for axis in range(3):
        for sign in (-1.0, 1.0):
            normal = np.zeros(3)
            normal[axis] = sign
            u, v = np.roll(np.eye(3), 1, 0)[axis], np.roll(np.eye(3), 2, 0)[axis]
            if sign * np.dot(np.cross(u, v), np.abs(normal)) < 0:
                u, v = v, u
            corners = [normal - u - v, normal + u - v, normal + u + v, normal - u + v]
            faces.append((np.array(corners) * half, normal))
    positions = np.concatenate([corners for corners, _ in faces]) + np.asarray(centre, np.float64)
    normals = np.repeat([normal for _, normal in faces], 4, axis=0)
    quads = np.arange(24).reshape(6, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return _solid(positions, triangles, normals, colour, material)


def tube(
    path: Sequence[Sequence[float]],
    radii: Sequence[float],
    colour: Colour,
    material: str = "paint",
    sides: int = 16,
    caps: bool = True,
) -> Solid:
    """A round tube along a path (k, 3) with a radius at every point; capped ends."""
    points = np.asarray(path, np.float64)
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(along[:, 2:]) > 0.9, [[1.0, 0, 0]], [[0, 0, 1.0]])
    across = np.cross(along, helper)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    up = np.cross(across, along)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    normals = across[:, None] * np.cos(turn)[None, :, None] + up[:, None] * np.sin(turn)[:, None]
    rings = points[:, None] + normals * np.asarray(radii, np.float64)[:, None, None]
    ring, side = np.meshgrid(np.arange(len(points) - 1), np.arange(sides), indexing="ij")
    a, b = ring * sides + side, ring * sides + (side + 1) % sides
    triangles = np.concatenate(
        [np.stack([a, a + sides, b], -1), np.stack([b, a + sides, b + sides], -1)]
    ).reshape(-1, 3)
    parts = [_solid(rings.reshape(-1, 3), triangles, normals.reshape(-1, 3), colour, material)]
    if caps:
        for end, sign in ((0, -1.0), (-1, 1.0)):
            if radii[end] > 1e-4:
                fan = np.arange(1, sides - 1)
                corners = np.stack([np.zeros_like(fan), fan, fan + 1], axis=1)
                if sign > 0:
                    corners = corners[:, ::-1]
                flat = np.tile(along[end] * sign, (sides, 1))
                parts.append(_solid(rings[end], corners, flat, colour, material))
    return join(parts)


def ball(
    centre: Sequence[float],
    radius: float | Sequence[float],
    colour: Colour,
    material: str = "paint",
) -> Solid:
    """A ball, or an ellipsoid with three radii."""
    polar, turn = np.meshgrid(np.linspace(0, np.pi, 10), np.linspace(0, 2 * np.pi, 19))
    unit = np.stack(
        [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1
    ).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(18), np.arange(9), indexing="ij")
    a = (i * 10 + j).ravel()
    triangles = np.concatenate(
        [np.stack([a, a + 1, a + 10], 1), np.stack([a + 1, a + 11, a + 10], 1)]
    )
    scale = np.broadcast_to(np.asarray(radius, np.float64), 3)
    normals = unit / scale
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return _solid(unit * scale + np.asarray(centre), triangles, normals, colour, material)


def ring(
    centre: Sequence[float],
    radius: float,
    thickness: float,
    colour: Colour,
    material: str = "paint",
) -> Solid:
    """A hand wheel: a torus in the plane that faces +Y."""
    turn = np.linspace(0, 2 * np.pi, 25)
    path = np.stack([np.cos(turn) * radius, np.zeros(25), np.sin(turn) * radius], 1).tolist()
    solid = tube(path, [thickness] * 25, colour, material, sides=8, caps=False)
    return solid.moved(centre)
