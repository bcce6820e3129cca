"""Breaks a text into lines that fit a width: by words, and by characters for Japanese.

Knows the basic kinsoku rules (no line starts with a closing mark or a small kana, none ends with
an opening one). It measures through a function and never draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

Measure = Callable[[str], float]

_NO_START: Final = frozenset(
    "、。，．・：；？！‥…ー—〜～゛゜ヽヾゝゞ々」』）〕］｝〉》】〗’”»"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ,.:;?!)]}%℃°"
)
_NO_END: Final = frozenset("「『（〔［｛〈《【〖‘“«([{№$¥")
ELLIPSIS: Final = "…"


def breaks_anywhere(character: str) -> bool:
    """Whether a line may break beside this character without a space (kana, kanji, full width)."""
    code = ord(character)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFF60
        or 0x20000 <= code <= 0x3FFFF
    )


def _atoms(paragraph: str) -> Iterator[str]:
    """Pieces that stay whole; a run of breakable spaces is a piece of its own."""
    atom = ""
    for character in paragraph:
        if not atom:
            atom = character
        elif _may_break(atom[-1], character):
            yield atom
            atom = character
        else:
            atom += character
    if atom:
        yield atom


def _may_break(left: str, right: str) -> bool:
    if (left == " ") != (right == " "):
        return True
    if left == " ":
        return False
    if left in _NO_END or right in _NO_START:
        return False
    return breaks_anywhere(left) or breaks_anywhere(right)


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """The text's lines, each at most `width` wide (a single wide character excepted).

    Line feeds in the text are kept; an empty text is one empty line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph, width, measure)
    return lines


def _wrap_paragraph(paragraph: str, width: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    line = ""
    for atom in _atoms(paragraph):
        if measure((line + atom).rstrip(" ")) <= width:
            line += atom
            continue
        if line.rstrip(" "):
            lines.append(line.rstrip(" "))
        line = "" if atom.isspace() else atom
        while measure(line) > width and len(line) > 1:
            cut = _longest_that_fits(line, width, measure)
            lines.append(line[:cut])
            line = line[cut:]
    lines.append(line.rstrip(" "))
    return lines


def _longest_that_fits(text: str, width: float, measure: Measure) -> int:
    low, high = 1, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def shorten(text: str, width: float, measure: Measure) -> str:
    """The text, cut to the width with an ellipsis where it is too long."""
    if measure(text) <= width:
        return text
    cut = _longest_that_fits(text, width - measure(ELLIPSIS), measure) if len(text) > 1 else 0
    return text[:cut].rstrip() + ELLIPSIS


def clamp_lines(lines: list[str], most: int, width: float, measure: Measure) -> list[str]:
    """At most `most` lines; the last one ends with an ellipsis if some were left out."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    kept[-1] = shorten(kept[-1] + ELLIPSIS, width, measure)
    return kept
