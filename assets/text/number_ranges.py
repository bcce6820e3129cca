"""Numbers of a command line that lie in a range: types for `CommandParser.option`.

It knows ranges only; what a number means is the command's business.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable


def _shown(value: float) -> str:
    return f"{value:.12g}"


def _range(low: float, high: float, above: bool) -> str:
    if math.isinf(high):
        return f"above {_shown(low)}" if above else f"from {_shown(low)} on"
    return f"{'above' if above else 'from'} {_shown(low)} to {_shown(high)}"


def number(low: float, high: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """An option's finite number from `low` (or `above` it) to `high`, both included."""
    wanted = _range(low, high, above)

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (low <= value <= high and math.isfinite(value)) or (above and value == low):
            raise argparse.ArgumentTypeError(f"{text[:64]!r} is not a number {wanted}")
        return value

    return read


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """An option's whole number from `low` to `high`, both included."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text[:64]!r} is not a whole number {_range(low, high, False)}"
            )
        return value

    return read
