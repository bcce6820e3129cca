"""Turns what a reader found into what can be baked: survey metres, z up, repaired, explained.

The one place where axes, units, coordinate system and repairs are decided, for every format alike.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.geometry import BlockPart, Float64s, LinePart, MeshPart, Part, PointPart, UInt32s
from scenes.importers.axes import Axes, decide
from scenes.importers.contract import Found, Imported, ImportOptions, NamedPart, Note
from scenes.importers.repair import Repairs, finite_rows, mend_lines, mend_mesh, mend_points

_EPSG = re.compile(r"epsg[:/ ]+(?:[\d.]*[:/])?(\d{4,6})\b", re.I)
# Beyond this no grid on Earth reaches; such numbers are damage, and float32 offsets would overflow.
_FARTHEST = 1e9


def crs_name(text: str | None) -> str | None:
    """A declared coordinate system as "EPSG:n" where it names one, else as it stands."""
    if text is None or not text.strip():
        return None
    match = _EPSG.search(text)
    return f"EPSG:{match.group(1)}" if match else text.strip()[:200]


def _turn(vectors: np.ndarray, axes: Axes, scale: float) -> Float64s:
    """File axes to east, north, up: y-up files have their z axis pointing south."""
    turned = vectors[:, [0, 2, 1]] * (1.0, -1.0, 1.0) if axes.up == "y" else vectors
    return np.asarray(turned, np.float64) * scale


def _placed(part: Part, axes: Axes) -> Part:
    scale = axes.metres
    if isinstance(part, MeshPart):
        normals = part.normals
        return replace(
            part,
            positions=_turn(part.positions, axes, scale),
            normals=None if normals is None else _turn(normals, axes, 1.0).astype(np.float32),
        )
    if isinstance(part, BlockPart):
        return replace(
            part,
            centres=_turn(part.centres, axes, scale),
            sizes=(part.sizes * np.float32(scale)).astype(np.float32),
            axes=_turn(part.axes, axes, 1.0),
        )
    return replace(part, positions=_turn(part.positions, axes, scale))


def _mended(part: Part, repairs: Repairs) -> Part | None:
    if isinstance(part, MeshPart):
        return mend_mesh(part, repairs)
    if isinstance(part, PointPart):
        return mend_points(part, repairs)
    if isinstance(part, LinePart):
        return mend_lines(part, repairs)
    finite = finite_rows(part.centres) & finite_rows(part.sizes)
    repairs.not_finite += int(np.sum(~finite))
    if not finite.any():
        return None
    return BlockPart(
        part.centres[finite],
        part.sizes[finite],
        part.axes,
        {name: values[finite] for name, values in part.attributes.items()},
    )


def block_corners(part: BlockPart) -> Float64s:
    """(2, 3) low and high corner of all blocks, in the frame of their centres."""
    reach = np.abs(part.sizes[:, :, None] * part.axes[None]).sum(axis=1) / 2
    return np.stack([(part.centres - reach).min(axis=0), (part.centres + reach).max(axis=0)])


def _used(corners: UInt32s, count: int) -> npt.NDArray[np.bool_]:
    used = np.zeros(count, bool)
    used[corners.reshape(-1)] = True
    return used


def bounds_of(parts: list[NamedPart]) -> list[list[float]] | None:
    """[[x, y, z], [x, y, z]] around all drawn positions, None without any."""
    corners = []
    for named in parts:
        part = named.stored if named.stored is not None else named.part
        if isinstance(part, BlockPart):
            corners.append(block_corners(part))
            continue
        positions = part.positions
        if isinstance(part, MeshPart):
            positions = positions[_used(part.triangles, len(positions))]
        elif isinstance(part, LinePart):
            positions = positions[_used(part.segments, len(positions))]
        if len(positions):
            corners.append(np.stack([positions.min(axis=0), positions.max(axis=0)]))
    if not corners:
        return None
    both = np.stack(corners)
    return [both[:, 0].min(axis=0).tolist(), both[:, 1].max(axis=0).tolist()]


def _repair_notes(repairs: Repairs) -> list[Note]:
    counts = {
        "import-repair-not-finite": repairs.not_finite,
        "import-repair-degenerate": repairs.degenerate,
        "import-repair-duplicate": repairs.duplicate,
        "import-repair-welded": repairs.welded,
    }
    return [Note(message, {"count": count}) for message, count in counts.items() if count]


def settle(found: Found, options: ImportOptions, format_name: str) -> Imported:
    """Decide, turn and repair. Raises `Refused` if nothing that can be drawn is left."""
    axes = decide(found, options)
    repairs = Repairs()
    parts = []
    for named in found.parts:
        placed = _placed(named.part, axes)
        part = placed if named.derived else _mended(placed, repairs)
        stored = None if named.stored is None else _mended(_placed(named.stored, axes), Repairs())
        if part is not None:
            kind = options.kind or named.kind
            whole = stored if isinstance(stored, BlockPart) else None
            parts.append(replace(named, part=part, kind=kind, stored=whole))
    bounds = bounds_of(parts)
    if bounds is None:
        raise Refused("import-nothing-left")
    if max(abs(value) for corner in bounds for value in corner) > _FARTHEST:
        raise Refused("import-too-far", limit=f"{_FARTHEST:g}")
    guesses = list(found.guesses) + axes.guesses
    crs = crs_name(options.crs) or crs_name(found.crs)
    if crs is None:
        crs = "local"
        guesses.append(Note("import-guess-crs", {}, "--crs EPSG:n"))
    return Imported(
        format=format_name,
        parts=parts,
        counts=found.counts,
        bounds=found.bounds or bounds,
        crs=crs,
        units=axes.units,
        axes="x east, y north, z up" if axes.up == "z" else "x east, y up, z south",
        guesses=guesses,
        repairs=list(found.repairs) + _repair_notes(repairs),
        warnings=found.warnings,
        arrival=found.arrival,
        details=found.details,
    )
