"""Checks that the state and cache folders can be written and that there is room on their disk.

Leaves nothing behind but the folders themselves, which every other command makes too.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path, user_data_path

from vr_app.doctor.finding import Finding

NEEDED_BYTES: Final = 300_000_000  # the bundled twin, a room and a recording
COMFORTABLE_BYTES: Final = 3_000_000_000  # some baked mines and their tile caches


def judge_space(folder: str, free: int) -> Finding:
    """What `free` bytes in `folder` mean."""
    arguments: dict[str, str | int | float] = {"folder": folder, "free": f"{free / 1e9:.1f}"}
    if free < NEEDED_BYTES:
        return Finding("disk", "fail", "doctor-disk-full", arguments, "doctor-fix-disk")
    if free < COMFORTABLE_BYTES:
        return Finding("disk", "warn", "doctor-disk-low", arguments, "doctor-fix-disk")
    return Finding("disk", "ok", "doctor-disk-ok", arguments)


def check_writable(identity: str, folder: Path) -> Finding:
    """Write a file into `folder`, which is made if need be, and read it back."""
    arguments: dict[str, str | int | float] = {"folder": str(folder)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"kenish")
            file.seek(0)
            if file.read() != b"kenish":
                raise OSError("the file came back changed")
    except OSError as error:
        arguments["reason"] = error.strerror or str(error)
        return Finding(identity, "fail", "doctor-folder-refused", arguments, "doctor-fix-folder")
    return Finding(identity, "ok", "doctor-folder-ok", arguments)


def check(state: Path | None = None, cache: Path | None = None) -> list[Finding]:
    """The state folder, the cache folder, and the space on the cache's disk."""
    state = state or user_data_path("kenish", appauthor=False)
    cache = cache or user_cache_path("kenish", appauthor=False)
    findings = [check_writable("state-folder", state), check_writable("cache-folder", cache)]
    if findings[1].status == "ok":
        findings.append(judge_space(str(cache), shutil.disk_usage(cache).free))
    return findings
