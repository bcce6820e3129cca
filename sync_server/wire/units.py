"""Checks UCUM unit codes and writes them the way people read them: "m3/s" becomes "m³/s".

Knows the units of mine sensors and refuses to guess others; it never converts a value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_CODE_LENGTH: Final = 48

# Atoms that take a prefix, and how they are written.
METRIC: Final[dict[str, str]] = {
    "g": "g",
    "m": "m",
    "s": "s",
    "L": "L",
    "l": "L",
    "t": "t",
    "Pa": "Pa",
    "bar": "bar",
    "K": "K",
    "S": "S",
    "V": "V",
    "A": "A",
    "W": "W",
    "J": "J",
    "N": "N",
    "Hz": "Hz",
    "Ohm": "Ω",
    "mol": "mol",
    "eq": "eq",
    "lx": "lx",
    "Bq": "Bq",
    "Sv": "Sv",
    "Gy": "Gy",
    "B": "B",
    "Cel": "°C",
    "m[H2O]": "mH₂O",
}
# Atoms that stand alone.
PLAIN: Final[dict[str, str]] = {
    "%": "%",
    "[ppm]": "ppm",
    "[ppb]": "ppb",
    "[pH]": "",
    "[NTU]": "NTU",
    "[FNU]": "FNU",
    "min": "min",
    "h": "h",
    "d": "d",
    "a": "a",
    "mo": "mo",
    "wk": "wk",
    "deg": "°",
    "1": "",
    "[in_i]": "in",
    "[ft_i]": "ft",
    "[degF]": "°F",
    "[psi]": "psi",
}
PREFIXES: Final[dict[str, str]] = {
    "n": "n",
    "u": "µ",
    "m": "m",
    "c": "c",
    "d": "d",
    "h": "h",
    "k": "k",
    "M": "M",
    "G": "G",
    "T": "T",
}
_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_COMPONENT: Final = re.compile(
    r"(?P<atom>10\*|1|%|(?:[A-Za-z]*\[[A-Za-z0-9_]+\])|[A-Za-z]+)?(?P<exponent>[+-]?[1-9])?"
    r"(?P<note>\{[^{}\[\]/]{1,24}\})?"
)


def _component(text: str) -> str | None:
    """One factor as people write it; None where it is no known unit."""
    match = _COMPONENT.fullmatch(text)
    if match is None or not text:
        return None
    atom, exponent = match["atom"], match["exponent"] or ""
    note = (match["note"] or "")[1:-1]
    if atom is None:
        return note if note and not exponent else None
    if atom == "10*":
        written: str | None = "10"
    elif atom in PLAIN:
        written = PLAIN[atom]
    elif atom in METRIC:
        written = METRIC[atom]
    elif atom[0] in PREFIXES and atom[1:] in METRIC:
        written = PREFIXES[atom[0]] + METRIC[atom[1:]]
    else:
        return None
    power = exponent.removeprefix("+").translate(_SUPERSCRIPT)
    return " ".join(part for part in (f"{written}{power}", note) if part)


@lru_cache(maxsize=1024)
def _label(code: str) -> str | None:
    if not 0 < len(code) <= MAX_CODE_LENGTH:
        return None
    parts = code.split("/")
    written: list[str] = []
    for position, part in enumerate(parts):
        factors = [_component(factor) for factor in part.split(".")] if part else []
        if any(factor is None for factor in factors) or (
            not factors and (position > 0 or len(parts) == 1)
        ):
            return None
        written.append("·".join(factor for factor in factors if factor))
    if written[0] == "" and len(written) > 1:
        written[0] = "1"
    return "/".join(written)


def is_unit(code: str) -> bool:
    """Whether `code` is a UCUM code of the units known here."""
    return _label(code) is not None


def unit_label(code: str) -> str:
    """How a unit is written beside a number: "°C", "µS/cm"; "" for pH; an unknown code as it is."""
    label = _label(code)
    return code[:MAX_CODE_LENGTH] if label is None else label
