"""What an importer is given and what it hands back: plain data classes and nothing else.

A reader returns `Found`: geometry in the file's own axes and units, with what the file declares.
`settle.py` turns it into `Imported`: survey metres, guesses, repairs. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

from scenes.geometry import BlockPart, Part
from scenes.schema import Access

Up = Literal["y", "z"]
BlockOrder = Literal["u", "w"]
LayerKind = Literal[
    "terrain",
    "drift",
    "stope",
    "ore",
    "geology",
    "equipment",
    "water",
    "plan",
    "structure",
    "survey",
    "other",
]

# Metres in one of each unit that `--units` accepts.
UNITS: dict[str, float] = {
    "m": 1.0,
    "mm": 0.001,
    "cm": 0.01,
    "km": 1000.0,
    "in": 0.0254,
    "ft": 0.3048,
    "us-ft": 1200.0 / 3937.0,
}
DRIFT_WIDTH_M = 3.0
DRIFT_HEIGHT_M = 3.0


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person knows better than the file; None leaves it to the file or to a guess."""

    units: str | None = None  # a key of UNITS
    up: Up | None = None
    crs: str | None = None
    kind: LayerKind | None = None  # the kind of layer that the file's geometry becomes
    drift_width: float = DRIFT_WIDTH_M  # metres, where a survey line has no measured walls
    drift_height: float = DRIFT_HEIGHT_M
    block_order: BlockOrder | None = None  # the axis along which block values run fastest
    cutoff: tuple[str, float] | None = None  # draw only blocks whose attribute is at least this
    access: Access = "project"  # who may see the layers that come of it


@dataclass(frozen=True, slots=True)
class Note:
    """Something the person should know: a message id, its arguments and the option that
    overrides it ("" where none does)."""

    message_id: str
    arguments: dict[str, Any] = field(default_factory=dict)
    option: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the file holds, before repairs. Polygons count as fan triangles, `nodes` are survey
    stations, `lines` are segments."""

    triangles: int = 0
    points: int = 0
    lines: int = 0
    nodes: int = 0
    blocks: int = 0


@dataclass(frozen=True, slots=True)
class NamedPart:
    """One part and the element it belongs to: parts of one element become one layer.

    `element` is "" for the file's main geometry. `hidden` layers start invisible. `derived` parts
    are ours, not the file's: they are not repaired, and their repairs not reported.
    """

    part: Part
    element: str = ""
    kind: LayerKind = "other"
    hidden: bool = False
    derived: bool = False
    stored: BlockPart | None = None  # the whole block model where `part` is only what is drawn


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it is: parts in its own axes and units.

    `metres` is the length of its unit where it declares one, `up` its declared vertical axis,
    `up_is_certain` whether the format itself fixes it (glTF, OMF, Survex). `bounds_of` positions
    replace the parts' own for the printed bounds (a survey's stations, not its swept walls).
    `arrival` is a known place to stand: feet position and gaze direction, each three numbers.
    """

    parts: list[NamedPart]
    counts: Counts
    metres: float | None = None
    unit_name: str = ""
    up: Up | None = None
    up_is_certain: bool = False
    crs: str | None = None
    guesses: list[Note] = field(default_factory=list)
    repairs: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    bounds: list[list[float]] | None = None
    arrival: tuple[list[float], list[float]] | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that can be baked: parts in survey metres, z up, and everything said about it."""

    format: str
    parts: list[NamedPart]
    counts: Counts
    bounds: list[list[float]] | None
    crs: str
    units: str
    axes: str
    guesses: list[Note]
    repairs: list[Note]
    warnings: list[Note]
    arrival: tuple[list[float], list[float]] | None = None
    details: dict[str, Any] = field(default_factory=dict)


Reader = Callable[[Path, ImportOptions], Found]


class FileReport(TypedDict):
    """One file of `--json`."""

    path: str
    format: str
    status: Literal["imported", "refused"]
    triangles: int
    points: int
    lines: int
    nodes: int
    blocks: int
    bounds: list[list[float]] | None
    crs: str
    units: str
    axes: str
    layers: list[str]
    guesses: list[dict[str, Any]]
    repairs: list[dict[str, Any]]
    message: str
