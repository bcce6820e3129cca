"""One MCAP file that is being written: a whole chunk every second, so that a crash leaves it whole.

Used by one thread. It overwrites no file, and cuts off a chunk that the disk took only in part.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from mcap.writer import Writer

from sync_server.recording.contents import TOPICS, VERSION, Content, schema_of

SUFFIX: Final = ".mcap"
_SIBLINGS: Final = 10_000


def place_for(path: Path, room: str, started: float) -> Path:
    """The file that `--record PATH` means: in a folder, one named after the room and the time.

    `started` is unix seconds; the name says it in UTC.
    """
    if not path.is_dir():
        return path
    stamp = datetime.fromtimestamp(started, UTC).strftime("%Y%m%dT%H%M%SZ")
    return path / f"{room}-{stamp}{SUFFIX}"


def _create(path: Path) -> tuple[Path, IO[bytes]]:
    """A new file at `path`, or beside it with a number where there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _SIBLINGS):
        name = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        with contextlib.suppress(FileExistsError):
            return name, name.open("xb")
    raise FileExistsError(17, "too many recordings of this name", str(path))


class McapFile:
    """A file with its channels. Raises OSError where the disk does not take it."""

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        self.path, self._file = _create(path)
        self._whole: int | None = 0  # bytes up to the last whole chunk; None: the index is there
        try:
            self._writer = Writer(self._file)
            self._writer.start(profile="", library="kenish")
            self._channels: dict[type[Content], int] = {}
            for model, topic in TOPICS.items():
                schema = json.dumps(schema_of(model)).encode()
                name = f"kenish.{model.__name__}"
                schema_id = self._writer.register_schema(name, "jsonschema", schema)
                self._channels[model] = self._writer.register_channel(topic, "json", schema_id)
            self._writer.add_metadata("kenish", {"version": VERSION, **metadata})
            self.flush()
        except BaseException:
            self.cut()
            self.path.unlink(missing_ok=True)
            raise
        self._sequence = 0

    def write(self, model: type[Content], log_ns: int, publish_ns: int, data: bytes) -> None:
        """Add a message; it is on its way to the disk with the next `flush`."""
        self._sequence += 1
        self._writer.add_message(self._channels[model], log_ns, data, publish_ns, self._sequence)

    def flush(self) -> None:
        """Write the chunk in progress."""
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._whole = self._file.tell()
        self.written = time.monotonic()

    def finish(self) -> None:
        """Write the index and close."""
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._file.close()
        self._whole = None

    def cut(self) -> None:
        """Close after a failure: what was written up to the last whole chunk stays."""
        if self._whole is None:
            return
        with contextlib.suppress(OSError):
            self._file.close()  # closes the descriptor, also where the buffer cannot be written
        with contextlib.suppress(OSError):
            os.truncate(self.path, self._whole)
