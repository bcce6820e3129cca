"""Where things stand on the surface, and the shape of the ground: one height function of (x, y).

The pit, the dam and the dump are meshes of their own (`earthworks`); here the ground only makes
room for them. All coordinates are the scene frame, metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.geometry import Float64s
from scenes.synthetic.layout import Layout
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.ways import fillet

RIVER_Y = -430.0


@dataclass(frozen=True)
class Pad:
    """Level ground: a rectangle with soft edges."""

    id: str
    x: float
    y: float
    half_x: float
    half_y: float
    z: float
    soft: float = 30.0


@dataclass(frozen=True)
class Road:
    """A haul road: plan centreline with elevations (n, 3)."""

    id: str
    points: Float64s
    half_width: float = 5.0


class Site:
    """The surface of the mine: pads, roads, river and ground height."""

    def __init__(self, parameters: MineParameters, layout: Layout, noise: Noise) -> None:
        self._noise = noise
        zero = parameters.origin[2]
        self.rim = parameters.pit.rim_m - zero
        self.pit_bottom = parameters.pit.bottom_m - zero
        pit = parameters.pit
        face = pit.bench_height_m / np.tan(np.radians(pit.face_angle_deg))
        self.pit_radius = (
            pit.bottom_radius_m * 1.12
            + pit.bench_count * face
            + (pit.bench_count - 1) * pit.berm_width_m
            + 2 * pit.ramp_width_m
        )
        portal = layout.portals["portal-2"]
        base = portal[2]
        self.portal_2 = portal
        self.pads = (
            Pad("portal-yard", portal[0] + 78, portal[1] - 5, 26, 24, base - 0.4, 25),
            Pad("mill", 436, -85, 68, 52, base - 2.5),
            Pad("wtp", 250, -345, 42, 20, float(self.river_level(250.0)) + 5.5, 24),
            Pad("ponds", 140, -352, 62, 22, float(self.river_level(140.0)) + 4.0, 24),
            Pad("fan", 133, 5, 9, 9, self.rim, 18),
            Pad("dam", 690, -150, 105, 85, base - 4.0, 110),
            Pad("dump", -330, -60, 90, 80, self.rim - 3.0, 60),
        )
        self.pad = {pad.id: pad for pad in self.pads}
        self.roads = self._make_roads()

    def river_y(self, x: Float64s | float) -> Float64s:
        """Northing of the river's middle at easting x."""
        where = np.asarray(x, dtype=np.float64)
        result: Float64s = RIVER_Y + 38 * np.sin(where / 240.0) + 16 * np.sin(where / 93.0 + 1)
        return result

    def river_level(self, x: Float64s | float) -> Float64s:
        """Elevation of the river's water at easting x: it runs east."""
        value: Float64s = self.rim - 56.0 - 0.0045 * np.asarray(x, dtype=np.float64)
        return value

    def natural(self, points: Float64s) -> Float64s:
        """Height (n,) of the ground at points (n, 2) before anything was built."""
        x, y = points[:, 0], points[:, 1]
        base = self.portal_2[2]
        upland = self.rim + (base - 4.0 - self.rim) * smoothstep(235.0, 430.0, x)
        away = np.abs(y - self.river_y(x))
        river = self.river_level(x)
        valley = smoothstep(30.0, 330.0, away)
        flat = np.column_stack([points, np.zeros(len(points))])
        far = smoothstep(250.0, 1100.0, np.hypot(x - 150, y + 50))
        rolling = (2.2 + 26.0 * far) * self._noise.sample(flat, 330.0)
        rolling += (1.0 + 5.0 * far) * self._noise.sample(flat, 120.0)
        rolling += 0.5 * self._noise.sample(flat, 31.0)
        hills = 95.0 * smoothstep(180.0, 1200.0, y) * (0.75 + 0.5 * self._noise.sample(flat, 410.0))
        south = 70.0 * smoothstep(150.0, 900.0, RIVER_Y - y)
        high = upland + rolling + hills + south
        channel = 2.6 * np.exp(-((away / 9.0) ** 4))
        return river + 1.1 + (high - river - 1.1) * valley - channel

    def height(self, points: Float64s) -> Float64s:
        """Height (n,) of the built ground at points (n, 2)."""
        z = self.natural(points)
        x, y = points[:, 0], points[:, 1]
        around = np.hypot(x, y) - self.pit_radius
        z += (self.rim - z) * (1 - smoothstep(8.0, 70.0, around))
        for pad in self.pads:
            away = np.hypot(
                np.maximum(np.abs(x - pad.x) - pad.half_x, 0),
                np.maximum(np.abs(y - pad.y) - pad.half_y, 0),
            )
            z += (pad.z - z) * (1 - smoothstep(2.0, pad.soft, away))
        for road in self.roads:
            away, level = self.beside_road(road, points)
            z += (level - z) * (1 - smoothstep(8.0, 24.0, away))
        return z

    def beside_road(self, road: Road, points: Float64s) -> tuple[Float64s, Float64s]:
        """Distance (n,) from a road's centreline and the road's level there (n,)."""
        line = road.points
        low, high = line[:, :2].min(axis=0) - 40, line[:, :2].max(axis=0) + 40
        near = np.nonzero(np.all((points >= low) & (points <= high), axis=1))[0]
        away, level = np.full(len(points), 1e3), np.zeros(len(points))
        best = away[near]
        height = level[near]
        where = points[near]
        for first, last in zip(line[:-1:4], [*line[4::4], line[-1]], strict=False):
            step = last[:2] - first[:2]
            t = np.clip((where - first[:2]) @ step / max(float(step @ step), 1e-9), 0, 1)
            here = np.linalg.norm(where - first[:2] - t[:, None] * step, axis=1)
            closer = here < best
            best = np.where(closer, here, best)
            height = np.where(closer, first[2] + t * (last[2] - first[2]), height)
        away[near], level[near] = best, height
        return away, level

    def _make_roads(self) -> tuple[Road, ...]:
        portal = self.portal_2
        mill, wtp, dam = self.pad["mill"], self.pad["wtp"], self.pad["dam"]
        dump = self.pad["dump"]
        edge = self.pit_radius + 14.0
        lines = {
            "haul-road": [(-0.3 * edge, -edge), (40, -edge - 18), (220, -150), (mill.x - 55, -95)],
            "portal-road": [
                (portal[0] + 55, portal[1]), (portal[0] + 84, portal[1]), (472, 40), (452, -45),
            ],
            "wtp-road": [(mill.x - 30, mill.y - 40), (355, -210), (290, -290), (wtp.x, wtp.y + 8)],
            "dam-road": [(mill.x + 50, mill.y - 10), (510, -120), (dam.x - 92, dam.y + 20)],
            "dump-road": [(-0.3 * edge, -edge), (-edge - 30, -edge + 30), (dump.x + 85, dump.y)],
        }  # fmt: skip
        ends = {
            "haul-road": (self.rim, mill.z), "portal-road": (portal[2], mill.z),
            "wtp-road": (mill.z, wtp.z), "dam-road": (mill.z, dam.z),
            "dump-road": (self.rim, dump.z),
        }  # fmt: skip
        roads = []
        for name, corners in lines.items():
            plan = fillet(corners, 22.0, step=3.0)
            ground = self.natural(plan)
            first, last = ends[name]
            t = np.linspace(0, 1, len(plan))
            ground[:] = np.where(t < 0.5, ground + (first - ground) * (1 - smoothstep(0, 0.4, t)),
                                 ground + (last - ground) * smoothstep(0.6, 1.0, t))  # fmt: skip
            window = min(41, len(plan) // 2 * 2 - 1)
            padded = np.pad(ground, window // 2, mode="edge")
            level = np.convolve(padded, np.ones(window) / window, mode="valid")
            keep = smoothstep(0.0, 0.12, np.minimum(t, 1 - t))
            ends_level = np.where(t < 0.5, first, last)
            level = ends_level + (level - ends_level) * keep
            roads.append(Road(name, np.column_stack([plan, level])))
        return tuple(roads)
