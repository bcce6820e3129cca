"""The scalar field of a layer: one byte a vertex in its tiles, and the table of values beside them.

Half of the 255 values are spread evenly over the range and half over the data, so that neither a
rare high grade nor a crowd of low ones is lost. It never decides what is shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scenes.geometry import BlockPart, Float64s, MeshPart, Part, UInt8s

FIELD_FILE: Final = "field.json"
VALUES: Final = 255  # code 0 says that there is no value
_LONGEST: Final = 200
_MOST_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class FieldTable:
    """name of what is measured; values (255,) float64 of the codes 1 to 255, ascending."""

    name: str
    values: Float64s

    def codes(self, data: Float64s) -> UInt8s:
        """(n,) the code of the nearest value; 0 where `data` (n,) is no finite number."""
        middles = (self.values[1:] + self.values[:-1]) / 2
        codes = np.searchsorted(middles, np.nan_to_num(data)) + 1
        return np.where(np.isfinite(data), codes, 0).astype(np.uint8)

    def data(self, codes: UInt8s) -> Float64s:
        """(n,) the value of each code, NaN for 0."""
        return np.concatenate([[np.nan], self.values])[codes]

    def json(self) -> bytes:
        """As FIELD_FILE holds it."""
        return json.dumps({"name": self.name, "values": self.values.tolist()}).encode()


def read_field(data: bytes) -> FieldTable:
    """The table in a FIELD_FILE. Raises ValueError where it is none."""
    if len(data) > _MOST_BYTES:
        raise ValueError("too long for a field's values")
    try:
        found = json.loads(data)
        values = np.asarray(found["values"], np.float64)
        name = str(found["name"])[:_LONGEST]
    except (TypeError, KeyError, RecursionError, AttributeError) as error:
        raise ValueError(f"no table of values: {error}") from error
    if values.shape != (VALUES,) or not np.isfinite(values).all() or np.any(np.diff(values) < 0):
        raise ValueError("a field has 255 ascending values")
    return FieldTable(name, values)


def make_table(name: str, data: Float64s) -> FieldTable | None:
    """The table of some data (n,); None where no finite number is among it."""
    finite = data[np.isfinite(data)]
    if not len(finite):
        return None
    even = np.linspace(finite.min(), finite.max(), VALUES - VALUES // 2)
    crowd = np.quantile(finite, np.linspace(0.0, 1.0, VALUES // 2))
    return FieldTable(name, np.sort(np.concatenate([even, crowd])))


def field_of(parts: Sequence[Part]) -> FieldTable | None:
    """The table of all parts' values: the first attribute of blocks, the values of meshes."""
    name, found = "", []
    for part in parts:
        data = values_of(part)
        if data is not None:
            name = name or (next(iter(part.attributes)) if isinstance(part, BlockPart) else "")
            found.append(data)
    return make_table(name[:_LONGEST], np.concatenate(found)) if found else None


def values_of(part: Part) -> Float64s | None:
    """(n,) the values of a part's blocks or vertices, if it has any."""
    if isinstance(part, BlockPart):
        return next(iter(part.attributes.values()), None)
    return part.values if isinstance(part, MeshPart) else None
