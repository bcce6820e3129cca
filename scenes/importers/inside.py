"""Resolves a name that a mine file refers to, inside that file's own folder and nowhere else.

Opens nothing.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit


def file_inside(folder: Path, name: str) -> Path | None:
    """The existing file `name` under `folder`; None where it is missing, absolute, a URL, or
    leads outside (also through links)."""
    if not name or "\0" in name or "\\" in name or urlsplit(name).scheme:
        return None
    relative = Path(unquote(name))
    if relative.is_absolute() or relative.drive or ".." in relative.parts:
        return None
    try:
        home = folder.resolve(strict=True)
        target = (home / relative).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return target if target.is_file() and target.is_relative_to(home) else None
