"""A drill's own Fluent files: which messages each language has, and the text of one.

Never falls back silently: a message that a language lacks comes from English, and the linter says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast

LANGUAGES: Final = ("en", "ru", "kk", "ja")
MAX_BYTES: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """One language's file: message ids with their variables, and the lines that do not parse."""

    language: str
    path: Path
    text: str
    messages: Mapping[str, frozenset[str]]
    junk: tuple[int, ...]


def _variables(node: Any, found: set[str]) -> None:
    if isinstance(node, ast.VariableReference):
        found.add(node.id.name)
    elif isinstance(node, ast.BaseNode):
        for value in vars(node).values():
            _variables(value, found)
    elif isinstance(node, list):
        for value in node:
            _variables(value, found)


def read_language(folder: Path, language: str) -> LanguageFile | None:
    """The file of one language of a drill; None where there is none that can be read."""
    path = folder / f"{language}.ftl"
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    messages: dict[str, frozenset[str]] = {}
    junk: list[int] = []
    for entry in FluentParser().parse(text).body:
        if isinstance(entry, ast.Message) and entry.value is not None:
            found: set[str] = set()
            _variables(entry.value, found)
            messages[entry.id.name] = frozenset(found)
        elif isinstance(entry, ast.Junk):
            start = entry.span.start if entry.span is not None else 0
            junk.append(text.count("\n", 0, start) + 1)
    return LanguageFile(language, path, text, messages, tuple(junk))


def read_texts(folder: Path) -> dict[str, LanguageFile]:
    """Every language that a drill's folder has."""
    files = (read_language(folder, language) for language in LANGUAGES)
    return {one.language: one for one in files if one is not None}


class DrillText:
    """The texts of a drill in one language, with English where it has none."""

    def __init__(self, texts: Mapping[str, LanguageFile], language: str) -> None:
        self._bundles = []
        for tag in dict.fromkeys((language, "en")):
            if tag in texts:
                bundle = FluentBundle([tag], use_isolating=False)
                bundle.add_resource(FluentResource(texts[tag].text))
                self._bundles.append(bundle)

    def __call__(self, message_id: str, arguments: Mapping[str, Any] | None = None) -> str:
        """The text of a message; its id where no language has it."""
        for bundle in self._bundles:
            if bundle.has_message(message_id):
                pattern = bundle.get_message(message_id).value
                if pattern is not None:
                    text, _errors = bundle.format_pattern(pattern, dict(arguments or {}))
                    return str(text)
        return message_id
