"""The feature table of a 3D Tiles 1.0 tile: JSON, and numbers in the bytes behind it.

Lengths that a file claims are checked against its bytes. It knows no property's meaning.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Table:
    """A feature table: its JSON and the bytes behind it."""

    values: dict[str, Any]
    binary: bytes

    def array(self, name: str, kind: str, count: int, width: int) -> npt.NDArray[Any] | None:
        """(count, width) of a property that lies in the binary part, None where it is not there."""
        entry = self.values.get(name)
        if entry is None:
            return None
        start = int(entry["byteOffset"])
        dtype = np.dtype(kind)
        if start < 0 or count < 0 or start + count * width * dtype.itemsize > len(self.binary):
            raise ValueError(f"{name} reaches beyond the feature table")
        return np.frombuffer(self.binary, dtype, count * width, start).reshape(count, width)

    def triple(self, name: str) -> npt.NDArray[np.float64] | None:
        """Three numbers for the whole tile, in the JSON or in the binary part."""
        entry = self.values.get(name)
        if isinstance(entry, dict):
            stored = self.array(name, "<f4", 1, 3)
            return None if stored is None else stored[0].astype(np.float64)
        if entry is None:
            return None
        found = np.asarray(entry, np.float64)
        if found.shape != (3,) or not np.isfinite(found).all():
            raise ValueError(f"{name} is not three finite numbers")
        return found


def read_table(data: bytes, head: int) -> tuple[Table, bytes]:
    """(feature table, what follows both tables) of a tile whose header has `head` bytes."""
    text, binary, batch_text, batch_binary = struct.unpack_from("<4I", data, 12)
    at = head + text
    rest = at + binary + batch_text + batch_binary
    if rest > len(data):
        raise ValueError("the tables are longer than the tile")
    values = json.loads(data[head:at]) if text else {}
    if not isinstance(values, dict):
        raise ValueError("the feature table is no map")
    return Table(values, data[at : at + binary]), data[rest:]
