"""Keeps a resume token between two runs of a program, for one room address.

Readable by its owner only; a missing or damaged file only means a new identity.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a program knows of a room from its last run; empty texts: nothing."""

    token: str = ""
    epoch: str = ""  # of the room's life in which we were there
    member: str = ""  # our pseudonym


def load(path: Path | None, address: str) -> Remembered:
    """What was kept for an address."""
    if path is None:
        return Remembered()
    try:
        if path.stat().st_size > MAX_BYTES:
            return Remembered()
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Remembered()
    if not isinstance(content, dict) or content.get("address") != address:
        return Remembered()
    texts = (content.get(name, "") for name in ("resume", "epoch", "member"))
    return Remembered(*(text if isinstance(text, str) else "" for text in texts))


def save(path: Path | None, address: str, kept: Remembered) -> None:
    """Keep the newest token; a disk that will not take it costs the identity, not the session."""
    if path is None:
        return
    content = {"address": address, "resume": kept.token}
    text = json.dumps(content | {"epoch": kept.epoch, "member": kept.member})
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
