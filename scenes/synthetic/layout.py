"""Where the workings of the synthetic mine run: declines, levels, stopes, sumps, refuges, raise.

All coordinates are the scene frame, metres. Depends on the parameters only, never on density.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenes.geometry import Float64s
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.pit import face_x
from scenes.synthetic.ways import Way, fillet, straight, with_profile

FOOTWALL_X = 112.0
STATION_X = 150.0
SOUTH_Y, NORTH_Y, RAISE_Y, REFUGE_Y = -60.0, 70.0, 5.0, 32.0
SUMP_Y, HOLDING_Y = -92.0, 102.0
RAISE_X, RAISE_RADIUS = 131.0, 1.75
PORTAL_2_X = 335.0
FLAT = 8.0  # half length of the level stretch of a decline at a junction
OUTSIDE, SILL = 5.0, 9.0  # a decline begins this far before the face, and is level for so long


@dataclass(frozen=True)
class Pipe:
    """A breccia pipe: an upright elliptical body that leans a little with depth."""

    id: str
    x: float
    y: float
    radius_x: float
    radius_y: float
    lean_x: float  # metres east for each metre down
    lean_y: float

    def centre(self, z: Float64s | float) -> tuple[Float64s, Float64s]:
        """Plan centre at scene elevation z."""
        down = -np.asarray(z, dtype=np.float64)
        return self.x + self.lean_x * down, self.y + self.lean_y * down

    def distance(self, points: Float64s) -> Float64s:
        """About the distance outside the pipe (n,), negative inside, metres."""
        x, y = self.centre(points[:, 2])
        scaled = np.hypot((points[:, 0] - x) / self.radius_x, (points[:, 1] - y) / self.radius_y)
        result: Float64s = (scaled - 1.0) * min(self.radius_x, self.radius_y)
        return result


@dataclass(frozen=True)
class Stope:
    """A long-hole stope: an upright box of rock that was taken out."""

    id: str
    centre: tuple[float, float]
    half: tuple[float, float]
    floor: float
    top: float
    state: Literal["open", "filled"]
    level: str


@dataclass(frozen=True)
class Layout:
    """All workings."""

    ways: dict[str, Way]
    pipes: tuple[Pipe, ...]
    stopes: tuple[Stope, ...]
    levels: tuple[float, ...]  # scene z of each level
    level_names: tuple[str, ...]
    raise_top: float
    sumps: dict[str, float]  # way id -> scene z of the water
    refuges: tuple[str, ...]  # way ids
    portals: dict[str, tuple[float, float, float]]  # foot of the face, scene frame
    raise_bottom: float

    def of_kind(self, *kinds: str) -> list[Way]:
        """The ways of some kinds, in order."""
        return [way for way in self.ways.values() if way.kind in kinds]


def level_name(elevation: float) -> str:
    """How a level is called: its elevation with a sign."""
    return f"{elevation:+.0f}"


def make_layout(parameters: MineParameters) -> Layout:
    """Lay the mine out from its parameters."""
    zero = parameters.origin[2]
    levels = tuple(z - zero for z in parameters.levels_m)
    names = tuple(level_name(z) for z in parameters.levels_m)
    ways: dict[str, Way] = {}
    portals: dict[str, tuple[float, float, float]] = {}
    for way, portal in (_decline_1(parameters, levels), _decline_2(parameters, levels)):
        ways[way.id] = way
        portals[f"portal-{way.id[-1]}"] = portal
    pipes = (
        Pipe("pipe-a", 22.0, SOUTH_Y - 2, 17.0, 23.0, -0.05, 0.03),
        Pipe("pipe-b", 28.0, RAISE_Y - 1, 15.0, 21.0, -0.03, -0.02),
        Pipe("pipe-c", 18.0, NORTH_Y + 2, 18.0, 24.0, 0.04, 0.02),
    )
    sumps: dict[str, float] = {}
    refuges: list[str] = []
    stopes: list[Stope] = []
    random = np.random.default_rng((parameters.seed, 1))
    for index, (z, name) in enumerate(zip(levels, names, strict=True)):
        last = index == len(levels) - 1
        for way in _level_ways(parameters, index, z, name, last):
            ways[way.id] = way
            if way.kind == "sump":
                sumps[way.id] = z - 0.55
            if "refuge" in way.tags:
                refuges.append(way.id)
        for pipe in pipes:
            for way, stope in _ore_workings(parameters, pipe, index, z, name, random):
                ways[way.id] = way
                if stope is not None:
                    stopes.append(stope)
    raise_top = parameters.pit.rim_m - zero + 0.6
    return Layout(
        ways, pipes, tuple(stopes), levels, names, raise_top, sumps, tuple(refuges), portals,
        levels[-1],
    )  # fmt: skip


def _loop(parameters: MineParameters) -> float:
    """Half the north-south size of a decline's loop, metres."""
    work = parameters.workings
    length = work.decline_grade * work.level_spacing_m + 2 * FLAT
    return (length - 2 * np.pi * work.bend_radius_m) / 4 + work.bend_radius_m


def _decline(
    parameters: MineParameters,
    name: str,
    corners: list[tuple[float, float]],
    start: float,
    stops: list[float],
    junction: tuple[float, float],
) -> Way:
    """A decline through `corners` that is level at each pass of `junction`, at heights `stops`."""
    work = parameters.workings
    plan = fillet(corners, work.bend_radius_m)
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(plan, axis=0), axis=1))])
    near = np.hypot(plan[:, 0] - junction[0], plan[:, 1] - junction[1])
    minima = [
        int(i) for i in np.nonzero(near < 1.0)[0]
        if near[i] <= near[max(i - 3, 0) : i + 4].min()
    ]  # fmt: skip
    passes = [float(steps[i]) for i in minima if not any(0 < i - j <= 3 for j in minima)]
    knots = [(0.0, start), (SILL, start)]
    for chainage, z in zip(passes, stops, strict=True):
        knots += [(chainage - FLAT, z), (chainage + FLAT, z)]
    return Way(
        name, "decline", with_profile(plan, knots), work.drift_width_m, work.drift_height_m,
        ditch=True, main=True,
    )  # fmt: skip


def _decline_1(
    parameters: MineParameters, levels: tuple[float, ...]
) -> tuple[Way, tuple[float, float, float]]:
    """From the pit floor east, then down in loops past the south stations."""
    half = _loop(parameters)
    east = STATION_X + 2 * parameters.workings.bend_radius_m
    north, south = SOUTH_Y + half, SOUTH_Y - half
    start = parameters.pit.bottom_m - parameters.origin[2]
    toe = face_x(parameters.pit, north)
    corners = [(toe - OUTSIDE, north), (east, north), (east, south), (STATION_X, south)]
    for _ in levels[1:]:
        corners += [(STATION_X, north), (east, north), (east, south), (STATION_X, south)]
    corners.append((STATION_X, SOUTH_Y))
    way = _decline(parameters, "decline-1", corners, start, list(levels), (STATION_X, SOUTH_Y))
    return way, (toe, north, start)


def _decline_2(
    parameters: MineParameters, levels: tuple[float, ...]
) -> tuple[Way, tuple[float, float, float]]:
    """From the hillside west, then down in loops past the north stations, one loop more."""
    work = parameters.workings
    half = _loop(parameters)
    east = STATION_X + 2 * work.bend_radius_m
    north, south = NORTH_Y + half, NORTH_Y - half
    first = levels[0] + work.level_spacing_m
    run = PORTAL_2_X - STATION_X - work.bend_radius_m + np.pi / 2 * work.bend_radius_m
    run += half - work.bend_radius_m - FLAT - (SILL - OUTSIDE)
    start = first + run / work.decline_grade
    corners = [(PORTAL_2_X + OUTSIDE, north), (STATION_X, north)]
    for _ in levels:
        corners += [(STATION_X, south), (east, south), (east, north), (STATION_X, north)]
    corners.append((STATION_X, NORTH_Y))
    way = _decline(parameters, "decline-2", corners, start, [first, *levels], (STATION_X, NORTH_Y))
    return way, (PORTAL_2_X, north, start)


def _level_ways(
    parameters: MineParameters, index: int, z: float, name: str, last: bool
) -> list[Way]:
    work = parameters.workings
    width, height = work.drift_width_m, work.drift_height_m
    key = f"l{index + 1}"

    def way(name_: str, kind: str, *points: tuple[float, float, float], **more: object) -> Way:
        options: dict[str, object] = {"width": width, "height": height, "level": name} | more
        return Way(f"{key}-{name_}", kind, straight(*points), **options)  # type: ignore[arg-type]

    f = FOOTWALL_X
    ways = [
        way("footwall", "level", (f, HOLDING_Y, z), (f, SUMP_Y, z - 0.0), ditch=True, main=True,
            start_open=last),
        way("access-south", "level", (STATION_X, SOUTH_Y, z), (f, SOUTH_Y, z), width=width + 0.8,
            height=height + 0.3, main=True, tags=frozenset({"station"})),
        way("access-north", "level", (STATION_X, NORTH_Y, z), (f, NORTH_Y, z), width=width + 0.8,
            height=height + 0.3, main=True, tags=frozenset({"station"})),
        way("raise-access", "stub", (f, RAISE_Y, z), (RAISE_X - 1.0, RAISE_Y, z)),
    ]  # fmt: skip
    depth, end = (2.6, 80.0) if last else (1.8, 94.0)
    ways.append(
        way("sump", "sump", (f, SUMP_Y, z), (f - 8.5, SUMP_Y, z), (f - 8.5 - 5 * depth, SUMP_Y,
            z - depth), (min(end, f - 12 - 5 * depth), SUMP_Y, z - depth), end_open=False)
    )  # fmt: skip
    if last:
        ways.append(
            way("holding-sump", "sump", (f, HOLDING_Y, z), (f - 9, HOLDING_Y, z),
                (f - 19, HOLDING_Y, z - 2), (f - 30, HOLDING_Y, z - 2), end_open=False)
        )  # fmt: skip
    if index % 2 == 0 or last:
        ways.append(
            way("refuge", "niche", (f, REFUGE_Y, z), (f + 14.5, REFUGE_Y, z), width=5.0,
                height=4.4, end_open=False, tags=frozenset({"refuge"}))
        )  # fmt: skip
    else:
        ways.append(
            way("workshop", "niche", (f, REFUGE_Y, z), (f + 17, REFUGE_Y, z), width=6.5,
                height=5.4, end_open=False, tags=frozenset({"workshop"}))
        )  # fmt: skip
    return ways


def _ore_workings(
    parameters: MineParameters,
    pipe: Pipe,
    index: int,
    z: float,
    name: str,
    random: np.random.Generator,
) -> list[tuple[Way, Stope | None]]:
    """A cross-cut into the pipe, the ore drive in it, and drawpoints into its stopes."""
    work = parameters.workings
    width, height = work.drift_width_m, work.drift_height_m
    key = f"l{index + 1}-{pipe.id[-1]}"
    px, py = (float(v) for v in pipe.centre(z))
    cut_y = {"a": SOUTH_Y, "b": RAISE_Y, "c": NORTH_Y}[pipe.id[-1]]
    drive_x = px + 4.0
    result: list[tuple[Way, Stope | None]] = [
        (
            Way(f"{key}-crosscut", "crosscut",
                straight((FOOTWALL_X, cut_y, z), (drive_x, cut_y, z)),
                width, height, name, ditch=True),
            None,
        ),
        (
            Way(f"{key}-drive", "ore_drive", straight((drive_x, py - 23, z), (drive_x, py + 23, z)),
                width - 0.4, height - 0.3, name, start_open=False, end_open=False),
            None,
        ),
    ]  # fmt: skip
    for side in (-1.0, 1.0):
        here = "n" if side > 0 else "s"
        draw = random.uniform()
        half = (6.0 + random.uniform(-0.6, 0.9), 7.0 + random.uniform(-0.6, 0.9))
        centre = (px - 9.5, cut_y + side * 15.5)
        # The mine works downward: upper stopes are filled, the lowest level is just being opened.
        done = index / max(1, len(parameters.levels_m) - 1)
        if draw < 0.85 * (1.0 - done) ** 0.7 and index < 2:
            state: Literal["open", "filled"] | None = "filled"
        elif draw < 0.92 - 0.5 * (done > 0.9):
            state = "open"
        else:
            state = None
        if index == 0 and pipe.id == "pipe-a":
            state = "filled" if side < 0 else "open"
        if state is None:
            continue
        stope = Stope(
            f"{key}-stope-{here}", centre, half, z - 0.2, z + work.stope_height_m, state, name
        )
        face = (centre[0] + half[0] - 2.0, centre[1], z)
        draw_way = Way(
            f"{key}-drawpoint-{here}", "drawpoint", straight((drive_x, centre[1], z), face),
            width - 0.6, height - 0.5, name,
        )  # fmt: skip
        result.append((draw_way, stope))
    return result
