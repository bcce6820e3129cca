"""Recognisable machines: a loader, a haul truck, a pickup, pumps, fans, a refuge chamber.

Kits stand on +Z = 0 with +Y forward. Placing them is `equipment`.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.meshes import Colour, instances, join
from scenes.synthetic.solids import box, cylinder, faceted, rotation

YELLOW, BLACK, GREY, GLASS = (226, 172, 38), (34, 34, 36), (96, 96, 98), (52, 66, 78)
LIGHT, RED = (255, 240, 214), (176, 42, 34)


def _wheel(x: float, y: float, radius: float, width: float, sides: int) -> MeshPart:
    inner = width * 0.52
    return join(
        [
            cylinder((x - width / 2, y, radius), (x + width / 2, y, radius), radius, sides, BLACK,
                     "plastic"),
            cylinder((x - inner, y, radius), (x + inner, y, radius), radius * 0.5, sides, YELLOW,
                     "paint"),
        ]
    )  # fmt: skip


def wedge(
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    front_top: float,
    colour: Colour,
    material: str = "paint",
) -> MeshPart:
    """A box whose top falls forward: its front edge is at height `front_top`."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    corners = np.array(
        [
            [x0, y0, z0],
            [x1, y0, z0],
            [x1, y1, z0],
            [x0, y1, z0],
            [x0, y0, z1],
            [x1, y0, z1],
            [x1, y1, front_top],
            [x0, y1, front_top],
        ]
    )
    faces = [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7], [4, 5, 6, 7], [3, 2, 1, 0]]
    return faceted(corners, faces, colour, material)


def loader(sides: int) -> MeshPart:
    """A load-haul-dump machine, 9.6 m long: bucket ahead, engine behind, cab at the side."""
    scoop = np.array([[-1.3, 3.2, 0.25], [1.3, 3.2, 0.25], [1.3, 5.0, 0.12], [-1.3, 5.0, 0.12],
                      [-1.3, 3.0, 1.5], [1.3, 3.0, 1.5]])  # fmt: skip
    both = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 4, 5, 1], [1, 5, 4, 0]]
    flanks = [[0, 3, 4], [4, 3, 0], [1, 5, 2], [2, 5, 1]]
    parts = [
        wedge((-1.15, -4.4, 0.7), (1.15, -0.6, 1.9), 1.75, YELLOW),
        box((-1.0, -4.6, 0.6), (1.0, -4.4, 1.6), GREY, "steel"),
        box((-0.5, -0.7, 0.7), (0.5, 0.7, 1.2), GREY, "steel"),
        box((-0.85, 0.5, 0.7), (0.85, 2.7, 1.55), YELLOW),
        box((-0.28, 1.6, 1.2), (0.28, 3.4, 1.6), YELLOW),
        box((-1.2, -2.2, 1.7), (-0.1, -0.7, 2.3), YELLOW),
        box((-1.22, -2.0, 1.95), (-1.19, -0.9, 2.25), GLASS, "plastic"),
        box((-1.25, -2.3, 2.3), (0.0, -0.6, 2.38), YELLOW),
        box((-1.2, -0.78, 1.85), (-1.12, -0.7, 2.3), YELLOW),
        faceted(scoop, both + flanks, (120, 112, 104), "steel"),
        box((-1.3, 4.85, 0.08), (1.3, 5.05, 0.2), (150, 142, 130), "steel"),
        *(_wheel(x, y, 0.8, 0.6, sides) for x in (-1.05, 1.05) for y in (-2.6, 1.5)),
        *(box((x - 0.12, 2.7, 1.3), (x + 0.12, 2.78, 1.48), LIGHT, "lamp") for x in (-0.6, 0.6)),
        *(box((x - 0.1, -4.66, 1.4), (x + 0.1, -4.6, 1.55), RED, "paint") for x in (-0.7, 0.7)),
        cylinder((0.7, -3.4, 1.85), (0.7, -3.4, 2.25), 0.09, 8, GREY),
    ]
    return join(parts)


def truck(sides: int) -> MeshPart:
    """An articulated underground haul truck, 9 m long."""
    parts = [
        wedge((-1.2, 1.6, 0.75), (1.2, 4.4, 1.9), 1.55, YELLOW),
        box((-1.2, 1.4, 1.5), (-0.15, 2.7, 2.5), YELLOW),
        box((-1.18, 2.68, 1.9), (-0.2, 2.74, 2.4), GLASS, "plastic"),
        box((-1.24, 1.6, 1.9), (-1.19, 2.5, 2.4), GLASS, "plastic"),
        box((-0.5, 0.6, 0.7), (0.5, 1.7, 1.2), GREY, "steel"),
        box((-0.6, -4.0, 0.7), (0.6, 0.6, 1.1), GREY, "steel"),
        wedge((-1.4, -4.6, 1.25), (1.4, 0.4, 1.5), 1.5, (206, 152, 34)),
        box((-1.45, -4.6, 1.4), (-1.3, 0.5, 2.5), (206, 152, 34)),
        box((1.3, -4.6, 1.4), (1.45, 0.5, 2.5), (206, 152, 34)),
        box((-1.45, 0.4, 1.4), (1.45, 0.55, 2.75), (206, 152, 34)),
        wedge((-1.28, -4.2, 1.45), (1.28, 0.4, 2.35), 2.7, (132, 116, 96), "gravel"),
        *(_wheel(x, y, 0.85, 0.62, sides) for x in (-1.05, 1.05) for y in (-2.9, 3.0)),
        *(box((x - 0.16, 4.4, 1.1), (x + 0.16, 4.47, 1.3), LIGHT, "lamp") for x in (-0.8, 0.8)),
    ]
    return join(parts)


def pickup(sides: int) -> MeshPart:
    """A light vehicle with a flashing lamp."""
    white = (214, 214, 208)
    parts = [
        box((-0.9, -2.5, 0.55), (0.9, 2.4, 1.0), white),
        wedge((-0.88, 0.9, 1.0), (0.88, 2.4, 1.15), 1.05, white),
        box((-0.85, -0.8, 1.0), (0.85, 0.9, 1.75), white),
        box((-0.87, -0.65, 1.2), (0.87, 0.75, 1.62), GLASS, "plastic"),
        box((-0.9, -2.5, 1.0), (-0.8, -0.8, 1.35), white),
        box((0.8, -2.5, 1.0), (0.9, -0.8, 1.35), white),
        box((-0.12, -0.1, 1.75), (0.12, 0.1, 1.92), (255, 176, 60), "lamp"),
        *(_wheel(x, y, 0.4, 0.26, sides) for x in (-0.8, 0.8) for y in (-1.6, 1.6)),
    ]
    return join(parts)


def pump(sides: int) -> MeshPart:
    """A pump and its motor on a skid, 2.4 m long, the outlet upward at its front."""
    return join(
        [
            box((-0.5, -1.2, 0.0), (0.5, 1.2, 0.12), GREY, "steel"),
            cylinder((0, -1.1, 0.55), (0, 0.1, 0.55), 0.34, sides, (46, 96, 150), "paint"),
            cylinder((0, 0.1, 0.55), (0, 0.4, 0.55), 0.1, sides, GREY),
            cylinder((0, 0.4, 0.55), (0, 0.85, 0.55), 0.42, sides, (64, 128, 92), "paint"),
            cylinder((0, 0.62, 0.55), (0, 0.62, 1.5), 0.11, sides, (64, 128, 92), "paint"),
            box((-0.3, -1.0, 0.1), (0.3, 0.0, 0.3), GREY, "steel"),
        ]
    )


def fan(sides: int) -> MeshPart:
    """An underground main fan, 1.8 m across, blowing towards +Y, on its frame."""
    blades = [
        instances(box((-0.10, -0.06, 0.2), (0.10, 0.02, 0.82), (190, 190, 186), "steel"),
                  _about_y(angle)[None], np.array([[0.0, -1.22, 1.5]]))
        for angle in np.arange(8) * 45.0
    ]  # fmt: skip
    return join(
        [
            cylinder((0, -0.7, 1.5), (0, 1.5, 1.5), 0.92, max(12, sides * 2), (216, 156, 40),
                     "paint"),
            cylinder((0, -1.2, 1.5), (0, -0.7, 1.5), (1.2, 0.95), max(12, sides * 2), (46, 46, 48)),
            cylinder((0, 1.5, 1.5), (0, 2.6, 1.5), (0.92, 0.62), max(12, sides * 2), GREY),
            cylinder((0, -1.36, 1.5), (0, -1.19, 1.5), 0.26, sides, RED, "paint"),
            *blades,
            box((-0.9, -0.5, 0.0), (-0.7, 1.3, 0.9), GREY, "steel"),
            box((0.7, -0.5, 0.0), (0.9, 1.3, 0.9), GREY, "steel"),
        ]
    )  # fmt: skip


def _about_y(degrees: float) -> Float64s:
    a = np.radians(degrees)
    return np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])


def refuge(sides: int) -> MeshPart:
    """A refuge chamber that people can walk into, 7 m long; its doorway faces -Y at the origin."""
    white, green = (222, 222, 214), (30, 140, 74)
    parts = [
        box((-1.3, 0.0, -0.05), (1.3, 7.0, 0.04), GREY, "steel"),
        box((-1.3, 0.0, 2.3), (1.3, 7.0, 2.42), white),
        box((-1.3, 0.0, 0.0), (-1.22, 7.0, 2.3), white),
        box((1.22, 0.0, 0.0), (1.3, 7.0, 2.3), white),
        box((-1.3, 6.92, 0.0), (1.3, 7.0, 2.3), white),
        box((-1.3, 0.0, 0.0), (-0.5, 0.08, 2.3), white),
        box((0.5, 0.0, 0.0), (1.3, 0.08, 2.3), white),
        box((-0.5, 0.0, 2.05), (0.5, 0.08, 2.3), white),
        box((-1.32, -0.02, 1.05), (-0.5, 0.0, 1.45), green),
        box((0.5, -0.02, 1.05), (1.32, 0.0, 1.45), green),
        box((-1.34, 0.0, 1.05), (-1.3, 7.0, 1.45), green),
        box((1.3, 0.0, 1.05), (1.34, 7.0, 1.45), green),
        box((-0.55, -0.12, 2.5), (0.55, 0.0, 2.85), green),
        box((-0.5, -0.16, 2.55), (0.5, -0.12, 2.8), (120, 255, 160), "lamp"),
        box((-1.2, 1.0, 0.0), (-0.75, 6.6, 0.45), (70, 96, 120), "plastic"),
        box((0.75, 1.0, 0.0), (1.2, 6.6, 0.45), (70, 96, 120), "plastic"),
        box((-0.4, 3.2, 2.22), (0.4, 3.5, 2.3), (255, 250, 230), "lamp"),
        box((-0.35, 6.6, 0.0), (0.35, 6.92, 1.7), (190, 190, 180)),
        *(cylinder((x, 6.4, 0.0), (x, 6.4, 1.4), 0.11, max(8, sides), (40, 90, 150), "paint")
          for x in (-1.0, 1.0)),
    ]  # fmt: skip
    return join(parts)


def sensor_post(sides: int, standing: float) -> MeshPart:
    """An instrument whose display looks towards +Y at the origin; a post of `standing` metres
    holds it up, 0: it hangs on the wall."""
    parts = [
        box((-0.16, -0.09, -0.12), (0.16, 0.05, 0.14), (214, 176, 52)),
        box((-0.12, 0.05, -0.06), (0.12, 0.06, 0.1), (40, 60, 52), "plastic"),
        box((-0.02, 0.0, 0.14), (0.02, 0.04, 0.2), (255, 250, 230), "paint"),
    ]
    if standing > 0:
        parts += [
            cylinder((0, -0.06, -standing), (0, -0.06, 0.25), 0.035, max(6, sides), GREY),
            box((-0.2, -0.26, -standing), (0.2, 0.14, -standing + 0.05), (150, 148, 142),
                "concrete"),
        ]  # fmt: skip
    return join(parts)


def barricade() -> MeshPart:
    """A red and white barrier, 3.4 m wide across +X."""
    bars = [
        box((-1.7 + 0.425 * i, -0.03, z), (-1.7 + 0.425 * (i + 1), 0.03, z + 0.16),
            RED if i % 2 == 0 else (220, 220, 214))
        for i in range(8) for z in (0.5, 1.0)
    ]  # fmt: skip
    posts = [box((x - 0.04, -0.04, 0.0), (x + 0.04, 0.04, 1.3), GREY, "steel") for x in (-1.6, 1.6)]
    return join(bars + posts)


def placed(part: MeshPart, azimuth: float, at: tuple[float, float, float]) -> MeshPart:
    """The kit turned to a grid azimuth and stood at a point."""
    return instances(part, rotation(azimuth)[None], np.array([at], dtype=np.float64))
