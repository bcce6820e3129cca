"""What runs along drifts: pipes, cables, ventilation duct, lamps, level signs.

Placed from centrelines; nothing here looks at the rough wall.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.synthetic.density import Density
from scenes.synthetic.layout import SILL, Layout
from scenes.synthetic.meshes import instances, join
from scenes.synthetic.parameters import SupportParameters
from scenes.synthetic.solids import box, tube
from scenes.synthetic.ways import Way, thin

WATER_BLUE, AIR_GREY, PUMP_GREEN = (58, 112, 168), (172, 172, 166), (64, 128, 92)
DUCT, CABLE, LAMP = (222, 156, 44), (32, 32, 34), (255, 232, 190)


def services(layout: Layout, support: SupportParameters, density: Density) -> Iterator[MeshPart]:
    """Pipes, cables, ducts and lamps of every working that has them."""
    for way in layout.ways.values():
        if way.main or way.kind == "crosscut":
            yield from _pipes(way, density)
            yield from _cables(way, density)
            yield lamps(way, support.lamp_spacing_m, density)
        elif way.kind in ("niche", "sump", "ore_drive", "stub", "drawpoint"):
            yield lamps(way, min(9.0, way.length / 2.2), density)
        if "station" in way.tags:
            yield lamps(way, 6.0, density, right=1.0)
        if way.kind in ("crosscut", "ore_drive") or way.id == "decline-2":
            yield duct(way, density)


def _line(way: Way, right: float, up: float, step: float, inset: float = 1.0) -> Float64s:
    """A line beside the way, a point every `step` metres at most."""
    count = max(2, int(np.ceil((way.length - 2 * inset) / step)) + 1)
    return way.beside(np.linspace(inset, way.length - inset, count), right, up)


def _start(way: Way) -> float:
    """Chainage where pipes and cables begin."""
    return SILL - 2.0 if way.kind == "decline" else 1.0


def _knots(way: Way, step: float) -> Float64s:
    """Chainages for a pipe: often in bends, seldom where the way runs straight."""
    points = thin(way.points, 0.02 * step)
    where = [way.nearest((float(p[0]), float(p[1]), float(p[2]))) for p in points]
    return np.unique(np.clip(where, _start(way), way.length - 1.0))


def _pipes(way: Way, density: Density) -> Iterator[MeshPart]:
    half, spring = way.width / 2, way.height * 0.52
    runs = [(half - 0.36, spring + 0.28, 0.075, WATER_BLUE), (half - 0.34, spring, 0.10, AIR_GREY)]
    if way.kind in ("decline", "level"):
        runs.append((half - 0.34, spring - 0.3, 0.09, PUMP_GREEN))
    for right, up, radius, colour in runs:
        where = _knots(way, density.step)
        yield tube(way.beside(where, right, up), radius, density.sides, colour, "paint")
    every = 3.0
    where = np.arange(_start(way) + 0.5, way.length - 1.0, every)
    if not len(where):
        return
    places = way.beside(where, half - 0.36, spring)
    turns = _turns(way, where)
    flange = _ring(0.135, density.sides)
    bracket = join(
        [
            box((0.05, -0.03, -0.45), (0.42, 0.03, -0.40), (108, 104, 98), "steel"),
            box((0.05, -0.03, -0.13), (0.42, 0.03, -0.09), (108, 104, 98), "steel"),
            box((-0.10, -0.03, 0.16), (0.42, 0.03, 0.20), (108, 104, 98), "steel"),
            box((0.28, -0.04, -0.5), (0.34, 0.04, 0.45), (108, 104, 98), "steel"),
        ]
    )
    if density.bolt_detail == 0:
        bracket = box((-0.1, -0.03, 0.16), (0.42, 0.03, 0.2), (108, 104, 98), "steel")
    yield instances(bracket, turns, places)
    if density.bolt_detail:
        yield instances(flange, turns[::2], way.beside(where[::2] + 0.6, half - 0.34, spring))


def _ring(radius: float, sides: int) -> MeshPart:
    """A pipe flange across +Y."""
    path = np.array([[0.0, -0.02, 0.0], [0.0, 0.02, 0.0]])
    return tube(path, radius, max(6, sides), (150, 148, 142), "steel", caps=True)


def _turns(way: Way, where: Float64s) -> Float64s:
    """Matrices (n, 3, 3) whose +Y follows the way and +X points to its right."""
    ahead = way.along(where)
    right = np.stack([ahead[:, 1], -ahead[:, 0], np.zeros(len(ahead))], axis=1)
    up = np.broadcast_to([0.0, 0.0, 1.0], ahead.shape)
    return np.stack([right, ahead, up], axis=2)


def _cables(way: Way, density: Density) -> Iterator[MeshPart]:
    half, spring = way.width / 2, way.height * 0.52
    every = 3.0
    hangers = np.arange(_start(way), way.length - 1.0, every)
    if len(hangers) < 2:
        return
    points_between = (2, 4, 6)[density.bolt_detail]
    where = np.interp(
        np.arange((len(hangers) - 1) * points_between + 1) / points_between,
        np.arange(len(hangers)), hangers,
    )  # fmt: skip
    phase = (where - hangers[0]) / every % 1.0
    for number, (up, radius, colour) in enumerate(
        ((0.42, 0.032, CABLE), (0.30, 0.026, (150, 40, 34)), (0.18, 0.02, CABLE))
    ):
        line = way.beside(where, -(half - 0.30), spring + up)
        line[:, 2] -= (0.10 + 0.02 * number) * 4 * phase * (1 - phase)
        sides = 3 if density.bolt_detail == 0 else max(4, density.sides - 2)
        yield tube(line, radius, sides, colour, "plastic")
    hanger = box((-0.3, -0.015, -0.05), (0.06, 0.015, 0.0), (108, 104, 98), "steel")
    if density.bolt_detail:
        hanger = join([hanger, box((-0.02, -0.015, -0.35), (0.01, 0.015, 0.0), (108, 104, 98),
                                   "steel")])  # fmt: skip
    places = way.beside(hangers, -(half - 0.30), spring + 0.47)
    yield instances(hanger, _turns(way, hangers), places)


def duct(way: Way, density: Density) -> MeshPart:
    """A flexible duct hung under the back; it bulges between its rings."""
    radius = 0.45
    step = max(0.5, density.step / 2)
    inset = {"ore_drive": 6.0, "decline": SILL}.get(way.kind, 3.0)
    if way.length < 2 * inset + 2:
        inset = 1.0
    up = way.height - 0.52 - radius
    line = _line(way, 0.75, up, step, inset)
    index = np.arange(len(line))
    radii = radius * np.where(index % 2 == 0, 0.955, 1.0)
    return tube(line, radii, max(7, density.sides + 2), DUCT, "plastic")


def lamps(way: Way, every: float, density: Density, right: float = -1.1) -> MeshPart:
    """Lamps hung from the back on two wires."""
    count = max(1, int(way.length / every))
    where = (np.arange(count) + 0.5) * way.length / count
    up = way.height - 0.62
    parts = [
        box((-0.08, -0.36, 0.0), (0.08, 0.36, 0.05), (92, 92, 90), "steel"),
        box((-0.065, -0.33, -0.07), (0.065, 0.33, 0.0), LAMP, "lamp"),
    ]
    if density.bolt_detail:
        parts += [
            box((-0.01, y - 0.01, 0.05), (0.01, y + 0.01, 0.6), (60, 60, 60), "steel")
            for y in (-0.25, 0.25)
        ]
    fitting = join(parts)
    return instances(fitting, _turns(way, where), way.beside(where, right, up))
