"""The container of an OMF 2 file: a zip with a comment, a gzip index and Parquet arrays.

Checks every size that the archive claims before unpacking it. Knows nothing of geometry.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import Refused
from scenes.importers.bounded import (
    MAX_FILE_BYTES,
    MAX_INFLATED_BYTES,
    MAX_JSON_BYTES,
    cut_short,
    damaged,
    inflate,
)

_COMMENT = b"Open Mining Format 2."
_INDEX = "index.json.gz"
_MAX_ROWS = 100_000_000
_END = struct.Struct("<4s4H2LH")
Json = dict[str, Any]


def _check_end(path: Path) -> None:
    """The end record must be the last thing in the file, with its whole comment: a zip that was
    cut inside its comment would otherwise still open."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 70_000, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise cut_short("end of the zip archive", f"{size} B")
    comment = _END.unpack_from(tail, at)[-1]
    if at + _END.size + comment != len(tail):
        raise cut_short(f"{comment} B comment", f"{len(tail) - at - _END.size} B")


class Archive:
    """An opened OMF 2 file. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise Refused(
                "import-too-large",
                megabytes=path.stat().st_size // 2**20,
                limit=MAX_FILE_BYTES // 2**20,
            )
        _check_end(path)
        self._path = path
        self._left = MAX_INFLATED_BYTES
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, struct.error) as error:
            raise damaged(f"zip: {error}") from error

    def __enter__(self) -> Archive:
        try:
            self._check_kind()
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _check_kind(self) -> None:
        names = set(self._zip.namelist())
        if not self._zip.comment.startswith(_COMMENT):
            if "project.json" in names:
                raise Refused("import-omf-beta")
            comment = self._zip.comment.decode("utf-8", "replace")[:40]
            raise Refused("import-version", version=comment or "zip", known="OMF 2.x")
        if _INDEX not in names:
            raise damaged(f"no {_INDEX}")

    def member(self, name: object) -> bytes:
        """One file of the archive, its checksum verified."""
        try:
            info = self._zip.getinfo(str(name))
        except KeyError as error:
            raise damaged(f"{str(name)[:60]} is missing") from error
        if info.file_size > self._left:
            raise Refused("import-inflates", what=str(name)[:60], limit=MAX_INFLATED_BYTES // 2**20)
        try:
            with self._zip.open(info) as file:
                data = file.read(info.file_size + 1)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise damaged(f"{str(name)[:60]}: {error}") from error
        if len(data) != info.file_size:
            raise damaged(f"{str(name)[:60]}: {len(data)} B instead of {info.file_size} B")
        self._left -= len(data)
        return data

    def index(self) -> Json:
        """The project's JSON."""
        text = inflate(self.member(_INDEX), _INDEX, MAX_JSON_BYTES, gzip=True)
        try:
            index = json.loads(text.decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise damaged(f"{_INDEX}: {error}") from error
        if not isinstance(index, dict):
            raise damaged(_INDEX)
        return index

    def table(self, array: object) -> Any:
        """A Parquet array as a pyarrow table, its rows checked against the index."""
        import pyarrow
        import pyarrow.parquet

        if not isinstance(array, dict):
            raise damaged("array")
        name = str(array.get("filename", ""))[:60]
        expected = array.get("item_count")
        try:
            file = pyarrow.parquet.ParquetFile(io.BytesIO(self.member(array.get("filename"))))
            meta = file.metadata
            width = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
            if meta.num_rows > _MAX_ROWS or width > self._left:
                raise Refused("import-too-many", count=meta.num_rows, limit=_MAX_ROWS)
            if meta.num_rows != expected:
                raise cut_short(f"{name}: {expected}", meta.num_rows)
            self._left -= width
            return file.read(use_threads=False)
        except (pyarrow.ArrowException, OSError) as error:
            raise damaged(f"{name}: {str(error)[:80]}") from error

    def columns(self, array: object, names: tuple[str, ...]) -> npt.NDArray[Any]:
        """Columns of an array as (rows, columns)."""
        table = self.table(array)
        missing = [name for name in names if name not in table.column_names]
        if missing:
            raise damaged(f"column {missing[0]} is missing")
        return np.stack([numbers(table.column(name)) for name in names], axis=1)

    def scalars(self, array: object) -> npt.NDArray[Any]:
        """The only column of an array as (rows,) float64."""
        table = self.table(array)
        return numbers(table.column(0)).astype(np.float64)


def numbers(column: Any) -> npt.NDArray[Any]:
    """A pyarrow column as numbers: missing values become NaN, dates seconds since 1970.

    Raises `Refused` for columns that hold no numbers.
    """
    import pyarrow

    kind = column.type
    try:
        if pyarrow.types.is_timestamp(kind) or pyarrow.types.is_date(kind):
            moments = column.cast(pyarrow.timestamp("us"), safe=False).cast(pyarrow.int64())
            return np.asarray(moments.to_numpy(), np.float64) / 1e6
        if column.null_count or pyarrow.types.is_boolean(kind):
            return np.asarray(column.cast(pyarrow.float64()).to_numpy(), np.float64)
        values = column.to_numpy()
    except pyarrow.ArrowException as error:
        raise damaged(f"column: {str(error)[:80]}") from error
    if values.dtype.kind not in "iuf":
        raise damaged(f"column of {kind}")
    return np.asarray(values)
