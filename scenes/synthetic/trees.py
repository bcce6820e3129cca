"""Trees and bushes on the slopes and along the river, where nothing was built.

Simple two-tier shapes for scale; the same ones at any density. It never grows anything on roads.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.meshes import Flags, instances, join, mesh
from scenes.synthetic.noise import Noise
from scenes.synthetic.site import Site
from scenes.synthetic.solids import tube

TRIES = 5200
BARK = (92, 74, 56)


def trees(site: Site, noise: Noise, seed: int) -> list[MeshPart]:
    """All trees, scene frame: pines on the slopes, round crowns by the river."""
    random = np.random.default_rng((seed, 77))
    plan = np.column_stack([random.uniform(-900, 1300, TRIES), random.uniform(-900, 900, TRIES)])
    size = random.uniform(0.7, 1.35, TRIES)
    turn = random.uniform(0, 2 * np.pi, TRIES)
    chance = random.uniform(0, 1, TRIES)
    flat = np.column_stack([plan, np.zeros(TRIES)])
    bank = np.abs(plan[:, 1] - site.river_y(plan[:, 0]))
    wood = 0.5 * noise.sample(flat, 170.0) + 0.5 * noise.sample(flat, 60.0)
    by_river = (bank > 16) & (bank < 75) & (chance < 0.8 - 0.008 * bank)
    on_slope = (bank > 120) & (wood > 0.16) & (chance < 0.75)
    free = _free(site, plan)
    result = []
    for chosen, part in ((by_river & free, _round()), (on_slope & free, _pine())):
        where = plan[chosen]
        feet = np.column_stack([where, site.height(where) - 0.25])
        c, s, k = np.cos(turn[chosen]), np.sin(turn[chosen]), size[chosen]
        zero = np.zeros_like(c)
        turns = np.stack(
            [np.stack([c * k, -s * k, zero], -1), np.stack([s * k, c * k, zero], -1),
             np.stack([zero, zero, k], -1)], axis=1
        )  # fmt: skip
        result.append(_unit(instances(part, turns, feet)))
    return result


def _unit(part: MeshPart) -> MeshPart:
    """Normals of unit length again after scaling."""
    assert part.normals is not None
    normals = part.normals / np.linalg.norm(part.normals, axis=1, keepdims=True)
    return MeshPart(part.positions, part.triangles, normals, part.colours, part.materials)


def _free(site: Site, plan: Float64s) -> Flags:
    """Where nothing was built (n,)."""
    free = np.hypot(plan[:, 0], plan[:, 1]) > site.pit_radius + 45
    for pad in site.pads:
        x, y = np.abs(plan[:, 0] - pad.x), np.abs(plan[:, 1] - pad.y)
        free &= (x > pad.half_x + 38) | (y > pad.half_y + 48)
    for road in site.roads:
        free &= site.beside_road(road, plan)[0] > 18
    portal = site.portal_2
    free &= (np.abs(plan[:, 0] - portal[0] - 30) > 80) | (np.abs(plan[:, 1] - portal[1]) > 32)
    result: Flags = free
    return result


def _pine() -> MeshPart:
    green, dark = (74, 98, 56), (58, 82, 48)
    cone = _cone(2.1, 1.4, 6.0, 6, dark)
    top = _cone(1.4, 4.0, 8.4, 6, green)
    trunk = tube(np.array([[0.0, 0, 0], [0, 0, 1.6]]), 0.18, 3, BARK, "soil")
    return join([trunk, cone, top])


def _round() -> MeshPart:
    green, light = (92, 116, 58), (112, 132, 68)
    low = _cone(2.6, 3.2, 1.4, 6, green)
    high = _cone(2.6, 3.2, 6.4, 6, light)
    trunk = tube(np.array([[0.0, 0, 0], [0, 0, 2.0]]), 0.2, 3, BARK, "soil")
    return join([trunk, low, high])


def _cone(
    radius: float, base: float, tip: float, sides: int, colour: tuple[int, int, int]
) -> MeshPart:
    """An open cone from a rim at height `base` to a point at `tip`, above or below it."""
    angle = np.arange(sides) * 2 * np.pi / sides
    rim = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full(sides, base)])
    points = np.concatenate([rim, [[0.0, 0.0, tip]]])
    fan = np.array([(i, (i + 1) % sides, sides) for i in range(sides)])
    if tip < base:
        fan = fan[:, ::-1]
    normals = points - np.array([0.0, 0.0, (base * 2 + tip) / 3 - 0.6])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return mesh(points, fan, colour, "grass", normals)
