"""Reads the material libraries (.mtl) of an OBJ: diffuse colours, and which pictures they name.

Looks inside the file's own folder only; other maps (bumps, gloss) are passed over.
"""

from __future__ import annotations

from pathlib import Path

from scenes.geometry import ImageSource
from scenes.importers.contract import Note
from scenes.importers.inside import file_inside
from scenes.importers.pictures import Pictures

_MAX_MATERIAL_BYTES = 16 * 1024**2
# How many words follow each option of a map; of those with numbers, fewer may.
_OPTIONS = {"-o": 3, "-s": 3, "-t": 3, "-mm": 2}
Colour = tuple[int, int, int]


def read_materials(
    path: Path, libraries: list[str], known: dict[str, int]
) -> tuple[dict[int, Colour], dict[int, ImageSource], list[Note]]:
    """(sRGB colour, picture, notes) by the number of each material that is `known` by name."""
    colours: dict[int, Colour] = {}
    images: dict[int, ImageSource] = {}
    notes: list[Note] = []
    pictures = Pictures(path.parent)
    for name in dict.fromkeys(libraries):
        library = file_inside(path.parent, name)
        if library is None or library.stat().st_size > _MAX_MATERIAL_BYTES:
            notes.append(Note("import-warning-left-out", {"what": f"mtllib {name[:80]}"}))
            continue
        current = -1
        for line in library.read_text("utf-8", "replace").splitlines():
            words = line.split()
            if not words:
                continue
            keyword = words[0].lower()
            if keyword == "newmtl":
                current = known.get(" ".join(words[1:]), -1)
            elif current < 0:
                continue
            elif keyword == "kd" and (colour := _colour(words[1:])) is not None:
                colours[current] = colour
            elif keyword == "map_kd" and (image := pictures.beside(_file_name(words[1:]))):
                images[current] = image
    return colours, images, notes + pictures.notes


def _colour(words: list[str]) -> Colour | None:
    if len(words) < 3:
        return None
    try:
        red, green, blue = (int(min(max(float(word), 0.0), 1.0) * 255 + 0.5) for word in words[:3])
    except ValueError:
        return None
    return red, green, blue


def _file_name(words: list[str]) -> str:
    """The last of a map's words, without the options before it; names may hold spaces."""
    rest = list(words)
    while len(rest) > 1 and rest[0].startswith("-"):
        option = rest.pop(0).lower()
        for _ in range(_OPTIONS.get(option, 1)):
            if len(rest) > 1 and (option not in _OPTIONS or _is_number(rest[0])):
                rest.pop(0)
    return " ".join(rest)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
