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

from vr_app.ui.settings_panel import Settings


def settings_file() -> Path:
    """Where a person's settings are kept."""
    return platformdirs.user_config_path("kenish", appauthor=False) / "settings.json"


def load_settings(path: Path | None, language: str) -> Settings:
    """Settings kept on this machine; `language` where none were kept."""
    values: Any = {"language": language}
    if path is not None:
        with contextlib.suppress(OSError, ValueError):
            values = json.loads(path.read_text(encoding="utf-8"))
    return Settings.from_dict(values if isinstance(values, dict) else {})


def save_settings(path: Path, settings: Settings) -> None:
    """Keep settings; a full disk must not stop a visit."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(settings)), encoding="utf-8")
