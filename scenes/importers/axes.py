"""Decides the length unit and the vertical axis of a file, and says why.

A declared axis is believed unless the shape clearly says otherwise; formats that fix the axis by
rule are never doubted. Changes no geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.geometry import Float64s, MeshPart
from scenes.importers.contract import UNITS, Found, ImportOptions, Note, Up

# A mine is wider than it is high: an axis this much shorter than both others is the vertical one.
_FLAT = 0.35
_VERY_FLAT = 0.25
# No mine site is wider than this; a coordinate range beyond it is in a smaller unit than metres.
_WIDEST_SITE_M = 100_000.0
# Northings of site grids are rarely this small, model heights rarely larger.
_MODEL_HEIGHT = 3_000.0


@dataclass(frozen=True, slots=True)
class Axes:
    """The decision: metres in one unit, its name, the vertical axis, and the notes to print."""

    metres: float
    units: str
    up: Up
    guesses: list[Note]


def positions_bounds(found: Found) -> tuple[Float64s, Float64s] | None:
    """(low, high) of all finite positions in the file's own axes; None where there are none."""
    lows, highs = [], []
    for named in found.parts:
        part = named.part
        positions = part.positions if not hasattr(part, "centres") else part.centres
        finite = positions[np.isfinite(positions).all(axis=1)]
        if len(finite):
            lows.append(finite.min(axis=0))
            highs.append(finite.max(axis=0))
    if not lows:
        return None
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _unit(found: Found, options: ImportOptions, longest: float) -> tuple[float, str, list[Note]]:
    if options.units is not None:
        return UNITS[options.units], options.units, []
    if found.metres is not None:
        return found.metres, found.unit_name or f"{found.metres:g} m", []
    if longest > _WIDEST_SITE_M and longest / 1000 > 1.0:
        note = Note("import-guess-millimetres", {"extent": f"{longest:,.0f}"}, "--units m")
        return 0.001, "mm", [note]
    return 1.0, "m", [Note("import-guess-metres", {"extent": f"{longest:,.1f}"}, "--units ft")]


def _upward_share(found: Found) -> Float64s:
    """Share of the surface area that faces along x, y and z, (3,); thirds without triangles."""
    total = np.zeros(3)
    for named in found.parts:
        if isinstance(part := named.part, MeshPart):
            triangles = part.triangles[:: max(1, len(part.triangles) // 200_000)]
            a, b, c = (part.positions[triangles[:, corner]] for corner in range(3))
            total += np.abs(np.nan_to_num(np.cross(b - a, c - a))).sum(axis=0)
    return total / total.sum() if total.sum() > 0 else np.full(3, 1 / 3)


def _vertical(
    found: Found, options: ImportOptions, low: Float64s, high: Float64s
) -> tuple[Up, list[Note]]:
    if options.up is not None:
        return options.up, []
    if found.up_is_certain and found.up is not None:
        return found.up, []
    size = high - low
    centre = (high + low) / 2
    flat_z = size[2] < _FLAT * min(size[0], size[1])
    flat_y = size[1] < _FLAT * min(size[0], size[2])
    share = _upward_share(found)
    facts = {
        "x": f"{size[0]:,.1f}",
        "y": f"{size[1]:,.1f}",
        "z": f"{size[2]:,.1f}",
        "share": round(100 * float(share[2])),
    }
    if found.up == "y" and flat_z:
        return "z", [Note("import-guess-up-z-not-y", facts, "--up y")]
    if found.up == "z" and flat_y and share[1] > 2 * share[2]:
        return "y", [Note("import-guess-up-y-not-z", facts, "--up z")]
    if found.up is not None:
        return found.up, []
    very_flat_y = size[1] < _VERY_FLAT * min(size[0], size[2])
    if very_flat_y and share[1] > share[2] and abs(centre[1]) < _MODEL_HEIGHT:
        return "y", [Note("import-guess-up-y", facts, "--up z")]
    return "z", [Note("import-guess-up-z", facts, "--up y")]


def decide(found: Found, options: ImportOptions) -> Axes:
    """Unit and vertical axis of `found`, by option, declaration, or guess in this order."""
    bounds = positions_bounds(found)
    low, high = bounds if bounds is not None else (np.zeros(3), np.zeros(3))
    metres, units, unit_notes = _unit(found, options, float((high - low).max()))
    up, up_notes = _vertical(found, options, low, high)
    return Axes(metres, units, up, unit_notes + up_notes)
