"""Looks whether the state folder's disk still takes data, by writing a little to it.

It changes nothing that matters: one file of its own, made and removed. It blocks; call it from
a thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROBE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class DiskState:
    """What was found: writable or not, and bytes free (-1: cannot be told)."""

    writable: bool = True
    free_bytes: int = -1
    reason: str = ""


def look(folder: Path) -> DiskState:
    """Write, sync and remove a file in the folder."""
    path = folder / ".probe"  # one name, so that no crash leaves a second one
    free = -1
    try:
        free = shutil.disk_usage(folder).free
        try:
            with path.open("wb") as file:
                file.write(bytes(PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    except OSError as error:
        return DiskState(False, free, error.strerror or type(error).__name__)
    return DiskState(True, free)
