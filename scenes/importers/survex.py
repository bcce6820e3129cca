"""Reads Survex .3d surveys: underground legs become drifts swept along the surveyed line.

Splay (wall shot), surface and duplicate legs never become drifts; wall shots give the size of the
drift where no left, right, up, down was measured.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from scenes.errors import Refused
from scenes.geometry import MATERIAL, Float64s, LinePart, MeshPart
from scenes.importers.bounded import read_bytes
from scenes.importers.contract import Counts, Found, ImportOptions, NamedPart, Note
from scenes.importers.drift_field import Tube, sweep
from scenes.importers.survex_items import (
    DUPLICATE,
    ENTRANCE,
    SPLAY,
    SURFACE,
    Position,
    Survey,
    decode,
)

_SMALLEST_M = 0.9  # nothing narrower is drawn, or the walls would touch
_LARGEST_M = 50.0  # of one left, right, up or down; larger ones are slips
_LONGEST_LEG_M = 1000.0  # no tape or total station measures further underground
_EYE_M = 1.5  # where a station without measured floor is taken to hang, at most
_FLOOR_NORMAL = 0.8
_ROCK_COLOUR, _FLOOR_COLOUR = (116, 108, 100), (98, 92, 84)  # sRGB

Leg = tuple[Position, Position]


def _kept_legs(survey: Survey) -> tuple[list[Leg], dict[str, int]]:
    """Legs that are passages, each once, and how many were left out by reason."""
    left_out = {"splay": 0, "surface": 0, "duplicate": 0, "zero": 0, "long": 0}
    kept: dict[frozenset[Position], Leg] = {}
    for start, end, flags in survey.legs:
        if flags & SPLAY:
            left_out["splay"] += 1
        elif flags & SURFACE:
            left_out["surface"] += 1
        elif flags & DUPLICATE:
            left_out["duplicate"] += 1
        elif start == end:
            left_out["zero"] += 1
        elif max(abs(a - b) for a, b in zip(start, end, strict=True)) > 100 * _LONGEST_LEG_M:
            left_out["long"] += 1
        else:
            kept.setdefault(frozenset((start, end)), (start, end))
    return list(kept.values()), left_out


def _measured(survey: Survey) -> dict[Position, Float64s]:
    """Left, right, up, down in metres by station position, NaN where not measured."""
    places = {name: position for name, position, _ in survey.stations}
    result: dict[Position, Float64s] = {}
    for name, section in survey.sections:
        position = places.get(name)
        if position is None:
            continue
        values = np.array([v / 100 if 0 <= v / 100 <= _LARGEST_M else np.nan for v in section])
        # A station in two passages has two rows; the wider one keeps the opening free.
        known = result.get(position)
        result[position] = values if known is None else np.fmax(known, values)
    return result


def _direction(position: Position, legs: list[Leg]) -> Float64s:
    """The horizontal direction of travel through a station, (2,), unit length."""
    total = np.zeros(2)
    for start, end in legs:
        step = np.array([end[0] - start[0], end[1] - start[1]], np.float64)
        # Opposite legs point the same way when they are turned towards the sum so far.
        total += step if step @ total >= 0 else -step
    length = float(np.linalg.norm(total))
    return total / length if length > 0 else np.array([0.0, 1.0])


def _from_wall_shots(survey: Survey, at: dict[Position, list[Leg]]) -> dict[Position, Float64s]:
    """Left, right, up, down of stations with at least three wall shots, NaN where none points."""
    shots: dict[Position, list[Position]] = defaultdict(list)
    for start, end, flags in survey.legs:
        if flags & SPLAY:
            station, wall = (start, end) if start in at else (end, start)
            if station in at:
                shots[station].append(wall)
    result: dict[Position, Float64s] = {}
    for station, walls in shots.items():
        if len(walls) < 3:
            continue
        reach = (np.array(walls, np.float64) - station) / 100
        ahead = _direction(station, at[station])
        sideways = reach[:, :2] @ np.array([-ahead[1], ahead[0]])
        forward = np.abs(reach[:, :2] @ ahead)
        lateral = np.abs(sideways) >= forward  # shots along the drift say nothing of its width
        values = np.full(4, np.nan)
        for number, distances in enumerate(
            (sideways[lateral], -sideways[lateral], reach[:, 2], -reach[:, 2])
        ):
            if len(distances) and distances.max() > 0:
                values[number] = min(float(distances.max()), _LARGEST_M)
        result[station] = values
    return result


def _tube(
    leg: Leg,
    at: dict[Position, list[Leg]],
    sections: dict[Position, Float64s],
    shots: dict[Position, Float64s],
) -> Tube:
    """One leg as a tube. Left and right of wall shots are those of the way through the station,
    which may run against this leg."""
    ends = np.array(leg, np.float64) / 100
    both = []
    for station in leg:
        section = sections[station]
        against = (ends[1] - ends[0])[:2] @ _direction(station, at[station]) < 0
        both.append(section[[1, 0, 2, 3]] if station in shots and against else section)
    return Tube(ends, np.stack(both), (len(at[leg[0]]) > 1, len(at[leg[1]]) > 1))


def _sections(
    measured: dict[Position, Float64s],
    shots: dict[Position, Float64s],
    at: dict[Position, list[Leg]],
    options: ImportOptions,
) -> tuple[dict[Position, Float64s], list[Note]]:
    """A complete cross-section for every station on a kept leg, and where they come from."""
    floor = min(_EYE_M, options.drift_height / 2)
    half = options.drift_width / 2
    default = np.array([half, half, options.drift_height - floor, floor])
    result: dict[Position, Float64s] = {}
    counts = {"measured": 0, "shots": 0, "default": 0}
    for station in at:
        if station in measured:
            counts["measured"] += 1
            values = measured[station]
        elif station in shots:
            counts["shots"] += 1
            values = shots[station]
        else:
            counts["default"] += 1
            values = default
        values = np.where(np.isnan(values), default, values)
        for a, b in ((0, 1), (2, 3)):
            short = _SMALLEST_M - (values[a] + values[b])
            if short > 0:
                values[a] += short / 2
                values[b] += short / 2
        result[station] = values
    size = {"width": options.drift_width, "height": options.drift_height}
    note = Note("import-guess-drift-size", counts | size, "--drift-width M --drift-height M")
    return result, [note] if counts["shots"] + counts["default"] else []


def _arrival(
    survey: Survey, legs: list[Leg], sections: dict[Position, Float64s]
) -> tuple[list[float], list[float]] | None:
    """Feet and gaze on the centreline of the roomiest level leg, near an entrance if any."""
    doors = np.array([p for _, p, flags in survey.stations if flags & ENTRANCE], np.float64)
    best: tuple[float, Leg] | None = None
    for start, end in legs:
        step = np.array(end, np.float64) - start
        run = float(np.hypot(step[0], step[1])) / 100
        if run < 1.0 or abs(step[2]) / 100 > 0.5 * run:
            continue
        height = min(float(sections[p][2:].sum()) for p in (start, end))
        width = min(float(sections[p][:2].sum()) for p in (start, end))
        score = min(height, 3.0) + min(width, 3.0) + min(run, 10.0) / 10
        if len(doors):
            near = float(np.linalg.norm(doors - np.array(start, np.float64), axis=1).min()) / 100
            score += 2.0 / (1.0 + near / 50.0)
        if best is None or score > best[0]:
            best = (score, (start, end))
    if best is None:
        return None
    start, end = best[1]
    middle = (np.array(start, np.float64) + end) / 200
    one, other = sections[start], sections[end]
    middle[2] -= (one[3] + other[3]) / 2
    ahead = (np.array(end, np.float64) - start) / 100
    side = np.array([-ahead[1], ahead[0], 0.0]) / max(float(np.hypot(ahead[0], ahead[1])), 1e-9)
    middle += side * ((one[0] - one[1] + other[0] - other[1]) / 4)
    return middle.tolist(), ahead.tolist()


def _centreline(legs: list[Leg]) -> LinePart:
    ends = np.array(legs, np.int64).reshape(-1, 3)
    unique, inverse = np.unique(ends, axis=0, return_inverse=True)
    return LinePart(unique / 100.0, inverse.reshape(-1, 2).astype(np.uint32))


def read(path: Path, options: ImportOptions) -> Found:
    """Read one .3d file. Raises `Refused` where it is cut short, damaged, an extended elevation,
    or has no underground legs."""
    survey = decode(read_bytes(path))
    if survey.extended:
        raise Refused("import-extended")
    legs, left_out = _kept_legs(survey)
    if not legs:
        raise Refused("import-no-legs")
    at: dict[Position, list[Leg]] = defaultdict(list)
    for leg in legs:
        for end in leg:
            at[end].append(leg)
    measured = _measured(survey)
    shots = {p: v for p, v in _from_wall_shots(survey, at).items() if p not in measured}
    sections, guesses = _sections(measured, shots, at, options)
    tubes = [_tube(leg, at, sections, shots) for leg in legs]
    positions, triangles, normals = sweep(tubes)
    floor = normals[:, 2] > _FLOOR_NORMAL
    materials = np.where(floor, MATERIAL["gravel"], MATERIAL["rock"]).astype(np.uint8)
    colours = np.where(floor[:, None], _FLOOR_COLOUR, _ROCK_COLOUR).astype(np.uint8)
    drift = MeshPart(positions, triangles, normals, colours, materials)
    stations = np.array([p for _, p, _ in survey.stations] or [leg[0] for leg in legs]) / 100
    repairs = [Note("import-repair-legs", left_out)] if any(left_out.values()) else []
    return Found(
        [
            NamedPart(drift, kind="drift", derived=True),
            NamedPart(
                _centreline(legs), element="survey", kind="survey", hidden=True, derived=True
            ),
        ],
        Counts(lines=len(survey.legs), nodes=len(survey.stations)),
        metres=1.0,
        unit_name="m",
        up="z",
        up_is_certain=True,
        crs=survey.crs,
        guesses=guesses,
        repairs=repairs,
        bounds=[stations.min(axis=0).tolist(), stations.max(axis=0).tolist()],
        arrival=_arrival(survey, legs, sections),
        details={"title": survey.title, "sections": len(survey.sections), "legs": len(legs)},
    )
