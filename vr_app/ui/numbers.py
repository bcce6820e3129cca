"""Numbers, units and ages as people of a language write them.

Turns values into text and never judges them.
"""

from __future__ import annotations

import math
from typing import Final

from assets.text import Translator
from sync_server.wire.units import unit_label

NARROW_SPACE: Final = "\u00a0"
_COMMA_LANGUAGES: Final = frozenset({"ru", "kk"})
# UCUM code -> message id; a unit without a message is written as engineers everywhere do.
_UNITS: Final[dict[str, str]] = {
    "[ppm]": "ui-unit-ppm",
    "[ppb]": "ui-unit-ppb",
    "%": "ui-unit-percent",
    "Cel": "ui-unit-celsius",
    "m": "ui-unit-m",
    "cm": "ui-unit-cm",
    "mm": "ui-unit-mm",
    "m/s": "ui-unit-m-s",
    "mm/s": "ui-unit-mm-s",
    "m3/s": "ui-unit-m3-s",
    "m3/h": "ui-unit-m3-h",
    "L/s": "ui-unit-l-s",
    "l/s": "ui-unit-l-s",
    "mg/m3": "ui-unit-mg-m3",
    "ug/m3": "ui-unit-ug-m3",
    "mg/L": "ui-unit-mg-l",
    "ug/L": "ui-unit-ug-l",
    "uS/cm": "ui-unit-us-cm",
    "mS/cm": "ui-unit-ms-cm",
    "mV": "ui-unit-mv",
    "kPa": "ui-unit-kpa",
    "Pa": "ui-unit-pa",
    "hPa": "ui-unit-hpa",
    "kW": "ui-unit-kw",
    "A": "ui-unit-a",
    "[NTU]": "ui-unit-ntu",
    "{NTU}": "ui-unit-ntu",
    "s": "ui-unit-s",
    "min": "ui-unit-min",
}
_NO_UNIT: Final = frozenset({"[pH]", "1", "", "{count}"})


def number_text(value: float, decimals: int, language: str) -> str:
    """The value with that many decimals; a real minus sign, and a comma where the language has
    one. Groups of three are parted by a space from 10 000 on."""
    if not math.isfinite(value):
        return "–"
    digits = f"{abs(value):.{decimals}f}"
    whole, _, fraction = digits.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", NARROW_SPACE)
    sign = "−" if value < 0 and float(digits) != 0 else ""
    point = "," if language in _COMMA_LANGUAGES else "."
    return sign + whole + (point + fraction if fraction else "")


def unit_text(ucum: str, translate: Translator) -> str:
    """A UCUM unit as people write it; empty for pH and plain counts."""
    if ucum in _NO_UNIT:
        return ""
    message = _UNITS.get(ucum)
    return translate(message) if message else unit_label(ucum)


def age_text(seconds: float, translate: Translator) -> str:
    """An age or a duration in its largest whole unit: 3 s, 5 min, 2 h, 4 d."""
    seconds = max(seconds, 0.0)
    for limit, size, message in (
        (60, 1, "ui-age-seconds"),
        (3600, 60, "ui-age-minutes"),
        (86400, 3600, "ui-age-hours"),
    ):
        if seconds < limit:
            return translate(message, {"n": int(seconds // size)})
    return translate("ui-age-days", {"n": int(min(seconds, 1e9) // 86400)})


def clock_text(seconds: float) -> str:
    """Minutes and seconds left or spent, as 4:05."""
    whole = max(math.ceil(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"


def distance_text(metres: float, translate: Translator) -> str:
    """A distance with the precision that is worth reading."""
    decimals = 1 if metres < 10 else 0
    value = number_text(metres, decimals, translate.language)
    return value + NARROW_SPACE + translate("ui-unit-m")
