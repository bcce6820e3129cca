"""Finds the times in the columns of a recorded series, and reads them.

Pure: it decides from the names and a sample of cells, says what it decided, and can be overruled.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sync_server.sensors.observation import Rejected
from sync_server.sensors.payload import parse_time

ISO: Final = "ISO 8601"
SECONDS: Final = "seconds"
# Bad rows are forgiven up to here; a column with fewer times is no column of times.
LEAST_SHARE: Final = 0.7
_NAMES: Final = re.compile(
    r"(date[ _-]?time.*|time[ _-]?stamp.*|date|time|ts|t|phenomenon[ _-]?time"
    r"|result[ _-]?time|время|дата.*|уақыт|күні|日時|時刻)",
    re.IGNORECASE,
)
# Written day first or month first: decided by the numbers, else by the separator.
_DATES: Final[Mapping[str, tuple[str, ...]]] = {
    "/": ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y/%m/%d"),
    ".": ("%d.%m.%Y", "%d.%m.%y", "%m.%d.%Y", "%Y.%m.%d"),
    "-": ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y"),
}
_CLOCKS: Final = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads the time of a row from one or two of its cells."""

    indices: tuple[int, ...]
    format: str

    def read(self, cells: Sequence[str]) -> float | None:
        """Seconds (unix, or from any zero where the file counts from one); None: no time."""
        return _parser(self.format)(" ".join(cells[index] for index in self.indices))


def _parser(form: str) -> Callable[[str], float | None]:
    def iso(text: str) -> float | None:
        try:
            return parse_time(text.replace("/", "-"))
        except Rejected:
            return None

    def seconds(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        return parse_time(value)

    def written(text: str) -> float | None:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            return None

    return {ISO: iso, SECONDS: seconds}.get(form, written)


def _formats(sample: str) -> list[str]:
    """Formats worth trying for a text such as this one."""
    if ":" not in sample and "-" not in sample[1:] and "/" not in sample and sample.count(".") < 2:
        return [SECONDS]
    separator = next((one for one in "/.-" if one in sample[:11]), "-")
    dates = _DATES[separator]
    if ":" not in sample:
        return [ISO, *dates]
    return [ISO, *(f"{date} {clock}" for clock in _CLOCKS for date in dates)]


def _fit(texts: Sequence[str], form: str | None) -> str | None:
    """The format that reads most of the texts; of equals, the one that gives the shortest span."""
    if not texts:
        return None
    best: tuple[int, float, int, str] | None = None
    for rank, candidate in enumerate([form] if form else _formats(texts[0])):
        parse = _parser(candidate)
        times = [parse(text) for text in texts]
        known = [time for time in times if time is not None]
        if len(known) < LEAST_SHARE * len(texts):
            continue
        # Day and month swapped make a series that jumps; the right one covers the shortest span.
        span = max(known) - min(known)
        found = (-len(known), span, rank, candidate)
        best = found if best is None else min(best, found)
    return best[3] if best else None


def named_time(
    columns: Sequence[str], sample: Sequence[Sequence[str]], name: str, form: str | None = None
) -> TimeReader | None:
    """A reader for the column that the user named; None where its cells are no times."""
    index = list(columns).index(name)
    found = _fit([row[index] for row in sample], form)
    return TimeReader((index,), found) if found else None


def guess_time(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    units: Mapping[str, str],
    form: str | None = None,
) -> TimeReader | None:
    """The time of a table: one column with date and clock, a date beside a clock, or seconds.

    `units` of "s" or "min" speak against a column being a date and are ignored here: only cells
    and names count.
    """
    named = [index for index, name in enumerate(columns) if _NAMES.fullmatch(name.strip())]
    dated: list[TimeReader] = []
    counted: list[TimeReader] = []
    for index in named:
        texts = [row[index] for row in sample]
        found = _fit(texts, form)
        if found == SECONDS:
            counted.append(TimeReader((index,), found))
        elif found and all(":" in text or "T" in text for text in texts):
            dated.append(TimeReader((index,), found))
    for first in named:
        for second in named:
            if first != second and not any(":" in row[first] for row in sample):
                found = _fit([f"{row[first]} {row[second]}" for row in sample], form)
                if found and found != SECONDS:
                    dated.append(TimeReader((first, second), found))
    whole_days = [
        TimeReader((index,), found)
        for index in named
        if (found := _fit([row[index] for row in sample], form)) and found != SECONDS
    ]
    return next(iter([*dated, *counted, *whole_days]), None)
