"""Writes what a person asked for, whole or not at all, and says why where that is refused.

Knows no format; whoever calls it brings the bytes.
"""

from __future__ import annotations

from pathlib import Path

from scenes.twin import write_atomically
from vr_app.errors import CommandRefused


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises `CommandRefused`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file, and make its folder. Raises `CommandRefused`."""
    make_folder(path.parent)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> CommandRefused:
    return CommandRefused("app-not-written", path=str(path), reason=error.strerror or str(error))
