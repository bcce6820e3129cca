"""scene.yaml as each kind of viewer may see it, made once for each state of the file.

Reads the disk, so that it is called on a thread.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from scenes.schema import Scene
from scenes.twin import SCENE_FILE, open_twin, save_scene
from sync_server.http.access import Viewer, shown_to


@dataclass(frozen=True, slots=True)
class SceneText:
    """The text and its ETag."""

    content: bytes
    etag: str


class SceneFile:
    """One twin's scene.yaml."""

    def __init__(self, twin: Path) -> None:
        self._twin = twin
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._scene: Scene | None = None
        self._texts: dict[frozenset[str], SceneText] = {}

    def text(self, viewer: Viewer) -> SceneText:
        """What the viewer gets. Raises OSError, and `scenes.errors.Refused` for a damaged file."""
        path = self._twin / SCENE_FILE
        with self._lock:
            state = path.stat()
            seen = (state.st_mtime_ns, state.st_size)
            if seen != self._seen or self._scene is None:
                self._scene, self._seen, self._texts = open_twin(self._twin).scene, seen, {}
            shown = shown_to(self._scene, viewer)
            layers = frozenset(one.id for one in shown.layers)
            if layers not in self._texts:
                whole = shown is self._scene
                content = path.read_bytes() if whole else _written(shown)
                etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
                self._texts[layers] = SceneText(content, etag)
            return self._texts[layers]


def _written(scene: Scene) -> bytes:
    with tempfile.TemporaryDirectory(prefix="kenish-scene-") as folder:
        save_scene(Path(folder), scene)
        return (Path(folder) / SCENE_FILE).read_bytes()
