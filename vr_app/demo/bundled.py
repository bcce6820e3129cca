"""Where the bundled twin lies, and baking it on first use."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import platformdirs

from scenes.twin import SCENE_FILE

PACKAGE = Path(__file__).parents[2] / "scenes"
# Whatever of ours decides how the baked twin looks; a change there means a new bake.
_SOURCES = (
    "synthetic",
    "demo_mine",
    "bake",
    "tiles",
    "walk",
    "geometry.py",
    "schema.py",
    "twin.py",
)

Progress = Callable[[int, int], None]


def recipe_digest() -> str:
    """A short digest of everything that the bundled twin is made from."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        source = PACKAGE / name
        for path in [source] if source.is_file() else sorted(source.rglob("*")):
            if path.suffix in {".py", ".yaml"}:
                digest.update(path.relative_to(PACKAGE).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def bundled_twin_folder() -> Path:
    """Where the bundled twin is kept on this machine."""
    return (
        platformdirs.user_cache_path("kenish", appauthor=False)
        / "twins"
        / f"demo-{recipe_digest()}"
    )


def _forget_older(kept: Path) -> None:
    """Remove bundled twins that an earlier Kenish baked here: nobody opens them any more."""
    for other in kept.parent.glob("demo-*"):
        if other != kept and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)


def ensure_bundled_twin(folder: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder of the baked bundled twin; bakes it if it is not there yet."""
    ours = folder is None
    folder = folder or bundled_twin_folder()
    if not (folder / SCENE_FILE).is_file():
        # Imported here: a second start must not pay for the generator.
        from scenes.bake.synthetic_twin import bake_synthetic
        from scenes.synthetic import SyntheticMine, demo_parameters

        folder.parent.mkdir(parents=True, exist_ok=True)
        bake_synthetic(folder, SyntheticMine(demo_parameters()), progress)
        if ours:
            _forget_older(folder)
    return folder
