"""Solid bodies in the rock: cemented paste in filled stopes, and the ore itself.

Meshes only; which stopes are filled is decided by the layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.layout import Layout
from scenes.synthetic.meshes import grid_triangles, mesh, mix, shade
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.void import Void
from scenes.synthetic.workings import extract_solid

GRADE_RANGE = (0.2, 2.8)  # copper in percent, made up
PASTE_TOP = 1.2  # metres of air left over the paste


def paste(layout: Layout, void: Void, noise: Noise, pitch: float) -> Iterator[MeshPart]:
    """What fills the filled stopes, facing outward."""
    for number, stope in enumerate(void.stopes):
        if stope.state != "filled":
            continue
        primitive = np.array([void.segments + number])
        level = stope.top - PASTE_TOP - 2.2

        def solid(points: Float64s, only=primitive, top: float = level) -> Float64s:  # type: ignore[no-untyped-def]
            # A hair smaller than the stope, so that walls and paste never share a plane.
            walls = void.distance(points, only, 1.6 * pitch) + 0.06
            surface = points[:, 2] - top - 0.05 * noise.sample(points * [1, 1, 0], 2.0)
            return np.maximum(walls, surface)

        low, high = void.low[primitive[0]], void.high[primitive[0]]
        positions, triangles, normals = extract_solid(solid, low, high, pitch)
        layers = noise.sample(positions, (30.0, 30.0, 0.7))
        tint = 0.96 + 0.05 * layers + 0.06 * noise.sample(positions, 1.4)
        colours = shade((150, 146, 136), tint)
        damp = smoothstep(0.2, 0.7, noise.sample(positions, (1.2, 1.2, 6.0)))
        yield mesh(positions, triangles, mix(colours, (96, 92, 86), 0.5 * damp), "paste", normals)


def ore(layout: Layout, noise: Noise, pitch: float, top: float) -> Iterator[MeshPart]:
    """The breccia pipes, from below the lowest level up into the pit."""
    rise = max(1.5, pitch * 3)
    for pipe in layout.pipes:
        zs = np.linspace(layout.levels[-1] - 35.0, top, max(8, round(150 / rise)))
        angles = np.arange(max(20, round(120 / rise))) * (2 * np.pi / max(20, round(120 / rise)))
        z, angle = np.meshgrid(zs, angles, indexing="ij")
        x, y = pipe.centre(z)
        points = np.stack([x + pipe.radius_x * np.cos(angle), y + pipe.radius_y * np.sin(angle), z],
                          axis=-1).reshape(-1, 3)  # fmt: skip
        centre = np.column_stack([x.ravel(), y.ravel()])
        bulge = 1 + 0.16 * noise.sample(points, 18.0) + 0.06 * noise.sample(points, 6.0)
        points[:, :2] = centre + (points[:, :2] - centre) * bulge[:, None]
        grade = 0.5 + 0.5 * noise.sample(points, 12.0)
        colours = mix(shade((186, 92, 46), np.ones(len(points))), (238, 196, 70), grade)
        body = mesh(points, grid_triangles(len(zs), len(angles), wrap=True), colours, "ore")
        low, high = GRADE_RANGE
        yield replace(body, values=low + (high - low) * np.clip(grade, 0, 1) ** 2)
