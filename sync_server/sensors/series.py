"""Reads a recorded series row by row: ARFF, or CSV with a header and perhaps a row of units.

Every guess about time is kept to be shown; a bad row is handed on with its line number and reason
and never ends the reading. Files of any length are read without holding them in memory.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TextIO

from sync_server.sensors.errors import SensorRefused
from sync_server.sensors.series_time import TimeReader, guess_time, named_time

MAX_LINE: Final = 64 * 1024
MAX_COLUMNS: Final = 1024
SAMPLE_ROWS: Final = 400
MISSING: Final = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-"})

# How a comma inside a number is meant.
Comma = Literal["none", "decimal", "thousands"]
_WITH_COMMA: Final = re.compile(r"[-+]?\d+(,\d+)+(\.\d+)?")
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(,\d{3})+\.\d+")

RowFault = Literal["cells", "number", "time", "line-too-long", "no-values"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, its time (seconds, any zero) and its values by column.

    A column that is missing in this row is left out; `faults` names cells that are no numbers.
    """

    line: int
    time: float
    values: Mapping[str, float]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read, and why."""

    line: int
    fault: RowFault


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that the file does not say: a message id and its arguments."""

    message_id: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """An opened series: what its columns are, and how to read its rows (again and again)."""

    path: Path
    format: Literal["arff", "csv"]
    columns: tuple[str, ...]
    units: Mapping[str, str]
    guesses: tuple[Guess, ...]
    size: int
    rows: Callable[[], Iterator[tuple[Row | BadRow, int]]]
    """A fresh pass over the file: each row with the bytes read so far (for progress)."""


def number(text: str, comma: Comma = "none") -> float | None:
    """A cell as a finite float; None where it is none."""
    if comma != "none":
        text = text.replace(",", "." if comma == "decimal" else "")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip().lower() in MISSING


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(256 * 1024)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SensorRefused("sensors-file-binary", file=str(path))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # A character may be cut at the end of what was read.
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"


def _lines(file: TextIO) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; an over-long line comes as "\\0" and is no text."""
    line = 0
    while text := file.readline(MAX_LINE):
        line += 1
        if len(text) == MAX_LINE and not text.endswith("\n"):
            while (rest := file.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass
            text = "\0"
        yield line, text.rstrip("\r\n")


def _cells(text: str, delimiter: str, quote: str = '"') -> list[str]:
    """The cells of one line; raises csv.Error."""
    row = next(csv.reader([text], delimiter=delimiter, quotechar=quote, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def open_series(
    path: Path,
    *,
    interval_s: float = 1.0,
    time_column: str | None = None,
    time_format: str | None = None,
) -> Series:
    """Open a recorded series and decide what its columns and times are.

    `interval_s` is used where the file has no times. `time_column` names the column of times
    ("none": there is none), `time_format` how they are written (as for strptime); both override
    the guess. Raises `SensorRefused`.
    """
    try:
        if not path.is_file():
            raise SensorRefused("sensors-no-file", file=str(path))
        encoding = _encoding(path)
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            start = [text for _, text in islice(_lines(file), SAMPLE_ROWS + 20)]
    except OSError as error:
        raise SensorRefused(
            "sensors-file-unreadable", file=str(path), reason=str(error.strerror)
        ) from error
    first = next((text for text in start if text.strip() and not text.startswith("%")), "")
    layout = (
        _arff_layout(path, encoding)
        if path.suffix.lower() == ".arff" or first.strip().lower().startswith("@relation")
        else _csv_layout(path, start)
    )
    guesses = list(layout.guesses)
    if encoding == "cp1251":
        guesses.append(Guess("sensors-guess-encoding", {"encoding": encoding}))
    reader: TimeReader | None = None
    if time_column != "none":
        if time_column is not None:
            if time_column not in layout.columns:
                raise SensorRefused(
                    "sensors-no-column", column=time_column, known=", ".join(layout.columns)
                )
            reader = named_time(layout.columns, layout.sample, time_column, time_format)
            if reader is None:
                raise SensorRefused("sensors-bad-time", column=time_column)
        elif layout.format == "csv":
            reader = guess_time(layout.columns, layout.sample, layout.units, time_format)
    if reader is None:
        guesses.append(Guess("sensors-guess-interval", {"interval": f"{interval_s:g}"}))
        taken: set[str] = set()
    else:
        taken = {layout.columns[index] for index in reader.indices}
        names = " + ".join(layout.columns[index] for index in reader.indices)
        guesses.append(Guess("sensors-guess-time", {"column": names, "format": reader.format}))
    values = {
        name: index
        for index, name in enumerate(layout.columns)
        if name not in taken and _has_numbers(layout, index)
    }
    if not values:
        raise SensorRefused("sensors-no-values", file=str(path))

    def rows() -> Iterator[tuple[Row | BadRow, int]]:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            read, count = 0, 0
            for line, text in _lines(file):
                read += len(text) + 1
                if line < layout.first_row or not text.strip() or text.startswith("%"):
                    continue
                row = _row(layout, reader, values, line, text, count * interval_s)
                count += 1
                yield row, read

    return Series(
        path,
        layout.format,
        tuple(values),
        {name: layout.units[name] for name in values if layout.units.get(name)},
        tuple(guesses),
        path.stat().st_size,
        rows,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    format: Literal["arff", "csv"]
    columns: tuple[str, ...]
    units: Mapping[str, str]
    first_row: int
    delimiter: str
    quote: str
    comma: Comma
    sample: Sequence[Sequence[str]]
    guesses: tuple[Guess, ...] = ()


def _row(
    layout: _Layout,
    reader: TimeReader | None,
    columns: Mapping[str, int],
    line: int,
    text: str,
    otherwise: float,
) -> Row | BadRow:
    if text == "\0":
        return BadRow(line, "line-too-long")
    try:
        cells = _cells(text, layout.delimiter, layout.quote)
    except csv.Error:
        return BadRow(line, "cells")
    if len(cells) != len(layout.columns):
        return BadRow(line, "cells")
    time: float | None = otherwise
    if reader is not None:
        time = reader.read(cells)
        if time is None:
            return BadRow(line, "time")
    assert time is not None
    values: dict[str, float] = {}
    faults: list[str] = []
    for name, index in columns.items():
        value = number(cells[index], layout.comma)
        if value is not None:
            values[name] = value
        elif not is_missing(cells[index]):
            faults.append(name)
    if not values:
        return BadRow(line, "number" if faults else "no-values")
    return Row(line, time, values, tuple(faults))


def _has_numbers(layout: _Layout, index: int) -> bool:
    cells = [row[index] for row in layout.sample if not is_missing(row[index])]
    return bool(cells) and 2 * sum(number(cell, layout.comma) is not None for cell in cells) >= len(
        cells
    )


def _csv_layout(path: Path, start: list[str]) -> _Layout:
    """`start` is the beginning of the file; a title line above the header is passed over."""
    filled = [i for i, text in enumerate(start) if text.strip()]
    if not filled:
        raise SensorRefused("sensors-no-values", file=str(path))
    header_at = filled[0]
    if len(filled) > 2 and not any(mark in start[header_at] for mark in "\t;,"):
        header_at = next((i for i in filled[1:4] if any(m in start[i] for m in "\t;,")), header_at)
    header = start[header_at]
    delimiter = next((mark for mark in "\t;" if mark in header), ",")
    try:
        columns = _cells(header, delimiter)
        body = [_cells(text, delimiter) for text in start[header_at + 1 :][: SAMPLE_ROWS + 1]]
    except csv.Error as error:
        raise SensorRefused("sensors-not-a-series", file=str(path)) from error
    if (
        len(columns) > MAX_COLUMNS
        or not all(columns)
        or len(set(columns)) != len(columns)
        or all(number(cell) is not None for cell in columns)
    ):
        raise SensorRefused("sensors-not-a-series", file=str(path))
    rows = [row for row in body if len(row) == len(columns)]
    comma = _comma(rows)
    units: dict[str, str] = {}
    first_row = header_at + 2
    guesses: list[Guess] = []
    if len(rows) > 1 and body[0] == rows[0] and _is_unit_row(rows[0], rows[1], comma):
        units = dict(zip(columns, rows[0], strict=True))
        rows, first_row = rows[1:], first_row + 1
        guesses.append(Guess("sensors-guess-units"))
    if comma != "none":
        guesses.append(Guess(f"sensors-guess-comma-{comma}"))
    return _Layout(
        "csv", tuple(columns), units, first_row, delimiter, '"', comma, rows, tuple(guesses)
    )


def _comma(rows: Sequence[Sequence[str]]) -> Comma:
    found = [cell for row in rows for cell in row if _WITH_COMMA.fullmatch(cell)]
    if not found:
        return "none"
    return "thousands" if any(_THOUSANDS.fullmatch(cell) for cell in found) else "decimal"


def _is_unit_row(row: Sequence[str], following: Sequence[str], comma: Comma) -> bool:
    """A row without a single number above a row that has some."""
    return (
        any(cell and not is_missing(cell) for cell in row)
        and all(number(cell, comma) is None for cell in row)
        and any(number(cell, comma) is not None for cell in following)
        and not any(character.isdigit() for cell in row for character in cell[:1])
    )


def _arff_layout(path: Path, encoding: str) -> _Layout:
    columns: list[str] = []
    sample: list[list[str]] = []
    first_row = 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for line, text in _lines(file):
            word, _, rest = text.strip().partition(" ")
            if first_row:
                if text.strip() and not text.startswith("%"):
                    try:
                        sample.append(_cells(text, ",", "'"))
                    except csv.Error:
                        continue
                if len(sample) >= SAMPLE_ROWS:
                    break
            elif word.lower() == "@attribute":
                rest = rest.strip()
                if rest[:1] in {"'", '"'}:
                    columns.append(rest[1:].partition(rest[0])[0])
                else:
                    columns.append((rest.split() or [""])[0])
            elif word.lower() == "@data":
                first_row = line + 1
            if len(columns) > MAX_COLUMNS or line > 100_000:
                break
    if not first_row or not columns or not all(columns) or len(set(columns)) != len(columns):
        raise SensorRefused("sensors-not-a-series", file=str(path))
    sample = [row for row in sample if len(row) == len(columns)]
    return _Layout("arff", tuple(columns), {}, first_row, ",", "'", "none", sample)
