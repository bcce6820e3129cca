"""Messages: the same ids with the same variables in four languages, and each one used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from assets.text import LANGUAGES, translator

ROOT = Path(__file__).parent.parent.parent
LOCALE = ROOT / "assets" / "locale"
NAMES = sorted({path.name for path in LOCALE.glob("*/*.ftl")})
DRILLS = sorted({path.parent for path in (ROOT / "curricula" / "drills").rglob("*.ftl")})


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.text = ""

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)

    def visit_TextElement(self, node: ast.TextElement) -> None:
        self.text += node.value


def messages(path: Path) -> dict[str, tuple[frozenset[str], str]]:
    """Message id -> (variables, text without them)."""
    resource = FluentParser().parse(path.read_text(encoding="utf-8"))
    junk = [entry.content for entry in resource.body if isinstance(entry, ast.Junk)]
    assert not junk, f"{path}: not Fluent: {junk}"
    found: dict[str, tuple[frozenset[str], str]] = {}
    for entry in resource.body:
        if isinstance(entry, ast.Message):
            assert entry.id.name not in found, f"{path}: {entry.id.name} is there twice"
            seen = _Variables()
            if entry.value is not None:
                seen.visit(entry.value)
            found[entry.id.name] = (frozenset(seen.names), seen.text)
    return found


def assert_same(english: Path, other: Path) -> None:
    assert other.is_file(), f"{other} is missing"
    first, second = messages(english), messages(other)
    assert first.keys() == second.keys()
    for message, (variables, _) in first.items():
        assert second[message][0] == variables, f"{other}: {message}: other variables"
        whole = second[message][1].strip() or variables
        assert whole, f"{other}: {message} is empty"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_language_has_what_english_has(name: str, language: str) -> None:
    assert_same(LOCALE / "en" / name, LOCALE / language / name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", DRILLS, ids=lambda folder: folder.name)
def test_a_drill_has_four_languages(folder: Path, language: str) -> None:
    assert_same(folder / "en.ftl", folder / f"{language}.ftl")


def test_no_message_is_defined_by_two_files() -> None:
    seen: dict[str, str] = {}
    for name in NAMES:
        for message in messages(LOCALE / "en" / name):
            assert message not in seen, f"{message}: in {seen.get(message)} and {name}"
            seen[message] = name


def test_every_message_that_the_view_names_exists() -> None:
    """Ids written in the code of the user interface, whole or as a stem with a choice."""
    known = set(messages(LOCALE / "en" / "ui.ftl"))
    used: set[str] = set()
    for path in [*(ROOT / "vr_app").rglob("*.py"), *(ROOT / "assets").rglob("*.py")]:
        used |= set(re.findall(r'"@?(ui-[a-z0-9-]+)["{]', path.read_text(encoding="utf-8")))
        used |= set(re.findall(r'"(ui-[a-z0-9-]+-)\{', path.read_text(encoding="utf-8")))
    assert len(used) > 40
    for one in used:
        stem = one.endswith("-")
        assert any(k.startswith(one) for k in known) if stem else one in known, one


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_format_without_errors(language: str) -> None:
    """A message that refers to a missing variable would show it in braces."""
    translate = translator(language)
    for name in NAMES:
        path = LOCALE / language / name
        for message, (variables, _) in messages(path).items() if path.is_file() else ():
            text = translate(message, dict.fromkeys(variables, 3))
            assert text.strip() and "{" not in text.replace("{{", ""), f"{message}: {text}"
