"""Lints what must not be hidden: missing translations, unread texts, limits nobody has verified.

Compares message ids and their variables only; it cannot judge a translation.
"""

from __future__ import annotations

from collections.abc import Mapping

from curricula.linter.finding import Finding, Findings
from curricula.schema import Drill
from curricula.texts import LANGUAGES, LanguageFile


def lint_texts(drill: Drill, texts: Mapping[str, LanguageFile], findings: Findings) -> None:
    """Messages without text, per language; variables that differ from English; unreviewed text."""
    wanted = drill.message_ids()
    english = texts["en"].messages if "en" in texts else {}
    for language in LANGUAGES:
        key = f"languages.{language}"
        if language not in drill.languages:
            findings.error("drill-lint-language", "languages", language=language)
        elif not drill.languages[language].reviewed:
            findings.warning("drill-lint-unreviewed", key, language=language)
        if language not in texts:
            findings.error("drill-lint-no-file", key, language=language)
            continue
        file = texts[language]
        for line in file.junk:
            findings.found.append(
                Finding("error", "drill-lint-ftl", file.path, line, "", {"language": language})
            )
        for message_id, where in wanted.items():
            if message_id not in file.messages:
                findings.error(
                    "drill-lint-untranslated", where, message=message_id, language=language
                )
            elif file.messages[message_id] != english.get(message_id, frozenset()):
                findings.error("drill-lint-variables", where, message=message_id, language=language)
        for message_id in sorted(set(file.messages) - set(wanted)):
            line = file.text[: file.text.find(f"\n{message_id} ") + 1].count("\n") + 1
            arguments = {"message": message_id, "language": language}
            findings.found.append(
                Finding("warning", "drill-lint-unused-message", file.path, line, "", arguments)
            )


def lint_limits(drill: Drill, findings: Findings) -> None:
    """Numbers that nobody has verified, and limits without one for the drill's own profile."""
    for name, limit in drill.limits.items():
        for profile, one in limit.values.items():
            if not one.verified:
                key = f"limits.{name}.values.{profile}"
                findings.warning("drill-lint-unverified", key, limit=name, profile=profile)
        if drill.profile not in limit.values and "site" not in limit.values:
            key = f"limits.{name}.values"
            findings.error("drill-lint-no-value", key, limit=name, profile=drill.profile)
    if drill.plan is not None and not drill.plan.verified:
        findings.warning("drill-lint-plan", "plan", position=drill.plan.position)
