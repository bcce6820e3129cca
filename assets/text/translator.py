"""Turns a message id and arguments into text in one of four languages.

Reads every `assets/locale/LANG/*.ftl` of a language once; a message missing there is taken from
English, and one missing there too is shown as its id (tests make sure that neither happens).
It never formats anything that is not a message of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES: Final = ("en", "ru", "kk", "ja")
LOCALE_FOLDER: Final = Path(__file__).parent.parent / "locale"


def _bundle(language: str, extra: Iterable[Path], source: str) -> FluentBundle:
    # Isolation marks (U+2068, U+2069) have no glyph in textures, and no message of ours mixes
    # writing directions.
    bundle = FluentBundle([language], use_isolating=False)
    for path in [*sorted((LOCALE_FOLDER / language).glob("*.ftl")), *extra]:
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")), allow_overrides=True)
    if source:
        # Text from elsewhere must not change what the program itself says.
        bundle.add_resource(FluentResource(source), allow_overrides=False)
    return bundle


class Translator:
    """Messages of one language, falling back to English.

    `extra` are further folders that hold `LANG.ftl` files (a drill brings its own); `sources` are
    further messages as Fluent text by language (a room's drill sends its own).
    """

    def __init__(
        self,
        language: str,
        extra: Iterable[Path] = (),
        sources: Mapping[str, str] | None = None,
    ) -> None:
        self.language = language if language in LANGUAGES else "en"
        chain = (self.language,) if self.language == "en" else (self.language, "en")
        folders = list(extra)
        self._bundles = [
            _bundle(
                tag,
                [f / f"{tag}.ftl" for f in folders if (f / f"{tag}.ftl").is_file()],
                (sources or {}).get(tag, ""),
            )
            for tag in chain
        ]

    def has(self, message_id: str) -> bool:
        """Whether this language itself (not the English fallback) has the message."""
        return self._bundles[0].has_message(message_id)

    def __call__(self, message_id: str, arguments: Mapping[str, Any] | None = None) -> str:
        """The text of `message_id`; the id itself where no language has it."""
        for bundle in self._bundles:
            if not bundle.has_message(message_id):
                continue
            pattern = bundle.get_message(message_id).value
            if pattern is not None:
                # A path or an exception would come out as the argument's name.
                plain = {
                    name: value if isinstance(value, str | int | float) else str(value)
                    for name, value in (arguments or {}).items()
                }
                text, _errors = bundle.format_pattern(pattern, plain)
                return str(text)
        return message_id

    def pick(self, titles: Mapping[Any, str], default: str = "") -> str:
        """The best of a scene's own titles ({language: text}) for this language."""
        return titles.get(self.language) or titles.get("en") or next(iter(titles.values()), default)


@lru_cache(maxsize=8)
def translator(language: str) -> Translator:
    """The shared translator of one language."""
    return Translator(language)
