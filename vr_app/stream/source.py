"""Where a twin's files come from, and a twin folder on this machine as such a source.

Called from worker threads; never from the frame thread. `vr_app.stream.http_source` reads them
from a server, and `vr_app.stream.cached_source` keeps what it read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from vr_app.errors import SourceError

MAX_FILE_BYTES = 512 * 1024 * 1024


def too_large(limit: int) -> str:
    """The reason for a file that has more bytes than it may have."""
    return f"> {limit // 2**20} MiB" if limit >= 2**20 else f"> {limit} B"


class TwinSource(Protocol):
    """Reads files of one twin by their path relative to the twin folder."""

    name: str

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises `SourceError`; `SourceLost` where a server is out of reach."""
        ...

    def kept(self, path: str) -> bytes | None:
        """The file's bytes if they can be had without the network. Raises `SourceError`."""
        ...

    @property
    def returns(self) -> int:
        """How often a lost server was found again: what failed with `SourceLost` may be asked for
        once more when this has grown."""
        ...

    @property
    def changed(self) -> bool:
        """Whether the twin is not what it was when reading began; the new one is not read."""
        ...

    def close(self) -> None:
        """Give connections back; reading goes on failing afterwards."""
        ...


def checked(path: str) -> str:
    """The path itself. Raises `SourceError` (`source-outside`) where it may lead elsewhere."""
    parts = path.split("/")
    strange = any(letter in path for letter in "\\:\0")
    if path.startswith("/") or strange or ".." in parts:
        raise SourceError("source-outside", path=path)
    return path


class FolderSource:
    """A twin folder on this machine."""

    returns = 0
    changed = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`."""
        file = self.folder / checked(path)
        try:
            if file.stat().st_size > MAX_FILE_BYTES:
                reason = too_large(MAX_FILE_BYTES)
                raise SourceError("source-unreadable", path=path, reason=reason)
            return file.read_bytes()
        except OSError as error:
            raise SourceError("source-unreadable", path=path, reason=str(error)) from error

    def kept(self, path: str) -> bytes:
        """All of it is here."""
        return self.read(path)

    def close(self) -> None:
        """Nothing is held open."""
