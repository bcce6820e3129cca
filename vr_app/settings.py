"""A person's settings on this machine: read and kept as a small JSON file.

What the settings are is `vr_app.ui.settings_panel.Settings`; a broken file means defaults.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs

from scenes.twin import write_atomically
from vr_app.ui.settings_panel import Settings


def settings_file() -> Path:
    """Where a person's settings are kept."""
    return platformdirs.user_config_path("kenish", appauthor=False) / "settings.json"


def load_settings(path: Path | None, language: str, chosen: bool = False) -> Settings:
    """Settings kept on this machine; `language` where none were kept, or where it was `chosen`
    for this run."""
    values: Any = None
    if path is not None:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            values = json.loads(path.read_text(encoding="utf-8"))
    kept = values if isinstance(values, dict) else {}
    if chosen:
        kept = kept | {"language": language}
    return Settings.from_dict({"language": language} | kept)


def save_settings(path: Path, settings: Settings) -> None:
    """Keep settings; a full disk must not stop a visit."""
    with contextlib.suppress(OSError):
        write_atomically(path, json.dumps(asdict(settings)).encode())
