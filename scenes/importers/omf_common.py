"""What both OMF versions share: the free-text unit of a project, and colours as bytes.

Guesses nothing: an unknown word declares no unit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scenes.geometry import UInt8s
from scenes.importers.contract import UNITS, Note

_WORDS = {
    "metre": "m",
    "meter": "m",
    "metres": "m",
    "meters": "m",
    "м": "m",
    "millimetre": "mm",
    "millimetres": "mm",
    "millimeters": "mm",
    "centimetres": "cm",
    "centimeters": "cm",
    "kilometres": "km",
    "kilometers": "km",
    "inch": "in",
    "inches": "in",
    "foot": "ft",
    "feet": "ft",
    "us survey foot": "us-ft",
    "us survey feet": "us-ft",
    "usft": "us-ft",
    "ftus": "us-ft",
}


def metres_of(declared: object) -> tuple[float | None, str]:
    """(metres in one unit, its short name), or (None, "") where the text names none we know."""
    word = str(declared or "").strip().lower()
    short = _WORDS.get(word, word)
    return (UNITS[short], short) if short in UNITS else (None, "")


def byte_colours(values: npt.NDArray[np.number]) -> UInt8s:
    """Colour numbers as bytes: missing ones black, the rest cut to 0-255."""
    return np.asarray(np.clip(np.nan_to_num(values), 0, 255), np.uint8)


def left_out_notes(names: set[str]) -> list[Note]:
    """Warnings for what an OMF file holds and the twin does not."""
    return [
        Note("import-warning-textures")
        if name == "textures"
        else Note("import-warning-left-out", {"what": name})
        for name in sorted(names)
    ]
