"""Finds the pictures that a mine file paints its surfaces with, in its own folder and nowhere else.

Looks at their first bytes only: the bake decodes them. What is missing or no picture gets a note,
once, and its surface keeps its plain colour.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from scenes.geometry import ImageSource
from scenes.importers.contract import Note
from scenes.importers.inside import file_inside

MAX_PICTURES = 10_000  # of one file
_LONGEST_NAME = 120


class Pictures:
    """The pictures of one file, each looked at once; `notes` says what is wrong with some."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[object, ImageSource | None] = {}
        self.notes: list[Note] = []

    def beside(self, name: str) -> ImageSource | None:
        """The picture that a file calls `name`: a path or URI relative to its folder."""
        if name not in self._known:
            found = file_inside(self._folder, name)
            if found is None:  # many programs write the path on the machine that they ran on
                found = file_inside(self._folder, name.replace("\\", "/").rsplit("/", 1)[-1])
            source = None if found is None else ImageSource(found)
            self._known[name] = self._checked(source, name)
        return self._known[name]

    def given(self, key: object, source: ImageSource, name: str) -> ImageSource | None:
        """A picture inside the file itself; `key` tells it from others."""
        if key not in self._known:
            self._known[key] = self._checked(source, name)
        return self._known[key]

    def _checked(self, source: ImageSource | None, name: str) -> ImageSource | None:
        if source is not None and len(self._known) < MAX_PICTURES:
            try:
                if _is_picture(source):
                    return source
            except ImportError:
                if not any(note.message_id == "import-warning-textures" for note in self.notes):
                    self.notes.append(Note("import-warning-textures"))
                return None
        self.notes.append(Note("import-warning-picture", {"name": name[-_LONGEST_NAME:]}))
        return None


def _is_picture(source: ImageSource) -> bool:
    from PIL import Image

    stream: Any
    try:
        if source.data is not None:
            stream = io.BytesIO(source.data)
        else:
            stream = source.path.open("rb")
            if source.offset or source.length is not None:
                with stream as file:
                    file.seek(source.offset)
                    stream = io.BytesIO(file.read(source.length))
        with stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large ones are dealt with when they are decoded
            with Image.open(stream) as image:
                return min(image.size) > 0
    except Image.DecompressionBombError:
        return True
    except ImportError:
        raise
    except Exception:  # whatever Pillow's many readers raise on broken input
        return False
