"""The font chain Noto Sans, Noto Sans JP, DejaVu: which font draws which piece of a text.

The files come from Python packages, found without importing them. Nothing here lays out lines or
knows colours.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assets.text.glyph_coverage import GlyphCoverage, read_coverage

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# Font name, import package that carries the file, file inside it, axes after the weight.
# A weight is given to the first axis; the third font is static and only fills gaps (check marks).
_SOURCES: Final = (
    ("Noto Sans", "fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf", ("weight", 100.0)),
    (
        "Noto Sans JP",
        "justmytype_intl_cjk",
        "fonts/ofl/notosansjp/NotoSansJP[wght].ttf",
        ("weight",),
    ),
    ("DejaVu Sans Mono", "barcode", "fonts/DejaVuSansMono.ttf", ()),
)
REGULAR: Final = 400
SEMIBOLD: Final = 600


class FontsMissing(Exception):
    """None of the fonts' packages is installed."""

    message_id = "ui-fonts-missing"
    exit_code = 1

    def __init__(self) -> None:
        self.arguments = {"packages": "fontpkg-noto-sans justmytype-intl-cjk"}
        super().__init__(self.arguments["packages"])


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font of the chain: where it lies, and the values of its variation axes."""

    name: str
    path: Path
    axes: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a text that one font of the chain draws."""

    font: int
    text: str


def _locate(package: str, inside: str) -> Path | None:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None


def font_files() -> list[FontFile]:
    """The installed fonts of the chain, first choice first."""
    located = ((name, _locate(package, inside), axes) for name, package, inside, axes in _SOURCES)
    return [FontFile(name, path, axes) for name, path, axes in located if path is not None]


def missing_fonts() -> list[str]:
    """Names of the chain's fonts that are not installed (for `kenish doctor`)."""
    present = {file.name for file in font_files()}
    return [source[0] for source in _SOURCES if source[0] not in present]


class FontChain:
    """Fonts in order of preference; splits texts into runs and opens faces by size and weight.

    Safe to share between threads.
    """

    def __init__(self, files: Iterable[FontFile]) -> None:
        self.files = list(files)
        if not self.files:
            raise FontsMissing
        self._coverage: dict[int, GlyphCoverage] = {}
        self._faces: dict[tuple[int, int, int], FreeTypeFont] = {}
        self._runs: dict[str, tuple[Run, ...]] = {}
        self._lock = threading.Lock()

    def covers(self, font: int, character: str) -> bool:
        """Whether the font with that number has a glyph. Its file is read on the first question:
        a session in English never opens the Japanese font."""
        coverage = self._coverage.get(font)
        if coverage is None:
            coverage = self._coverage[font] = read_coverage(self.files[font].path)
        return character in coverage

    def font_of(self, character: str) -> int | None:
        """Number of the first font with a glyph for the character; None if there is none."""
        return next((n for n in range(len(self.files)) if self.covers(n, character)), None)

    def missing(self, text: str) -> set[str]:
        """Characters of the text (white space and control characters aside) without a glyph."""
        return {c for c in text if c.isprintable() and not c.isspace() and self.font_of(c) is None}

    def runs(self, text: str) -> tuple[Run, ...]:
        """The text in pieces of one font each. What no font has is left to the first font, which
        draws its "missing" box: a person can then report it."""
        known = self._runs.get(text)
        if known is not None:
            return known
        pieces: list[tuple[int, list[str]]] = []
        for character in text:
            font = self.font_of(character)
            if font is None:
                font = pieces[-1][0] if pieces and character.isspace() else 0
            if pieces and pieces[-1][0] == font:
                pieces[-1][1].append(character)
            else:
                pieces.append((font, [character]))
        found = tuple(Run(font, "".join(letters)) for font, letters in pieces)
        if len(self._runs) > 4096:
            self._runs.clear()
        self._runs[text] = found
        return found

    def face(self, font: int, size: int, weight: int = REGULAR) -> FreeTypeFont:
        """The opened font at a size in pixels and a weight (100 to 900)."""
        key = (font, size, weight)
        with self._lock:
            face = self._faces.get(key)
            if face is None:
                face = self._faces[key] = self._open(self.files[font], size, weight)
            return face

    @staticmethod
    def _open(file: FontFile, size: int, weight: int) -> FreeTypeFont:
        from PIL import ImageFont

        # Basic layout: our four languages need no shaping, and Raqm is not in every wheel, so
        # texts are equally wide everywhere.
        face = ImageFont.truetype(str(file.path), size, layout_engine=ImageFont.Layout.BASIC)
        if file.axes:
            face.set_variation_by_axes(
                [float(weight) if axis == "weight" else float(axis) for axis in file.axes]
            )
        return face

    def width(self, text: str, size: int, weight: int = REGULAR) -> float:
        """How far the text advances, in pixels."""
        return sum(self.face(r.font, size, weight).getlength(r.text) for r in self.runs(text))


@lru_cache(maxsize=1)
def font_chain() -> FontChain:
    """The shared chain. Raises `FontsMissing`."""
    return FontChain(font_files())
