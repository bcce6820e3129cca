"""Keeps a resume token between two runs of a program, for one room address.

Readable by its owner only; a missing or damaged file only means a new identity.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 16 * 1024


def load(path: Path | None, address: str) -> str | None:
    """The token for an address, or None."""
    if path is None:
        return None
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.get("address") != address:
        return None
    token = content.get("resume")
    return token if isinstance(token, str) else None


def save(path: Path | None, address: str, token: str) -> None:
    """Keep the newest token; a disk that will not take it costs the identity, not the session."""
    if path is None:
        return
    text = json.dumps({"address": address, "resume": token})
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
