"""Finds the twin that a recording was made in, among the folders where twins usually lie.

Looks only; a twin that somebody names is taken as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scenes.errors import Refused as SceneRefused
from scenes.twin import SCENE_FILE, open_twin
from sync_server.wire.errors import Refused

MOST_FOLDERS: Final = 200


@dataclass(frozen=True, slots=True)
class FoundTwin:
    """A twin's folder, and whether its scene is, byte for byte, the recorded one."""

    folder: Path
    same: bool


def checksum_of(twin: Path) -> str:
    """The SHA-256 of a twin's scene.yaml; empty where it cannot be read."""
    try:
        return hashlib.sha256((twin / SCENE_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def usual_folders(recording: Path) -> list[Path]:
    """Where twins are looked for: here, beside the recording, and where Kenish keeps its own."""
    from platformdirs import user_cache_path

    own = user_cache_path("kenish", appauthor=False) / "twins"
    return [Path.cwd(), recording.resolve().parent, own]


def find_twin(scene: str, checksum: str, folders: Iterable[Path]) -> FoundTwin:
    """The twin with that scene, the very same if it is there.

    Raises `Refused` (`replay-no-twin`) where there is none.
    """
    named: Path | None = None
    for folder in _candidates(folders):
        if checksum_of(folder) == checksum:
            return FoundTwin(folder, same=True)
        if named is None and _name_of(folder) == scene:
            named = folder
    if named is None:
        raise Refused("replay-no-twin", scene=scene[:64])
    return FoundTwin(named, same=False)


def _candidates(folders: Iterable[Path]) -> Iterator[Path]:
    count = 0
    for folder in folders:
        try:
            below = sorted(folder.iterdir())
        except OSError:
            continue
        for one in (folder, *below):
            if (one / SCENE_FILE).is_file() and count < MOST_FOLDERS:
                count += 1
                yield one


def _name_of(folder: Path) -> str:
    try:
        return open_twin(folder).scene.name
    except SceneRefused:
        return ""
