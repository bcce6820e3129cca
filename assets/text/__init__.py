"""The one translator: Fluent messages in English, Russian, Kazakh and Japanese."""

from assets.text.translator import LANGUAGES, Translator, translator

__all__ = ["LANGUAGES", "Translator", "translator"]
