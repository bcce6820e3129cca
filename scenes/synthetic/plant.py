"""What was built on the surface: earthworks, mill, tailings dam, water treatment, fan, power line.

Simple solids at the places that `site` gives. It never shapes the ground.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.layout import RAISE_RADIUS, RAISE_X, RAISE_Y, Layout
from scenes.synthetic.meshes import Colour, join, mesh, mix, shade
from scenes.synthetic.noise import Noise
from scenes.synthetic.site import Site
from scenes.synthetic.solids import (
    box,
    cylinder,
    ring_mound,
    rounded_rectangle,
    shed,
    tube,
    turned,
)

Point = tuple[float, float, float]
CONCRETE, STEEL, DARK = (170, 168, 162), (128, 130, 132), (60, 66, 72)
CREAM, BLUE_ROOF, RED_ROOF, GREEN = (206, 198, 178), (72, 102, 134), (138, 72, 58), (82, 120, 98)


def plant(layout: Layout, site: Site, noise: Noise, pitch: float) -> Iterator[MeshPart]:
    """All of it, scene frame."""
    yield from earthworks(site, noise, pitch)
    yield mill(site)
    yield treatment(site)
    yield fan_house(site)
    yield yard(layout, site)
    yield power_line(site, _line_corners(site))


def earthworks(site: Site, noise: Noise, pitch: float) -> Iterator[MeshPart]:
    """Dam, waste-rock dump and pond embankments."""
    dam, dump, basin = site.pad["dam"], site.pad["dump"], site.pad["ponds"]
    outline = rounded_rectangle(dam.x, dam.y, 92, 72, 34)
    part = ring_mound(
        outline,
        [(58, dam.z - 12), (33, dam.z - 0.5), (19, dam.z + 5.6), (15, dam.z + 5.7),
         (4, dam.z + 11), (-4, dam.z + 11), (-12, dam.z + 8.4), (-28, dam.z + 7.3),
         (-33, dam.z + 6.2)],
        pitch, (150, 134, 108), "gravel",
    )  # fmt: skip
    offset = np.abs(part.positions[:, :2] - [dam.x, dam.y])
    inner = (offset[:, 0] < 84) & (offset[:, 1] < 64)
    tails = shade((176, 170, 154), 0.97 + 0.10 * noise.sample(part.positions, 16.0))
    assert part.colours is not None and part.materials is not None and part.normals is not None
    colours = np.where(
        inner[:, None],
        tails,
        shade((148, 132, 106), 0.95 + 0.14 * noise.sample(part.positions, 7.0)),
    )
    damp = np.hypot(part.positions[:, 0] - (dam.x - 55), (part.positions[:, 1] - dam.y + 108) / 1.6)
    damp = np.where(part.positions[:, 1] < dam.y - 84, np.exp(-((damp / 11) ** 2)), 0.0)
    colours = mix(colours, (122, 70, 34), 0.85 * damp)
    yield mesh(part.positions, part.triangles.astype(np.int64), colours, part.materials,
               part.normals)  # fmt: skip
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    reach = 1 + 0.10 * np.sin(2 * angle + 1) + 0.06 * np.sin(5 * angle)
    outline = np.column_stack([dump.x + 74 * reach * np.cos(angle),
                               dump.y + 60 * reach * np.sin(angle)])  # fmt: skip
    heap = ring_mound(
        outline,
        [(36, dump.z - 24), (4, dump.z), (-7, dump.z + 9), (-17, dump.z + 9.4),
         (-28, dump.z + 18), (-37, dump.z + 18.3), (-45, dump.z + 25)],
        pitch, (134, 124, 110), "rock",
    )  # fmt: skip
    bumps = noise.sample(heap.positions, 5.0) + 0.5 * noise.sample(heap.positions, 1.9)
    moved = heap.positions + np.array([0, 0, 0.8]) * bumps[:, None]
    yield mesh(moved, heap.triangles.astype(np.int64), shade((138, 126, 110), 0.95 + 0.13 * bumps),
               "rock")  # fmt: skip
    for dx in (40.0, 0.0, -40.0):
        yield ring_mound(
            rounded_rectangle(basin.x + dx, basin.y, 17, 17, 6),
            [(4.5, basin.z - 1.5), (1.0, basin.z + 1.7), (-1.0, basin.z + 1.7),
             (-5.5, basin.z + 0.25)],
            min(pitch, 3.0), (150, 140, 122), "gravel",
        )  # fmt: skip


def _windows(x0: float, x1: float, y: float, z: float, every: float, out: float) -> list[MeshPart]:
    a, b = sorted((y, y + 0.06 * out))
    return [
        box((x, a, z), (x + every * 0.55, b, z + 1.3), (66, 84, 98), "plastic")
        for x in np.arange(x0 + 1, x1 - every, every)
    ]


def mill(site: Site) -> MeshPart:
    """Crusher, conveyor, stockpile, grinding hall, leach tanks and thickeners on their pad."""
    pad = site.pad["mill"]
    parts = [
        shed((-6, -16, 0), (18, 24, 15), 4.0, CREAM, BLUE_ROOF),
        shed((18, -16, 0), (36, 14, 10), 3.0, (190, 186, 172), BLUE_ROOF),
        box((20, -16.1, 0), (26, -15.9, 5), DARK, "paint"),
        *_windows(-5, 17, -16, 9.5, 3.2, -1.0),
        *_windows(19, 35, -16, 7.0, 3.2, -1.0),
        shed((-62, 18, 0), (-50, 32, 13), 2.0, (176, 150, 96), RED_ROOF),
        box((-66, 20, 0), (-62, 30, 6), CONCRETE, "concrete"),
        cylinder((-30, 22, -0.5), (-30, 22, 11), (15.0, 0.4), 28, (140, 118, 92), "gravel"),
        *_conveyor((-52, 25, 9.0), (-30, 22, 14.5)),
        *_conveyor((-24, 20, 1.5), (-2, 10, 14.0)),
        shed((42, 22, 0), (60, 40, 6), 2.0, CREAM, RED_ROOF),
        *_windows(43, 59, 22, 2.0, 3.0, -1.0),
    ]
    for x, y in ((4.0, -40.0), (32.0, -42.0)):
        parts += [
            cylinder((x, y, -0.5), (x, y, 3.4), 11.5, 40, (150, 154, 152)),
            cylinder((x, y, 3.35), (x, y, 3.45), 11.1, 40, (92, 108, 104), "water"),
            box((x - 11.6, y - 0.8, 3.9), (x + 11.6, y + 0.8, 4.3), (188, 160, 60)),
            box((x - 1.2, y - 1.2, 4.3), (x + 1.2, y + 1.2, 6.0), (188, 160, 60)),
        ]
    for i in range(3):
        for j in range(2):
            x, y = 46.0 + 9.5 * i, -10.0 + 10 * j
            parts.append(cylinder((x, y, -0.5), (x, y, 9.5), 4.2, 24, (160, 164, 160)))
            parts.append(box((x - 4.4, y - 0.6, 9.5), (x + 4.4, y + 0.6, 9.8), STEEL, "steel"))
    parts.append(box((40, -5.6, 9.8), (70, -4.4, 10.0), STEEL, "steel"))
    parts.append(cylinder((-10, -28, 0), (-10, -28, 18), 3.6, 20, (186, 186, 180)))
    parts.append(cylinder((-10, -28, 18), (-10, -28, 20.5), (3.7, 0.4), 20, (150, 150, 146)))
    return turned(join(parts), 0.0, (pad.x, pad.y, pad.z))


def _conveyor(
    first: tuple[float, float, float], last: tuple[float, float, float]
) -> list[MeshPart]:
    a, b = np.array(first), np.array(last)
    run = float(np.hypot(*(b - a)[:2]))
    azimuth = float(np.degrees(np.arctan2((b - a)[0], (b - a)[1])))
    pitch = float(np.degrees(np.arctan2((b - a)[2], run)))
    length = float(np.linalg.norm(b - a))
    gallery = join(
        [
            box((-1.4, 0, -0.3), (1.4, length, 0.0), STEEL, "steel"),
            box((-1.4, 0, 0.0), (1.4, length, 2.2), (196, 168, 70), "paint"),
            box((-1.6, 0, 2.2), (1.6, length, 2.35), (110, 116, 120), "steel"),
        ]
    )
    parts = [turned(gallery, azimuth, first, pitch)]
    for t in (0.3, 0.65):
        x, y, z = a + (b - a) * t
        parts.append(box((x - 0.25, y - 1.2, -0.5), (x + 0.25, y - 0.8, z - 0.3), STEEL, "steel"))
        parts.append(box((x - 0.25, y + 0.8, -0.5), (x + 0.25, y + 1.2, z - 0.3), STEEL, "steel"))
    return parts


def treatment(site: Site) -> MeshPart:
    """The water-treatment plant: hall, reactors, lamella tanks, lime silo and outlet channel."""
    pad = site.pad["wtp"]
    parts = [
        shed((-12, 2, 0), (12, 16, 6), 2.2, (198, 206, 204), GREEN),
        *_windows(-11, 11, 2, 2.4, 3.4, -1.0),
        box((-2, 1.9, 0), (2, 2.1, 3.4), DARK, "paint"),
        cylinder((18, 8, 0), (18, 8, 11), 2.2, 20, (200, 200, 194)),
        cylinder((18, 8, 11), (18, 8, 13), (2.2, 0.3), 20, (160, 160, 156)),
        box((-26, -8, 0), (-14, 0, 2.6), CONCRETE, "concrete"),
        box((-25.4, -7.4, 2.5), (-14.6, -0.6, 2.62), (104, 112, 84), "water"),
    ]
    for i in range(3):
        x = -6.0 + 9.0 * i
        parts.append(cylinder((x, -6, -0.3), (x, -6, 4.4), 3.4, 24, (178, 182, 178)))
        parts.append(cylinder((x, -6, 4.35), (x, -6, 4.45), 3.2, 24, (96, 116, 100), "water"))
        parts.append(cylinder((x, -6, 4.4), (x, -6, 5.8), 0.35, 8, (70, 96, 140), "paint"))
    pipe = np.array([(-14, -4, 1.0), (-9, -5, 1.0), (21, -6, 1.0), (26, -12, 0.4), (26, -24, -3.0)])
    parts.append(tube(pipe, 0.22, 8, (64, 128, 92), "paint"))
    return turned(join(parts), 0.0, (pad.x, pad.y, pad.z))


def fan_house(site: Site) -> MeshPart:
    """The main fan on the ventilation raise: collar, elbow, fan and an outlet that widens."""
    z = site.rim
    r = RAISE_RADIUS
    parts = [
        cylinder((0, 0, -2.0), (0, 0, 0.1), r + 1.4, 24, CONCRETE, "concrete"),
        cylinder((0, 0, 0.05), (0, 0, 1.6), r + 0.5, 24, CONCRETE, "concrete"),
        cylinder((0, 0, 1.5), (0, 0, 3.6), (r + 0.1, r - 0.1), 24, (70, 104, 136), "paint"),
        cylinder((0, -0.6, 3.3), (0, 3.2, 3.3), 1.5, 24, (70, 104, 136), "paint"),
        cylinder((0, 3.2, 3.3), (0, 5.6, 3.3), 1.75, 24, (216, 168, 48), "paint"),
        cylinder((0, 5.6, 3.3), (0, 11.0, 3.6), (1.7, 2.6), 24, (70, 104, 136), "paint"),
        box((-1.4, 3.4, -1.0), (1.4, 5.4, 1.7), CONCRETE, "concrete"),
        box((-1.2, 8.0, -1.0), (1.2, 9.0, 1.3), CONCRETE, "concrete"),
        shed((-8.5, -4, -1.0), (-4.5, 3, 3.0), 0.9, CREAM, RED_ROOF),
    ]
    return turned(join(parts), 60.0, (RAISE_X, RAISE_Y, z))


def yard(layout: Layout, site: Site) -> MeshPart:
    """Offices, containers, lamp room and light masts outside the hillside portal."""
    pad = site.pad["portal-yard"]
    colours: tuple[Colour, ...] = ((62, 98, 142), (160, 72, 52), (206, 200, 186), (76, 118, 92))
    parts = [
        shed((-6, 10, 0), (14, 20, 3.6), 1.4, CREAM, RED_ROOF),
        *_windows(-5, 13, 10, 1.2, 3, -1),
    ]
    for i in range(4):
        parts.append(box((-14 + 7 * i, -20, 0.0), (-8 + 7 * i, -17.5, 2.6), colours[i]))
    parts.append(box((-1, -20.2, 2.6), (5, -17.6, 5.2), colours[2]))
    for x in (-18.0, 20.0):
        parts.append(cylinder((x, 14, 0), (x, 14, 9), (0.14, 0.08), 8, STEEL))
        parts.append(box((x - 0.5, 13.6, 8.8), (x + 0.5, 14.4, 9.1), (255, 240, 210), "lamp"))
    return turned(join(parts), 0.0, (pad.x, pad.y, pad.z))


def _line_corners(site: Site) -> Float64s:
    mill_pad, wtp = site.pad["mill"], site.pad["wtp"]
    return np.array(
        [
            (RAISE_X + 14.0, RAISE_Y - 8.0), (230.0, 20.0), (330.0, -20.0),
            (mill_pad.x + 20, mill_pad.y + 60), (mill_pad.x + 62, mill_pad.y - 20),
            (mill_pad.x + 10, -210.0), (wtp.x + 70, -270.0), (wtp.x + 26, wtp.y + 14),
        ]
    )  # fmt: skip


def power_line(site: Site, corners: Float64s) -> MeshPart:
    """Wooden poles 45 m apart with three sagging wires."""
    steps = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    chainage = np.concatenate([[0], np.cumsum(steps)])
    count = round(chainage[-1] / 45.0)
    where = np.linspace(0, chainage[-1], count + 1)
    plan = np.stack([np.interp(where, chainage, corners[:, a]) for a in (0, 1)], axis=1)
    base = site.height(plan)
    parts: list[MeshPart] = []
    tops: list[list[Float64s]] = [[], [], []]
    for i, (x, y) in enumerate(plan):
        ahead = plan[min(i + 1, count)] - plan[max(i - 1, 0)]
        azimuth = float(np.degrees(np.arctan2(ahead[0], ahead[1])))
        pole = join(
            [
                cylinder((0, 0, -0.5), (0, 0, 10), (0.2, 0.13), 7, (104, 84, 62), "paint"),
                box((-1.5, -0.08, 8.9), (1.5, 0.08, 9.1), (96, 78, 58)),
                *(cylinder((dx, 0, 9.1), (dx, 0, 9.4), 0.07, 6, (120, 60, 44), "plastic")
                  for dx in (-1.4, 0.5, 1.4)),
            ]
        )  # fmt: skip
        parts.append(turned(pole, azimuth, (float(x), float(y), float(base[i]))))
        a = np.radians(azimuth)
        for k, dx in enumerate((-1.4, 0.5, 1.4)):
            tops[k].append(np.array([x + dx * np.cos(a), y - dx * np.sin(a), base[i] + 9.42]))
    t = np.linspace(0, 1, 7)[:, None]
    for wire in tops:
        for first, last in pairwise(wire):
            line = first + (last - first) * t
            line[:, 2] -= 1.1 * 4 * t[:, 0] * (1 - t[:, 0])
            parts.append(tube(line, 0.03, 3, (40, 40, 42), "plastic"))
    return join(parts)
