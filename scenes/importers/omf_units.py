"""Reads the free-text unit of an OMF project. Guesses nothing: an unknown word declares nothing."""

from __future__ import annotations

from scenes.importers.contract import UNITS

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
