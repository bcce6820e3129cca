"""What the walls underground look like: colour and material by place, slope and height.

Colours only; shapes are `void`.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import MATERIAL, Float64s, UInt8s
from scenes.synthetic.layout import FOOTWALL_X, SUMP_Y, Layout
from scenes.synthetic.meshes import Flags, mix, shade
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.void import Nearest, Void

SHOTCRETE_EVERY = 37.0  # metres: lengths of sprayed and bare rock alternate at about this scale


class Look:
    """Paints vertices of the workings."""

    def __init__(self, layout: Layout, void: Void, noise: Noise) -> None:
        self._layout = layout
        self._void = void
        self._noise = noise
        self.hot_spot = hot_spot(layout)

    def __call__(
        self, points: Float64s, normals: Float64s, nearest: Nearest
    ) -> tuple[UInt8s, UInt8s]:
        """Colours (n, 3) and materials (n,) at points with normals pointing into the air."""
        noise = self._noise
        floor = (normals[:, 2] > 0.72) & (nearest.height < 0.6)
        drift = nearest.primitive < self._void.segments
        broad, fine = noise.sample(points, 7.0), noise.sample(points, 0.9)
        rock = shade((126, 120, 114), 0.95 + 0.18 * broad + 0.14 * fine)
        rock = mix(rock, (140, 118, 96), 0.5 * smoothstep(0.0, 0.7, noise.sample(points, 19.0)))
        vein = smoothstep(0.86, 0.97, noise.ridged(points + 40.0, 4.6))
        rock = mix(rock, (196, 190, 178), 0.55 * vein)
        depth = np.full(len(points), 1e3)
        for pipe in self._layout.pipes:
            depth = np.minimum(depth, pipe.distance(points))
        ore = 1 - smoothstep(-2.0, 1.5, depth + 1.5 * broad)
        sulphide = smoothstep(-0.1, 0.6, noise.sample(points, 3.3) + 0.4 * fine)
        rock = mix(rock, (150, 96, 62), 0.55 * ore)
        rock = mix(rock, (188, 142, 66), 0.5 * ore * sulphide)
        materials = np.where(ore > 0.5, MATERIAL["ore"], MATERIAL["rock"])

        spray = self._sprayed(points, nearest, drift)
        grey = shade((158, 156, 150), 0.96 + 0.07 * broad + 0.05 * fine)
        colours = np.where(spray[:, None], grey, rock)
        materials = np.where(spray, MATERIAL["shotcrete"], materials)

        mud = smoothstep(0.1, 0.6, noise.sample(points * [1, 1, 0.2], 6.0) + 0.25 * fine)
        ground = mix(shade((112, 104, 94), 0.95 + 0.13 * fine), (78, 68, 58), mud)
        colours = np.where(floor[:, None], ground, colours)
        materials = np.where(
            floor, np.where(mud > 0.5, MATERIAL["mud"], MATERIAL["gravel"]), materials
        )
        colours = self._stains(points, normals, nearest, colours, floor)
        return colours, materials.astype(np.uint8)

    def _sprayed(self, points: Float64s, nearest: Nearest, drift: Flags) -> Flags:
        main = np.array([way.main or "refuge" in way.tags for way in self._void.ways])
        owner = np.where(drift, self._void.owner[np.where(drift, nearest.primitive, 0)], 0)
        patch = self._noise.sample(points * [1.0, 1.0, 0.4], SHOTCRETE_EVERY)
        ragged = 0.18 * self._noise.sample(points, 1.7)
        result: Flags = drift & main[owner] & (patch + ragged > 0.12)
        return result

    def _stains(
        self, points: Float64s, normals: Float64s, nearest: Nearest, colours: UInt8s, floor: Flags
    ) -> UInt8s:
        noise = self._noise
        runs = smoothstep(0.15, 0.55, noise.sample(points, (1.1, 1.1, 9.0)))
        sump = np.full(len(points), 1e3)
        for name in self._layout.sumps:
            way = self._layout.ways[name]
            middle = way.points[len(way.points) // 2]
            sump = np.minimum(sump, np.linalg.norm(points - middle, axis=1))
        near_sump = 1 - smoothstep(9.0, 24.0, sump)
        anywhere = smoothstep(0.45, 0.75, noise.sample(points, 14.0))
        wet = np.where(floor, 0.55 * np.maximum(near_sump, 0.7 * anywhere),
                       0.55 * runs * np.maximum(near_sump, anywhere))  # fmt: skip
        colours = mix(colours, (38, 34, 32), wet)
        # Acid water from the opened sulphide wall: ochre on the wall and along its way to the sump.
        source = np.linalg.norm((points - self.hot_spot) * [1, 1, 1.6], axis=1)
        acid = (1 - smoothstep(5.0, 15.0, source)) * np.where(floor, 1.0, 0.35 + 0.65 * runs)
        level = np.abs(points[:, 2] - self._layout.levels[-1]) < 6
        gutter = (nearest.lateral < -1.2) & floor & level & (points[:, 0] > self.hot_spot[0] - 2)
        south = points[:, 1] < -40
        acid = np.maximum(acid, 0.75 * (gutter & south) * (0.6 + 0.4 * runs))
        at_sump = (points[:, 1] < SUMP_Y + 6) & (points[:, 0] < FOOTWALL_X + 1) & level
        low_wall = 1 - smoothstep(0.0, 1.1, points[:, 2] - self._layout.levels[-1])
        acid = np.maximum(acid, 0.6 * at_sump * low_wall)
        return mix(colours, (180, 98, 34), 0.72 * acid)


def hot_spot(layout: Layout) -> Float64s:
    """Where the acid water comes from: a sulphide wall opened in the lowest level, (3,)."""
    drive = next(way for way in layout.ways.values() if way.id == f"l{len(layout.levels)}-a-drive")
    at: Float64s = drive.points[3] + np.array([2.0, 0.0, 1.5])
    return at
