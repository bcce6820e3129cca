"""The ground's surface as a mesh with finer cells near the mine, and haul roads on it.

Cuts clean holes where the pit, a portal cutting or the raise opens. It never shapes the ground
(`site`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes.geometry import MATERIAL, Float64s, MeshPart
from scenes.synthetic.layout import RAISE_RADIUS, RAISE_X, RAISE_Y, Layout
from scenes.synthetic.meshes import Flags, clip, grid_triangles, mesh, mix, select, shade
from scenes.synthetic.noise import Noise, smoothstep
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.pit import rim_radius
from scenes.synthetic.site import Road, Site

CORE = ((-470.0, 850.0), (-520.0, 330.0))  # finely meshed, x and y
OUTER = ((-2400.0, 2700.0), (-2300.0, 2300.0))
BLOCK = 260  # grid lines a block of terrain
CUT_GRADE = 0.012  # fall of a portal cutting's floor, outward


def axis_lines(axis: int, pitch: float) -> Float64s:
    """Grid lines along x (0) or y (1): `pitch` apart in the core, wider and wider outside."""
    low, high = CORE[axis]
    inner = np.linspace(low, high, max(2, round((high - low) / pitch)) + 1)
    growth = []
    for reach in (low - OUTER[axis][0], OUTER[axis][1] - high):
        count = max(4, round(np.log(1 + 0.09 * reach / pitch) / np.log(1.09) * 0.9))
        steps = 1.1 ** np.arange(count)
        growth.append(np.cumsum(steps) / steps.sum() * reach)
    return np.concatenate([low - growth[0][::-1], inner, high + growth[1]])


def terrain_size(pitch: float) -> int:
    """Triangles of the terrain at a pitch, before holes."""
    return 2 * (len(axis_lines(0, pitch)) - 1) * (len(axis_lines(1, pitch)) - 1)


def terrain(
    parameters: MineParameters, layout: Layout, site: Site, noise: Noise, pitch: float
) -> Iterator[MeshPart]:
    """The ground in blocks, scene frame."""
    xs, ys = axis_lines(0, pitch), axis_lines(1, pitch)
    for i in range(0, len(xs) - 1, BLOCK):
        for j in range(0, len(ys) - 1, BLOCK):
            x, y = xs[i : i + BLOCK + 1], ys[j : j + BLOCK + 1]
            grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
            plan = grid.transpose(1, 0, 2).reshape(-1, 2)
            part = _block(site, noise, plan, len(y), len(x))
            part = clip(part, keep_ground(parameters, layout, site, part.positions))
            if len(part.triangles):
                yield part


def _block(site: Site, noise: Noise, plan: Float64s, rows: int, columns: int) -> MeshPart:
    z = site.height(plan)
    step = 0.8
    gx = (site.height(plan + np.array([step, 0.0])) - z) / step
    gy = (site.height(plan + np.array([0.0, step])) - z) / step
    normals = np.column_stack([-gx, -gy, np.ones(len(z))])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points = np.column_stack([plan, z])
    colours, materials = _ground_look(site, noise, points, normals)
    return mesh(points, grid_triangles(rows, columns), colours, materials, normals)


def _ground_look(site: Site, noise: Noise, points: Float64s, normals: Float64s):  # type: ignore[no-untyped-def]
    flat = points * [1.0, 1.0, 0.0]
    broad, fine = noise.sample(flat, 140.0), noise.sample(flat, 17.0)
    slope = 1.0 - normals[:, 2] + 0.03 * fine
    grass = shade((116, 124, 72), 0.95 + 0.16 * broad + 0.10 * fine)
    grass = mix(grass, (158, 146, 92), smoothstep(-0.2, 0.6, broad + 0.4 * fine))
    soil = smoothstep(0.05, 0.10, slope)
    rock = smoothstep(0.13, 0.22, slope)
    colours = mix(mix(grass, (134, 112, 82), soil), (128, 120, 110), rock)
    bank = np.abs(points[:, 1] - site.river_y(points[:, 0]))
    wet = 1 - smoothstep(12.0, 30.0, bank + 6 * fine)
    colours = mix(colours, (86, 104, 58), 0.8 * (1 - smoothstep(25.0, 80.0, bank + 10 * broad)))
    colours = mix(colours, (142, 132, 112), wet)
    worked = np.zeros(len(points))
    for pad in site.pads:
        away = np.hypot(
            np.maximum(np.abs(points[:, 0] - pad.x) - pad.half_x, 0),
            np.maximum(np.abs(points[:, 1] - pad.y) - pad.half_y, 0),
        )
        worked = np.maximum(worked, 1 - smoothstep(0.0, 14.0, away + 5 * fine))
    around = np.hypot(points[:, 0], points[:, 1]) - site.pit_radius
    worked = np.maximum(worked, 1 - smoothstep(5.0, 45.0, around + 9 * fine))
    colours = mix(colours, (150, 138, 118), 0.9 * worked)
    materials = np.where(rock > 0.5, MATERIAL["rock"], MATERIAL["grass"])
    materials = np.where((soil > 0.5) & (rock <= 0.5), MATERIAL["soil"], materials)
    materials = np.where((worked > 0.5) | (wet > 0.5), MATERIAL["gravel"], materials)
    return colours, materials.astype(np.uint8)


def keep_ground(
    parameters: MineParameters, layout: Layout, site: Site, points: Float64s
) -> Float64s:
    """Positive (n,) where the ground stays; zero along the edges of its holes."""
    x, y = points[:, 0], points[:, 1]
    angle = np.arctan2(y, x)
    keep = np.hypot(x, y) - (rim_radius(parameters.pit, angle) + 4.3)
    keep = np.minimum(keep, np.hypot(x - RAISE_X, y - RAISE_Y) - (RAISE_RADIUS + 0.5))
    cut = cutting_height(layout.portals["portal-2"], points)
    near = (x > layout.portals["portal-2"][0] - 30) & (x < site.pad["portal-yard"].x + 20)
    # The ground reaches half a metre over the cutting's edge, so that no slit can show.
    return np.where(near, np.minimum(keep, cut - points[:, 2] + 0.35), keep)


def cutting_height(portal: tuple[float, float, float], points: Float64s) -> Float64s:
    """Height (n,) of the portal cutting's floor, sides and face at points (n, 2 or 3)."""
    out = points[:, 0] - portal[0]
    aside = np.abs(points[:, 1] - portal[1])
    floor = portal[2] - CUT_GRADE * np.maximum(out, 0.0)
    # Beyond the yard the cutting ends: lift it off the ground so that nothing is cut there.
    ending = 2.0 * np.maximum(out - 96.0, 0.0)
    result: Float64s = floor + np.maximum(
        np.maximum(1.6 * (aside - 6.0), 2.75 * -out), 0.0
    ) + ending  # fmt: skip
    return result


def portal_cutting(layout: Layout, site: Site, noise: Noise, pitch: float) -> MeshPart:
    """The cutting before the hillside portal: floor, sloped sides and the rock face."""
    portal = layout.portals["portal-2"]
    fine = min(pitch, 0.7)
    out = np.concatenate([np.linspace(-16, 0, max(8, round(16 / fine * 1.5))),
                          np.linspace(0, 100, max(20, round(50 / fine)))[1:]])  # fmt: skip
    aside = np.concatenate([np.linspace(-22, -6, max(6, round(16 / fine))),
                            np.linspace(-6, 6, max(6, round(12 / fine)))[1:-1],
                            np.linspace(6, 22, max(6, round(16 / fine)))])  # fmt: skip
    grid = np.stack(np.meshgrid(aside, out, indexing="ij"), axis=-1)
    plan = np.column_stack([grid[..., 1].ravel() + portal[0], grid[..., 0].ravel() + portal[1]])
    z = cutting_height(portal, plan)
    points = np.column_stack([plan, z])
    bare = z - (portal[2] - CUT_GRADE * np.maximum(plan[:, 0] - portal[0], 0))
    rough = noise.rock(points * 0.6, fine * 0.6)
    graded = 1 - smoothstep(6.0, 16.0, plan[:, 0] - portal[0])
    points[:, 2] += 0.9 * rough * smoothstep(0.5, 4.0, bare)
    points[:, 2] += 0.04 * noise.sample(points, 2.0) * (1 - graded) - 0.05 * graded
    part = mesh(points, grid_triangles(len(aside), len(out)))
    assert part.normals is not None
    steep = part.normals[:, 2] < 0.8
    tint = noise.sample(points, 2.1)
    colours = np.where(steep[:, None], shade((138, 121, 99), 0.95 + 0.2 * tint),
                       shade((142, 130, 110), 0.95 + 0.12 * tint))  # fmt: skip
    materials = np.where(steep, MATERIAL["rock"], MATERIAL["gravel"]).astype(np.uint8)
    part = mesh(points, part.triangles.astype(np.int64), colours, materials, part.normals)
    return clip(part, site.height(plan) + 0.35 - z)


def road_mesh(road: Road, site: Site, noise: Noise, pitch: float) -> MeshPart:
    """A road as a low embankment whose sides run under the ground."""
    count = max(2, round(len(road.points) * 3.0 / max(pitch, 1.5)))
    where = np.linspace(0, len(road.points) - 1, count)
    index = np.arange(len(road.points))
    line = np.stack([np.interp(where, index, road.points[:, a]) for a in range(3)], axis=1)
    # Both ends dip under the ground that they lead to.
    inward = np.minimum(index[-1] - where, where) * 3.0
    line[:, 2] -= 1.1 * (1 - smoothstep(0.0, 10.0, inward))
    ahead = np.gradient(line[:, :2], axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    w = road.half_width
    section = [(w + 4.5, -2.2), (w + 1.2, 0.5), (w + 0.9, 0.95), (w + 0.4, 0.95), (w, 0.45),
               (0.0, 0.55), (-w, 0.45), (-w - 1.2, 0.4), (-w - 4.5, -2.2)]  # fmt: skip
    rows = [np.column_stack([line[:, :2] + left * away, line[:, 2] + up]) for away, up in section]
    points = np.stack(rows[::-1]).reshape(-1, 3)
    triangles = grid_triangles(len(section), count)
    tint = noise.sample(points, 5.0)
    return mesh(points, triangles, shade((146, 132, 108), 0.97 + 0.1 * tint), "gravel")


def above_ground(site: Site, points: Float64s) -> Flags:
    """Whether points (n, 3) stand above the built ground."""
    result: Flags = points[:, 2] > site.height(points[:, :2])
    return result


__all__ = [
    "above_ground", "cutting_height", "keep_ground", "portal_cutting", "road_mesh", "select",
    "terrain", "terrain_size",
]  # fmt: skip
